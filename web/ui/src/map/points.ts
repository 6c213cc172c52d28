// Declared points as marks: what an inspector asks first stands in the shape (design system, "Issue marks", street).

import type { LayerSpecification } from "maplibre-gl";
import type { PointRow } from "../types";

/** Not visited: a hatched broken ring; visited: a tick; open issues: a ring with their number; overdue: ◆ with it, beside
 * the hatched ring where nobody was. */
export function pointImage({ visited, open, overdue }: PointRow): string {
  if (overdue) return `point-${visited ? "late" : "missed"}-${overdue}`;
  if (open) return `point-${visited ? "open" : "due"}-${open}`;
  return visited ? "point-visited" : "point-unvisited";
}

export const pointLayer: LayerSpecification = {
  id: "points", type: "symbol", source: "points",
  layout: { "icon-image": ["get", "image"], "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-padding": 0 },
};
