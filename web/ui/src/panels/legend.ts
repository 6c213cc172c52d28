// The key of the map: the thresholds as a legend that explains itself; marks and cells where they are drawn.

import { h } from "../dom";
import { glyph } from "../glyphs";
import { hasCartogram } from "../cartogram/cartogram";
import type { State } from "../state";
import type { Sky } from "../types";
import type { Words } from "../words";
import type { MarkKind } from "./issues";

const percent = (share: number): string => `${Number((share * 100).toFixed(1))}%`;

export function legend(state: State, words: Words): HTMLElement[] {
  const { city, levels, view } = state;
  if (!city) return [];
  const { flow, stock, coverage } = city.thresholds;
  const day = (limit: number): string => `${limit}${words.dayUnit(limit)}`;
  const rows: [Sky, string, string][] = [
    ["sunny", `≥ ${percent(flow[0])}`, `≤ ${day(stock[0])}`],
    ["cloudy", `≥ ${percent(flow[1])}`, `≤ ${day(stock[1])}`],
    ["overcast", `≥ ${percent(flow[2])}`, `≤ ${day(stock[2])}`],
    ["rain", words.below(percent(flow[2])), words.above(day(stock[2]))],
  ];
  const chip = (sky: Sky) => h("td", {}, h("span", { class: `swatch on-${sky}` }, glyph(sky)));
  const body = rows.map(([sky, one, other]) => h("tr", {}, chip(sky), h("th", { scope: "row" }, words.sky[sky]), h("td", {}, one), h("td", {}, other)));
  const visited = city.coverage ? h("tr", {}, chip("unvisited"), h("th", { scope: "row" }, words.sky.unvisited), h("td", { colspan: 2 }, words.visitedBelow(percent(coverage[0])))) : null;
  const red = state.board?.areas.some(({ badges }) => badges.includes("thunder"))
    ? h("tr", {}, h("td", {}, h("span", { class: "swatch bolt" }, glyph("thunder"))), h("th", { scope: "row", colspan: 3 }, state.board.areas.some(({ listed }) => listed) ? words.thunderListed : words.thunder))
    : null;
  const [, first, second] = words.legend;
  const table = h("table", { title: words.legendNote }, h("thead", {}, h("tr", {}, h("td", { colspan: 2 }), h("th", { scope: "col" }, first), h("th", { scope: "col" }, second))), h("tbody", {}, body, visited, red));
  const counted = (levels.cells !== null || !levels.weather) && levels.shown !== null;
  const line = (sign: string, text: string) => h("li", {}, h("i", { class: `m ${sign}` }), text);
  const marks =
    view.area || counted
      ? h("ul", { class: "marks" },
          view.area && kinds(state).map((kind) => line(kind, words.marks[kind])),
          red && view.area && line("red", words.marks.red),
          view.area && line("heap", words.heap),
          state.points.length > 0 && (["unvisited", "visited"] as const).map((kind) => line(`point ${kind}`, words.pointMarks[kind])),
          counted && h("li", { class: "wide" }, h("i", { class: "steps" }), words.cellKey))
      : null;
  return [...(marks ? [marks] : []), table].filter((part): part is HTMLElement => part !== null);
}

/** The marks that are explained: what is drawn here, and what leaders asked for only where they did. */
function kinds({ levels, board }: State): MarkKind[] {
  const asked = [board?.totals.ordered && "ordered", board?.totals.listed && "listed"].filter((kind): kind is "ordered" | "listed" => typeof kind === "string");
  return [...(levels.cells ? [] : (["open", "today"] as const)), "overdue", ...asked];
}

export function mapKey(state: State, words: Words): HTMLElement[] {
  return state.board ? [h("p", {}, h("b", {}, words.key[0] ?? ""), ` / ${words.key[1] ?? ""}`)] : [];
}

export function notes(state: State, words: Words): HTMLElement[] {
  const { city, view } = state;
  if (!city) return [];
  return [
    view.cartogram && hasCartogram(state) ? h("p", { class: "unbordered" }, state.units ? words.cartogramUnits : words.cartogramNote)
      : city.schematic && city.schematic_note ? h("p", {}, city.schematic_note[view.lang]) : null,
    city.coverage ? null : h("p", {}, words.noCoverage),
    h("p", { class: "review" }, words.review(city.review_number)),
  ].filter((part): part is HTMLElement => part !== null);
}

/** Whose borders and names these are. */
export function source({ city }: State): HTMLElement[] {
  const said = [city?.attribution, city?.basemap?.attribution].filter((text) => text);
  return said.map((text) => h("p", {}, text));
}
