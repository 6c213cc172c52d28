// A frame: what the wall shows of one step of the films, from the columns at hand.

import type { State } from "../state";
import type { Board, City } from "../types";
import type { Look } from "./film";

/** What the map wears: its areas by code, and how many are open in each cell where those have a film. */
export interface Worn {
  areas: ReadonlyMap<string, Look>;
  cells: { ids: readonly number[]; open: ArrayLike<number> } | null;
}

export function wornAt({ replay, levels, view }: State, step: number): Worn {
  const { film, base, cells } = replay;
  if (!film) return { areas: new Map(), cells: null };
  if (levels.weather) return { areas: film.looks(step), cells: cells?.opens(step) ?? null };
  const whole = (): ReadonlyMap<string, Look> => new Map(view.area ? [[view.area.code, levels.shown ? film.whole(step) : film.look(step, view.area.code)]] : []);
  return { areas: view.area ? whole() : (base?.looks(step) ?? new Map()), cells: levels.shown ? film.opens(step) : null };
}

/** The boards of a step, as the panels know them. */
export function boardsAt(state: State, step: number, city: City): Partial<State> {
  const { film, base, cells } = state.replay;
  const { levels, view } = state;
  if (!film) return {};
  const board = film.frame(step, city);
  const inner = state.cells && { ...state.cells, areas: cells?.frame(step, city).areas ?? [] };
  if (levels.weather) return { board, units: null, cells: inner, why: null };
  const own = levels.shown ? board.totals : board.areas.find(({ code }) => code === view.area?.code);
  const alone: Board = levels.shown || !own ? board : { ...board, totals: { ...own, sentence: { zh: `${own.name}。`, en: `${own.name_en || own.name}.` } }, areas: [] };
  const around = view.area && own ? state.around.map((one) => ({ ...one, areas: one.areas.map((row) => (row.code === view.area?.code && row.level === view.area.level ? { ...row, weather: own.weather, badges: own.badges } : row)) })) : base ? [base.frame(step, city)] : state.around;
  return { board: alone, around, units: null, cells: inner, why: null };
}
