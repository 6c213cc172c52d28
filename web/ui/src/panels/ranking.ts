// Units ranked by what they did in time this month, each among its own kind. Dot now, ring last month, joined.

import { h } from "../dom";
import { count, nameOf, rate } from "../format";
import type { State } from "../state";
import type { Ranked, RankedKind, Ranking } from "../types";
import type { Words } from "../words";
import { figure } from "./figure";
import { head } from "./slots";
import { titles } from "./titles";

export function kindsOf(found: Ranking): RankedKind[] {
  const filled = found.kinds.filter(({ ranked }) => ranked.length > 0);
  return [...filled].sort((a, b) => Number(b.kind === "town") - Number(a.kind === "town"));
}

export function ranking(state: State, words: Words): HTMLElement[] {
  const { city, figures, view } = state;
  const found = figures?.ranking;
  const kinds = found ? kindsOf(found) : [];
  const shown = kinds.find(({ kind }) => kind === state.kind) ?? kinds[0];
  if (!found || !shown || !city) return [];
  const rates = shown.ranked.flatMap(({ rate: now, last }) => [now ?? 1, last?.rate ?? 1]);
  const [good, , bad] = city.thresholds.flow;
  const low = Math.max(0, Math.floor(Math.min(...rates, bad - 0.02) * 20) / 20);
  const place = (share: number) => `${(((share - low) / (1 - low)) * 100).toFixed(2)}%`;
  const percent = (share: number) => `${Number((share * 100).toFixed(1))}%`;
  const choice = kinds.length > 1
    ? h("p", { class: "kinds", role: "group", "aria-label": words.kindTitle }, kinds.map(({ kind }) => h("button", { type: "button", "data-act": "kind", "data-value": kind, "aria-pressed": String(kind === shown.kind) }, kindName(kind, words))))
    : null;
  const left = [
    ...(shown.small.length ? [words.fewDue(shown.small.length, found.sample)] : []),
    ...(shown.without_due ? [words.noneDue(shown.without_due)] : []),
  ];
  return [
    head(state, words, "rank", titles(state, words), h("i", { class: "ring full", "aria-hidden": true }), words.rankKey, h("i", { class: "ring", "aria-hidden": true }), words.lastMonth),
    choice,
    h("div", { class: "scroll", tabindex: shown.ranked.length > 9 ? 0 : null, role: shown.ranked.length > 9 ? "region" : null, "aria-label": shown.ranked.length > 9 ? words.panel.rank : null },
      h("table", { class: shown.ranked.some((entry) => isLong(unitName(entry, state))) ? "ranks long" : "ranks" },
        h("thead", {}, h("tr", {}, h("td", { colspan: 2 }), h("th", { scope: "col", class: "bands" }, h("span", { style: `left:0` }, words.below(percent(bad))), h("span", { style: `right:0` }, `≥ ${percent(good)}`)), h("th", { scope: "col" }, words.onTimeRate), h("th", { scope: "col" }, words.due))),
        h("tbody", {}, shown.ranked.map((entry) => line(entry, found, state, words, place, [bad, good]))))),
    left.length ? h("p", { class: "quiet left-out" }, left.join(view.lang === "zh" ? "，" : ", ")) : null,
  ].filter((part): part is HTMLElement => part !== null);
}

/** Too long to stand beside its track. */
const isLong = (name: string): boolean => [...name].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 1 : 0.55), 0) > 5.2;

export const kindName = (kind: string, words: Words): string => words.kinds[kind] ?? kind;

function line(entry: Ranked, found: Ranking, state: State, words: Words, place: (share: number) => string, [bad, good]: [number, number]): HTMLElement {
  const now = entry.rate ?? 0;
  const before = entry.last?.rate ?? null;
  const [from, to] = before === null ? [now, now] : [Math.min(now, before), Math.max(now, before)];
  const said = words.rankSaid(rate(entry.rate, 1), count(entry.on_time), count(entry.due), before === null ? null : rate(before, 1));
  const strip = h(
    "div",
    { class: "strip", role: "img", "aria-label": said, title: said },
    h("u", { style: `left:0;width:${place(bad)}` }),
    h("u", { style: `left:${place(good)};right:0` }),
    h("s", { style: `left:${place(from)};right:calc(100% - ${place(to)})` }),
    before === null ? null : h("i", { class: "was", style: `left:${place(before)}` }),
    h("i", { class: "now", style: `left:${place(now)}` }),
  );
  const scope = { city: state.city?.code ?? "", at: found.at, unit: entry.unit };
  return h(
    "tr",
    { "data-key": entry.unit, "data-unit": entry.unit },
    h("td", { class: "place" }, entry.place ?? ""),
    h("th", { scope: "row" }, unitName(entry, state)),
    h("td", { class: "track" }, strip),
    h("td", { class: now < bad ? "rate alert" : "rate" }, `${rate(entry.rate, 1)}%`),
    h("td", { class: "due" }, figure(entry.due, "due", scope, words, { from: found.from })),
  );
}

/** A unit that governs an area goes by the area's name. */
export function unitName(entry: Ranked, state: State): string {
  const shape = entry.area ? [...state.shapes.values()].flat().find(({ code }) => code === entry.area) : null;
  return nameOf(shape ?? entry, state.view.lang);
}
