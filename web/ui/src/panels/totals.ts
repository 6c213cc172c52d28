// The whole in figures: three counts, two rates each with its denominator, and the line that reconciles them.

import { h } from "../dom";
import { rate } from "../format";
import type { State } from "../state";
import type { Totals } from "../types";
import type { Words } from "../words";
import { daysBefore, figure, scopeOf, type Scope } from "./figure";

export function totals(state: State, words: Words): (HTMLElement | null)[] {
  const { board, city } = state;
  if (!board || !city) return [];
  const sum = board.totals;
  const scope = scopeOf(sum, board, city);
  const great = (label: string, value: number, name: string) => h("div", {}, h("dt", {}, label), h("dd", {}, figure(value, name, scope, words, { class: "great" })));
  return [
    h("dl", { class: "counts" }, great(words.notified, sum.notified, "notified"), great(words.rectified, sum.rectified, "rectified"), great(words.open, sum.open, "open")),
    share(words.rectificationRate, [words.rectificationOf], sum.rectification_rate, null),
    share(words.onTimeRate, [`${words.onTimeOf} `, figure(sum.due, "due", scope, words)], sum.on_time_rate, city.thresholds.flow[0]),
    sum.notified ? reconcile(sum, scope, words, board.at) : null,
    asides(sum, scope, words),
  ];
}

function share(label: string, of: (string | HTMLElement)[], value: number | null, limit: number | null): HTMLElement {
  const bar = h("div", { class: "bar", "aria-hidden": true }, h("i", { style: `width:${((value ?? 0) * 100).toFixed(2)}%` }), limit && h("u", { style: `left:${limit * 100}%` }));
  return h(
    "div",
    { class: "share" },
    h("p", {}, h("span", { class: "of" }, h("b", {}, label), h("span", {}, of)), h("span", { class: "great n" }, rate(value), value === null ? null : h("small", {}, "%"))),
    bar,
  );
}

/** 98.73 % of all notified are rectified; 526 open, of them N overdue; in 7 days M due, K on time. */
function reconcile(sum: Totals, scope: Scope, words: Words, at: string): HTMLElement {
  const flow = sum.why?.gates.find(({ gate }) => gate === "flow");
  const [start, share, open, openEnd, overdue, overdueEnd, due, dueEnd, onTime, onTimeEnd, gap] = words.reconcile;
  const days = flow?.numbers["days"] ?? 7;
  const from = daysBefore(at, days);
  const said = (number: HTMLElement, end = "") => h("span", { class: "whole" }, number, end);
  const week = flow
    ? [
        `${words.days(days)}${due}`, said(figure(flow.numbers["due"] ?? 0, "due", scope, words, { from }), dueEnd),
        onTime, said(figure(flow.numbers["on_time"] ?? 0, "on_time", scope, words, { from }), onTimeEnd),
      ]
    : [];
  return h(
    "p",
    { class: "reconcile" },
    start, h("b", {}, `${rate(sum.rectification_rate)}%`), share,
    open, said(figure(sum.open, "open", scope, words), openEnd),
    overdue, said(figure(sum.overdue, "overdue", scope, words, { class: sum.overdue ? "alert" : "" }), overdueEnd), gap,
    week,
  );
}

/** What stands apart from the flow, each only where there is any. */
function asides(sum: Totals, scope: Scope, words: Words): HTMLElement | null {
  const parts: [string, number, string][] = [
    [words.longOverdue, sum.long_overdue, "long_overdue"],
    [words.suspended, sum.suspended, "suspended"],
    [words.unlocated, sum.unlocated ?? 0, "unlocated"],
  ];
  const some = parts.filter(([, value]) => value > 0);
  if (!some.length) return null;
  return h("ul", { class: "asides" }, some.map(([label, value, name]) => h("li", {}, `${label} `, figure(value, name, scope, words))));
}
