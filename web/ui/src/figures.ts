// What the panels beside the map show, fetched side by side and seldom: days and months do not move by the second.

import { getChanges, getParts, getRanking, getTrend } from "./api";
import { shownInstant } from "./state";
import type { Change, Changes, City, Parts, Ranking, Trend } from "./types";
import { levelsOf, placeText, type View } from "./view";

const FRESH_MS = 15_000;
const COUNTED = 2; // so many levels, from the city down, are counted by category and source

export interface Figures {
  key: string; // of which view
  loaded: number; // ms of a clock that nobody sets
  trend: Trend | null;
  works: Parts | null;
  sources: Parts | null;
  ranking: Ranking | null;
  changes: { from: string; at: string; changes: Change[] } | null;
}

/** The figures of a view; those known are kept while they are of the same view and fresh. */
export async function loadFigures(view: View, city: City, now: number, known: Figures | null, signal: AbortSignal): Promise<Figures> {
  const at = shownInstant(view, city);
  const key = [city.code, view.area ? placeText(view.area) : "", view.level, view.by, at].join(" ");
  if (known && known.key === key && (at !== null || now - known.loaded < FRESH_MS)) return known;
  const chain = city.levels.map(({ level }) => level);
  const scope = { city: city.code, at, area: view.area ? placeText(view.area) : null };
  const counted = !view.area || chain.slice(0, COUNTED).includes(view.area.level);
  const [trend, works, sources, ranking, changes] = await Promise.all([
    getTrend(scope, signal),
    counted ? getParts({ ...scope, of: "special" }, signal) : null,
    counted ? getParts({ ...scope, of: "source" }, signal) : null,
    view.area ? null : getRanking({ city: city.code, at }, signal),
    loadChanges(view, city, at, signal),
  ]);
  return { key, loaded: now, trend, works, sources, ranking, changes };
}

/** What changed on the level shown and, by place, on the next finer one with weather. */
async function loadChanges(view: View, city: City, at: string | null, signal: AbortSignal): Promise<Figures["changes"]> {
  const { shown, weather } = levelsOf(city, view);
  if (!shown || !weather) return null;
  const chain = city.levels.filter((entry) => entry.weather).map(({ level }) => level);
  const below = view.by === "place" && chain.includes(shown) ? chain[chain.indexOf(shown) + 1] : undefined;
  const by = view.area ? "place" : view.by;
  const ask = (level: string) => getChanges({ city: city.code, level, parent: view.area?.code ?? null, by, at }, signal);
  const found: Changes[] = await Promise.all([shown, ...(below && !view.area ? [below] : [])].map(ask));
  return { from: found[0]?.from ?? "", at: found[0]?.at ?? "", changes: found.flatMap(({ changes }) => changes) };
}
