// What the brief needs from the API, fetched side by side and judged at one instant.

import { ApiError, getBoard, getChanges, getCities } from "../api";
import { loadOrders } from "../load";
import type { Board, Change, City, OrderPage } from "../types";
import { shownInstant } from "../state";
import type { Place, View } from "../view";

export interface Facts {
  city: City;
  place: Place | null;
  past: boolean; // not of now: an instant asked for, or the last of a city whose records ended
  board: Board; // the scope and what lies in it
  since: Board; // the same, its flows since yesterday 08:00
  changes: Change[];
  from: string; // yesterday 08:00
  orders: OrderPage; // those that still run, the most urgent first, then the last that were done; counts of all
}

export async function load(view: View, signal: AbortSignal): Promise<Facts> {
  const { cities } = await getCities(signal);
  const city = view.city ? cities.find(({ code }) => code === view.city) : cities[0];
  if (!city) throw new ApiError({ title: "", status: 404, detail: view.city ? `city=${view.city}?` : "", remedy: cities.map(({ code, name }) => `${code} (${name})`).join(", ") });
  const depth = view.area ? city.levels.findIndex(({ level }) => level === view.area?.level) : 0;
  const level = (city.levels[depth + 1] ?? city.levels[depth] ?? city.levels[0])?.level ?? "";
  if (view.area && depth < 0) throw new ApiError({ title: "", status: 404, detail: `area=${view.area.level}:${view.area.code}?`, remedy: city.levels.map((entry) => entry.level).join(", ") });
  const parent = view.area?.code ?? null;
  const ask = { city: city.code, level, parent, by: "place" as const };
  const past = shownInstant(view, city);
  const board = await getBoard({ ...ask, at: past }, signal);
  const { at } = board;
  const scope = { city: city.code, at, area: view.area ? `${view.area.level}:${view.area.code}` : null };
  const [places, units, orders] = await Promise.all([
    getChanges({ ...ask, at }, signal),
    view.area ? null : getChanges({ city: city.code, level: "unit", by: "responsibility", at }, signal),
    loadOrders(scope, signal),
  ]);
  const since = await getBoard({ ...ask, at, from: places.from }, signal);
  return {
    city, place: view.area, past: past !== null, board, since, from: places.from,
    changes: [...places.changes, ...apart(units?.changes ?? [], board)],
    orders,
  };
}

/** Units apart from the places' own: a town's government would say the same as the town. */
const apart = (changes: Change[], board: Board): Change[] => changes.filter(({ name }) => !board.areas.some((area) => name.startsWith(area.name)));
