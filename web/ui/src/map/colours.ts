// Feature-states: what each area wears. A recolouring touches states only; a change fades for 600 ms and lights once.

import type { Map as GlMap } from "maplibre-gl";
import { calm } from "../dom";
import type { Theme } from "../theme";
import type { AreaShape, Row, Sky } from "../types";
import { sourceOf } from "./style";

const FADE_MS = 600;
const LIT_MS = 1200;
const MARKED_MS = 10_000; // with reduced motion the mark stays instead

interface Worn {
  to: string;
  sky: Sky | "";
  bolt: number;
}

interface Change {
  source: string;
  sourceLayer: string;
  id: number;
}

/** How much darker a cell is for so many open: 15 %, then 11 % for each more, at most 36 %. */
export const darkness = (open: number): number => (open > 0 ? Math.min(0.36, 0.15 + 0.11 * (open - 1)) : 0);

export class Colours {
  private readonly worn = new Map<string, Worn>();
  private readonly counted = new Map<string, number>();

  constructor(
    private readonly gl: GlMap,
    private readonly theme: Theme,
  ) {}

  paint(level: string, shapes: readonly Pick<AreaShape, "id" | "code">[], rows: ReadonlyMap<string, Pick<Row, "weather" | "badges">>, news: boolean): void {
    const changes: Change[] = [];
    for (const { id, code } of shapes) {
      const row = rows.get(code);
      const next: Worn = {
        to: row?.weather ? this.theme.fill[row.weather] : this.theme.none,
        sky: row?.weather ?? "",
        bolt: row?.badges.includes("thunder") ? 1 : 0,
      };
      const key = `${level} ${id}`;
      const before = this.worn.get(key);
      if (before && before.to === next.to && before.sky === next.sky && before.bolt === next.bolt) continue;
      this.worn.set(key, next);
      const target = { source: sourceOf(level), sourceLayer: level, id };
      const fades = news && before !== undefined && before.to !== next.to;
      this.gl.setFeatureState(target, { ...next, from: before?.to ?? next.to, mix: fades && !calm() ? 0 : 1 });
      if (fades) changes.push(target);
    }
    if (changes.length) this.play(changes);
  }

  /** Another city: what was worn is forgotten. */
  forget(): void {
    this.worn.clear();
    this.counted.clear();
  }

  /** The outlines of red lines go; what is painted next says which come back. */
  unbolt(level: string): void {
    for (const [key, worn] of this.worn) {
      const [of, id] = key.split(" ");
      if (of !== level || !worn.bolt) continue;
      worn.bolt = 0;
      this.set({ source: sourceOf(level), sourceLayer: level, id: Number(id) }, { bolt: 0 });
    }
  }

  /** Nothing counted is open any more: what is, the next count says. */
  uncount(): void {
    for (const [key, open] of this.counted) {
      const [level = "", id] = key.split(" ");
      if (open && this.gl.getSource(sourceOf(level))) this.gl.setFeatureState({ source: sourceOf(level), sourceLayer: level, id: Number(id) }, { dark: 0, open: 0 });
    }
    this.counted.clear();
  }

  /** Cells show how many are open. */
  count(level: string, rows: readonly Row[]): void {
    for (const { id, open } of rows) {
      const key = `${level} ${id}`;
      if (this.counted.get(key) === open) continue;
      this.counted.set(key, open);
      this.gl.setFeatureState({ source: sourceOf(level), sourceLayer: level, id }, { dark: darkness(open), open });
    }
  }

  private play(changes: readonly Change[]): void {
    if (calm()) {
      for (const target of changes) this.set(target, { lit: 1 });
      setTimeout(() => changes.forEach((target) => this.set(target, { lit: 0 })), MARKED_MS);
      return;
    }
    const start = performance.now();
    const step = (now: number): void => {
      const passed = now - start;
      const mix = 1 - (1 - Math.min(1, passed / FADE_MS)) ** 3;
      const lit = passed >= LIT_MS ? 0 : Math.sin((Math.PI * passed) / LIT_MS);
      for (const target of changes) this.set(target, { mix, lit });
      if (passed < LIT_MS) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  private set(target: Change, state: Record<string, number>): void {
    if (this.gl.getSource(target.source)) this.gl.setFeatureState(target, state);
  }
}
