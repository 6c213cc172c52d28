// The map's style as a pure function of theme and scene. Colours come by feature-state, so a recolouring touches no shape.

import type { ExpressionSpecification, FilterSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Theme } from "../theme";
import { basemapSources, overBasemap, type Basemap } from "./basemap";
import { markLayers, markSources, type IssueTiles, type MarkData } from "./marks";
import { PATTERNED } from "./patterns";
import { pointLayer } from "./points";

export interface Scene {
  city: string;
  basemap?: Basemap | null; // streets beneath the weather, where a setting names them
  open?: boolean; // the citizens' map: from its own addresses
  version: number;
  levels: readonly string[]; // every level and overlay that tiles exist for
  outline: string; // the coarsest level
  focus: { level: string; code: string } | null; // the area looked at; null: the whole city
  around: readonly { level: string; code: string; parent: string | null }[]; // the focus and what it lies in, coarse to fine
  shown: string | null; // the level in colour (or in counts, where it has no weather)
  shownHasWeather: boolean;
  cells: string | null; // a counted level below `shown`
  cellParents: readonly string[]; // codes of the shown areas that the cells lie in
  hairlines: string | null; // a finer level whose borders show faintly
  base?: string | null; // a coarser level in its weather beneath counts of the whole city
  issueTiles?: IssueTiles | null; // null: no issues, or those of a past instant, which lists know
  scale: number; // screen pixels a wall pixel
}

export const sourceOf = (level: string): string => `areas-${level}`;
const FAINT = 0.075;

/** `data`: what the sources of marks hold already. */
export function styleOf(theme: Theme, scene: Scene, data: MarkData | null = null): StyleSpecification {
  return { version: 8, sources: sourcesOf(scene, data), layers: overBasemap(theme, scene, layersOf(theme, scene)), transition: { duration: 0, delay: 0 } };
}

function sourcesOf(scene: Scene, data: MarkData | null): StyleSpecification["sources"] {
  const tiles = (level: string) => `${location.origin}/tiles/${encodeURIComponent(scene.city)}/${scene.open ? "public/areas/" : ""}${scene.version}/${encodeURIComponent(level)}/{z}/{x}/{y}.mvt`;
  return {
    ...(scene.basemap ? basemapSources(scene.basemap) : {}),
    neighbours: { type: "geojson", data: `/api/v1/${scene.open ? "public/" : ""}neighbours?city=${encodeURIComponent(scene.city)}` },
    ...markSources(scene.issueTiles ?? null, scene.scale, data),
    ...Object.fromEntries(
      scene.levels.map((level) => [sourceOf(level), { type: "vector" as const, tiles: [tiles(level)], minzoom: 0, maxzoom: 14 }]),
    ),
  };
}

function layersOf(theme: Theme, scene: Scene): LayerSpecification[] {
  const s = scene.scale;
  const shown = scene.shown;
  const inFocus = scene.focus && shown ? within(scene, shown) : null;
  const onOutline = { source: sourceOf(scene.outline), "source-layer": scene.outline };
  return [
    { id: "neighbours", type: "fill", source: "neighbours", filter: isLand, paint: { "fill-color": theme.land } },
    {
      id: "neighbours-border", type: "line", source: "neighbours", filter: isLand,
      paint: { "line-color": theme.border, "line-width": s, "line-dasharray": [3, 3], "line-opacity": 0.7 },
    },
    // Beneath the fills, so that only its outer half shows and the smallest island keeps its colour.
    { id: "edge", type: "line", ...onOutline, layout: round, paint: { "line-color": theme.ground, "line-width": 6 * s } },
    { id: "land", type: "fill", ...onOutline, paint: { "fill-color": theme.land } },
    ...scene.around.flatMap((place, depth) => contextLayers(theme, scene, place, depth === scene.around.length - 1)),
    ...(scene.base ? skyLayers(theme, scene.base, null, s) : []),
    ...(shown && scene.shownHasWeather ? skyLayers(theme, shown, inFocus, s) : []),
    ...(scene.hairlines ? cellLayers(theme, scene.hairlines, null, 0.9 * s).slice(1) : []),
    ...(scene.cells ? cellLayers(theme, scene.cells, ["in", ["get", "parent"], ["literal", [...scene.cellParents]]], s) : []),
    ...(shown && !scene.shownHasWeather ? cellLayers(theme, shown, inFocus, s) : []),
    ...(scene.base ? [cut(theme, scene.base, `${scene.base}-cut`, null, 2.6 * s)] : []),
    ...scene.around.map((place) => cut(theme, place.level, `${place.level}-cut`, null, 2 * s)),
    ...(shown && scene.shownHasWeather ? [cut(theme, shown, `${shown}-cut`, inFocus, 2.6 * s)] : []),
    ...(shown && scene.shownHasWeather ? signals(theme, shown, inFocus, s) : []),
    pointLayer,
    ...markLayers(scene.issueTiles ?? null),
  ];
}

const round = { "line-join": "round", "line-cap": "round" } as const;
const isLand: FilterSpecification = ["!=", ["geometry-type"], "Point"];

/** Areas of a level that lie in the focus: directly below it, or (where levels are passed over) below what is known to. */
function within(scene: Scene, level: string): FilterSpecification | null {
  if (!scene.focus) return null;
  return level === scene.focus.level ? ["==", ["get", "code"], scene.focus.code] : ["==", ["get", "parent"], scene.focus.code];
}

const state = (name: string, otherwise: string | number): ExpressionSpecification => ["coalesce", ["feature-state", name], otherwise];

/** The colour of now; while a change fades in, between the one before and it. */
function colour(theme: Theme): ExpressionSpecification {
  return [
    "interpolate", ["linear"], state("mix", 1),
    0, ["to-color", state("from", theme.none)],
    1, ["to-color", state("to", theme.none)],
  ];
}

function withFilter<T extends LayerSpecification>(layer: T, filter: FilterSpecification | null): T {
  return filter ? { ...layer, filter } : layer;
}

/** A level in its weather: colour, then one layer a pattern, each seen only where the feature wears it. */
function skyLayers(theme: Theme, level: string, filter: FilterSpecification | null, _s: number): LayerSpecification[] {
  const from = { source: sourceOf(level), "source-layer": level };
  return [
    withFilter({ id: `${level}-fill`, type: "fill", ...from, paint: { "fill-color": colour(theme) } }, filter),
    ...PATTERNED.map((sky): LayerSpecification =>
      withFilter(
        {
          id: `${level}-pattern-${sky}`, type: "fill", ...from,
          paint: { "fill-pattern": `pattern-${sky}`, "fill-opacity": ["case", ["==", ["feature-state", "sky"], sky], 1, 0] },
        },
        filter,
      ),
    ),
  ];
}

/** The levels around the focus: the focus itself in its colour (until its parts cover it), its neighbours faint. */
function contextLayers(theme: Theme, scene: Scene, place: Scene["around"][number], innermost: boolean): LayerSpecification[] {
  const own = innermost ? 1 : 0;
  const layer: LayerSpecification = {
    id: `${place.level}-fill`, type: "fill", source: sourceOf(place.level), "source-layer": place.level,
    paint: { "fill-color": colour(theme), "fill-opacity": ["case", ["==", ["get", "code"], place.code], own, place.parent ? 0.16 : FAINT] },
  };
  const filtered = withFilter(layer, place.parent ? ["==", ["get", "parent"], place.parent] : null);
  const bare = innermost && !(scene.shown && scene.shownHasWeather);
  const patterns = bare ? skyLayers(theme, place.level, ["==", ["get", "code"], place.code], scene.scale).slice(1) : [];
  return [filtered, ...patterns];
}

/** Counts as darker steps of the colour beneath, and hairlines. */
function cellLayers(theme: Theme, level: string, filter: FilterSpecification | null, s: number): LayerSpecification[] {
  const from = { source: sourceOf(level), "source-layer": level };
  return [
    withFilter({ id: `${level}-count`, type: "fill", ...from, paint: { "fill-color": theme.ground, "fill-opacity": state("dark", 0), "fill-antialias": false } }, filter),
    withFilter({ id: `${level}-hairline`, type: "line", ...from, paint: { "line-color": theme.ground, "line-width": 0.8 * s, "line-opacity": 0.16 } }, filter),
  ];
}

/** A border as a cut in the ground's colour, not a drawn line. */
function cut(theme: Theme, level: string, id: string, filter: FilterSpecification | null, width: number): LayerSpecification {
  return withFilter(
    { id, type: "line", source: sourceOf(level), "source-layer": level, layout: round, paint: { "line-color": theme.ground, "line-width": width } },
    filter,
  );
}

/** What calls: a red line overdue keeps a pale outline, a change lights the border once, the pointer shows a thin line. */
function signals(theme: Theme, level: string, filter: FilterSpecification | null, s: number): LayerSpecification[] {
  const line = (id: string, color: string, width: number, opacity: ExpressionSpecification): LayerSpecification =>
    withFilter(
      {
        id: `${level}-${id}`, type: "line", source: sourceOf(level), "source-layer": level, layout: round,
        paint: { "line-color": color, "line-width": width * s, "line-opacity": opacity },
      },
      filter,
    );
  return [
    line("bolt", theme.bolt, 3, state("bolt", 0)),
    line("lit", theme.ink, 5, state("lit", 0)),
    line("hover", theme.ink, 2, state("hover", 0)),
  ];
}
