// Where the tour is: a still line of as many parts as it has stops, and what this one is about.

import { h } from "../dom";
import { nameOf } from "../format";
import type { State } from "../state";
import type { Stop } from "../stops";
import type { Words } from "../words";

export function tour(state: State, words: Words): HTMLElement[] {
  const { tour: on, view } = state;
  if (!on?.stops.length) return [];
  const stop = on.stops[on.at];
  return [
    h("ol", { "aria-hidden": true }, on.stops.map((_, at) => h("li", { class: at === on.at ? "here" : at < on.at ? "been" : null }))),
    h("p", {}, h("span", { class: "place" }, words.tour(on.at + 1, on.stops.length)), " ", h("b", {}, stop ? about(stop, view.lang, words) : ""), " ", h("span", { class: "held", role: "status" }, on.paused ? words.tourHeld : "")),
  ];
}

function about(stop: Stop, lang: State["view"]["lang"], words: Words): string {
  const first = stop.rows[0];
  if (!first) return "";
  const names = stop.rows.map((row) => nameOf(row, lang));
  const sky = first.badges.includes("thunder") ? words.badge.thunder : first.weather ? words.sky[first.weather] : "";
  return words.tourStop[stop.kind](names, sky, first.overdue);
}
