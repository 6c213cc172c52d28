// Arrows among areas: from where one stands to the nearest in that direction, as the eye would go.

import type { Map as GlMap } from "maplibre-gl";
import type { AreaShape } from "../types";

export type Direction = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";
const WAYS: Record<Direction, [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const ASIDE = 2.2; // what lies to the side counts as this much farther

/** The next area from `from` (null: the one nearest to the middle of the screen); null: there is none that way. */
export function nextArea<T extends Pick<AreaShape, "label">>(map: GlMap, shapes: readonly T[], from: T | null, direction: Direction): T | null {
  const { clientWidth, clientHeight } = map.getContainer();
  const start = from ? map.project(from.label) : { x: clientWidth / 2, y: clientHeight / 2 };
  const [wayX, wayY] = WAYS[direction];
  let best: T | null = null;
  let least = Infinity;
  for (const shape of shapes) {
    if (from && shape.label === from.label) continue;
    const { x, y } = map.project(shape.label);
    const ahead = (x - start.x) * wayX + (y - start.y) * wayY;
    const aside = Math.abs((x - start.x) * wayY) + Math.abs((y - start.y) * wayX);
    if (from && (ahead <= 1 || aside > ahead * 3)) continue;
    const far = from ? ahead + ASIDE * aside : Math.hypot(x - start.x, y - start.y);
    if (far < least) [best, least] = [shape, far];
  }
  return best;
}
