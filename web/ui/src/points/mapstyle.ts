// The street map's style: white ground, own area white, the rest in paper; borders drawn. Names and marks lie on a canvas above.

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { sourceOf } from "../map/style";
import { LIGHT } from "../theme";
import type { City } from "../types";
import type { Place } from "../view";

export const LINK = "#1E5AA0"; // own position, the way, and what is chosen
const EMPTY = { type: "FeatureCollection" as const, features: [] };

/** `levels`: those with weather below the city, coarse to fine. `own`: the area looked at. */
export function pointsStyle(city: City, levels: readonly string[], own: Place | null): StyleSpecification {
  const whole = city.levels[0]?.level ?? "";
  const tiles = (level: string) => `${location.origin}/tiles/${encodeURIComponent(city.code)}/${city.boundary_version}/${encodeURIComponent(level)}/{z}/{x}/{y}.mvt`;
  const vector = (level: string) => [sourceOf(level), { type: "vector" as const, tiles: [tiles(level)], maxzoom: 14 }] as const;
  const geojson = { type: "geojson" as const, data: EMPTY };
  return {
    version: 8,
    sources: {
      neighbours: { type: "geojson", data: `/api/v1/neighbours?city=${encodeURIComponent(city.code)}` },
      ...Object.fromEntries([whole, ...levels].map(vector)),
      walk: geojson,
      way: geojson,
      me: geojson,
    },
    layers: layersOf(whole, levels, own),
    transition: { duration: 0, delay: 0 },
  };
}

function layersOf(whole: string, levels: readonly string[], own: Place | null): LayerSpecification[] {
  const line = (level: string, color: string, width: number | ExpressionSpecification, minzoom = 0): LayerSpecification => ({
    id: `${level}-border`, type: "line", source: sourceOf(level), "source-layer": level, minzoom,
    layout: { "line-join": "round" }, paint: { "line-color": color, "line-width": width },
  });
  const owned: LayerSpecification[] = own
    ? [{ id: "own", type: "fill", source: sourceOf(own.level), "source-layer": own.level, filter: ["==", ["get", "code"], own.code], paint: { "fill-color": LIGHT.ground } }]
    : [];
  const [first = "", ...finer] = levels;
  return [
    { id: "neighbours", type: "fill", source: "neighbours", filter: ["!=", ["geometry-type"], "Point"], paint: { "fill-color": LIGHT.land } },
    { id: "land", type: "fill", source: sourceOf(whole), "source-layer": whole, paint: { "fill-color": own ? LIGHT.land : LIGHT.ground } },
    ...owned,
    ...finer.map((level) => line(level, LIGHT.border, ["interpolate", ["linear"], ["zoom"], 11, 0.6, 15, 2])),
    ...(first ? [line(first, "#4A5459", ["interpolate", ["linear"], ["zoom"], 10, 1.4, 15, 3])] : []),
    line(whole, LIGHT.ink, 2.4),
    { id: "walk", type: "line", source: "walk", layout: { "line-join": "round" }, paint: { "line-color": LINK, "line-width": 2, "line-opacity": 0.7 } },
    { id: "way", type: "line", source: "way", layout: { "line-cap": "round" }, paint: { "line-color": LINK, "line-width": 3.5, "line-dasharray": [0.1, 2] } },
    { id: "accuracy", type: "circle", source: "me", paint: { "circle-color": LINK, "circle-opacity": 0.18, "circle-radius": ["get", "radius"] } },
    { id: "me", type: "circle", source: "me", paint: { "circle-color": LINK, "circle-radius": 7, "circle-stroke-color": LIGHT.ground, "circle-stroke-width": 3 } },
  ];
}
