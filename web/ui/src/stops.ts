// Where the tour goes, by rule from the data: the city; each town that rains, is overcast or has thunder, the worst first,
// with its worst community; the unit that must act; what recovered since yesterday; what is not visited; and back.

import { worstFirst } from "./theme";
import type { Board, By, Row } from "./types";
import type { Place } from "./view";

export type StopKind = "city" | "area" | "worst" | "unit" | "recovered" | "unvisited";

export interface Stop {
  kind: StopKind;
  area: Place | null; // what is looked at
  why: Place | null; // whose weather is explained; null: that of what is looked at
  by: By;
  rows: Row[]; // what the stop is about
}

export interface TourData {
  by: By; // how the tour looks at the city
  board: Board; // the first level below the city
  before: Board | null; // the same a day ago
  units: Board | null;
  inside: ReadonlyMap<string, Board>; // the level below, of areas by code
}

const UNITS = 3; // by responsibility: so many units
const UNVISITED = 3;

const bad = (row: Row): boolean => row.weather === "rain" || row.weather === "overcast" || row.badges.includes("thunder");
const thunderFirst = (rows: readonly Row[]): Row[] => [...rows].sort((a, b) => Number(b.badges.includes("thunder")) - Number(a.badges.includes("thunder")));
const placeOf = (board: Board, row: Row): Place => ({ level: board.level, code: row.code });

/** Areas that a tour goes into: their inner boards are needed for `stopsOf`. */
export const troubled = (board: Board): Row[] => thunderFirst(worstFirst(board.areas.filter(bad)));

export function stopsOf({ by, board, before, units, inside }: TourData): Stop[] {
  const city: Stop = { kind: "city", area: null, why: null, by, rows: [board.totals] };
  const towns = troubled(board);
  return [city, ...(by === "place" ? towns.flatMap((row) => into(board, row, inside.get(row.code))) : []), ...acting(units, by), ...recovered(board, before, by), ...unvisited(board, by)];
}

function into(board: Board, row: Row, inner: Board | undefined): Stop[] {
  const area = placeOf(board, row);
  const worst = inner && worstFirst(inner.areas.filter((one) => bad(one) || one.overdue > 0))[0];
  const stop: Stop = { kind: "area", area, why: null, by: "place", rows: [row] };
  return inner && worst ? [stop, { kind: "worst", area: placeOf(inner, worst), why: null, by: "place", rows: [worst, row] }] : [stop];
}

/** Who must act: the unit with most overdue; where the tour looks by responsibility, the first few. */
function acting(units: Board | null, by: By): Stop[] {
  const rows = units ? worstFirst(units.areas.filter((row) => row.overdue > 0 || bad(row))) : [];
  return rows.slice(0, by === "responsibility" ? UNITS : 1).map((row) => ({ kind: "unit", area: null, why: { level: "unit", code: row.code }, by: "responsibility", rows: [row] }));
}

function recovered(board: Board, before: Board | null, by: By): Stop[] {
  const was = new Map(before?.areas.map((row) => [row.code, row]));
  const rows = worstFirst(board.areas).filter((row) => {
    const old = was.get(row.code);
    return old && bad(old) && (row.weather === "sunny" || row.weather === "cloudy") && !bad(row);
  });
  const first = rows[0];
  return first ? [{ kind: "recovered", area: null, why: placeOf(board, first), by, rows }] : [];
}

const unvisited = (board: Board, by: By): Stop[] =>
  board.areas
    .filter(({ weather }) => weather === "unvisited")
    .slice(0, UNVISITED)
    .map((row) => ({ kind: "unvisited", area: by === "place" ? placeOf(board, row) : null, why: by === "place" ? null : placeOf(board, row), by, rows: [row] }));
