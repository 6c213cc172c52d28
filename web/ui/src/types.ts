// Shapes of the answers of /api/v1 (the OpenAPI document is the reference).

export type Lang = "zh" | "en";
export type By = "place" | "responsibility";
export type Sky = "sunny" | "cloudy" | "overcast" | "rain" | "unvisited";
export type Badge = "thunder" | "long_overdue" | "small_sample" | "unvisited_part";
export type GateName = "flow" | "stock" | "long_overdue" | "suspended" | "coverage";

export interface Both {
  zh: string;
  en: string;
}

export interface Named {
  code: string;
  name: string;
  name_en: string;
}

export interface LevelInfo {
  level: string;
  name: string;
  name_en: string;
  weather: boolean; // false: counts only, never weather
}

export interface Thresholds {
  flow: [number, number, number];
  stock: [number, number, number];
  coverage: [number, number];
}

export interface City extends Named {
  timezone: string;
  levels: LevelInfo[]; // the chain, coarse to fine
  overlays: LevelInfo[];
  boundary_version: number;
  boundaries: { version: number; from: string }[]; // all there were, oldest first
  schematic: boolean;
  schematic_note: Both | null;
  review_number: string;
  attribution: string;
  demo: boolean;
  demo_from: string | null;
  demo_to: string | null;
  data_to: string | null;
  past_at: string | null; // where its newest record is so old that the city is shown as of it
  coverage: boolean;
  thresholds: Thresholds;
  bbox: [number, number, number, number];
  basemap: Basemap | null;
}

/** Streets beneath the weather: tiles of this server, or of Tianditu. */
export interface Basemap {
  kind: "vector" | "raster";
  tiles: string;
  names: string | null; // a raster of names, above
  minzoom: number;
  maxzoom: number;
  bounds: [number, number, number, number] | null;
  layers: string[]; // of vector tiles
  attribution: string;
}

export interface Gate {
  gate: GateName;
  weather: Sky | null;
  value: number | null;
  numbers: Record<string, number>;
  limit_text: Both;
}

export interface Why {
  gate: GateName | "none";
  held: boolean;
  small_sample: boolean;
  gates: Gate[];
  sentence: Both;
  turn: { to: Sky | null; sentence: Both; steps: { count: number; what: string; sentence: Both }[] } | null;
}

export interface Row extends Named {
  id: number;
  level: string;
  parent: string | null;
  unit?: string;
  kind?: string;
  notified: number;
  rectified: number;
  open: number;
  overdue: number;
  ordered: number; // open, under a leader's order
  listed: number; // open, publicly listed
  red_overdue: number;
  due: number;
  on_time: number;
  long_overdue: number;
  suspended: number;
  extended: number;
  declared: number;
  covered: number;
  rectification_rate: number | null;
  on_time_rate: number | null;
  weather: Sky | null;
  why: Why | null;
  badges: Badge[];
}

export interface Totals extends Row {
  unlocated?: number;
  sentence: Both;
}

export interface Board {
  level: string;
  parent: string | null;
  by: By;
  at: string;
  from: string | null;
  as: "looked" | "known";
  boundary_version: number;
  fold: number;
  totals: Totals;
  areas: Row[];
  counted?: number; // so many areas there are, where those without anything have no row
}

export interface AreaShape extends Named {
  id: number;
  parent: string | null;
  bbox: [number, number, number, number];
  label: [number, number];
  label_width_m: number;
  label_height_m: number;
}

export interface Issue {
  id: number;
  number: string;
  state: string;
  state_name: Both;
  category: Named;
  red_line: boolean;
  unit: Named | null;
  area: (Named & { level: string }) | null;
  reported_at: string | null;
  notified_at: string | null;
  deadline: string | null;
  fed_back_at: string | null;
  rectified_at: string | null;
  lon: number | null;
  lat: number | null;
  address: string;
  overdue: boolean;
  ordered: boolean;
  listed: boolean;
}

/** A declared point as it stands. */
export interface PointRow extends Named {
  kind: string;
  lon: number;
  lat: number;
  last_visit: string | null;
  visited: boolean;
  open: number;
  overdue: number;
}

export interface IssuePage {
  issues: Issue[];
  total: number;
  next: string | null;
}

export interface IssueEvent {
  seq: number;
  at: string;
  move: string;
  move_name: Both;
  data?: Record<string, unknown>;
}

export interface IssueStory extends Issue {
  events: IssueEvent[];
  photos: { seq: number; shown: string; thumb: string }[];
  receipt: Record<string, unknown> | null;
}

export interface Frame {
  fold: number;
  at: string;
  totals: Totals;
  areas: Row[];
}

export interface Hello {
  fold: number;
  now: string; // the server's clock
  data_at: string; // all that was known up to then is in fold `fold`
  version: string; // of the program and its pages
  boundary_version: number;
  pack_version?: number;
}

export interface Problem {
  title: string;
  status: number;
  detail: string;
  remedy: string;
}

/** All points of a city: rows in the order of `fields`, their areas in that of `levels`. */
export interface PointsAnswer {
  city: string;
  at: string;
  fold: number;
  levels: string[];
  total: number;
  visited: number;
  open: number;
  overdue: number;
  kinds: Named[];
  units: (Named & { kind: string })[];
  fields: string[];
  points: unknown[][];
}

export interface PointStory extends Named {
  at: string;
  areas: (string | null)[];
  address: string;
  lon: number;
  lat: number;
  last_visit: string | null;
  visited: boolean;
  open: number;
  overdue: number;
  kind: Named | null;
  unit: (Named & { kind: string; head: string | null }) | null;
  standards: (Named & { clause: string })[];
  visits: { kind: string; at: string; until: string; by: string | null }[];
  issues: { total: number; first: Issue[] };
}

export type OrderState = "overdue" | "open" | "to_check" | "in_term" | "late" | "void";

/** What a leader ordered, and what has come of it. */
export interface Order {
  number: string | null; // of the issue …
  order: number | null; // … or of the order on a unit or its town
  seq: number;
  kind: "order" | "list_publicly" | "urge";
  kind_name: Both;
  text: string;
  by: { role: string; title: string } | null;
  state: OrderState;
  state_name: Both;
  category: Named | null;
  unit: Named | null;
  area: (Named & { level: string }) | null;
  place: (Named & { level: string }) | null; // the finest area that people speak of
  at: string;
  until: string | null;
  fed_back_at: string | null;
  passed_at: string | null;
  address: string;
}

export interface OrderPage {
  orders: Order[];
  counts: Partial<Record<OrderState, number>>;
  total: number;
  at: string;
  next: string | null;
}

/** One city-local day; the last one of a trend goes on. */
export interface Day {
  day: string; // 2026-11-23
  from: string;
  to: string;
  whole: boolean;
  notified: number;
  rectified: number;
  due: number;
  on_time: number;
}

export interface Trend {
  at: string;
  days: Day[];
}

export interface Part extends Named {
  notified: number;
  rectified: number;
  due: number;
  on_time: number;
  open: number;
  overdue: number;
}

export interface Parts {
  of: "source" | "special" | "category";
  from: string | null;
  at: string;
  parts: Part[];
}

export interface Outcome {
  due: number;
  on_time: number;
  rate: number | null;
}

export interface Ranked extends Outcome {
  place?: number; // none: too few due to judge
  unit: string; // code
  name: string;
  name_en: string;
  area: string | null;
  last: Outcome | null;
}

export interface RankedKind {
  kind: string;
  ranked: Ranked[];
  small: Ranked[];
  without_due: number;
}

export interface Ranking {
  at: string;
  from: string;
  last_from: string;
  last_to: string;
  sample: number;
  kinds: RankedKind[];
}

export interface Change extends Named {
  level: string;
  parent: string | null;
  unit?: string;
  open: number;
  overdue: number;
  from: Sky;
  to: Sky;
  better: boolean;
  step: number;
  gate: GateName;
  now: Gate | null; // that gate, now and then
  before: Gate | null;
  events?: Turned[]; // where asked for
}

/** Issues that moved the gate of a change, one way: how many, the first of them, and their list. */
export interface Turned {
  state: string;
  total: number;
  first: Issue[];
  query: Record<string, string>;
}

/** What is known to fall due, day by day. */
export interface Ahead {
  at: string;
  days: { day: string; from: string; to: string; falls_due: number }[];
  total: number;
}

export interface Changes {
  level: string;
  from: string;
  at: string;
  changes: Change[];
}

/** For each state that a gate counts: how many issues, and the first of them. */
export interface Reasons {
  level: string;
  code: string;
  at: string;
  issues: Record<string, { total: number; first: Issue[] }>;
}
