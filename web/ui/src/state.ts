// All that the wall knows at a moment. Panels are functions of it.

import type { Figures } from "./figures";
import type { IssueTiles } from "./map/marks";
import type { Panel, Slot } from "./panels/slots";
import type { Film } from "./replay/film";
import type { Ahead, AreaShape, Board, Changes, City, Issue, IssuePage, IssueStory, Named, OrderPage, PointRow, Problem, Reasons, Row } from "./types";
import type { Tour } from "./tour";
import type { Levels, Place, View } from "./view";

export type Link = "connecting" | "open" | "lost";

export interface Sheet {
  query: Record<string, string>; // of /api/v1/issues; empty when one issue is shown
  where: string; // whose issues
  net: number | null; // of a window: the number clicked, less what was taken back of what was due before
  issues: Issue[];
  total: number | null; // null until the first page came
  next: string | null;
  busy: boolean;
  story: IssueStory | null; // the one whose events are open
  problem: Problem | null;
}

/** The report being chosen or made. */
export interface Making {
  format: string | null; // what is being made; null: the choice is open
  started: number; // ms
  share: number | null; // of the file that has come; null: the server is still at it
  problem: Problem | null;
}

/** The first of what is overdue or, with nothing overdue, of what is open. */
export interface Urgent extends IssuePage {
  state: "overdue" | "open";
}

/** The time line: its film, the step under the head, what changed with it. */
export interface ReplayState {
  film: Film | null;
  base: Film | null; // of the level in colour beneath counts of the whole city
  cells: Film | null; // of the cells within the areas shown
  ahead: Ahead | null;
  changes: Changes | null;
  step: number | null; // null: now
  playing: boolean;
  pace: number; // row of PACES
  applied: number; // frames shown since the page was opened
  busy: boolean;
  problem: Problem | null;
}

export interface State {
  view: View;
  cities: City[] | null;
  city: City | null;
  levels: Levels;
  board: Board | null; // of the level shown, within the area looked at
  around: Board[]; // of the levels of the area looked at and what it lies in, coarse to fine
  cells: Board | null;
  units: Board | null; // by responsibility: all units
  shapes: Map<string, AreaShape[]>; // by level
  borders: number; // the boundary version of `shapes`: that of the day shown
  urgent: Urgent | null;
  newest: IssuePage | null;
  orders: OrderPage | null; // what leaders ordered here: what still runs, then the last that were done
  figures: Figures | null; // of the panels
  tabs: Partial<Record<Slot, Panel>>; // which of the panels that share a place was chosen
  kind: string | null; // of the units ranked; null: the first
  why: Place | null; // whose weather is explained, beside the area looked at
  asked: boolean; // whether the weather of the area looked at is explained
  reasons: Reasons | null; // the issues to clear first
  marks: Issue[]; // to be marked on the map where no tiles know them
  issueTiles: IssueTiles | null; // the present version
  points: PointRow[]; // declared points of what is looked at, when close
  kinds: ReadonlyMap<string, Named>; // of points
  sheet: Sheet | null;
  making: Making | null;
  replay: ReplayState;
  link: Link;
  dataAt: number; // up to when what is shown is known to be all there is: the server's clock, ms; 0: not known
  now: number; // the server's clock, ms
  problem: Problem | null;
  tour: Tour | null; // while somebody is shown around
}

export function firstState(view: View): State {
  return {
    view, cities: null, city: null, levels: { shown: null, cells: null, weather: false }, board: null, around: [], cells: null, units: null,
    shapes: new Map(), borders: 0, urgent: null, newest: null, orders: null, marks: [], issueTiles: null, points: [], kinds: new Map(), figures: null, tabs: {}, kind: null, why: null, asked: false, reasons: null, sheet: null, making: null, replay: { film: null, base: null, cells: null, ahead: null, changes: null, step: null, playing: false, pace: 0, applied: 0, busy: false, problem: null }, link: "connecting", dataAt: 0, now: Date.now(), problem: null, tour: null,
  };
}

/** The past instant that the wall shows; null: now. A city whose records ended long ago is shown as of the last, and says so. */
export const shownInstant = (view: View, city: City): string | null => view.at ?? city.past_at;

/** The boundary version that a day is shown in: its own or, as known today, the newest. */
export function bordersOf(city: City, at: string | null, as: View["as"] | null): number {
  const then = at && as !== "known" ? city.boundaries.findLast(({ from }) => Date.parse(from) <= Date.parse(at)) : null;
  return then?.version ?? (at && as !== "known" ? city.boundaries[0]?.version : null) ?? city.boundary_version;
}

/** The row that a place has in any board at hand. */
export function rowOf(state: State, place: Place): Row | null {
  const boards = [state.board, ...state.around, state.units];
  for (const board of boards) {
    const found = board?.areas.find((row) => row.code === place.code && (row.level === place.level || board.level === place.level));
    if (found) return found;
  }
  return null;
}

export function shapeOf(state: State, place: Place): AreaShape | null {
  return state.shapes.get(place.level)?.find((shape) => shape.code === place.code) ?? null;
}

/** The area looked at and what it lies in, coarse to fine, without the whole city. */
export function lineage(state: State): { place: Place; shape: AreaShape | null }[] {
  const chain = state.city?.levels.map(({ level }) => level) ?? [];
  const found: { place: Place; shape: AreaShape | null }[] = [];
  let place = state.view.area;
  while (place && place.level !== chain[0]) {
    const shape = shapeOf(state, place);
    found.unshift({ place, shape });
    const above = chain[chain.indexOf(place.level) - 1];
    place = shape?.parent && above ? { level: above, code: shape.parent } : null;
  }
  return found;
}
