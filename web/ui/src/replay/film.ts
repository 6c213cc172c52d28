// A film: the days (or hours) of a view as columns, and any of its frames as the board that the panels know.

import type { Badge, Board, Both, By, City, Row, Sky, Totals } from "../types";

export interface Columns {
  id: number[];
  code: string[];
  unit?: string[];
  weather?: string[]; // one letter a step
  thunder?: string[]; // 0 none, 1 red line overdue, 2 listed, 3 both
  open: number[][];
  overdue: number[][];
  [number: string]: unknown;
}

export interface Part {
  boundary_version: number;
  pack_version: number;
  steps: number;
  totals: Columns & { sentence: { zh: string[]; en: string[] } };
  areas: Columns;
}

export interface FilmAnswer {
  level: string;
  parent: string | null;
  by: By;
  as: As;
  step: "day" | "hour";
  from: string | null;
  at: string[];
  parts: Part[];
}

export type As = "looked" | "known";

/** What the map shows of an area. */
export interface Look {
  sky: Sky | null;
  bolt: boolean;
  open: number;
  rectified: number;
}

const SKY: Record<string, Sky> = { s: "sunny", c: "cloudy", o: "overcast", r: "rain", u: "unvisited" };
const NUMBERS = ["open", "overdue", "notified", "rectified", "due", "on_time", "long_overdue", "suspended", "extended"] as const;
const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

export class Film {
  private readonly rows = new Map<string, Row>(); // by code: names, level and parent
  private counted = 0; // areas there are, those without anything in all the time among them

  constructor(readonly answer: FilmAnswer) {}

  get length(): number {
    return this.answer.at.length;
  }

  at(step: number): string {
    return this.answer.at[step] ?? "";
  }

  /** The step at an instant, or the last before it. */
  stepAt(at: string): number {
    const wanted = Date.parse(at);
    const after = this.answer.at.findIndex((each) => Date.parse(each) > wanted);
    return Math.max(0, (after < 0 ? this.length : after) - 1);
  }

  /** Names of the areas, from a board of the same view. */
  know(board: Board): void {
    for (const row of [board.totals, ...board.areas]) this.rows.set(row.code, row);
    if (board.level === this.answer.level) this.counted = Math.max(this.counted, board.areas.length);
  }

  nameOf(code: string): Row | null {
    return this.rows.get(code) ?? null;
  }

  /** The whole's weather at a step. */
  sky(step: number): Sky | null {
    const { part, own } = this.part(step);
    return SKY[part.totals.weather?.[0]?.[own] ?? ""] ?? null;
  }

  boundaryVersion(step: number): number {
    return this.part(step).part.boundary_version;
  }

  /** What the map shows of each area at a step, by code: for frames that come faster than anyone reads. */
  looks(step: number): Map<string, Look> {
    const { part, own } = this.part(step);
    return new Map(part.areas.code.map((code, i) => [code, look(part.areas, i, own)]));
  }

  look(step: number, code: string): Look {
    const { part, own } = this.part(step);
    return look(part.areas, part.areas.code.indexOf(code), own);
  }

  /** The same of the whole. */
  whole(step: number): Look {
    const { part, own } = this.part(step);
    return look(part.totals, 0, own);
  }

  /** How many are open in each area at a step. */
  opens(step: number): { ids: readonly number[]; open: ArrayLike<number> } {
    const { part, own } = this.part(step);
    return { ids: part.areas.id, open: Int32Array.from(part.areas.open, (steps) => steps[own] ?? 0) };
  }

  frame(step: number, city: City): Board {
    const { part, own } = this.part(step);
    const { level, parent, by, from } = this.answer;
    const sentence: Both = { zh: part.totals.sentence.zh[own] ?? "", en: part.totals.sentence.en[own] ?? "" };
    const unlocated = (part.totals["unlocated"] as number[][] | undefined)?.[0]?.[own];
    const totals: Totals = { ...this.row(part.totals, 0, own, city.levels[0]?.level ?? level), sentence, ...(unlocated === undefined ? {} : { unlocated }) };
    const areas = part.areas.code.map((_, i) => this.row(part.areas, i, own, level));
    return { level, parent, by, at: this.at(step), from, as: this.answer.as, boundary_version: part.boundary_version, fold: 0, totals, areas, ...(this.counted > areas.length ? { counted: this.counted } : {}) };
  }

  /** Areas whose weather differs from that of the step before. */
  turned(step: number): { code: string; from: Sky; to: Sky }[] {
    if (step < 1) return [];
    const [now, before] = [this.part(step), this.part(step - 1)];
    const then = new Map(before.part.areas.code.map((code, i) => [code, before.part.areas.weather?.[i]?.[before.own]]));
    return now.part.areas.code.flatMap((code, i) => {
      const [from, to] = [SKY[then.get(code) ?? ""], SKY[now.part.areas.weather?.[i]?.[now.own] ?? ""]];
      return from && to && from !== to ? [{ code, from, to }] : [];
    });
  }

  private part(step: number): { part: Part; own: number } {
    let own = step;
    for (const part of this.answer.parts) {
      if (own < part.steps) return { part, own };
      own -= part.steps;
    }
    throw new RangeError(`step ${step} of ${this.length}`);
  }

  private row(columns: Columns, i: number, step: number, level: string): Row {
    const code = columns.code[i] ?? "";
    const known = this.rows.get(code);
    const thunder = (columns.thunder?.[i]?.[step] ?? "0") !== "0";
    const value = (name: string): number => (columns[name] as number[][] | undefined)?.[i]?.[step] ?? 0;
    const numbers = Object.fromEntries(NUMBERS.map((name) => [name, value(name)])) as Record<(typeof NUMBERS)[number], number>;
    const badges: Badge[] = [...(thunder ? (["thunder"] as const) : []), ...(numbers.long_overdue > 0 ? (["long_overdue"] as const) : [])];
    return {
      id: columns.id[i] ?? 0, code, name: known?.name ?? code, name_en: known?.name_en ?? "", level: known?.level ?? level, parent: known?.parent ?? null,
      ...(columns.unit?.[i] ? { unit: columns.unit[i] } : {}),
      ...numbers, ordered: 0, listed: 0, declared: 0, covered: 0,
      rectification_rate: share(numbers.rectified, numbers.notified), on_time_rate: share(numbers.on_time, numbers.due),
      weather: SKY[columns.weather?.[i]?.[step] ?? ""] ?? null, why: null, badges,
    } as Row;
  }
}

const look = (columns: Columns, i: number, step: number): Look => ({
  sky: SKY[columns.weather?.[i]?.[step] ?? ""] ?? null,
  bolt: (columns.thunder?.[i]?.[step] ?? "0") !== "0",
  open: columns.open[i]?.[step] ?? 0,
  rectified: (columns["rectified"] as number[][] | undefined)?.[i]?.[step] ?? 0,
});
