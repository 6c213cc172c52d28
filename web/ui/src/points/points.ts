// Points in memory: read once from the server's compact rows, with every order they can be listed in worked out once,
// so that a filter only walks through an order.

import { nameOf } from "../format";
import type { Lang, Named, PointsAnswer } from "../types";

export interface Point extends Named {
  kind: string;
  unit: string | null;
  areas: readonly (string | null)[]; // in the order of Points.levels
  lon: number;
  lat: number;
  x: number; // Web Mercator, the world from 0 to 1, y southwards
  y: number;
  places: readonly string[]; // LEVEL:CODE of all areas that hold it
  address: string;
  last: number | null; // ms
  visited: boolean; // within 30 days, as the weather counts
  done: boolean; // what marks show: visited this month where that is known, else within 30 days
  open: number;
  overdue: number;
  mine: boolean; // its fixed inspector is who looks; false where nobody is known
  month: number; // visits this month; -1 where that is not known
  text: string; // what the search looks through
  at: number; // index in Points.all
}

export type Sort = "visit" | "overdue" | "distance" | "name" | "walk";
export const SORTS: readonly Sort[] = ["visit", "overdue", "distance", "name", "walk"];

/** What a signed-in inspector knows beside: own points, visits of this month, by code. */
export interface Along {
  mine: ReadonlySet<string>;
  month: ReadonlyMap<string, number>;
  walk: readonly string[]; // own points that wait for this month, in walking order
}

export interface Points {
  far: readonly number[] | null; // metres from where the phone is, by Point.at; null until that is known
  along: Along | null;
  answer: PointsAnswer;
  levels: readonly string[];
  all: readonly Point[];
  byCode: ReadonlyMap<string, Point>;
  kinds: ReadonlyMap<string, Named>;
  units: ReadonlyMap<string, Named>;
  orders: Record<Sort, readonly Point[]>;
}

export interface Position {
  lon: number;
  lat: number;
  accuracy: number; // metres
}

const NAMED = 2; // levels that filters offer

export function readPoints(answer: PointsAnswer, lang: Lang, along: Along | null = null): Points {
  const column = new Map(answer.fields.map((name, at) => [name, at]));
  const value = (row: unknown[], name: string): unknown => row[column.get(name) ?? -1];
  const text = (row: unknown[], name: string): string => (value(row, name) as string | null) ?? "";
  const all = answer.points.map((row, at): Point => {
    const last = value(row, "last_visit") as string | null;
    const [code, name, name_en, address] = [text(row, "code"), text(row, "name"), text(row, "name_en"), text(row, "address")];
    const [lon, lat] = [value(row, "lon") as number, value(row, "lat") as number];
    const areas = value(row, "areas") as (string | null)[];
    return {
      at, code, name, name_en, address,
      kind: text(row, "kind"),
      unit: value(row, "unit") as string | null,
      areas,
      places: areas.flatMap((area, depth) => (area && depth < NAMED ? [`${answer.levels[depth] ?? ""}:${area}`] : [])),
      lon,
      lat,
      x: lon / 360 + 0.5,
      y: 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI),
      last: last ? Date.parse(last) : null,
      visited: value(row, "visited") as boolean,
      done: along ? (along.month.get(code) ?? 0) > 0 : (value(row, "visited") as boolean),
      open: value(row, "open") as number,
      overdue: value(row, "overdue") as number,
      mine: along?.mine.has(code) ?? false,
      month: along ? (along.month.get(code) ?? 0) : -1,
      text: `${name} ${name_en} ${code} ${address}`.toLowerCase(),
    };
  });
  const visit = [...all].sort((a, b) => (a.last ?? 0) - (b.last ?? 0) || a.at - b.at);
  const overdue = [...visit].sort((a, b) => b.overdue - a.overdue || b.open - a.open);
  const collator = new Intl.Collator(lang === "zh" ? "zh-CN" : "en", { numeric: true });
  const name = [...all].sort((a, b) => collator.compare(nameOf(a, lang), nameOf(b, lang)) || a.at - b.at);
  const step = new Map(along?.walk.map((code, k) => [code, k]));
  const walk = step.size ? [...visit].sort((a, b) => (step.get(a.code) ?? step.size) - (step.get(b.code) ?? step.size)) : visit;
  const named = (list: readonly Named[]) => new Map(list.map((entry) => [entry.code, entry]));
  return {
    far: null, answer, along, all, levels: answer.levels,
    byCode: new Map(all.map((point) => [point.code, point])),
    kinds: named(answer.kinds),
    units: named(answer.units),
    orders: { visit, overdue, name, distance: visit, walk },
  };
}

/** The same points, nearest first. */
export function nearestFirst(points: Points, from: Position): Points {
  const far = points.all.map((point) => metres(from, point));
  return { ...points, far, orders: { ...points.orders, distance: [...points.all].sort((a, b) => (far[a.at] ?? 0) - (far[b.at] ?? 0)) } };
}

const EARTH_M = 6_371_008.8; // mean radius

/** Great-circle distance, metres (haversine). */
export function metres(a: { lon: number; lat: number }, b: { lon: number; lat: number }): number {
  const rad = Math.PI / 180;
  const s = Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(s));
}

/** 210 米 · 1.2 公里; 210 m · 1.2 km */
export function distance(m: number, lang: Lang): string {
  const [near, far] = lang === "zh" ? ["米", "公里"] : ["m", "km"];
  return m < 995 ? `${Math.max(10, Math.round(m / 10) * 10)} ${near}` : `${(m / 1000).toFixed(m < 9_950 ? 1 : 0)} ${far}`;
}
