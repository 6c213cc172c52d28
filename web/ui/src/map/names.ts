// Where names of land stand that has no label point of its own: the neighbours, and what lies around the focus.
// The free spot farthest from every other shape, from the edges and from what is written over the map.

import type { Geometry } from "geojson";
import type { Map as GlMap } from "maplibre-gl";

export interface Spot {
  layer: string;
  key: string;
  name: string;
  name_en: string;
  x: number;
  y: number;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const STEP = 20; // wall pixels between trial points
const ROOM = 2.2; // steps that must be free around a name, upwards and sideways alike

/** A layer of shapes; `except`: the code of the one that is not named (the focus itself). */
export interface Named {
  layer: string;
  except: string | null;
}

/** One spot for each shape of `layers` that has room for its name. Rendered shapes only: ask when the map is idle. */
export function spots(map: GlMap, layers: readonly Named[], blocked: readonly Box[], scale: number): Spot[] {
  const excepted = new Map(layers.filter(({ layer }) => map.getLayer(layer)).map(({ layer, except }) => [layer, except]));
  if (!excepted.size) return [];
  const step = STEP * scale;
  const { clientWidth, clientHeight } = map.getContainer();
  const columns = Math.floor(clientWidth / step);
  const rows = Math.floor(clientHeight / step);
  const owner = new Int16Array(columns * rows).fill(-1);
  const shapes: { layer: string; name: string; name_en: string }[] = [];
  const index = new Map<string, number>();
  for (const feature of map.queryRenderedFeatures({ layers: [...excepted.keys()] }).reverse()) {
    const own = excepted.get(feature.layer.id) ?? null;
    const name = own !== null && feature.properties["code"] === own ? "" : String(feature.properties["name"] ?? "");
    const key = `${feature.layer.id}/${name}`;
    if (!index.has(key)) {
      index.set(key, shapes.length);
      shapes.push({ layer: feature.layer.id, name, name_en: String(feature.properties["name_en"] ?? "") });
    }
    fill(owner, columns, rows, step, ringsOf(map, feature.geometry), index.get(key) ?? 0);
  }
  for (const box of blocked) block(owner, columns, rows, step, box);
  return best(owner, columns, rows, shapes).map(({ shape, column, row }) => {
    const { layer, name, name_en } = shapes[shape] ?? { layer: "", name: "", name_en: "" };
    return { layer, key: name, name, name_en, x: (column + 0.5) * step, y: (row + 0.5) * step };
  });
}

type Ring = [number, number][];

function ringsOf(map: GlMap, geometry: Geometry): Ring[] {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  return polygons.flat().map((ring) => ring.map((position) => {
    const { x, y } = map.project([position[0] ?? 0, position[1] ?? 0]);
    return [x, y];
  }));
}

/** Trial points inside the rings (even-odd, along each row) belong to `shape`. */
function fill(owner: Int16Array, columns: number, rows: number, step: number, rings: Ring[], shape: number): void {
  for (let row = 0; row < rows; row++) {
    const y = (row + 0.5) * step;
    const crossings: number[] = [];
    for (const ring of rings) {
      for (let i = 1; i < ring.length; i++) {
        const [x0, y0] = ring[i - 1] as [number, number];
        const [x1, y1] = ring[i] as [number, number];
        if (y0 > y !== y1 > y) crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
      }
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const first = Math.max(0, Math.ceil((crossings[i] as number) / step - 0.5));
      const last = Math.min(columns - 1, Math.floor((crossings[i + 1] as number) / step - 0.5));
      for (let column = first; column <= last; column++) owner[row * columns + column] = shape;
    }
  }
}

function block(owner: Int16Array, columns: number, rows: number, step: number, box: Box): void {
  for (let row = Math.max(0, Math.floor(box.top / step)); row < Math.min(rows, box.bottom / step); row++)
    for (let column = Math.max(0, Math.floor(box.left / step)); column < Math.min(columns, box.right / step); column++)
      owner[row * columns + column] = -1;
}

/** For each shape the point farthest from foreign ground, by the chessboard's measure (names are wide: so is the room). */
function best(owner: Int16Array, columns: number, rows: number, shapes: { name: string }[]) {
  const reach = new Float32Array(owner.length);
  const near = (row: number, column: number, same: number) =>
    row < 0 || column < 0 || row >= rows || column >= columns || owner[row * columns + column] !== same ? 0 : (reach[row * columns + column] as number);
  const sweep = (row: number, column: number, sign: number) => {
    const at = row * columns + column;
    const same = owner[at] as number;
    const around = [near(row - sign, column, same), near(row, column - sign, same), near(row - sign, column - sign, same), near(row - sign, column + sign, same)];
    const found = same < 0 ? 0 : Math.min(...around) + 1;
    reach[at] = sign > 0 ? found : Math.min(reach[at] as number, found);
  };
  for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) sweep(row, column, 1);
  for (let row = rows - 1; row >= 0; row--) for (let column = columns - 1; column >= 0; column--) sweep(row, column, -1);
  const found = new Map<number, { shape: number; column: number; row: number; reach: number }>();
  reach.forEach((value, at) => {
    const shape = owner[at] as number;
    if (shape < 0 || !shapes[shape]?.name || value < ROOM || value <= (found.get(shape)?.reach ?? 0)) return;
    found.set(shape, { shape, column: at % columns, row: Math.floor(at / columns), reach: value });
  });
  return [...found.values()];
}
