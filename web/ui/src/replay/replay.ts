// Replaying: which film is on, at which step, how fast. A film is fetched whole, so no frame waits for a request.

import { ApiError, getAhead, getChanges, getFilm } from "../api";
import { calm } from "../dom";
import type { State } from "../state";
import type { Problem } from "../types";
import { baseOf, levelsOf, placeText } from "../view";
import { Film } from "./film";
import { spanOf } from "./ranges";

const SETTLE_MS = 250; // at rest for so long: everything of that instant is fetched
const STALE_MS = 300_000; // a live strip is fetched anew after so long
const HOLD_STEPS = 4; // a loop rests at its end for so many steps
const EVENTS = 3;
export const PACES = [400, 100, 25] as const; // ms a step

export interface Replaying {
  ready: () => Promise<void>; // frames are to come fast
  frame: (step: number) => void; // wear a frame at once
  settle: (at: string) => void; // show all of an instant
  live: () => void;
  draw: () => void; // the strip alone
}

export class Replay {
  private key = "";
  private fetchedAt = 0;
  private loading: AbortController | null = null;
  private timer = 0;
  private settling = 0;
  private held = 0;
  private plays = 0; // times that it was started

  constructor(
    private readonly state: State,
    private readonly told: Replaying,
  ) {}

  /** The film of the view, fetched if the view or the range is another, or the strip has grown old. */
  async ensure(): Promise<void> {
    const { state } = this;
    const { city, view, replay } = state;
    if (!city || !state.board) return;
    const span = spanOf(view.range, city, Date.now());
    const { shown } = levelsOf(city, view);
    const level = shown ?? view.area?.level ?? city.levels[0]?.level ?? "";
    const parent = shown ? (view.area?.code ?? null) : null;
    const query = { city: city.code, level, parent, by: view.area ? "place" : view.by, as: view.as, step: span.step, from: span.from, to: span.to };
    const key = JSON.stringify(query);
    if (key === this.key && (Date.now() - this.fetchedAt < STALE_MS || replay.playing || view.at)) return this.arrived();
    if (key !== this.key) this.pause();
    this.loading?.abort();
    const mine = new AbortController();
    this.loading = mine;
    this.key = key;
    this.fetchedAt = Date.now();
    replay.busy = true;
    this.told.draw();
    try {
      const cells = state.levels.cells;
      const below = levelsOf(city, view).weather || view.area ? null : baseOf(city);
      const [answer, base, counted, ahead] = await Promise.all([
        getFilm(query, mine.signal),
        below ? getFilm({ ...query, level: below, parent: null }, mine.signal) : null,
        cells && parent ? getFilm({ ...query, level: cells }, mine.signal).catch(() => null) : null, // too many cells for so many steps: they rest
        getAhead({ city: city.code, ...(view.area ? { area: placeText(view.area) } : {}) }, mine.signal),
      ]);
      Object.assign(replay, { film: new Film(answer), base: base && new Film(base), cells: counted && new Film(counted), ahead, problem: null });
    } catch (error) {
      if (mine.signal.aborted) return;
      this.key = "";
      Object.assign(replay, { film: null, base: null, cells: null, problem: problemOf(error) });
    }
    replay.busy = false;
    this.arrived();
    if (view.play && replay.film && !replay.playing) void this.play();
  }

  redraw(): void {
    this.told.draw();
  }

  private arrived(): void {
    const { replay, view, board } = this.state;
    if (board) replay.film?.know(board);
    if (this.state.around[0]) replay.base?.know(this.state.around[0]);
    if (!replay.playing) replay.step = replay.film && view.at ? replay.film.stepAt(view.at) : null;
    this.told.draw();
    if (!replay.playing) void this.tell();
  }

  toggle(): void {
    if (this.state.replay.playing) this.rest();
    else if (calm()) this.by(1); // reduced motion: a step each time
    else void this.play();
  }

  async play(): Promise<void> {
    const { replay } = this.state;
    if (!replay.film?.length || replay.playing) return;
    replay.playing = true;
    replay.changes = null;
    window.clearTimeout(this.settling);
    this.held = 0;
    this.told.draw();
    const mine = ++this.plays;
    await this.told.ready();
    if (mine !== this.plays || !replay.playing || !replay.film) return;
    if (replay.step === null || replay.step >= replay.film.length - 1) this.show(0);
    this.next();
  }

  private next(): void {
    const { replay } = this.state;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => requestAnimationFrame(() => this.tick()), PACES[replay.pace]! - 8);
  }

  private tick(): void {
    const { replay } = this.state;
    if (!replay.playing || !replay.film) return;
    this.next(); // from now on: what a frame costs is not added to its time
    const at = replay.step ?? 0;
    if (at < replay.film.length - 1) this.show(at + 1);
    else if (++this.held >= HOLD_STEPS) {
      this.held = 0;
      this.show(0);
    }
  }

  /** Stop moving, without looking up what is under the head. */
  pause(): void {
    window.clearTimeout(this.timer);
    window.clearTimeout(this.settling);
    this.state.replay.playing = false;
  }

  /** Stop, and show all of the instant under the head. */
  rest(): void {
    this.pause();
    const { film, step } = this.state.replay;
    if (film && step !== null) this.told.settle(film.at(step));
  }

  by(steps: number): void {
    const { film, step } = this.state.replay;
    if (film) this.to((step ?? film.length) + steps);
  }

  /** Show a step now, and all of its instant when the head rests. Beyond the end lies now. */
  to(step: number): void {
    const { film } = this.state.replay;
    if (!film?.length) return;
    this.pause();
    if (step >= film.length) return this.told.live();
    this.show(Math.max(0, step));
    this.settling = window.setTimeout(() => this.rest(), SETTLE_MS);
  }

  private show(step: number): void {
    const { replay } = this.state;
    replay.step = step;
    replay.changes = null;
    replay.applied += 1;
    this.told.frame(step);
  }

  /** What changed colour with this step, and which events did it. */
  private async tell(): Promise<void> {
    const { state } = this;
    const { replay, view, city } = state;
    const { film, step } = replay;
    if (!film || step === null || step < 1 || !city || !view.at || Date.parse(view.at) !== Date.parse(film.at(step))) {
      replay.changes = null;
      return;
    }
    if (replay.changes?.at === film.at(step)) return;
    try {
      const found = await getChanges({ city: city.code, level: film.answer.level, parent: film.answer.parent, by: film.answer.by, as: film.answer.as, from: film.at(step - 1), at: film.at(step), events: EVENTS });
      if (replay.film !== film || replay.step !== step || replay.playing) return;
      replay.changes = found;
      this.told.draw();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
}

const problemOf = (error: unknown): Problem => (error instanceof ApiError ? error.problem : { title: "", status: 0, detail: String(error), remedy: "" });
