// In a replay: what changed colour with the day on view, by which gate, and the events that did it.

import { h } from "../dom";
import { count, nameOf, shortName } from "../format";
import { glyph } from "../glyphs";
import { stripWords } from "../replay/words";
import type { State } from "../state";
import type { Turned } from "../types";
import type { Words } from "../words";
import { scopeOf } from "./figure";
import { placeOf } from "./issues";
import { told } from "./why";

const SHOWN = 4; // places told of, the rest counted
const FEW = 2; // so few places are told of with all events at hand, more with one each

export function changed(state: State, words: Words): HTMLElement[] {
  const { replay, view } = state;
  const { changes, film } = replay;
  if (!changes || !film || replay.step === null || replay.playing) return [];
  const own = stripWords(view.lang);
  const since = film.answer.step === "hour" ? own.sinceHour : own.since;
  return [
    h("h2", {}, own.changed, h("span", {}, `${count(changes.changes.length)} · ${since}`)),
    changes.changes.length
      ? h("ul", {}, changes.changes.slice(0, SHOWN).map((change) =>
          h("li", { "data-key": change.code, "data-turned": change.code },
            h("p", { class: "row" }, h("span", { class: "pair" }, glyph(change.from), "→", glyph(change.to)), h("b", {}, shortName(change, view.lang)), h("span", { class: "quiet" }, words.gate[change.gate as keyof Words["gate"]] ?? "")),
            change.now && h("p", { class: "quiet" }, told(change.now, change, scopeOf(change, { at: changes.at, by: view.by, as: view.as }, state.city!), words, changes.at).flatMap((parts, i) => (i ? [" · ", ...parts] : parts))),
            (change.events ?? []).filter(({ total }) => total > 0).map((turned) => events(turned, changes.changes.length > FEW ? 1 : turned.first.length, state, words)))),
          changes.changes.length > SHOWN ? h("li", { class: "more quiet" }, own.more(changes.changes.length)) : null)
      : h("p", { class: "quiet" }, own.none),
  ];
}

function events(turned: Turned, most: number, { view }: State, words: Words): HTMLElement {
  return h("div", { class: "events" },
    h("p", {}, `${words.state[turned.state] ?? turned.state} `, h("button", { class: "n", type: "button", "data-act": "list", "data-query": new URLSearchParams(turned.query).toString() }, count(turned.total)), ` ${words.pieces}`),
    h("ul", {}, turned.first.slice(0, most).map((issue) =>
      h("li", {}, h("button", { type: "button", "data-act": "issue", "data-number": issue.number, title: issue.number }, h("b", {}, nameOf(issue.category, view.lang)), h("span", {}, issue.unit ? nameOf(issue.unit, view.lang) : placeOf(issue, view.lang, words)))))));
}
