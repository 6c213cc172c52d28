// The map's content as a table, one key away: the same areas, the same numbers, and the reason in words.

import { h } from "../dom";
import { count, nameOf, NONE, rate } from "../format";
import type { State } from "../state";
import { worstFirst } from "../theme";
import type { Board, Row } from "../types";
import type { Words } from "../words";
import { figure, scopeOf } from "./figure";
import { levelInfo } from "./list";
import { moreTables } from "./moretables";

export function table(state: State, words: Words): HTMLElement[] {
  const board = state.units ?? state.board;
  const { city, view } = state;
  if (!board || !city) return [];
  const level = levelInfo(state, board.level);
  const kind = board.level === "unit" ? words.units : level ? nameOf(level, view.lang) : board.level;
  const heads = [kind, words.legend[0] ?? "", words.open, words.overdue, words.longOverdue, words.notified, words.rectified, words.rectificationRate, words.due, words.onTime, words.onTimeRate, ...(city.coverage ? [words.covered] : [])];
  return [
    h("h2", {}, `${nameOf(board.totals, view.lang)} · ${kind} ${count(board.counted ?? board.areas.length)}`, h("button", { type: "button", "data-act": "table" }, words.map)),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": words.tableTitle },
      h("table", {},
        h("thead", {}, h("tr", {}, heads.map((text, at) => h("th", { scope: "col", class: at > 1 ? "num" : "" }, text)))),
        h("tbody", {}, [board.totals as Row, ...worstFirst(board.areas)].map((row, at) => line(state, board, row, at === 0, words)))),
      h("div", { class: "more-tables" }, moreTables(state, words))),
  ];
}

function line(state: State, board: Board, row: Row, total: boolean, words: Words): HTMLElement {
  const { city, view } = state;
  const scope = city ? scopeOf(row, board, city) : {};
  const cell = (value: number, name: string, alert = false) => h("td", { class: "num" }, figure(value, name, scope, words, { class: alert && value ? "alert" : "" }));
  const share = (value: number | null, places: number) => h("td", { class: "num" }, value === null ? NONE : `${rate(value, places)}%`);
  const name = nameOf(row, view.lang);
  const label = total || board.level === "unit" ? name : h("button", { type: "button", "data-act": "area", "data-area": `${board.level}:${row.code}` }, name);
  const sky = row.weather ? words.sky[row.weather] : NONE;
  return h(
    "tr",
    { class: total ? "total" : "", "data-row": `${row.level}:${row.code}` },
    h("th", { scope: "row" }, label),
    h("td", {}, sky, row.badges.map((badge) => h("small", {}, ` ${words.badge[badge]}`)), row.why && h("small", { class: "reason" }, row.why.sentence[view.lang])),
    cell(row.open, "open"), cell(row.overdue, "overdue", true), cell(row.long_overdue, "long_overdue"), cell(row.notified, "notified"), cell(row.rectified, "rectified"),
    share(row.rectification_rate, 2), cell(row.due, "due"), cell(row.on_time, "on_time"), share(row.on_time_rate, 1),
    city?.coverage ? h("td", { class: "num" }, row.declared ? `${count(row.covered)} / ${count(row.declared)}` : NONE) : null,
  );
}
