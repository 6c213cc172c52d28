import "./wall.css";
import { App } from "./app";

new App();
