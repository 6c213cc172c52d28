// The list behind a number, and the story of one issue in it.

import { h } from "../dom";
import { Calendar, count, nameOf } from "../format";
import type { Sheet, State } from "../state";
import type { Issue, IssueStory } from "../types";
import type { Words } from "../words";
import { dueText, markOf, placeOf } from "./issues";

export function sheet(state: State, words: Words): HTMLElement[] {
  const { sheet: open, city, view } = state;
  if (!open || !city) return [];
  const calendar = new Calendar(city.timezone, view.lang);
  const at = new Date(open.query["at"] ?? state.now);
  const what = words.state[open.query["state"] ?? ""] ?? "";
  return [
    h("header", {},
      h("h2", { tabindex: -1, "data-focus": "sheet" }, what ? words.listOf(what, open.where) : open.where, open.total === null ? null : h("b", { class: "great" }, count(open.total))),
      h("button", { type: "button", "data-act": "close", "aria-label": words.close }, "✕")),
    open.query["from"] ? h("p", { class: "window" }, `${calendar.listed(new Date(open.query["from"]), at)} – ${calendar.listed(at, at)}`) : null,
    open.net !== null && open.total !== null && open.net !== open.total
      ? h("p", { class: "window net" }, words.net(count(open.net), count(open.total), count(open.total - open.net)))
      : null,
    open.problem ? h("p", { class: "alert" }, open.problem.detail || words.failed) : null,
    h("ol", { class: "issues" }, open.issues.map((issue) => item(issue, open, at, calendar, state, words))),
    open.total === 0 ? h("p", {}, words.emptyList) : null,
    open.next ? h("p", { class: "more", "data-more": open.next }, words.loading) : null,
  ].filter((part): part is HTMLElement => part !== null);
}

function item(issue: Issue, open: Sheet, at: Date, calendar: Calendar, { view }: State, words: Words): HTMLElement {
  const told = open.story?.number === issue.number ? open.story : null;
  const kind = markOf(issue, at, calendar);
  const late = issue.overdue ? "alert" : "";
  const side = dueText(issue, at, calendar, view.lang, words) || issue.state_name[view.lang];
  const when = issue.notified_at ?? issue.reported_at;
  return h(
    "li",
    { "data-key": issue.number, "data-issue": issue.number },
    h("button", { type: "button", "data-act": "issue", "data-number": issue.number, "aria-expanded": String(told !== null) },
      h("span", { class: "row" }, issue.state === "rectified" ? null : h("i", { class: `m ${kind}`, role: "img", "aria-label": words.marks[kind] }), h("b", {}, nameOf(issue.category, view.lang)), h("em", { class: late }, side)),
      h("span", { class: "unit" }, issue.unit ? nameOf(issue.unit, view.lang) : words.noUnit),
      h("span", { class: "where" }, placeOf(issue, view.lang, words)),
      h("span", { class: "row faint" }, h("span", {}, issue.number), when && h("time", {}, calendar.listed(new Date(when), at)))),
    told && story(told, at, calendar, view.lang, words),
    told && desk(told.number, issue, view.lang, words),
  );
}

/** The way to the desk, where whoever is in charge signs in; an unattended wall moves nothing. */
function desk(number: string, issue: Issue, lang: State["view"]["lang"], words: Words): HTMLElement {
  const to = (move: string): string => `/desk/issue/${encodeURIComponent(number)}?${new URLSearchParams({ ...(lang === "en" ? { lang } : {}), ...(move ? { do: move } : {}) }).toString()}`;
  const open = ["handling", "to_check", "suspended"].includes(issue.state);
  return h("p", { class: "desk" }, h("a", { href: to("") }, words.onDesk), open ? h("a", { href: to("order") }, words.giveOrder) : null);
}

function story(told: IssueStory, at: Date, calendar: Calendar, lang: State["view"]["lang"], words: Words): HTMLElement {
  const deadline = told.deadline ? calendar.listed(new Date(told.deadline), at) : "–";
  const receipt = receiptText(told.receipt, words);
  const eventOf = (seq: number): string => told.events.find((event) => event.seq === seq)?.move_name[lang] ?? "";
  return h(
    "div",
    { class: "story" },
    h("dl", {}, h("dt", {}, words.deadline), h("dd", {}, deadline), receipt && h("dt", {}, words.receipt), receipt && h("dd", {}, receipt)),
    told.photos.length ? h("p", { class: "shots" }, told.photos.map((photo) => h("a", { href: photo.shown, target: "_blank" }, h("img", { src: photo.thumb, alt: eventOf(photo.seq), loading: "lazy" })))) : null,
    h("h3", {}, words.events),
    h("ol", {}, told.events.map((event) => h("li", {}, h("time", {}, calendar.listed(new Date(event.at), at)), h("span", {}, event.move_name[lang], spoken(event, at, calendar, words))))),
  );
}

/** What was said with a move, and by when an order wants it done. */
function spoken(event: IssueStory["events"][number], at: Date, calendar: Calendar, words: Words): HTMLElement | null {
  const { note, until } = event.data ?? {};
  const term = until && (event.move === "order" || event.move === "list_publicly") ? words.term(calendar.listed(new Date(String(until)), at)) : "";
  return note || term ? h("small", {}, note ? String(note) : "", note && term ? " · " : "", h("span", { class: "whole" }, term)) : null;
}

/** The receipt's parts that have a word: boundary version, distance to the border, duty, the next nearest. */
function receiptText(receipt: IssueStory["receipt"], words: Words): string {
  const parts = Object.entries(words.receiptPart).map(([name, say]) => [receipt?.[name], say] as const);
  return parts.flatMap(([value, say]) => (value === undefined || value === null || value === "" ? [] : [say(String(value))])).join(" · ");
}
