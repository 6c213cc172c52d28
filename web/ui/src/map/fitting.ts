// Room for the city: the padding that keeps what is looked at clear of the legend, without a trial on the screen.

import type { Map as GlMap } from "maplibre-gl";
import type { Padding } from "./wallmap";

type Bounds = [number, number, number, number];

/** `parts`: extents that together follow the shape; `corner`: the legend at the lower left, screen pixels, or null. */
export function paddingFor(map: GlMap | null, size: { width: number; height: number }, bounds: Bounds, parts: readonly Bounds[], base: Padding, corner: { width: number; height: number } | null): Padding {
  if (!map || !corner) return base;
  const tries = [base, { ...base, left: Math.max(base.left, corner.width) }, { ...base, bottom: Math.max(base.bottom, corner.height) }];
  const views = tries.map((padding) => ({ padding, camera: map.cameraForBounds(bounds, { padding }) }));
  const free = views.find(({ camera }) => camera && !parts.some((part) => covers(camera, part, size, corner)));
  if (free === views[0]) return base;
  const [, left, below] = views;
  return (left?.camera?.zoom ?? 0) >= (below?.camera?.zoom ?? 0) ? (left?.padding ?? base) : (below?.padding ?? base);
}

/** Whether a part would lie under the legend. */
function covers(camera: { center?: unknown; zoom?: number | undefined }, part: Bounds, size: { width: number; height: number }, corner: { width: number; height: number }): boolean {
  const { lng, lat } = camera.center as { lng: number; lat: number };
  const world = 512 * 2 ** (camera.zoom ?? 0);
  const x = (lon: number) => size.width / 2 + ((lon - lng) / 360) * world;
  const y = (degrees: number) => size.height / 2 + (mercator(degrees) - mercator(lat)) * world;
  return x(part[0]) < corner.width && y(part[1]) > size.height - corner.height;
}

const mercator = (lat: number): number => 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
