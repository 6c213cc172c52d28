// Streets beneath the weather, faint and only where close enough, as a pure function of theme and scene. Names of layers
// follow Protomaps' basemap; those of OpenMapTiles and Shortbread are known too.

import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from "maplibre-gl";
import type { Theme } from "../theme";
import type { Basemap } from "../types";

export type { Basemap };

export const STREETS_FROM = 12.5; // zoom at which the first streets show
const FULL = 14;
const THIN = 0.76; // what the weather's colour keeps over them
const ROADS = ["roads", "transportation", "streets", "road"];
const BUILDINGS = ["buildings", "building"];
const WATER = ["water", "water_polygons"];
const GREAT = ["highway", "major_road", "motorway", "trunk", "primary", "secondary"];

const BARE = 0.3; // how strong they are where no colour lies over them

const fade = (from: number, to: number): ExpressionSpecification => ["interpolate", ["linear"], ["zoom"], STREETS_FROM, from, FULL, to];

export function basemapSources(basemap: Basemap): Record<string, SourceSpecification> {
  const limits = { minzoom: basemap.minzoom, maxzoom: basemap.maxzoom, ...(basemap.bounds ? { bounds: basemap.bounds } : {}) };
  const tiles = (address: string) => [new URL(address, location.origin).href.replaceAll("%7B", "{").replaceAll("%7D", "}")];
  if (basemap.kind === "vector") return { basemap: { type: "vector", tiles: tiles(basemap.tiles), ...limits } };
  const raster = (address: string): SourceSpecification => ({ type: "raster", tiles: tiles(address), tileSize: 256, ...limits });
  return { basemap: raster(basemap.tiles), ...(basemap.names ? { "basemap-names": raster(basemap.names) } : {}) };
}

/** The layers of a scene with its basemap under the level in colour, which lets it shine through where one is close. */
export function overBasemap(theme: Theme, scene: { basemap?: Basemap | null; shown: string | null; scale: number }, layers: LayerSpecification[]): LayerSpecification[] {
  const { basemap, shown, scale } = scene;
  if (!basemap) return layers;
  const fill = layers.findIndex(({ id }) => id === `${shown}-fill`);
  const cut = Math.max(0, layers.findIndex(({ id }) => id.endsWith("-cut")));
  const under = fill < 0 ? cut : fill;
  const thinned = layers.map((layer) => (layer.id === `${shown}-fill` && layer.type === "fill" ? { ...layer, paint: { ...layer.paint, "fill-opacity": fade(1, THIN) } } : layer));
  return [...thinned.slice(0, under), ...streets(theme, basemap, scale, fill < 0 ? BARE : 1), ...thinned.slice(under, cut), ...names(basemap), ...thinned.slice(cut)];
}

/** `strength`: 1 beneath a colour. */
function streets(theme: Theme, basemap: Basemap, s: number, strength: number): LayerSpecification[] {
  if (basemap.kind === "raster") {
    const dark = Number.parseInt(theme.ground.slice(1, 3), 16) < 128;
    return [{ id: "basemap", type: "raster", source: "basemap", minzoom: STREETS_FROM, paint: { "raster-opacity": fade(0, 0.85 * strength), "raster-saturation": -1, "raster-brightness-max": dark ? 0.55 : 1, "raster-fade-duration": 0 } }];
  }
  const known = (candidates: readonly string[]) => candidates.find((name) => basemap.layers.includes(name));
  const of = (name: string) => ({ source: "basemap", "source-layer": name, minzoom: STREETS_FROM }) as const;
  const [water, buildings, roads] = [known(WATER), known(BUILDINGS), known(ROADS)];
  const great: ExpressionSpecification = ["in", ["coalesce", ["get", "kind"], ["get", "class"], ""], ["literal", GREAT]];
  const width = (near: number): ExpressionSpecification => ["interpolate", ["exponential", 1.6], ["zoom"], STREETS_FROM, 0.6 * s, 17, near * s];
  const line = (id: string, name: string, filter: ExpressionSpecification, near: number): LayerSpecification => ({
    id, type: "line", ...of(name), filter, layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": theme.ground, "line-width": width(near), "line-opacity": fade(0, strength) },
  });
  return [
    ...(water ? [{ id: "basemap-water", type: "fill", ...of(water), filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": theme.sea, "fill-opacity": fade(0, strength) } } as LayerSpecification] : []),
    ...(buildings ? [{ id: "basemap-buildings", type: "fill", ...of(buildings), minzoom: FULL, paint: { "fill-color": theme.ground, "fill-opacity": 0.45 * strength } } as LayerSpecification] : []),
    ...(roads ? [line("basemap-lanes", roads, ["!", great], 5), line("basemap-roads", roads, great, 11)] : []),
  ];
}

function names(basemap: Basemap): LayerSpecification[] {
  if (!basemap.names) return [];
  return [{ id: "basemap-names", type: "raster", source: "basemap-names", minzoom: STREETS_FROM, paint: { "raster-opacity": fade(0, 0.7), "raster-fade-duration": 0 } }];
}
