// Areas on the screen as a raster: in which of them each device pixel lies, and the rows of pixels that each covers.

import type { FilterSpecification, GeoJSONFeature, Map as GlMap } from "maplibre-gl";

/** The screen in the world at rest, north up: where longitude −180 at latitude 85° lies, and how wide the world is; device pixels. */
export interface Camera {
  x: number;
  y: number;
  world: number;
  ratio: number; // device pixels a CSS pixel
  width: number;
  height: number;
}

/** What one tile holds of an area, device pixels; what reaches beyond the tile is not drawn there. */
export interface Piece {
  id: number;
  rings: { x: number; y: number }[][];
  tile: { x: number; y: number; size: number };
}

export interface Raster {
  at: Uint32Array; // by pixel: the number of its area, 0 for none
  ids: number[]; // by number; the first stands for none
  rows: number[][]; // by number: y, first x, x after the last, one row after the other
}

export interface Box {
  left: number;
  top: number;
  right: number; // excluded, as `bottom`
  bottom: number;
}

/** What rows of pixels reach over. */
export function boxOf(rows: readonly number[]): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let k = 0; k < rows.length; k += 3) grow(box, { left: rows[k + 1]!, top: rows[k]!, right: rows[k + 2]!, bottom: rows[k]! + 1 }, 0);
  return box;
}

export function grow(box: Box, other: Box, by: number): void {
  box.left = Math.min(box.left, other.left - by);
  box.top = Math.min(box.top, other.top - by);
  box.right = Math.max(box.right, other.right + by);
  box.bottom = Math.max(box.bottom, other.bottom + by);
}

export function cameraOf(map: GlMap): Camera {
  const canvas = map.getCanvas();
  const ratio = canvas.width / canvas.clientWidth;
  const centre = map.getCenter();
  const { x, y } = map.project(centre);
  const world = 512 * 2 ** map.getZoom() * ratio;
  const mercator = 0.5 - Math.log(Math.tan(Math.PI / 4 + (centre.lat * Math.PI) / 360)) / (2 * Math.PI);
  return { x: x * ratio - ((centre.lng + 180) / 360) * world, y: y * ratio - mercator * world, world, ratio, width: canvas.width, height: canvas.height };
}

/** The areas of a level as the tiles in sight hold them. */
export function piecesOf(map: GlMap, source: string, level: string, filter: FilterSpecification | null, camera: Camera): Piece[] {
  const found = map.querySourceFeatures(source, { sourceLayer: level, ...(filter ? { filter } : {}) });
  return found.map((feature) => pieceOf(feature, camera));
}

function pieceOf(feature: GeoJSONFeature, camera: Camera): Piece {
  const { _x: x, _y: y, _z: z, _vectorTileFeature: shape } = feature;
  const size = camera.world / 2 ** z;
  const [left, top, unit] = [camera.x + x * size, camera.y + y * size, size / shape.extent];
  const rings = shape.loadGeometry().map((ring) => ring.map((at) => ({ x: left + at.x * unit, y: top + at.y * unit })));
  return { id: Number(feature.id), rings, tile: { x: left, y: top, size } };
}

/** A pixel lies in an area where its middle does; of two, in the later. */
export function rasterOf(pieces: readonly Piece[], { width, height }: Camera): Raster {
  const raster: Raster = { at: new Uint32Array(width * height), ids: [0], rows: [[]] };
  const numbers = new Map<number, number>();
  for (const piece of pieces) {
    const number = numbers.get(piece.id) ?? raster.ids.length;
    if (number === raster.ids.length) {
      numbers.set(piece.id, number);
      raster.ids.push(piece.id);
      raster.rows.push([]);
    }
    fill(piece, width, height, (y, from, to) => {
      raster.at.fill(number, y * width + from, y * width + to);
      raster.rows[number]!.push(y, from, to);
    });
  }
  return raster;
}

/** Rows of pixels inside a piece, by the even-odd rule. */
function fill({ rings, tile }: Piece, width: number, height: number, row: (y: number, from: number, to: number) => void): void {
  const top = Math.max(0, Math.ceil(tile.y - 0.5));
  const bottom = Math.min(height, Math.ceil(tile.y + tile.size - 0.5));
  const [left, right] = [Math.max(0, Math.ceil(tile.x - 0.5)), Math.min(width, Math.ceil(tile.x + tile.size - 0.5))];
  const crossings: number[][] = [];
  for (const ring of rings) {
    for (let i = 0, before = ring.length - 1; i < ring.length; before = i++) {
      const [a, b] = ring[before]!.y < ring[i]!.y ? [ring[before]!, ring[i]!] : [ring[i]!, ring[before]!];
      const slope = (b.x - a.x) / (b.y - a.y);
      for (let y = Math.max(top, Math.ceil(a.y - 0.5)); y < bottom && y + 0.5 < b.y; y++) (crossings[y - top] ??= []).push(a.x + (y + 0.5 - a.y) * slope);
    }
  }
  crossings.forEach((xs, k) => {
    xs.sort((a, b) => a - b);
    for (let i = 0; i + 1 < xs.length; i += 2) {
      const [from, to] = [Math.max(left, Math.ceil(xs[i]! - 0.5)), Math.min(right, Math.ceil(xs[i + 1]! - 0.5))];
      if (from < to) row(top + k, from, to);
    }
  });
}
