// Room for the city: the padding that keeps what is looked at clear of what is written over the map, without a trial
// on the screen.

import type { Map as GlMap } from "maplibre-gl";
import type { Padding } from "./wallmap";

type Bounds = [number, number, number, number];

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const SHARES = Array.from({ length: 9 }, (_, i) => i / 8);

/** The padding with the largest view of `bounds` in which none of `parts` (extents that together follow the shape) lies
 * under one of the `covers` (screen pixels within the map). */
export function paddingFor(map: GlMap, size: { width: number; height: number }, bounds: Bounds, parts: readonly Bounds[], base: Padding, covers: readonly Box[]): Padding {
  const room = covers.map(({ left, right, top }) => ({
    left: left < size.width / 2 ? right : 0,
    right: left < size.width / 2 ? 0 : size.width - left,
    bottom: size.height - top,
  }));
  const most = (side: "left" | "right" | "bottom") => Math.max(base[side], ...room.map((one) => one[side]));
  const steps = (side: "left" | "right" | "bottom") => SHARES.map((share) => base[side] + share * (most(side) - base[side]));
  const tries = steps("left").flatMap((left) => steps("right").flatMap((right) => steps("bottom").map((bottom) => ({ ...base, left, right, bottom })))).filter(({ left, right, top, bottom }) => left + right < size.width * 0.8 && top + bottom < size.height * 0.8);
  const views = tries.map((padding) => ({ padding, camera: map.cameraForBounds(bounds, { padding }) }));
  const byZoom = views.sort((a, b) => (b.camera?.zoom ?? 0) - (a.camera?.zoom ?? 0));
  return byZoom.find(({ camera }) => camera && isFree(camera, parts, size, covers))?.padding ?? base;
}

function isFree(camera: { center?: unknown; zoom?: number | undefined }, parts: readonly Bounds[], size: { width: number; height: number }, covers: readonly Box[]): boolean {
  const { lng, lat } = camera.center as { lng: number; lat: number };
  const world = 512 * 2 ** (camera.zoom ?? 0);
  const x = (lon: number) => size.width / 2 + ((lon - lng) / 360) * world;
  const y = (degrees: number) => size.height / 2 + (mercator(degrees) - mercator(lat)) * world;
  return parts.every((part) => {
    const [west, east, north, south] = [x(part[0]), x(part[2]), y(part[3]), y(part[1])];
    return covers.every((box) => east < box.left + 1 || west > box.right - 1 || south < box.top + 1 || north > box.bottom);
  });
}

const mercator = (lat: number): number => 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
