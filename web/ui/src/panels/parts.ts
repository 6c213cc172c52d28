// What the whole is made of: the special works by what is open, the sources by what came in.

import { h } from "../dom";
import { nameOf } from "../format";
import type { State } from "../state";
import type { Part, Parts } from "../types";
import type { Words } from "../words";
import { figure, scopeOf } from "./figure";
import { head } from "./slots";
import { titles } from "./titles";

/** A bar, open and overdue each: the ten special works, the most open first. */
export function works(state: State, words: Words): HTMLElement[] {
  const found = state.figures?.works;
  if (!found?.parts.length) return [];
  const parts = [...found.parts].sort((a, b) => b.open - a.open || b.overdue - a.overdue || a.code.localeCompare(b.code));
  return panel(state, words, "works", found, parts, "open", ["open", "overdue"]);
}

/** A bar, notified and open each: where reports came from, the most first. */
export function sources(state: State, words: Words): HTMLElement[] {
  const found = state.figures?.sources;
  const parts = [...(found?.parts ?? [])].filter(({ notified }) => notified > 0).sort((a, b) => b.notified - a.notified || a.code.localeCompare(b.code));
  return found && parts.length ? panel(state, words, "sources", found, parts, "notified", ["notified", "open"]) : [];
}

type Shown = "notified" | "open" | "overdue";

function panel(state: State, words: Words, name: "works" | "sources", found: Parts, parts: Part[], bar: Shown, columns: [Shown, Shown]): HTMLElement[] {
  const { board, city, view } = state;
  if (!board || !city) return [];
  const scope = { ...scopeOf(board.totals, board, city), at: found.at };
  const most = Math.max(...parts.map((part) => part[bar]), 1);
  const line = (part: Part) => {
    const own = { ...scope, [found.of]: part.code };
    return h(
      "tr",
      { "data-key": part.code },
      h("th", { scope: "row" }, nameOf(part, view.lang)),
      h("td", { class: "share-bar", "aria-hidden": true }, h("i", { style: `width:${((part[bar] / most) * 100).toFixed(1)}%` })),
      columns.map((column) => h("td", {}, part[column] || column !== "overdue" ? figure(part[column], column, own, words, { class: column === "overdue" ? "alert" : "" }) : h("span", { class: "quiet" }, "0"))),
    );
  };
  return [
    head(state, words, name, titles(state, words), columns.map((column) => h("i", { class: "column-head", "aria-hidden": true }, words[column]))),
    h("table", { class: "parts" },
      h("thead", { class: "hidden" }, h("tr", {}, h("td", { colspan: 2 }), columns.map((column) => h("th", { scope: "col" }, words[column])))),
      h("tbody", {}, parts.map(line))),
  ];
}
