// What is looked at, as the address bar holds it: every view can be linked to, and the back button works.

import { isRange } from "./replay/ranges";
import type { By, City, Lang } from "./types";

const RANGE = "30";

export interface Place {
  level: string;
  code: string;
}

export interface View {
  lang: Lang;
  city: string | null; // null: the only one, or the first
  area: Place | null; // null: the whole city
  level: string | null; // what is coloured; null: the next finer level below `area`
  by: By;
  at: string | null; // a past instant; null: now
  as: "looked" | "known"; // a past instant as it looked then, or as it is known today
  range: string; // which days the time line holds, see replay/ranges.ts
  play: boolean;
  table: boolean;
  cartogram: boolean; // tiles without borders instead of the map
  tour: number | null; // seconds a stop; null: nobody is shown around
}

const STOP_S = 12; // tour=1
const LEAST_S = 3;

/** `tour=1`, or the seconds of a stop. */
function pace(text: string | null): number | null {
  const seconds = Number(text);
  return !text || !Number.isFinite(seconds) || seconds <= 0 ? null : seconds === 1 ? STOP_S : Math.max(LEAST_S, seconds);
}

export function readView(search: string): View {
  const query = new URLSearchParams(search);
  const area = query.get("area");
  const split = area ? area.indexOf(":") : -1;
  return {
    lang: query.get("lang") === "en" ? "en" : "zh",
    city: query.get("city"),
    area: area && split > 0 ? { level: area.slice(0, split), code: area.slice(split + 1) } : null,
    level: query.get("level"),
    by: query.get("by") === "responsibility" ? "responsibility" : "place",
    at: query.get("at"),
    as: query.get("as") === "known" ? "known" : "looked",
    range: isRange(query.get("days")) ? String(query.get("days")) : RANGE,
    play: query.get("play") === "1",
    table: query.get("table") === "1",
    cartogram: query.get("view") === "cartogram",
    tour: pace(query.get("tour")),
  };
}

export function writeView(view: View): string {
  const query = new URLSearchParams();
  if (view.lang !== "zh") query.set("lang", view.lang);
  if (view.city) query.set("city", view.city);
  if (view.level) query.set("level", view.level);
  if (view.area) query.set("area", placeText(view.area));
  if (view.by !== "place") query.set("by", view.by);
  if (view.at) query.set("at", view.at);
  if (view.cartogram) query.set("view", "cartogram");
  if (view.as !== "looked") query.set("as", view.as);
  if (view.range !== RANGE) query.set("days", view.range);
  if (view.play) query.set("play", "1");
  if (view.table) query.set("table", "1");
  if (view.tour !== null) query.set("tour", view.tour === STOP_S ? "1" : String(view.tour));
  const text = query.toString().replaceAll("%3A", ":");
  return text ? `?${text}` : "/";
}

export const placeText = (place: Place): string => `${place.level}:${place.code}`;

/** The levels that a view of this city shows, coarse to fine. */
export interface Levels {
  shown: string | null; // coloured, or counted where it has no weather; null below the finest
  cells: string | null; // finer than `shown`, counts only, drawn within the one area looked at
  weather: boolean; // whether `shown` has weather
}

export function levelsOf(city: City, view: Pick<View, "area" | "level">): Levels {
  const chain = city.levels;
  const depth = view.area ? chain.findIndex((entry) => entry.level === view.area?.level) : 0;
  const asked = [...chain, ...city.overlays].find((entry) => entry.level === view.level);
  const next = chain[depth + 1] ?? (chain.length === 1 && !view.area ? chain[0] : undefined);
  const shown = asked && (!view.area || chain.indexOf(asked) > depth) ? asked : view.area && depth < 0 ? undefined : next;
  const finer = shown && view.area ? chain[chain.indexOf(shown) + 1] : undefined;
  return {
    shown: shown?.level ?? null,
    cells: finer && !finer.weather && chain.includes(shown as never) ? finer.level : null,
    weather: shown?.weather ?? false,
  };
}

/** The level in colour beneath counts of the whole city: the first below it, where that has weather. */
export const baseOf = (city: City): string | null => (city.levels[1]?.weather ? city.levels[1].level : null);
