// Thirty days: bars for what came in, a line for what was rectified, on one axis from zero. Today is not over yet.

import { h, svg } from "../dom";
import { Calendar, count } from "../format";
import type { State } from "../state";
import type { Day } from "../types";
import type { Words } from "../words";
import { figure, scopeOf } from "./figure";

const WIDTH = 392;
const HEIGHT = 140;
const LEFT = 46; // for the axis
const BELOW = 30;

export function trend(state: State, words: Words): HTMLElement[] {
  const { board, city, view, figures } = state;
  const found = figures?.trend;
  if (!found?.days.length || !board || !city || !found.days.some(({ notified, rectified }) => notified > 0 || rectified > 0)) return [];
  const scope = { ...scopeOf(board.totals, board, city), at: found.at };
  const from = found.days[0]?.from ?? found.at;
  const sum = (name: "notified" | "rectified") => found.days.reduce((all, day) => all + day[name], 0);
  const said = (name: "notified" | "rectified", sign: string) => [`${words[name]} `, figure(sum(name), name, scope, words, { from }), h("i", { class: `sign ${sign}`, "aria-hidden": true })];
  const calendar = new Calendar(city.timezone, view.lang);
  return [
    h("h2", {}, h("span", { class: "title" }, words.trend(found.days.length)), h("span", { class: "aside" }, said("notified", "bars"), " ", said("rectified", "line"))),
    h("div", { class: "chart" }, chart(found.days, (day) => calendar.shortDate(new Date(day.from)), scope, words)),
  ];
}

function chart(days: readonly Day[], dayText: (day: Day) => string, scope: Record<string, string>, words: Words): SVGElement {
  const most = Math.max(...days.map(({ notified, rectified }) => Math.max(notified, rectified)), 1);
  const step = roundStep(most / 2.4);
  const top = Math.max(most, step * 2) * 1.04;
  const y = (value: number) => HEIGHT - (Math.max(value, 0) / top) * (HEIGHT - 12);
  const wide = (WIDTH - LEFT) / days.length;
  const x = (at: number) => LEFT + at * wide;
  const lines = [1, 2, 3].map((k) => k * step).filter((value) => value <= top);
  const grid = lines.map((value) => `<path class="grid" d="M${LEFT} ${y(value)}H${WIDTH}"/><text x="${LEFT - 8}" y="${y(value) + 7}" text-anchor="end">${count(value)}</text>`);
  const bars = days.map((day, at) => {
    const query = new URLSearchParams({ ...scope, state: "notified", from: day.from, at: day.to }).toString().replaceAll("&", "&amp;");
    const title = words.trendDay(dayText(day), count(day.notified), count(day.rectified), day.whole);
    return `<g class="day" data-act="list" data-query="${query}" data-net="${day.notified}"><title>${title}</title><rect class="reach" x="${x(at)}" y="0" width="${wide}" height="${HEIGHT}"/><rect class="${day.whole ? "stick" : "stick part"}" x="${x(at) + wide * 0.12}" y="${y(day.notified)}" width="${wide * 0.76}" height="${HEIGHT - y(day.notified)}"/></g>`;
  });
  const whole = days.map((day, at) => ({ day, at })).filter(({ day }) => day.whole);
  const spots = whole.map(({ day, at }) => `${(x(at) + wide / 2).toFixed(1)} ${y(day.rectified).toFixed(1)}`);
  const end = spots.at(-1)?.split(" ") ?? [];
  const line = spots.length > 1 ? `<path class="out" d="M${spots.join("L")}"/><circle class="end" cx="${end[0]}" cy="${end[1]}" r="4.5"/>` : "";
  const first = days[0];
  const foot = `<path class="zero" d="M${LEFT} ${HEIGHT}H${WIDTH}"/><text x="${LEFT}" y="${HEIGHT + 22}">${first ? dayText(first) : ""}</text><text x="${WIDTH}" y="${HEIGHT + 22}" text-anchor="end">${days.at(-1)?.whole ? dayText(days.at(-1) as Day) : words.todayWord}</text>`;
  return svg(`<svg class="trendline" viewBox="0 0 ${WIDTH} ${HEIGHT + BELOW}" role="img" aria-label="${words.trendLabel}">${grid.join("")}${bars.join("")}${line}${foot}</svg>`);
}

/** 1, 2 or 5 times a power of ten, at least 1. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return ([5, 2, 1].find((step) => step * power <= Math.max(value, 1)) ?? 1) * power;
}
