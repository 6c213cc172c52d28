// Issues in short: the most urgent that are open, and the newest.

import { h } from "../dom";
import { Calendar, duration, nameOf } from "../format";
import type { State } from "../state";
import type { Issue, Lang } from "../types";
import type { Words } from "../words";
import { figure, scopeOf } from "./figure";
import { head } from "./slots";
import { titles } from "./titles";

export type MarkKind = "open" | "today" | "overdue" | "ordered" | "listed";

export function markOf(issue: Issue, at: Date, calendar: Calendar): MarkKind {
  if (issue.listed) return "listed";
  if (issue.overdue) return "overdue";
  if (issue.ordered) return "ordered";
  return issue.deadline && calendar.day(new Date(issue.deadline)) === calendar.day(at) ? "today" : "open";
}

/** When it is due, in words: 超 3 天 · 今 16:00 · 余 2 天. */
export function dueText(issue: Issue, at: Date, calendar: Calendar, lang: Lang, words: Words): string {
  if (issue.state === "to_check" || issue.state === "suspended") return issue.state_name[lang];
  if (!issue.deadline || issue.state === "rectified") return "";
  const due = new Date(issue.deadline);
  const seconds = (Date.parse(issue.deadline) - at.getTime()) / 1000;
  if (seconds < 0) return issue.overdue ? words.late(duration(-seconds, lang)) : "";
  return calendar.day(due) === calendar.day(at) ? words.today(calendar.time(due)) : words.left(duration(seconds, lang));
}

export function urgent(state: State, words: Words): HTMLElement[] {
  const { urgent: page, city, board, view } = state;
  if (!page?.issues.length || !city || !board) return [];
  const calendar = new Calendar(city.timezone, view.lang);
  const at = new Date(board.at);
  const scope = scopeOf(board.totals, board, city);
  return [
    head(state, words, "urgent", titles(state, words), figure(page.total, page.state, scope, words), h("span", { class: "extra" }, ` · ${page.state === "overdue" ? words.longest : words.urgent}`)),
    h("ul", { class: "issues two" }, page.issues.map((issue) => issueLine(issue, at, calendar, view.lang, words))),
  ];
}

/** What it is, how late, whose it is and where. */
export function issueLine(issue: Issue, at: Date, calendar: Calendar, lang: Lang, words: Words): HTMLElement {
  const kind = markOf(issue, at, calendar);
  return h(
    "li",
    { "data-key": issue.number },
    h("button", { type: "button", "data-act": "issue", "data-number": issue.number },
      h("span", { class: "row" }, h("i", { class: `m ${kind}`, role: "img", "aria-label": words.marks[kind] }), h("b", {}, nameOf(issue.category, lang)), h("em", { class: issue.overdue ? "alert" : "" }, dueText(issue, at, calendar, lang, words))),
      h("span", { class: "unit" }, issue.unit ? nameOf(issue.unit, lang) : words.noUnit),
      h("span", { class: "where" }, placeOf(issue, lang, words))),
  );
}

export function newest(state: State, words: Words): HTMLElement[] {
  const { newest: page, city, board, view, figures } = state;
  if (!page?.issues.length || !city || !board) return [];
  const calendar = new Calendar(city.timezone, view.lang);
  const now = new Date(board.at);
  const today = figures?.trend?.days.at(-1);
  const scope = { ...scopeOf(board.totals, board, city), at: figures?.trend?.at ?? board.at };
  return [
    head(state, words, "newest", titles(state, words), today && !today.whole ? [`${words.todayWord} `, figure(today.notified, "notified", scope, words, { from: today.from })] : null),
    h("ul", { class: "issues one" }, page.issues.map((issue) =>
      h("li", { "data-key": issue.number },
        h("button", { type: "button", "data-act": "issue", "data-number": issue.number },
          h("time", {}, issue.notified_at ? calendar.listed(new Date(issue.notified_at), now) : ""),
          h("b", {}, nameOf(issue.category, view.lang)),
          h("span", { class: "where" }, placeOf(issue, view.lang, words)))))),
  ];
}

/** Where it is: the address where there is one, else its area; unit cells have no names people know, so their code. */
export function placeOf(issue: Issue, lang: Lang, words: Words): string {
  return issue.address || (issue.area ? nameOf(issue.area, lang) || issue.area.code : words.unlocated);
}
