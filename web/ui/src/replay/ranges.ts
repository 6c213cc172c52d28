// Which days a strip holds: the last week by the hour, 30 or 90 days, a year, or any days from one to another.

import { Calendar } from "../format";
import type { City } from "../types";

export const RANGES = ["week", "30", "90", "365", "own"] as const;
export type RangeName = (typeof RANGES)[number];

export interface Span {
  from: string; // days, both included
  to: string | null; // null: today
  step: "day" | "hour";
}

const DAY_MS = 86_400_000;
const OWN = /^\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d$/u;

export const isRange = (text: string | null): text is string => text !== null && ((RANGES as readonly string[]).includes(text) || OWN.test(text));

export const nameOfRange = (range: string): RangeName => (OWN.test(range) ? "own" : (range as RangeName));

/** The last day that a city's records reach: today, or that of its newest record where that is long ago. */
export function lastDay(city: City, now: number): string {
  const calendar = new Calendar(city.timezone, "zh");
  return calendar.day(new Date(city.past_at ?? now));
}

export function spanOf(range: string, city: City, now: number): Span {
  if (OWN.test(range)) return { from: range.slice(0, 10), to: range.slice(12), step: "day" };
  const last = lastDay(city, now);
  const days = range === "week" ? 7 : Number(range) || 30;
  const first = new Date(Date.parse(`${last}T00:00:00Z`) - (days - 1) * DAY_MS).toISOString().slice(0, 10);
  return { from: first, to: last === new Calendar(city.timezone, "zh").day(new Date(now)) ? null : last, step: range === "week" ? "hour" : "day" };
}

/** `own` starts with what the strip held before. */
export const ownOf = (span: Span, last: string): string => `${span.from}..${span.to ?? last}`;
