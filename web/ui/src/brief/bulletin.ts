// The brief as words and numbers: what the screen shows and what the picture prints, so that both say the same.

import { Calendar, count, nameOf, rate } from "../format";
import { orderForm, orderHead, orderKey, orderPage, termText } from "../terms";
import { worstFirst } from "../theme";
import type { Change, Gate, Lang, Order, Row, Sky, Why } from "../types";
import type { Facts } from "./load";
import type { Words } from "./words";

export interface Line {
  key: string;
  sky: Sky | null; // the chip before it; null: none
  thunder: boolean;
  mark: "overdue" | "ordered" | null;
  head: string;
  side: string;
  sideAlert: boolean;
  below: string;
  belowSide: string;
  belowAlert: boolean;
  href: string;
}

export interface Section {
  name: "worst" | "better" | "orders";
  title: string;
  note: string;
  counts: Count[]; // in place of the note, each with the list that it counts
  lines: Line[];
  empty: string;
}

export interface Count {
  label: string;
  href: string;
}

export interface Figure {
  label: string;
  value: string;
  href: string | null;
}

export interface Bulletin {
  lang: Lang;
  title: string;
  city: string; // short name
  at: Date;
  clock: string;
  demo: string; // '' for a city's own records
  sky: Sky | null;
  skyName: string;
  thunder: boolean;
  sentence: string;
  figures: Figure[];
  rates: { label: string; of: string; value: string; share: number | null }[];
  since: { title: string; figures: Figure[]; worse: string };
  worst: Section;
  better: Section;
  orders: Section;
  give: string; // the desk's form of an order on it
  note: string; // what must be said of borders
  source: string;
  whole: string; // of the wall
}

const LINES = 3;

export function bulletin(facts: Facts, lang: Lang, w: Words): Bulletin {
  const { city, board, since, place } = facts;
  const { totals } = board;
  const at = new Date(board.at);
  const calendar = new Calendar(city.timezone, lang);
  const short = nameOf(city, lang).replace(/市$/u, "");
  const link = linker(facts, lang);
  const better = facts.changes.filter((change) => change.better);
  const worse = facts.changes.filter((change) => !change.better && !change.unit);
  const list = (state: string, extra: Record<string, string> = {}) => link({ list: new URLSearchParams({ ...scopeOf(facts), state, ...extra }).toString() });
  return {
    lang, city: short, at,
    title: w.title(place ? nameOf(totals, lang) : lang === "zh" ? `${short}文明天气` : short),
    clock: calendar.clock(at),
    demo: city.demo ? w.demo : "",
    sky: totals.weather,
    skyName: totals.weather ? w.sky[totals.weather] : w.noSky,
    thunder: totals.badges.includes("thunder"),
    sentence: totals.sentence[lang],
    figures: [
      { label: w.notified, value: count(totals.notified), href: list("notified") },
      { label: w.rectified, value: count(totals.rectified), href: list("rectified") },
      { label: w.open, value: count(totals.open), href: list("open") },
    ],
    rates: [totals.rectification_rate, totals.on_time_rate].map((share, i) => ({
      label: w.rates[i]?.[0] ?? "", of: w.rates[i]?.[1] ?? "", value: share === null ? "–" : `${rate(share)}%`, share,
    })),
    since: {
      title: w.since,
      figures: [
        { label: w.plus.notified, value: signed(since.totals.notified), href: list("notified", { from: facts.from }) },
        { label: w.plus.rectified, value: signed(since.totals.rectified), href: list("rectified", { from: facts.from }) },
        { label: w.plus.worse, value: count(worse.length), href: null },
        { label: w.plus.better, value: count(better.filter(({ unit }) => !unit).length), href: null },
      ],
      worse: worse.length ? w.turnedWorse(worse.slice(0, LINES).map((change) => `${nameOf(change, lang)} ${w.sky[change.from]}→${w.sky[change.to]}`).join(lang === "zh" ? "、" : ", ")) : "",
    },
    worst: {
      name: "worst", title: w.worst, note: "", counts: [], empty: w.noneWorst,
      lines: worstFirst(board.areas).filter(({ weather, badges }) => weather !== null && (weather !== "sunny" || badges.includes("thunder"))).slice(0, LINES).map((row) => worstLine(row, lang, w, link)),
    },
    better: {
      name: "better", title: w.better, note: w.sinceDay(calendar.listed(new Date(facts.from), at)), counts: [], empty: w.noneBetter,
      lines: better.slice(0, LINES).map((change) => betterLine(change, lang, w, link)),
    },
    orders: {
      name: "orders", title: w.orders, note: "", counts: outcomes(facts, lang, w), empty: w.noOrders,
      lines: facts.orders.orders.map((order) => orderLine(order, at, lang, link)),
    },
    give: orderForm(facts.place, lang),
    note: [city.schematic_note?.[lang], w.review(city.review_number)].filter(Boolean).join(" · "),
    source: city.attribution && w.source(city.attribution),
    whole: link({}),
  };
}

const signed = (value: number): string => (value > 0 ? `+${count(value)}` : count(value).replace("-", "−"));

const scopeOf = ({ city, board, place }: Facts): Record<string, string> => ({ city: city.code, at: board.at, ...(place ? { area: `${place.level}:${place.code}` } : {}) });

type Link = (query: Record<string, string>) => string;

/** An address of the wall. */
const linker = (facts: Pick<Facts, "city" | "place">, lang: Lang): Link => (more) => `/?${query(facts, lang, more)}`;

/** Language, city and place as a query, and more. */
function query({ city, place }: Pick<Facts, "city" | "place">, lang: Lang, more: Record<string, string>): string {
  const all = new URLSearchParams({ ...(lang === "en" ? { lang } : {}), city: city.code, ...(place ? { area: `${place.level}:${place.code}` } : {}), ...more });
  return all.toString().replaceAll("%3A", ":");
}

/** All orders of a list as lines, each with the day on which it was given. */
export function orderLines(orders: Order[], at: Date, facts: Pick<Facts, "city" | "place">, lang: Lang): Line[] {
  const calendar = new Calendar(facts.city.timezone, lang);
  return orders.map((order) => {
    const line = orderLine(order, at, lang, linker(facts, lang));
    return { ...line, side: `${calendar.listed(new Date(order.at), at).replace(/ ?\d\d:\d\d$/u, "")} ${line.side}`.trim() };
  });
}

function worstLine(row: Row, lang: Lang, w: Words, link: Link): Line {
  const thunder = row.badges.includes("thunder");
  const why = [thunder ? (row.listed ? w.thunder.listed : w.thunder.red) : "", reason(row.why, w)].filter(Boolean);
  return {
    key: row.code, sky: row.weather, thunder, mark: null, head: nameOf(row, lang), side: why.at(-1) ?? "", sideAlert: false,
    below: turn(row.why, w) || (why[0] ?? ""), belowSide: row.overdue ? w.overdue(count(row.overdue)) : w.openOf(count(row.open)), belowAlert: row.overdue > 0,
    href: link({ area: `${row.level}:${row.code}` }),
  };
}

/** What would turn it, in few words. */
function turn(why: Why | null, w: Words): string {
  if (!why?.turn) return "";
  const steps = why.turn.steps.map(({ count: n, what }) => w.step[what]?.(count(n)) ?? "");
  return w.turn(steps.filter(Boolean), why.turn.to ? w.sky[why.turn.to] : "");
}

/** The gate that decides, in few words. */
function reason(why: Why | null, w: Words): string {
  const gate = why?.gates.find((entry) => entry.gate === why.gate);
  if (!gate) return why ? w.gate.none : "";
  return said(gate, w);
}

function said({ gate, value, numbers: n }: Gate, w: Words): string {
  const number = (name: string) => count(n[name] ?? 0);
  if (gate === "flow") return value === null ? w.gate.none : w.gate.flow(rate(value, 1), number("on_time"), number("due"));
  if (gate === "stock") return value === null ? w.gate.stockAlone(number("overdue")) : w.gate.stock(number("overdue"), value.toFixed(2));
  if (gate === "long_overdue") return w.gate.long(number("long_overdue"));
  if (gate === "suspended") return w.gate.suspended(number("suspended"));
  return w.gate.coverage(number("covered"), number("declared"));
}

function betterLine(change: Change, lang: Lang, w: Words, link: Link): Line {
  const where = change.unit ? { by: "responsibility" } : { area: `${change.level}:${change.code}` };
  return {
    key: `${change.level}:${change.code}`, sky: change.to, thunder: false, mark: null, head: nameOf(change, lang),
    side: `${w.sky[change.from]} → ${w.sky[change.to]}`, sideAlert: false, below: "", belowSide: "", belowAlert: false, href: link(where as Record<string, string>),
  };
}

function outcomes(facts: Facts, lang: Lang, w: Words): Count[] {
  const { counts } = facts.orders;
  const to = (orders: string) => `/brief?${query(facts, lang, { orders, ...(facts.past ? { at: facts.board.at } : {}) })}`;
  const running = (["overdue", "open", "to_check"] as const).filter((state) => counts[state]).map((state) => ({ label: `${w.ordered[state]} ${count(counts[state] ?? 0)}`, href: to(state) }));
  const inTerm = counts.in_term ?? 0;
  const done = inTerm + (counts.late ?? 0);
  return [...running, ...(done ? [{ label: w.done(count(done)), href: to("done") }, { label: w.inTerm(count(inTerm)), href: to("in_term") }] : [])];
}

function orderLine(order: Order, at: Date, lang: Lang, link: Link): Line {
  const overdue = order.state === "overdue";
  return {
    key: orderKey(order), sky: null, thunder: order.kind === "list_publicly", mark: overdue ? "overdue" : "ordered",
    head: orderHead(order, lang), side: termText(order, at, lang), sideAlert: overdue,
    below: order.text, belowSide: order.category && order.unit ? nameOf(order.unit, lang) : "", belowAlert: false,
    href: order.number ? link({ issue: order.number }) : orderPage(order, lang),
  };
}
