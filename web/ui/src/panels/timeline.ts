// Under the map: the days as swatches, a head to drag, what changed colour; right of it what falls due ahead.

import { h, morph, svg } from "../dom";
import { Calendar, count, nameOf, shortName } from "../format";
import { lastDay, nameOfRange, ownOf, RANGES, spanOf } from "../replay/ranges";
import { stripWords } from "../replay/words";
import type { State } from "../state";
import { placeText } from "../view";
import type { Words } from "../words";

const NAMED = 4; // so many places are named in the caption, the rest counted
const TICKS = 5;
const PLAY = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 5.2v13.6L19 12z" fill="currentColor"/></svg>';
const PAUSE = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7.5 5.5v13M16.5 5.5v13" stroke="currentColor" stroke-width="3.4"/></svg>';

type Made = HTMLElement | null;

export function timeline(state: State, words: Words): Made[] {
  const { city, board, replay, view } = state;
  if (!city || !board || (!replay.film && !replay.problem && !replay.busy)) return [];
  const own = stripWords(view.lang);
  return [
    h("button", { class: "play", type: "button", "data-act": "play", "aria-label": replay.playing ? own.pause : own.play, "aria-pressed": String(replay.playing) }, svg(replay.playing ? PAUSE : PLAY)),
    h("div", { class: "days" }, head(state), track(state, words), caption(state, words)),
    forecast(state),
  ];
}

/** Whose days these are, and the switches: which days, how fast, as it looked or as known. */
function head({ view, city, board, replay }: State): HTMLElement {
  const own = stripWords(view.lang);
  const where = view.area ? shortName(board!.totals, view.lang) : view.lang === "zh" ? "全市" : nameOf(city!, view.lang);
  const range = nameOfRange(view.range);
  const choice = (act: string, value: string, text: string, on: boolean) => h("button", { type: "button", "data-act": act, "data-value": value, "aria-pressed": String(on) }, text);
  const span = spanOf(view.range, city!, Date.now());
  const last = lastDay(city!, Date.now());
  const date = (name: "from" | "to", value: string) => h("input", { type: "date", "data-day": name, value, max: last, "aria-label": own[name] });
  const value = (name: string) => (name === "own" ? ownOf(span, last) : name);
  return h("div", { class: "head" },
    h("b", {}, own.title(where, own.range[range])),
    h("div", { class: "switches" },
      range === "own" ? h("span", { class: "own" }, date("from", span.from), "–", date("to", span.to ?? last)) : null,
      h("span", { role: "group", "aria-label": own.ranges }, RANGES.map((name) => choice("days", value(name), own.short[name], name === range))),
      h("span", { role: "group", "aria-label": own.paces }, own.pace.map((text, at) => choice("pace", String(at), text, at === replay.pace))),
      h("span", { role: "group", "aria-label": own.asTitle, title: own.asTitle }, (["looked", "known"] as const).map((as) => choice("as", as, own.as[as], as === view.as)))));
}

function track(state: State, words: Words): HTMLElement {
  const { replay, view } = state;
  const own = stripWords(view.lang);
  const { film } = replay;
  if (!film?.length) return h("p", { class: "wait" }, replay.problem ? replay.problem.detail || own.failed : own.busy);
  return h("div", { class: `track ${film.length > 120 ? "dense" : ""}`.trim(), role: "slider", tabindex: 0, "data-track": film.length, "aria-label": own.slider, "aria-orientation": "horizontal", "aria-valuemin": 0, "aria-valuemax": film.length, ...told(state, words) },
    h("span", { class: "row" }, Array.from({ length: film.length }, (_, k) => h("i", { class: `day on-${film.sky(k) ?? "none"}` }))),
    playhead(state),
    dates(state));
}

function dates({ replay, view, city }: State): HTMLElement {
  const { film, step } = replay;
  const length = film?.length ?? 0;
  const at = (k: number) => h("small", { style: `left:${(((k + 0.5) / length) * 100).toFixed(3)}%` }, film ? short(new Calendar(city!.timezone, view.lang), film.at(k)) : "");
  return h("span", { class: "ticks", "aria-hidden": true }, ticks(length, step).map(at));
}

/** What the slider says of the step under the head. */
function told({ replay, view, city }: State, words: Words): Record<string, string> {
  const own = stripWords(view.lang);
  const { film, step } = replay;
  if (!film || step === null) return { "aria-valuenow": String(film?.length ?? 0), "aria-valuetext": own.now };
  const calendar = new Calendar(city!.timezone, view.lang);
  const at = new Date(film.at(step));
  const sky = film.sky(step);
  return { "aria-valuenow": String(step), "aria-valuetext": own.head(film.answer.step === "hour" ? calendar.clock(at) : calendar.date(at), sky ? words.sky[sky] : words.noSky) };
}

function playhead({ replay, view, city }: State): HTMLElement {
  const { film, step } = replay;
  if (!film || step === null) return h("span", { class: "playhead live", style: "left:100%" }, h("b", {}, stripWords(view.lang).now));
  const calendar = new Calendar(city!.timezone, view.lang);
  const text = film.answer.step === "hour" ? `${short(calendar, film.at(step))} ${calendar.time(new Date(film.at(step)))}` : short(calendar, film.at(step));
  return h("span", { class: "playhead", style: `left:${(((step + 0.5) / film.length) * 100).toFixed(3)}%` }, h("b", {}, text));
}

/** Move the head of a strip that is drawn: nothing else of it changes with a frame. */
export function moveHead(host: HTMLElement, state: State, words: Words): void {
  const slider = host.querySelector<HTMLElement>("[data-track]");
  for (const [name, value] of Object.entries(told(state, words))) slider?.setAttribute(name, value);
  const parts = [[".playhead", playhead(state)], [".ticks", dates(state)], [".caption", caption(state, words)]] as const;
  for (const [selector, fresh] of parts) {
    const old = host.querySelector(selector);
    if (old && !old.isEqualNode(fresh)) morph(old, fresh);
  }
}

/** 11-09, the same in both languages' lists: month and day. */
const short = (calendar: Calendar, at: string): string => calendar.day(new Date(at)).slice(5);

/** A few steps to be dated, none under the head. */
function ticks(length: number, head: number | null): number[] {
  const every = Math.max(1, Math.round(length / TICKS));
  const free = length * (innerWidth < 1200 ? 0.2 : 0.07);
  return Array.from({ length: TICKS + 1 }, (_, k) => Math.round(every / 3) + k * every).filter((k) => k < length && Math.abs(k - (head ?? length)) > free);
}

/** What changed colour with this step, in words; in the replay a way back to now. */
function caption({ replay, view }: State, words: Words): HTMLElement {
  const own = stripWords(view.lang);
  const { film, step } = replay;
  if (!film?.length || step === null) return h("p", { class: "caption" });
  const turned = film.turned(step);
  const name = (code: string) => {
    const row = film.nameOf(code);
    return row ? shortName(row, view.lang) : code;
  };
  const named = turned.slice(0, NAMED).map(({ code, from, to }) => h("span", {}, own.turned(name(code), words.sky[from], words.sky[to])));
  return h("p", { class: "caption", "aria-live": replay.playing ? "off" : "polite" },
    step === 0 ? null : turned.length ? [h("span", { class: "quiet" }, own.changed), named, turned.length > NAMED ? h("span", { class: "quiet" }, own.more(turned.length)) : null] : h("span", { class: "quiet" }, own.none),
    h("button", { type: "button", "data-act": "now" }, own.back));
}

/** Deadlines that lie ahead and have no feedback yet, by day: known, therefore dashed, and none of it predicted. */
function forecast({ replay, city, view }: State): Made {
  const { ahead } = replay;
  if (!ahead) return null;
  const own = stripWords(view.lang);
  const calendar = new Calendar(city!.timezone, view.lang);
  const most = Math.max(1, ...ahead.days.map(({ falls_due }) => falls_due));
  const scope = { city: city!.code, state: "ahead", at: ahead.at, ...(view.area ? { area: placeText(view.area) } : {}) };
  const list = (from: string, to: string) => new URLSearchParams({ ...scope, from, until: to }).toString();
  const [first, last] = [ahead.days[0], ahead.days.at(-1)];
  const weekday = new Intl.DateTimeFormat(view.lang === "zh" ? "zh-CN" : "en-GB", { weekday: view.lang === "zh" ? "narrow" : "short", timeZone: "UTC" });
  return h("div", { class: "ahead" },
    h("div", { class: "head" }, h("b", {}, own.ahead), first && last ? h("button", { class: "n", type: "button", "data-act": "list", "data-query": list(first.from, last.to) }, count(ahead.total)) : null),
    h("ol", {}, ahead.days.map((day, k) =>
      h("li", {},
        h("button", { type: "button", "data-act": "list", "data-query": list(day.from, day.to), title: `${calendar.date(new Date(day.to))} · ${count(day.falls_due)}` },
          h("span", { class: "hidden" }, own.aheadDay(calendar.date(new Date(day.to)), count(day.falls_due))),
          h("i", { style: `height:${((day.falls_due / most) * 100).toFixed(1)}%` }),
          h("small", {}, k === 0 && own.today ? own.today : weekday.format(new Date(`${day.day}T00:00:00Z`)).slice(0, 2)))))));
}
