// The areas shown (or, by responsibility, the units) as a list, the worst first: weather, open, overdue, on time.

import { h } from "../dom";
import { nameOf, NONE, rate } from "../format";
import { glyph } from "../glyphs";
import type { State } from "../state";
import { worstFirst } from "../theme";
import type { Board, LevelInfo, Row } from "../types";
import type { Words } from "../words";
import { figure, scopeOf } from "./figure";
import { head } from "./slots";
import { titles } from "./titles";

/** The rows of the list, in its order; the keyboard moves along them. */
export function listed(state: State): { board: Board; rows: Row[] } | null {
  const { board, units, levels } = state;
  if (units) return { board: units, rows: worstFirst(units.areas.filter((row) => row.notified > 0)) };
  if (!board?.areas.length) return null;
  return { board, rows: worstFirst(levels.weather ? board.areas : board.areas.filter((row) => row.open > 0)) };
}

export function levelInfo(state: State, level: string | null): LevelInfo | null {
  return [...(state.city?.levels ?? []), ...(state.city?.overlays ?? [])].find((entry) => entry.level === level) ?? null;
}

export function list(state: State, words: Words): HTMLElement[] {
  const found = listed(state);
  const { city, levels } = state;
  if (!found || !city) return [];
  const { board, rows } = found;
  const kind = titles(state, words)("areas");
  const side = levels.weather || state.units ? [String(rows.length), h("span", { class: "extra" }, ` · ${words.worstFirst}`)] : words.withOpen(String(rows.length), String(board.counted ?? board.areas.length));
  const long = rows.length > (state.view.area ? 7 : 12); // then the list scrolls
  const columns = h("thead", {}, h("tr", {}, ...["", "", words.open, words.overdue, words.onTimeRate].map((text, at) => h(at > 1 ? "th" : "td", at > 1 ? { scope: "col" } : {}, text))));
  return [
    head(state, words, "areas", titles(state, words), side),
    h("div", { class: "scroll", tabindex: long ? 0 : null, role: long ? "region" : null, "aria-label": long ? kind : null },
      h("table", { class: "areas" }, columns, h("tbody", {}, rows.map((row) => line(state, board, row, words))))),
  ];
}

function line(state: State, board: Board, row: Row, words: Words): HTMLElement {
  const { city, view } = state;
  const name = nameOf(row, view.lang);
  const sky = row.weather;
  const scope = city ? scopeOf(row, board, city) : {};
  const place = `${board.level === "unit" ? "unit" : board.level}:${row.code}`;
  const chip = sky
    ? h("button", { class: `chip on-${sky}`, type: "button", "data-act": "why", "data-area": place, "aria-label": words.ask(name, words.sky[sky]), title: words.sky[sky] }, glyph(sky))
    : h("span", { class: "chip" }, board.level === "unit" || state.levels.weather ? NONE : "");
  const badge = row.badges.includes("thunder") ? h("span", { class: "badge", title: words.badge.thunder }, glyph("thunder")) : null;
  const label = board.level === "unit" ? h("span", { class: "go" }, name) : h("button", { class: "go", type: "button", "data-act": "area", "data-area": place }, name);
  return h(
    "tr",
    { class: state.why && state.why.code === row.code ? "chosen" : null, "data-key": place, "data-row": place },
    h("td", { class: "sky" }, chip),
    h("th", { scope: "row" }, label, badge),
    h("td", {}, figure(row.open, "open", scope, words)),
    h("td", {}, row.overdue ? figure(row.overdue, "overdue", scope, words, { class: "alert" }) : h("span", { class: "quiet" }, "0")),
    h("td", { class: "rate" }, row.on_time_rate === null ? NONE : `${rate(row.on_time_rate, 1)}%`),
  );
}
