// What stands beside the map, as tables: the same figures, for whoever cannot see a bar or a dot.

import { h, type Child } from "../dom";
import { Calendar, nameOf, NONE, rate } from "../format";
import { shapeOf, type State } from "../state";
import type { Parts, Ranked } from "../types";
import type { Words } from "../words";
import { figure, scopeOf, type Scope } from "./figure";
import { kindName, kindsOf, unitName } from "./ranking";
import { told } from "./why";

type Heads = readonly string[];

export function moreTables(state: State, words: Words): HTMLElement[] {
  const { board, city } = state;
  if (!board || !city) return [];
  const scope = scopeOf(board.totals, board, city);
  const found = [changed(state, words), ranked(state, words), parts(state.figures?.works ?? null, words.panel["works"] ?? "", scope, state, words), parts(state.figures?.sources ?? null, words.panel["sources"] ?? "", scope, state, words), days(scope, state, words)];
  return found.filter((part): part is HTMLElement => part !== null);
}

function section(title: string, heads: Heads, rows: { key: string; cells: Child[] }[], text = 1): HTMLElement | null {
  if (!rows.length) return null;
  const num = (at: number) => (at >= text ? "num" : "");
  return h(
    "section",
    { class: "more-table" },
    h("h3", {}, title),
    h("table", {},
      h("thead", {}, h("tr", {}, heads.map((head, at) => h("th", { scope: "col", class: num(at) }, head)))),
      h("tbody", {}, rows.map(({ key, cells }) => h("tr", { "data-key": key }, cells.map((cell, at) => (at ? h("td", { class: num(at) }, cell) : h("th", { scope: "row" }, cell))))))),
  );
}

function changed(state: State, words: Words): HTMLElement | null {
  const { figures, city, view } = state;
  const found = figures?.changes;
  if (!found || !city) return null;
  const since = words.since(new Calendar(city.timezone, view.lang).time(new Date(found.from)));
  const chain = city.levels.map(({ level }) => level);
  return section(`${words.panel["changes"]} · ${since}`, [words.where, words.legend[0] ?? "", words.why2], found.changes.map((change) => {
    const depth = chain.indexOf(change.level);
    const parent = change.parent && depth > 1 ? shapeOf(state, { level: chain[depth - 1] ?? "", code: change.parent }) : null;
    const scope = scopeOf(change, { at: found.at, by: view.by }, city);
    return { key: `${change.level}:${change.code}`, cells: [`${nameOf(change, view.lang)}${parent ? ` · ${nameOf(parent, view.lang)}` : ""}`, words.turned(words.sky[change.from], words.sky[change.to]), change.now ? [`${words.gate[change.gate]} `, told(change.now, change, scope, words, found.at).map((some) => [some, " "])] : words.gate[change.gate]] };
  }), 3);
}

function ranked(state: State, words: Words): HTMLElement | null {
  const { figures, city } = state;
  const found = figures?.ranking;
  if (!found || !city) return null;
  const outcome = (entry: Ranked) => {
    const scope = { city: city.code, at: found.at, unit: entry.unit };
    return [figure(entry.due, "due", scope, words, { from: found.from }), figure(entry.on_time, "on_time", scope, words, { from: found.from }), entry.rate === null ? NONE : `${rate(entry.rate, 1)}%`, entry.last?.rate == null ? NONE : `${rate(entry.last.rate, 1)}%`];
  };
  const rows = kindsOf(found).flatMap(({ kind, ranked: placed, small }) => [...placed, ...small].map((entry) => ({ key: entry.unit, cells: [unitName(entry, state), kindName(kind, words), entry.place ?? NONE, ...outcome(entry)] })));
  return section(words.panel["rank"] ?? "", [words.unit, words.kindTitle, words.panel["rank"] ?? "", words.due, words.onTime, words.onTimeRate, words.lastMonth], rows, 2);
}

function parts(found: Parts | null, title: string, whole: Scope, { view }: State, words: Words): HTMLElement | null {
  if (!found) return null;
  const columns = ["notified", "rectified", "open", "overdue"] as const;
  return section(title, [title, ...columns.map((column) => words[column])], found.parts.filter(({ notified }) => notified > 0).map((part) => {
    const scope = { ...whole, at: found.at, [found.of]: part.code };
    return { key: part.code, cells: [nameOf(part, view.lang), ...columns.map((column) => figure(part[column], column, scope, words))] };
  }));
}

function days(whole: Scope, { figures, city, view }: State, words: Words): HTMLElement | null {
  const found = figures?.trend;
  if (!found || !city) return null;
  const calendar = new Calendar(city.timezone, view.lang);
  const columns = [["notified", words.notified], ["rectified", words.rectified], ["due", words.due], ["on_time", words.onTime]] as const;
  return section(words.trend(found.days.length), [words.dayTitle, ...columns.map(([, text]) => text)], [...found.days].reverse().map((day) => ({
    key: day.day,
    cells: [`${calendar.date(new Date(day.from))}${day.whole ? "" : ` · ${words.todayWord}`}`, ...columns.map(([column]) => figure(day[column], column, { ...whole, at: day.to }, words, { from: day.from }))],
  })));
}
