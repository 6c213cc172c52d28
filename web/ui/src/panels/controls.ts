// The few switches: level, by place or by unit, city, table, language. Words, the chosen one underlined.

import { h } from "../dom";
import { nameOf } from "../format";
import type { State } from "../state";
import { levelsOf, placeText } from "../view";
import type { Words } from "../words";
import { hasCartogram } from "../cartogram/cartogram";
import { reportButton } from "./report";

export function controls(state: State, words: Words): HTMLElement[] {
  const { city, cities, view, levels } = state;
  if (!city) return [];
  const choice = (act: string, value: string, text: string, on: boolean) => h("button", { type: "button", "data-act": act, "data-value": value, "aria-pressed": String(on) }, text);
  const group = (label: string, buttons: HTMLElement[]) => (buttons.length > 1 ? [h("div", { role: "group", "aria-label": label }, buttons)] : []);
  const choices = [...city.levels.filter(({ weather }) => weather || !view.area), ...(view.area ? [] : city.overlays)].filter(
    ({ level }) => level !== city.levels[0]?.level && levelsOf(city, { area: view.area, level }).shown === level,
  );
  const level = choices.map((entry) => choice("level", entry.level, nameOf(entry, view.lang), levels.shown === entry.level));
  const by = [choice("by", "place", words.place, view.by === "place"), choice("by", "responsibility", words.responsibility, view.by === "responsibility")];
  const towns = (cities ?? []).map((entry) => choice("city", entry.code, nameOf(entry, view.lang), entry.code === city.code));
  return [
    ...group(words.cityTitle, towns),
    ...group(words.levelTitle, level),
    ...(view.area ? [] : group(words.byTitle, by)),
    ...(hasCartogram(state) ? group(words.viewTitle, [choice("view", "map", words.mapView, !view.cartogram), choice("view", "cartogram", words.cartogram, view.cartogram)]) : []),
    h("div", {},
      h("button", { type: "button", "data-act": "table", title: `${words.tableTitle} (T)` }, view.table ? words.map : words.table),
      reportButton(state, words),
      pointsLink(state, words),
      h("a", { href: `/brief?${scope(state)}` }, words.briefPage),
      h("a", { href: `/desk${view.lang === "en" ? "?lang=en" : ""}` }, words.deskPage),
      h("button", { type: "button", "data-act": "lang", title: `${words.otherTitle} (L)`, lang: view.lang === "zh" ? "en" : "zh" }, words.other)),
  ];
}

/** To the inspectors' page, with the area that is looked at; only where points are declared. */
function pointsLink(state: State, words: Words): HTMLElement | null {
  if (!state.city || !state.board?.totals.declared) return null;
  return h("a", { href: `/points?${scope(state)}` }, words.pointsPage);
}

/** The city, language and area that are looked at, as another page's query. */
function scope({ city, view }: State): string {
  const query = new URLSearchParams({ ...(city ? { city: city.code } : {}), ...(view.lang === "en" ? { lang: "en" } : {}), ...(view.area ? { area: placeText(view.area) } : {}) });
  return query.toString().replaceAll("%3A", ":");
}
