import "./wall.css";
import "./replay/strip.css";
import { App } from "./app";

new App();
