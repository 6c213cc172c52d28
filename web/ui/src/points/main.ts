import "./points.css";
import { PointsPage } from "./page";

new PointsPage();
