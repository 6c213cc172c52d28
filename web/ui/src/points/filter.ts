// Which points, and how many there would be behind each other choice: one walk over all points.

import type { Place } from "../view";
import type { Point, Points, Sort } from "./points";

export interface Filter {
  visited: "yes" | "no" | null; // within 30 days
  mine: boolean; // that I keep visiting
  month: boolean; // not visited this month yet
  near: boolean; // within NEAR_M of where the phone is; all, until that is known
  state: "open" | "overdue" | null; // has issues that are so
  kind: string | null;
  area: Place | null;
  unit: string | null;
  q: string;
  inView: boolean;
}

export const NEAR_M = 500;

export type Facet = "visited" | "mine" | "month" | "near" | "state" | "kind" | "area" | "unit" | "q" | "inView";
export const FACETS: readonly Facet[] = ["visited", "mine", "month", "near", "state", "kind", "area", "unit", "q", "inView"];
export const NO_FILTER: Filter = { visited: null, mine: false, month: false, near: false, state: null, kind: null, area: null, unit: null, q: "", inView: false };

export type Bounds = readonly [west: number, south: number, east: number, north: number];

export interface Found {
  points: Point[]; // in the order asked for
  /** For each facet, how many points each choice would leave while the other filters stay. */
  counts: { visited: Map<string, number>; mine: Map<string, number>; month: Map<string, number>; near: Map<string, number>; state: Map<string, number>; kind: Map<string, number>; unit: Map<string, number>; area: Map<string, number> };
  /** How many points there would be without the filter of one facet. */
  without: Map<Facet, number>;
}

export const isOn = (filter: Filter, facet: Facet): boolean => Boolean(filter[facet]);

export function find(points: Points, filter: Filter, sort: Sort, view: Bounds | null): Found {
  const { area } = filter;
  const level = area ? points.levels.indexOf(area.level) : -1;
  const words = filter.q.toLowerCase().split(/\s+/u).filter(Boolean);
  const found: Point[] = [];
  const counts = { visited: new Map<string, number>(), mine: new Map<string, number>(), month: new Map<string, number>(), near: new Map<string, number>(), state: new Map<string, number>(), kind: new Map<string, number>(), unit: new Map<string, number>(), area: new Map<string, number>() };
  const without = new Map<Facet, number>();
  const add = <K>(map: Map<K, number>, key: K): void => void map.set(key, (map.get(key) ?? 0) + 1);
  const checks: [Facet, (point: Point) => boolean][] = [];
  if (filter.visited) checks.push(["visited", (point) => point.visited === (filter.visited === "yes")]);
  if (filter.mine) checks.push(["mine", (point) => point.mine]);
  if (filter.month) checks.push(["month", (point) => point.month === 0]);
  const close = (point: Point): boolean => !points.far || (points.far[point.at] ?? 0) <= NEAR_M;
  if (filter.near) checks.push(["near", close]);
  if (filter.state) checks.push(["state", (point) => point[filter.state ?? "open"] > 0]);
  if (filter.kind) checks.push(["kind", (point) => point.kind === filter.kind]);
  if (area) checks.push(["area", (point) => level >= 0 && point.areas[level] === area.code]);
  if (filter.unit) checks.push(["unit", (point) => point.unit === filter.unit]);
  if (words.length) checks.push(["q", (point) => words.every((word) => point.text.includes(word))]);
  if (filter.inView && view) checks.push(["inView", (point) => point.lon >= view[0] && point.lon <= view[2] && point.lat >= view[1] && point.lat <= view[3]]);
  let fails: Facet | null = null;
  let failed = 0;
  const but = (facet: Facet): boolean => failed === 0 || fails === facet;
  for (const point of points.orders[sort]) {
    [fails, failed] = [null, 0];
    for (const [facet, holds] of checks) {
      if (holds(point)) continue;
      fails = facet;
      failed += 1;
      if (failed > 1) break;
    }
    if (failed > 1) continue;
    if (but("visited")) add(counts.visited, point.visited ? "yes" : "no");
    if (point.mine && but("mine")) add(counts.mine, "yes");
    if (point.month >= 0 && but("month")) add(counts.month, point.month ? "yes" : "no");
    if (points.far && but("near") && close(point)) add(counts.near, "yes");
    if (but("state") && point.open > 0) add(counts.state, "open");
    if (but("state") && point.overdue > 0) add(counts.state, "overdue");
    if (but("kind")) add(counts.kind, point.kind);
    if (but("unit") && point.unit) add(counts.unit, point.unit);
    if (but("area")) for (const place of point.places) add(counts.area, place);
    if (failed === 0) found.push(point);
    else if (fails) add(without, fails);
  }
  return { points: found, counts, without };
}
