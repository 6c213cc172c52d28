// The head of the wall: whose weather, the sentence, the hour and how fresh it all is.

import { h } from "../dom";
import { Calendar, nameOf } from "../format";
import { glyph } from "../glyphs";
import { lineage, shownInstant, type State } from "../state";
import { worstFirst } from "../theme";
import { placeText } from "../view";
import type { Words } from "../words";

const AGED_S = 10;
const LOST_S = 30;

export function masthead(state: State, words: Words): HTMLElement[] {
  const { city, view } = state;
  if (!city) return [h("h1", {}, words.product)];
  const short = nameOf(city, view.lang).replace(/市$/u, "");
  const line = lineage(state);
  if (!line.length) return [h("h1", { class: words.title(short).length > 26 ? "long" : null }, words.title(short))];
  const steps = line.map(({ place, shape }, at) => {
    const name = shape ? nameOf(shape, view.lang) : place.code;
    if (at === line.length - 1) return h("h1", {}, name);
    return h("button", { type: "button", "data-act": "area", "data-area": placeText(place) }, name);
  });
  const top = h("button", { type: "button", "data-act": "area", "data-area": "" }, short);
  return [h("nav", { class: "crumb", "aria-label": words.back(short) }, [top, ...steps].flatMap((step, at) => (at ? [h("i", {}, "›"), step] : [step])))];
}

export function headline(state: State, words: Words): HTMLElement[] {
  const { board, city, view } = state;
  if (!board || !city) return [];
  const { totals } = board;
  const sky = totals.weather;
  const name = nameOf(totals, view.lang);
  const chip = sky
    ? [h("button", { class: "chip", type: "button", "data-act": "why", "data-area": "", "aria-label": words.ask(name, words.sky[sky]) }, glyph(sky))]
    : [];
  return [...chip, h("p", { class: `sentence ${isLong(totals.sentence[view.lang]) ? "long" : ""}`.trim(), "aria-live": "polite" }, bold(totals.sentence[view.lang], worstName(state)))];
}

/** Longer than two lines at the headline's size: about 27 Chinese characters a line. */
const isLong = (text: string): boolean => [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 1 : 0.5), 0) > 52;

/** The area to act on first, as the sentence names it. */
function worstName(state: State): string | null {
  const worst = worstFirst(state.board?.areas ?? [])[0];
  return worst && (worst.weather === "rain" || worst.badges.includes("thunder")) ? nameOf(worst, state.view.lang) : null;
}

/** The clause that names what is to be done first stands bold. */
function bold(sentence: string, name: string | null): (string | HTMLElement)[] {
  const clauses = sentence.split(/(?<=[，；。]|[;.]\s)/u);
  const at = name ? clauses.findIndex((clause) => clause.includes(name)) : -1;
  return clauses.map((clause, i) => (i === at ? h("strong", {}, clause) : clause));
}

export function status(state: State, words: Words): HTMLElement[] {
  const { city, view, now } = state;
  if (!city) return [];
  const calendar = new Calendar(city.timezone, view.lang);
  const past = shownInstant(view, city);
  const clock = past
    ? h("p", { class: "clock past" }, view.at ? words.replay(calendar.clock(new Date(past))) : words.until(calendar.day(new Date(past))))
    : h("p", { class: "clock" }, h("time", {}, calendar.clock(new Date(now))));
  const demo = city.demo
    ? h("span", { class: "demo" }, h("b", {}, words.demo), h("small", {}, demoPeriod(state, calendar, words)))
    : null;
  return [clock, h("p", { class: "fresh" }, demo, past ? null : freshness(state, calendar, words))];
}

function demoPeriod({ city }: State, calendar: Calendar, words: Words): string {
  const day = (text: string) => calendar.day(new Date(text));
  return city?.demo_from && city.demo_to ? words.demoTill(day(city.demo_from), day(city.demo_to)) : "";
}

function freshness(state: State, calendar: Calendar, words: Words): HTMLElement {
  if (!state.dataAt) return h("span", { class: "stream" }, words.connecting);
  const [now, at] = [new Date(state.now), new Date(state.dataAt)];
  const age = Math.max(0, Math.round((state.now - state.dataAt) / 1000));
  const day = calendar.day(at) === calendar.day(now) ? "" : `${calendar.date(at)} `;
  if (isLost(state)) return h("span", { class: "stream plate", role: "alert" }, words.lost(`${day}${calendar.seconds(at)}`));
  const aged = age > AGED_S;
  return h("span", { class: `stream ${aged ? "aged" : "live"}` }, h("i", { class: "dot", "aria-hidden": true }), aged ? words.aged(age) : words.live(age));
}

export const isLost = (state: State): boolean => state.dataAt > 0 && state.now - state.dataAt > LOST_S * 1000;
export const isAged = (state: State): boolean => state.now - state.dataAt > AGED_S * 1000;
