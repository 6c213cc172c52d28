// What citizens read, as elements: a function of the answer.

import { h } from "../dom";
import { Calendar, count, nameOf, NONE, rate } from "../format";
import { glyph } from "../glyphs";
import { SKIES } from "../theme";
import type { Lang, Sky } from "../types";
import { words } from "../words";
import type { PublicAnswer } from "./answer";
import type { PublicWords } from "./words";

export interface Shown {
  answer: PublicAnswer;
  lang: Lang;
  now: number; // ms
  failing: boolean;
}

export function head({ answer, lang, now, failing }: Shown, w: PublicWords): HTMLElement[] {
  const at = new Date(answer.at);
  const calendar = new Calendar(answer.city.timezone, lang);
  const minutes = Math.max(0, Math.floor((now - at.getTime()) / 60_000));
  const query = new URLSearchParams(location.search);
  query.set("lang", lang === "zh" ? "en" : "zh");
  return [
    h("div", { class: "bar" },
      h("h1", {}, w.title(nameOf(answer.city, lang))),
      h("a", { href: `?${query.toString()}`, lang: lang === "zh" ? "en" : "zh-CN", hreflang: lang === "zh" ? "en" : "zh-CN" }, w.other)),
    h("p", { class: "fresh" },
      answer.demo && h("b", { class: "demo" }, w.demo),
      h("span", { class: failing ? "alert" : "", role: failing ? "alert" : null }, failing ? `${w.stale} · ` : "", w.as_of(calendar.clock(at)), ` · ${w.age(minutes)}`)),
  ];
}

export function sky({ answer, lang }: Shown, w: PublicWords): HTMLElement[] {
  const weather = answer.totals.weather;
  const word = weather ? words(lang).sky[weather] : w.noSky;
  return [
    h("h2", { class: "hidden" }, w.today),
    h("div", { class: "sky" }, weather && h("span", { class: `swatch on-${weather}` }, glyph(weather)), h("p", { class: "great" }, word)),
    h("p", { class: "sentence" }, answer.sentence[lang]),
    answer.snap && h("p", { class: "snap" }, h("a", { href: `/snap?${new URLSearchParams({ city: answer.city.code, lang }).toString()}` }, w.snap)),
  ].filter((part): part is HTMLElement => part instanceof HTMLElement);
}

export function figures({ answer, lang }: Shown, w: PublicWords): HTMLElement[] {
  const { totals, from } = answer;
  const calendar = new Calendar(answer.city.timezone, lang);
  const one = (label: string, value: string, note = "", unit = "") => h("div", {}, h("dt", {}, label), h("dd", {}, h("b", { class: "n" }, value), unit && ` ${unit}`, note && h("small", {}, note)));
  const share = (value: number | null) => (value === null ? NONE : `${rate(value)}%`);
  return [
    h("dl", {},
      one(w.notified, count(totals.notified), from ? w.since(calendar.day(new Date(from))) : "", w.pieces),
      one(w.rectified, count(totals.rectified), "", w.pieces),
      one(w.open, count(totals.open), "", w.pieces)),
    h("dl", { class: "shares" },
      one(w.rectificationRate, share(totals.rectification_rate), w.rectificationOf),
      one(w.onTimeRate, share(totals.on_time_rate), w.onTimeOf(count(totals.on_time), count(totals.due)))),
  ];
}

/** By code, not by weather: this is no ranking. */
export function areas({ answer, lang }: Shown, w: PublicWords): HTMLElement[] {
  const line = (name: string, weather: Sky | null) => h("li", {}, h("span", { class: `swatch on-${weather ?? "none"}` }, weather && glyph(weather)), h("span", {}, name), h("b", {}, weather ? words(lang).sky[weather] : w.noSky));
  return [h("h2", {}, w.areas(answer.level[lang])), h("ul", { class: "areas" }, answer.areas.map((area) => line(nameOf(area, lang), area.weather)))];
}

export function legend({ answer, lang }: Shown, w: PublicWords): HTMLElement[] {
  const { flow, stock, coverage } = answer.thresholds;
  const meaning = w.meaning(flow, stock, coverage);
  const skies = SKIES.filter((name) => name !== "unvisited" || answer.coverage);
  return [
    h("h2", {}, w.legend),
    h("dl", { class: "meaning" }, skies.map((name) => h("div", {}, h("dt", {}, h("span", { class: `swatch on-${name}` }, glyph(name)), words(lang).sky[name]), h("dd", {}, meaning[name])))),
    h("p", {}, w.worse),
  ];
}

export function foot({ answer, lang }: Shown, w: PublicWords): HTMLElement[] {
  return [
    h("p", { class: "review" }, w.review(answer.review_number)),
    answer.schematic_note && h("p", {}, answer.schematic_note[lang]),
    answer.attribution && h("p", {}, `${w.source}${lang === "zh" ? "：" : ": "}${answer.attribution}`),
  ].filter((part): part is HTMLElement => part instanceof HTMLElement);
}
