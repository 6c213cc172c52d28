// What a view needs from the API, fetched side by side.

import { ApiError, getAreas, getBoard, getIssues, getIssueTiles, getOrders, getPointsWithin, type Query } from "./api";
import type { IssueTiles } from "./map/marks";
import { bordersOf, shownInstant, type State, type Urgent } from "./state";
import type { AreaShape, Board, City, Issue, IssuePage, Named, OrderPage, PointRow, Totals } from "./types";
import { baseOf, levelsOf, placeText, type Levels, type Place, type View } from "./view";

const URGENT = 6;
const NEWEST = 8;
const ORDERS = 3;
const MARKS = 2_000;
const PAGE = 500;

export interface Loaded {
  levels: Levels;
  shapes: Map<string, AreaShape[]>;
  borders: number;
  board: Board;
  around: Board[];
  cells: Board | null;
  units: Board | null;
  urgent: Urgent;
  newest: IssuePage;
  orders: OrderPage;
  marks: Issue[];
  issueTiles: IssueTiles | null;
  points: PointRow[];
  kinds: ReadonlyMap<string, Named>;
}

export async function load(view: View, city: City, known: Pick<State, "shapes" | "borders">, signal: AbortSignal): Promise<Loaded> {
  const levels = levelsOf(city, view);
  const at = shownInstant(view, city);
  const as = at && view.as === "known" ? view.as : null; // of now both say the same
  const by = view.area ? "place" : view.by; // inside a town there are no units to answer one by one
  const borders = bordersOf(city, at, as);
  const shapes = await loadShapes(view, { ...city, boundary_version: borders }, levels, borders === known.borders ? known.shapes : new Map(), signal);
  const line = lineOf(view.area, city, shapes);
  const ask = (level: string, parent: string | null) => getBoard({ city: city.code, level, parent, by, at, as }, signal);
  const scope = { city: city.code, at, as, area: view.area ? placeText(view.area) : null };
  const base = baseOf(city); // coloured beneath counts of the whole city
  const aboveOf = (index: number) => (index > 0 ? (line[index - 1]?.code ?? null) : null);
  const tiled = !at && view.area !== null && city.levels.some(({ level }) => level === view.area?.level); // tiles know now, and the chain of areas
  const close = view.area !== null && !levels.weather;
  const [around, shown, cells, units, urgent, newest, orders, marks, issueTiles, near] = await Promise.all([
    Promise.all(line.length || levels.weather || !base ? line.map((place, index) => ask(place.level, aboveOf(index))) : [ask(base, null)]),
    levels.shown ? ask(levels.shown, view.area?.code ?? null) : null,
    levels.cells ? getBoard({ city: city.code, level: levels.cells, parent: view.area?.code ?? null, by: "place", at, as }, signal) : null,
    by === "responsibility" ? ask("unit", null) : null,
    mostUrgent(scope, signal),
    getIssues({ ...scope, state: "notified", limit: NEWEST }, signal),
    loadOrders(scope, signal),
    view.area && !tiled ? allIssues({ ...scope, state: "open" }, signal) : [],
    tiled ? getIssueTiles(city.code, signal) : null,
    close ? getPointsWithin(scope, signal).catch(unlessAborted(signal)) : null,
  ]);
  const board = shown ?? aloneBoard(view, around);
  return { levels, shapes, borders, board, around, cells, units, urgent, newest, orders, marks, issueTiles, points: near?.points ?? [], kinds: new Map((near?.kinds ?? []).map((kind) => [kind.code, kind])) };
}

/** What is overdue, the longest first; nothing overdue: what is open, by its deadline. */
async function mostUrgent(scope: Parameters<typeof getIssues>[0], signal: AbortSignal): Promise<Urgent> {
  const overdue = await getIssues({ ...scope, state: "overdue", limit: URGENT }, signal);
  if (overdue.total) return { ...overdue, state: "overdue" };
  return { ...(await getIssues({ ...scope, state: "open", limit: URGENT }, signal)), state: "open" };
}

/** Orders that still run, the most urgent first, then the last that were done. */
export async function loadOrders(scope: Query, signal: AbortSignal): Promise<OrderPage> {
  const [running, done] = await Promise.all((["current", "done"] as const).map((state) => getOrders({ ...scope, state, limit: ORDERS }, signal))) as [OrderPage, OrderPage];
  return { ...running, orders: [...running.orders, ...done.orders].slice(0, ORDERS), counts: { ...running.counts, ...done.counts }, total: running.total + done.total };
}

/** Shapes of all levels with weather, and of an overlay that is shown; those known stay. */
async function loadShapes(view: View, city: City, levels: Levels, known: State["shapes"], signal: AbortSignal): Promise<State["shapes"]> {
  const wanted = new Set(city.levels.filter(({ weather }) => weather).map(({ level }) => level));
  for (const level of [levels.shown, view.area?.level]) {
    if (level && [...city.levels, ...city.overlays].some((entry) => entry.level === level && (entry.weather || view.area?.level === level))) wanted.add(level);
  }
  const missing = [...wanted].filter((level) => !known.has(level));
  const found = await Promise.all(missing.map((level) => getAreas(city.code, level, city.boundary_version, signal)));
  return new Map([...known, ...missing.map((level, at) => [level, found[at]?.areas ?? []] as const)]);
}

/** The area looked at and what it lies in, coarse to fine. */
function lineOf(area: Place | null, city: City, shapes: State["shapes"]): Place[] {
  const chain = city.levels.map(({ level }) => level);
  const line: Place[] = [];
  for (let place = area; place && place.level !== chain[0]; ) {
    const { level, code } = place;
    line.unshift(place);
    const parent = shapes.get(level)?.find((shape) => shape.code === code)?.parent;
    const above = chain[chain.indexOf(level) - 1];
    place = parent && above && chain.includes(level) ? { level: above, code: parent } : null;
  }
  return line;
}

/** Below the finest level there is nothing to colour: the area's own row is the whole. */
function aloneBoard(view: View, around: Board[]): Board {
  const own = around.at(-1);
  const row = own?.areas.find(({ code }) => code === view.area?.code);
  if (!own || !row) throw new ApiError({ title: "Not found", status: 404, detail: `${view.area ? placeText(view.area) : ""}?`, remedy: "" });
  const reason = row.why?.sentence ?? { zh: "", en: "" };
  const sentence = { zh: `${row.name}${reason.zh && `：${reason.zh}`}。`, en: `${row.name_en || row.name}${reason.en && `: ${reason.en}`}.` };
  const totals: Totals = { ...row, sentence };
  return { ...own, totals, areas: [] };
}

async function allIssues(query: Parameters<typeof getIssues>[0], signal: AbortSignal): Promise<Issue[]> {
  const found: Issue[] = [];
  for (let after: string | null = ""; after !== null && found.length < MARKS; ) {
    const page: IssuePage = await getIssues({ ...query, limit: PAGE, after }, signal);
    found.push(...page.issues);
    after = page.next;
  }
  return found;
}

/** The map stands without its declared points: that they cannot be had is no reason to show nothing. */
const unlessAborted = (signal: AbortSignal) => (error: unknown) => {
  if (signal.aborted) throw error;
  console.error(error);
  return null;
};
