// What is said of one point: its line in the list, its card.

import { h } from "../dom";
import { Calendar, count, nameOf, NONE } from "../format";
import { dueText, markOf, placeOf } from "../panels/issues";
import type { AreaShape, City, Issue, Lang, PointStory } from "../types";
import { words as wallWords } from "../words";
import { markElement } from "./marks";
import { distance, metres, type Point, type Points, type Position } from "./points";
import type { PointWords } from "./words";

export interface Said {
  lang: Lang;
  city: City;
  points: Points;
  shapes: ReadonlyMap<string, readonly AreaShape[]>;
  me: Position | null;
  now: number;
  words: PointWords;
  steps: ReadonlyMap<string, number>; // of the walk, from 1; empty while the list has another order
}

const DAY_MS = 86_400_000;

export function visitText(point: Pick<Point, "last" | "visited">, now: number, words: PointWords): string {
  if (point.last === null) return words.never;
  const days = Math.max(0, Math.floor((now - point.last) / DAY_MS));
  return point.visited ? words.since(days) : words.overdueVisit(days);
}

/** The name of the finest area with a name that a point lies in. */
function areaName(areas: readonly (string | null)[], { points, shapes, lang, city }: Said): string {
  const chain = city.levels.filter(({ weather }) => weather).map(({ level }) => level);
  for (const level of chain.reverse()) {
    const code = areas[points.levels.indexOf(level)];
    const shape = code ? shapes.get(level)?.find((one) => one.code === code) : undefined;
    if (shape) return nameOf(shape, lang);
  }
  return "";
}

export function rowOf(point: Point, said: Said): HTMLElement {
  const { lang, words, points, me, now, steps } = said;
  const step = steps.get(point.code);
  const kind = points.kinds.get(point.kind);
  const where = areaName(point.areas, said);
  const issues = point.overdue ? h("em", { class: "alert" }, words.late(point.overdue)) : point.open ? h("em", {}, words.open(point.open)) : null;
  const visit = visitText(point, now, words);
  return h("li", { "data-code": point.code },
    h("button", { type: "button", "data-act": "point", "data-value": point.code },
      markElement(point),
      h("span", { class: "what" }, h("b", {}, nameOf(point, lang)), h("span", {}, [kind && nameOf(kind, lang), where].filter(Boolean).join(" · "))),
      h("span", { class: "side" }, step ? [h("b", {}, words.step(step)), me ? h("span", {}, distance(metres(me, point), lang)) : issues ?? h("span", {}, visit)] : me ? [h("b", {}, distance(metres(me, point), lang)), issues ?? h("span", {}, visit)] : [h("b", { class: point.done ? "quiet" : "" }, visit), issues])));
}

/** The card of a point: `story` is null until it came. */
export function cardOf(point: Point, story: PointStory | null, said: Said, beside: HTMLElement | null = null): HTMLElement[] {
  const { lang, words, city, points, me, now } = said;
  const calendar = new Calendar(city.timezone, lang);
  const listed = (at: string | number) => calendar.listed(new Date(at), new Date(now));
  const kind = points.kinds.get(point.kind);
  const facts = [kind && nameOf(kind, lang), areaName(point.areas, said), me && distance(metres(me, point), lang)].filter(Boolean);
  const unit = story?.unit ? [nameOf(story.unit, lang), lang === "zh" ? story.unit.head : null].filter(Boolean).join(" · ") : story ? NONE : words.loading;
  const visits = story?.visits.map((visit) => h("li", {}, h("time", {}, listed(visit.at)), " ", words.visitKind[visit.kind] ?? visit.kind, lang === "zh" && visit.by ? ` · ${visit.by}` : ""));
  return [
    h("header", {},
      markElement(point),
      h("div", {}, h("h2", { tabindex: -1 }, nameOf(point, lang)), h("p", {}, facts.join(" · "))),
      h("button", { type: "button", class: "close", "data-act": "close", "aria-label": words.close }, "✕")),
    h("p", { class: point.done ? "state" : "state none" }, h("b", {}, visitText(point, now, words)), point.last === null ? null : `${words.lastVisit} ${listed(point.last)}`),
    beside,
    h("dl", {},
      h("dt", {}, words.unitOf), h("dd", {}, unit),
      h("dt", {}, words.code), h("dd", {}, point.code, point.address && ` · ${point.address}`)),
    h("a", { class: "go", href: `geo:${point.lat},${point.lon}?q=${point.lat},${point.lon}(${encodeURIComponent(nameOf(point, lang))})` }, words.navigate),
    ...(story ? [issuesOf(story, said, calendar), standardsOf(story, said), visits?.length ? h("section", {}, h("h3", {}, words.visits), h("ul", { class: "visits" }, visits)) : null] : []),
  ].filter((part): part is HTMLElement => part !== null);
}

function issuesOf(story: PointStory, { lang, words, now }: Said, calendar: Calendar): HTMLElement {
  const wall = wallWords(lang);
  const at = new Date(now);
  const { total, first } = story.issues;
  const line = (issue: Issue): HTMLElement => {
    const kind = markOf(issue, at, calendar);
    return h("li", { "data-issue": issue.number },
      h("i", { class: `m ${kind}`, role: "img", "aria-label": wall.marks[kind] }),
      h("span", {}, h("b", {}, nameOf(issue.category, lang)), h("span", {}, placeOf(issue, lang, wall)), issue.unit && h("small", {}, nameOf(issue.unit, lang)), h("small", {}, issue.number)),
      h("em", { class: issue.overdue ? "alert" : "" }, dueText(issue, at, calendar, lang, wall) || issue.state_name[lang], issue.deadline && h("small", {}, `${wall.deadline} ${calendar.listed(new Date(issue.deadline), at)}`)));
  };
  return h("section", {}, h("h3", {}, words.issues, " ", h("b", {}, count(total))), total ? h("ul", { class: "issues" }, first.map(line)) : h("p", { class: "quiet" }, words.noIssues), total > first.length && h("p", { class: "quiet" }, words.more(total - first.length)));
}

function standardsOf(story: PointStory, { lang, words }: Said): HTMLElement | null {
  if (!story.standards.length) return null;
  return h("section", {}, h("h3", {}, words.standards, " ", h("b", {}, count(story.standards.length))),
    h("ol", { class: "standards" }, story.standards.map((entry) => h("li", {}, nameOf(entry, lang), entry.clause && h("small", {}, entry.clause)))));
}
