// Why a colour: every gate with its numbers and limits, and what would turn it.

import { h } from "../dom";
import { Calendar, count, nameOf, rate } from "../format";
import { glyph } from "../glyphs";
import { rowOf, type State } from "../state";
import type { Gate, GateName, Row, Why } from "../types";
import type { Words } from "../words";
import { daysBefore, figure, scopeOf, type Scope } from "./figure";
import { issueLine } from "./issues";
import { orderForm } from "../terms";
import { standing } from "./slots";

/** The state whose issues clear a gate; coverage is cleared by visits. */
const CLEARED: Partial<Record<GateName | "none", string>> = { flow: "overdue", stock: "overdue", long_overdue: "long_overdue", suspended: "suspended" };
const SHOWN = 2;

type Part = string | HTMLElement;

export function why(state: State, words: Words): HTMLElement[] {
  const { board, city, view } = state;
  if (!board || !city) return [];
  const own = state.why !== null;
  if (!own && !state.asked && !view.area) return [];
  const row: Row | null = state.why ? rowOf(state, state.why) : board.totals;
  if (!row?.why) return [];
  const title = row.weather ? words.why(words.sky[row.weather]) : words.whyNone;
  const scope = scopeOf(row, board, city);
  const reasons = row.why;
  return [
    h(
      "h2",
      { tabindex: -1, "data-focus": "why" },
      h("span", { class: "lead" }, row.weather && glyph(row.weather), own ? `${nameOf(row, view.lang)} · ${title}` : title),
      row.code !== city.code && h("a", { href: orderForm(row, view.lang) }, words.giveOrder),
      (own || !view.area) && h("button", { type: "button", "data-act": "whynot", "aria-label": words.close }, "✕"),
    ),
    h("ul", { class: "gates" }, order(reasons).map((gate) => gateLine(gate, row, reasons, scope, words, board.at, view.lang))),
    reasons.held && h("p", { class: "note" }, words.held),
    reasons.turn && h("p", { class: "turn" }, h("span", {}, words.turn), h("b", {}, reasons.turn.sentence[view.lang])),
    ...first(state, row, reasons, scope, words),
  ].filter((part): part is HTMLElement => part instanceof HTMLElement);
}

/** The deciding gate first, the others as the rule has them. */
const order = (reasons: Why): Gate[] => [...reasons.gates].sort((a, b) => Number(b.gate === reasons.gate) - Number(a.gate === reasons.gate));

function gateLine(gate: Gate, row: Row, reasons: Why, scope: Scope, words: Words, at: string, lang: State["view"]["lang"]): HTMLElement {
  const decides = gate.gate === reasons.gate;
  const [value, detail] = told(gate, row, scope, words, at);
  return h(
    "li",
    { class: decides ? "decides" : "", "data-gate": gate.gate },
    h("span", { class: `chip on-${gate.weather ?? "none"}`, title: gate.weather ? words.sky[gate.weather] : "" }, gate.weather && glyph(gate.weather), h("span", { class: "hidden" }, gate.weather ? words.sky[gate.weather] : words.noSky)),
    h("div", {}, h("p", {}, h("b", {}, words.gate[gate.gate]), h("span", { class: "value" }, value)), (decides || gate.weather !== "sunny") && h("p", { class: "detail" }, detail), decides && h("p", { class: "limit" }, gate.limit_text[lang])),
  );
}

/** The issues to clear first: those that the deciding gate counts. */
function first(state: State, row: Row, reasons: Why, scope: Scope, words: Words): HTMLElement[] {
  const { reasons: found, city, view } = state;
  const name = CLEARED[reasons.gate];
  const some = name && found && found.code === row.code ? found.issues[name] : undefined;
  const below = view.area && !state.why && standing("latest", state) === "urgent"; // then they stand below
  if (!name || !some?.total || !city || !found || below) return [];
  const calendar = new Calendar(city.timezone, view.lang);
  const at = new Date(found.at);
  return [
    h("h3", {}, words.clearFirst, h("span", {}, `${words.state[name]} `, figure(some.total, name, { ...scope, at: found.at }, words))),
    h("ul", { class: "issues two" }, some.first.slice(0, SHOWN).map((issue) => issueLine(issue, at, calendar, view.lang, words))),
  ];
}

/** What a gate saw: the value it judged, and the counts behind it, each opening its list. */
export function told(gate: Gate, row: Pick<Row, "code"> & Partial<Pick<Row, "suspended" | "extended">>, scope: Scope, words: Words, at: string): [Part[], Part[]] {
  const n = (name: string): number => gate.numbers[name] ?? 0;
  switch (gate.gate) {
    case "flow": {
      const from = daysBefore(at, n("days"));
      const [start, of, end] = words.flow(n("days"));
      const parts = [start, figure(n("on_time"), "on_time", scope, words, { from }), of, figure(n("due"), "due", scope, words, { from }), end];
      return [[gate.value === null ? words.tooFew : `${rate(gate.value, 1)}%`], parts];
    }
    case "stock":
      return [
        [figure(n("overdue"), "overdue", scope, words, { class: n("overdue") ? "alert" : "" }), ` ${words.pieces}`],
        [gate.value === null ? words.noIntake : words.ofIntake(gate.value.toFixed(2))],
      ];
    case "long_overdue":
      return [[figure(n("long_overdue"), "long_overdue", scope, words), ` ${words.pieces}`], []];
    case "suspended":
      return [
        [count(n("suspended")), ` ${words.pieces}`],
        row.suspended || row.extended ? [`${words.state["suspended"]} `, figure(row.suspended ?? 0, "suspended", scope, words), ` · ${words.state["extended"]} `, figure(row.extended ?? 0, "extended", scope, words)] : [],
      ];
    case "coverage":
      return [[gate.value === null ? words.noPoints : `${rate(gate.value, 1)}%`], n("declared") ? [`${words.days(n("days"))} ${words.points(count(n("covered")), count(n("declared")))}`] : []];
  }
}
