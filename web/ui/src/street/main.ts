import "../points/points.css";
import "./street.css";
import { StreetApp } from "./app";

new StreetApp();
