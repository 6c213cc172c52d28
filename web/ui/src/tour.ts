// `?tour=1`: the wall visits what matters by itself, slowly. Anybody who touches it has it for two minutes.

import { getBoard } from "./api";
import { calm } from "./dom";
import { isLost } from "./panels/header";
import { shownInstant, type State } from "./state";
import { stopsOf, troubled, type Stop } from "./stops";
import type { Board } from "./types";
import { placeText, type View } from "./view";

const FADE_MS = 200;
const PAUSE_MS = 120_000;
const DAY_MS = 86_400_000;

export interface Tour {
  stops: Stop[];
  at: number;
  paused: boolean;
}

/** What the tour may do to the wall. */
export interface Guided {
  steady: () => number;
  go: (change: Partial<View>) => Promise<void>; // done when what is looked at is drawn, or could not be had
  explain: (place: Stop["why"]) => void;
  clear: () => void; // close what a visitor left open
  turn: () => void; // the next of the panels that share a place
  render: () => void;
  fade: (away: boolean) => void;
}

export class Guide {
  private stopAt = 0; // steady ms at which this stop is over
  private pausedTill = 0;
  private moving = false;

  constructor(
    private readonly state: State,
    private readonly wall: Guided,
  ) {
    for (const kind of ["pointerdown", "wheel", "touchstart"]) window.addEventListener(kind, () => this.touched(), { passive: true, capture: true });
    window.addEventListener("keydown", (event) => this.pressed(event), { capture: true });
  }

  private get on(): boolean {
    return this.state.view.tour !== null;
  }

  /** Every second: the next stop when this one is over. While the line is lost it stays where it is. */
  tick(): void {
    const { state } = this;
    if (!this.on || this.moving || !state.board || !state.city || document.visibilityState === "hidden") return;
    const now = this.wall.steady();
    if (this.pausedTill > now) return;
    if (this.pausedTill) {
      this.wall.clear();
      this.pause(0);
      this.stopAt = 0;
    }
    if (now < this.stopAt || isLost(state)) return;
    void this.move(1);
  }

  private touched(): void {
    if (this.on) this.pause(this.wall.steady() + PAUSE_MS);
  }

  private pause(till: number): void {
    const was = this.state.tour?.paused ?? false;
    this.pausedTill = till;
    if (this.state.tour) this.state.tour.paused = till > 0;
    if (was !== till > 0) this.wall.render();
  }

  /** Space holds and goes on, the arrows step; all other keys are the wall's and hold the tour. */
  private pressed(event: KeyboardEvent): void {
    if (!this.on || event.ctrlKey || event.metaKey || event.altKey) return;
    const inside = event.target instanceof HTMLElement && event.target.closest("input, textarea, select, .timeline, [role=slider]");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const free = !inside && (step !== undefined || (event.key === " " && !(event.target instanceof HTMLElement && event.target.closest("button, a"))));
    if (!free) return this.touched();
    event.preventDefault();
    event.stopImmediatePropagation();
    if (step !== undefined) {
      this.touched();
      if (!this.moving) void this.move(step);
    } else if (this.state.tour?.paused) {
      this.stopAt = 0;
      this.wall.clear();
      this.pause(0);
      this.tick();
    } else this.pause(this.wall.steady() + PAUSE_MS);
  }

  private async move(step: number): Promise<void> {
    this.moving = true;
    try {
      const old = this.state.tour;
      let at = old ? old.at + step : 0;
      if (!old || at >= old.stops.length || at < 0) {
        const stops = await this.plan();
        at = step < 0 ? stops.length - 1 : 0;
        this.state.tour = { stops, at, paused: this.pausedTill > 0 };
      } else this.state.tour = { ...old, at };
      await this.show(this.state.tour.stops[at], old ? step : 0);
    } catch (error) {
      console.warn("the tour waits", error); // what it needs cannot be had: it tries again after a stop's time
    }
    this.stopAt = this.wall.steady() + (this.state.view.tour ?? 0) * 1000;
    this.moving = false;
    this.wall.render();
  }

  private async show(stop: Stop | undefined, step: number): Promise<void> {
    if (!stop) return;
    const { view } = this.state;
    const same = (view.area ? placeText(view.area) : "") === (stop.area ? placeText(stop.area) : "") && view.by === stop.by && view.level === null;
    const fades = !calm();
    if (fades) {
      this.wall.fade(true);
      await new Promise((done) => window.setTimeout(done, FADE_MS));
    }
    if (!same || view.table) await this.wall.go({ area: stop.area, level: null, by: stop.by, table: false });
    if (step > 0) this.wall.turn();
    this.wall.explain(stop.why);
    if (fades) this.wall.fade(false);
  }

  /** A round, from the data as they are now. */
  private async plan(): Promise<Stop[]> {
    const { city, view } = this.state;
    if (!city) return [];
    const at = shownInstant(view, city);
    const by = this.state.tour?.stops[0]?.by ?? view.by; // as the tour began: units are visited by responsibility anyway
    const chain = city.levels;
    const level = chain[1]?.level ?? chain[0]?.level ?? "";
    const ask = (asked: Partial<Parameters<typeof getBoard>[0]>): Promise<Board> => getBoard({ city: city.code, level, parent: null, by, at, ...asked });
    const yesterday = new Date((at ? Date.parse(at) : this.state.now) - DAY_MS).toISOString();
    const [board, before, units] = await Promise.all([ask({}), ask({ at: yesterday }).catch(() => null), ask({ level: "unit", by: "responsibility" }).catch(() => null)]);
    const inner = chain[2]?.weather ? chain[2].level : null;
    const inside = await Promise.all((inner && by === "place" ? troubled(board) : []).map(async ({ code }) => [code, await ask({ level: inner ?? "", parent: code })] as const));
    return stopsOf({ by, board, before, units, inside: new Map(inside) });
  }
}
