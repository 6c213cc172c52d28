// Which points, and how many there would be behind each other choice: one walk over all points.

import type { Place } from "../view";
import type { Point, Points, Sort } from "./points";

export interface Filter {
  visited: "yes" | "no" | null; // within 30 days
  state: "open" | "overdue" | null; // has issues that are so
  kind: string | null;
  area: Place | null;
  unit: string | null;
  q: string;
  inView: boolean;
}

export type Facet = "visited" | "state" | "kind" | "area" | "unit" | "q" | "inView";
export const FACETS: readonly Facet[] = ["visited", "state", "kind", "area", "unit", "q", "inView"];
export const NO_FILTER: Filter = { visited: null, state: null, kind: null, area: null, unit: null, q: "", inView: false };

export type Bounds = readonly [west: number, south: number, east: number, north: number];

export interface Found {
  points: Point[]; // in the order asked for
  /** For each facet, how many points each choice would leave while the other filters stay. */
  counts: { visited: Map<string, number>; state: Map<string, number>; kind: Map<string, number>; unit: Map<string, number>; area: Map<string, number> };
  /** How many points there would be without the filter of one facet. */
  without: Map<Facet, number>;
}

export const isOn = (filter: Filter, facet: Facet): boolean => Boolean(filter[facet]);

export function find(points: Points, filter: Filter, sort: Sort, view: Bounds | null): Found {
  const { area } = filter;
  const level = area ? points.levels.indexOf(area.level) : -1;
  const words = filter.q.toLowerCase().split(/\s+/u).filter(Boolean);
  const found: Point[] = [];
  const counts = { visited: new Map<string, number>(), state: new Map<string, number>(), kind: new Map<string, number>(), unit: new Map<string, number>(), area: new Map<string, number>() };
  const without = new Map<Facet, number>();
  const add = <K>(map: Map<K, number>, key: K): void => void map.set(key, (map.get(key) ?? 0) + 1);
  for (const point of points.orders[sort]) {
    let fails: Facet | null = null;
    let failed = 0;
    const check = (facet: Facet, ok: boolean): void => {
      if (ok) return;
      fails = facet;
      failed += 1;
    };
    if (filter.visited) check("visited", point.visited === (filter.visited === "yes"));
    if (filter.state) check("state", point[filter.state] > 0);
    if (filter.kind) check("kind", point.kind === filter.kind);
    if (area) check("area", level >= 0 && point.areas[level] === area.code);
    if (filter.unit) check("unit", point.unit === filter.unit);
    if (words.length) check("q", words.every((word) => point.text.includes(word)));
    if (filter.inView && view) check("inView", point.lon >= view[0] && point.lon <= view[2] && point.lat >= view[1] && point.lat <= view[3]);
    if (failed > 1) continue;
    const but = (facet: Facet): boolean => failed === 0 || fails === facet;
    if (but("visited")) add(counts.visited, point.visited ? "yes" : "no");
    if (but("state") && point.open > 0) add(counts.state, "open");
    if (but("state") && point.overdue > 0) add(counts.state, "overdue");
    if (but("kind")) add(counts.kind, point.kind);
    if (but("unit") && point.unit) add(counts.unit, point.unit);
    if (but("area")) point.areas.forEach((code, at) => code && add(counts.area, `${points.levels[at] ?? ""}:${code}`));
    if (failed === 0) found.push(point);
    else if (fails) add(without, fails);
  }
  return { points: found, counts, without };
}
