// Marks of issues. Now: read from the issue tiles, which say id, category, mark and area and are kept by version; what
// is newer than their version comes beside them. Then: from the lists, which know every past second. One source draws both:
// issues near each other on the screen stand as one heap with their number, so that each is counted once at any zoom.

import type { Feature, FeatureCollection } from "geojson";
import type { Map as GlMap, LayerSpecification, SourceSpecification, ExpressionSpecification } from "maplibre-gl";
import type { Mark } from "./signs";

export interface MarkPoint {
  id: number;
  number: string; // "" where only a tile knows it: the id then finds it
  kind: Mark;
  lon: number;
  lat: number;
  n: number; // how many issues: more than one only below the zoom that has points
  late: number; // of them overdue
}

/** The address of the tiles and when they were made, ms. */
export interface IssueTiles {
  url: string;
  made: number;
}

/** What the sources hold that are filled from here: a change of style keeps it. */
export interface MarkData {
  marks: FeatureCollection;
  points: FeatureCollection;
}

export const collection = (features: Feature[]): FeatureCollection => ({ type: "FeatureCollection", features });
const LATE: readonly Mark[] = ["overdue", "red"];
const CALLS: readonly Mark[] = [...LATE, "ordered", "listed"];
const POINTS_FROM = 13;
const LAST = 16;

export function markSources(tiles: IssueTiles | null, scale: number, data: MarkData | null): Record<string, SourceSpecification> {
  return {
    marks: {
      type: "geojson",
      data: data?.marks ?? collection([]),
      cluster: true,
      clusterRadius: Math.round(24 * scale),
      clusterMaxZoom: 17,
      clusterProperties: { all: ["+", ["get", "n"]], late: ["+", ["get", "late"]] },
    },
    points: { type: "geojson", data: data?.points ?? collection([]) },
    ...(tiles && { issues: { type: "vector" as const, tiles: [location.origin + tiles.url], minzoom: 0, maxzoom: LAST } }),
  };
}

export function markLayers(tiles: IssueTiles | null): LayerSpecification[] {
  // Drawn with nothing: a layer is what makes the map fetch its tiles.
  const carrier = (id: string): LayerSpecification => ({ id: `${id}-carrier`, type: "circle", source: "issues", "source-layer": id, paint: { "circle-radius": 1, "circle-opacity": 0 } });
  return [
    ...(tiles ? [carrier("issues"), carrier("counts")] : []),
    {
      id: "marks", type: "symbol", source: "marks",
      layout: { "icon-image": image, "icon-allow-overlap": true, "icon-padding": 0, "symbol-sort-key": ["case", [">", ["coalesce", ["get", "late"], 0], 0], 2, ["in", ["get", "kind"], ["literal", [...CALLS]]], 1, 0] },
    },
  ];
}

const heap = (n: ExpressionSpecification, late: ExpressionSpecification): ExpressionSpecification => ["concat", "heap-", ["to-string", n], ["case", late, "-late", ""]];
const image: ExpressionSpecification = [
  "case",
  ["has", "point_count"], heap(["get", "all"], [">", ["get", "late"], 0]),
  [">", ["get", "n"], 1], heap(["get", "n"], [">", ["get", "late"], 0]),
  ["concat", "mark-", ["get", "kind"]],
];

/** What the tiles at hand hold. `areas`: ids of the areas whose issues are wanted, null for all; `inside`: whether a spot
 * lies in what is looked at, for counts, which name no area. Each issue once; asked for when the map is idle. */
export function gather(map: GlMap, areas: ReadonlySet<number> | null, inside: (lon: number, lat: number) => boolean): MarkPoint[] {
  if (!map.getSource("issues")) return [];
  const found = new Map<number | string, MarkPoint>();
  if (Math.min(LAST, Math.floor(map.getZoom())) >= POINTS_FROM) {
    for (const { id, properties, geometry } of map.querySourceFeatures("issues", { sourceLayer: "issues" })) {
      if (geometry.type !== "Point" || (areas && !areas.has(Number(properties["area"])))) continue;
      const [lon = 0, lat = 0] = geometry.coordinates;
      found.set(Number(id), { id: Number(id), number: "", kind: properties["mark"] as Mark, lon, lat, n: 1, late: LATE.includes(properties["mark"] as Mark) ? 1 : 0 });
    }
    return [...found.values()];
  }
  for (const { properties, geometry } of map.querySourceFeatures("issues", { sourceLayer: "counts" })) {
    const open = Number(properties["open"]);
    if (geometry.type !== "Point" || !open) continue;
    const [lon = 0, lat = 0] = geometry.coordinates;
    if (inside(lon, lat)) found.set(`${lon} ${lat}`, { id: 0, number: "", kind: Number(properties["overdue"]) ? "overdue" : "open", lon, lat, n: open, late: Number(properties["overdue"]) });
  }
  return [...found.values()];
}

/** Seen from afar only what calls is marked: how many are open stands in the labels and the cells. */
export const calling = (marks: readonly MarkPoint[]): MarkPoint[] =>
  marks.flatMap((mark) => (mark.n > 1 ? (mark.late ? [{ ...mark, n: mark.late, kind: "overdue" as const }] : []) : CALLS.includes(mark.kind) ? [mark] : []));

/** The same marks have the same fingerprint. */
export const fingerprint = (marks: readonly MarkPoint[]): string => {
  let sum = 0;
  for (const { id, n, lon, lat, kind } of marks) sum = (sum * 31 + id + n * 7 + Math.round(lon * 1e6) + Math.round(lat * 1e6) * 3 + kind.length) % 2_147_483_647;
  return `${marks.length} ${sum}`;
};
