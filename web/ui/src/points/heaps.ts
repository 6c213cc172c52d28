// Several points too near to tell apart become one mark with their number.

import type { Point } from "./points";

export interface Heap {
  lon: number;
  lat: number;
  x: number; // Web Mercator, as of points
  y: number;
  points: readonly Point[];
}

const REACH = 36; // pixels
export const LOOSE = 16; // from this zoom on every point stands alone
const TILE = 512;

/** Points in heaps for a whole zoom: each takes in all that lie within REACH of it and are not taken yet. */
export function heaps(points: readonly Point[], zoom: number): Heap[] {
  if (zoom >= LOOSE) return points.map((point) => ({ lon: point.lon, lat: point.lat, x: point.x, y: point.y, points: [point] }));
  const reach = REACH / (TILE * 2 ** zoom);
  const ordered = [...points].sort((a, b) => a.at - b.at); // the same heaps whatever the list is sorted by
  const cells = new Map<number, Point[]>();
  const column = (x: number): number => Math.floor(x / reach);
  const cell = (x: number, y: number): number => x * 67_108_864 + y; // 2^26: more rows than there are
  for (const point of ordered) {
    const key = cell(column(point.x), column(point.y));
    const held = cells.get(key);
    if (held) held.push(point);
    else cells.set(key, [point]);
  }
  const taken = new Set<Point>();
  const found: Heap[] = [];
  for (const point of ordered) {
    if (taken.has(point)) continue;
    const near: Point[] = [];
    for (let dx = -1; dx <= 1; dx += 1) {
      for (let dy = -1; dy <= 1; dy += 1) {
        for (const other of cells.get(cell(column(point.x) + dx, column(point.y) + dy)) ?? []) {
          if (!taken.has(other) && (other.x - point.x) ** 2 + (other.y - point.y) ** 2 <= reach ** 2) near.push(other);
        }
      }
    }
    for (const other of near) taken.add(other);
    const mean = (of: "lon" | "lat" | "x" | "y"): number => near.reduce((sum, other) => sum + other[of], 0) / near.length;
    found.push({ lon: mean("lon"), lat: mean("lat"), x: mean("x"), y: mean("y"), points: near });
  }
  return found;
}

/** The first whole zoom at which a heap falls apart. */
export function apart(heap: readonly Point[], from: number): number {
  let zoom = from;
  while (zoom < LOOSE && heaps(heap, zoom).length < 2) zoom += 1;
  return zoom;
}
