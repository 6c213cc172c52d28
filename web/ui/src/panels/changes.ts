// What turned worse and what recovered since 08:00 of yesterday, and the gate that did it.

import { h } from "../dom";
import { Calendar, nameOf } from "../format";
import { glyph } from "../glyphs";
import { shapeOf, type State } from "../state";
import type { Change } from "../types";
import type { Words } from "../words";
import { scopeOf } from "./figure";
import { head } from "./slots";
import { titles } from "./titles";
import { told } from "./why";

export function changes(state: State, words: Words): HTMLElement[] {
  const { city, view, figures } = state;
  const found = figures?.changes;
  if (!found?.changes.length || !city) return [];
  const since = words.since(new Calendar(city.timezone, view.lang).time(new Date(found.from)));
  const group = (better: boolean): HTMLElement | null => {
    const some = found.changes.filter((change) => change.better === better);
    if (!some.length) return null;
    return h("div", { class: better ? "better" : "worse" }, h("h3", {}, (better ? words.recovered : words.worsened)(some.length)), h("ul", { class: "issues" }, some.map((change) => line(change, found.at, state, words))));
  };
  return [head(state, words, "changes", titles(state, words)), h("p", { class: "since" }, since), h("div", { class: "turns" }, group(false), group(true))];
}

function line(change: Change, at: string, state: State, words: Words): HTMLElement {
  const { city, view } = state;
  const chain = city?.levels.map(({ level }) => level) ?? [];
  const depth = chain.indexOf(change.level);
  const above = depth > 1 ? chain[depth - 1] : undefined;
  const parent = change.parent && above && !view.area ? shapeOf(state, { level: above, code: change.parent }) : null;
  const name = nameOf(change, view.lang);
  const scope = city ? scopeOf(change, { at, by: view.by }, city) : {};
  const said = change.now ? told(change.now, change, scope, words, at).filter((parts) => parts.length).map((parts) => h("span", {}, parts)) : [];
  return h(
    "li",
    { "data-key": `${change.level}:${change.code}`, "data-change": change.code },
    h("span", { class: "row" },
      h("span", { class: "skies", role: "img", "aria-label": words.turned(words.sky[change.from], words.sky[change.to]) }, h("i", {}, glyph(change.from)), "→", h("i", {}, glyph(change.to))),
      h("b", {}, change.unit ? name : h("button", { class: "go", type: "button", "data-act": "area", "data-area": `${change.level}:${change.code}` }, name)),
      parent && h("span", { class: "parent" }, nameOf(parent, view.lang))),
    h("span", { class: "where" }, h("span", { class: "gate" }, words.gate[change.gate], " "), said.flatMap((part, i) => (i ? [" ", part] : [part]))),
  );
}
