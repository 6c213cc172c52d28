// One tile: weather by colour, glyph and pattern; name; open and rectified. It answers as the area on the map does.

import { h } from "../dom";
import { count } from "../format";
import { glyph } from "../glyphs";
import { figure, type Scope } from "../panels/figure";
import type { Row } from "../types";
import type { Words } from "../words";
import type { Rect } from "./layout";

export interface Tile {
  key: string; // LEVEL:CODE
  row: Row;
  name: string;
  full: string; // the whole name, read aloud
  scope: Scope;
  go: boolean; // there is something to go down to; else a click asks why
}

export type Form = "large" | "middle" | "stacked" | "small";

const pen = document.createElement("canvas").getContext("2d");

/** The fullest form for tiles of a size and the names that they hold. */
export function formOf({ width, height }: { width: number; height: number }, names: readonly string[]): Form {
  if (width >= 9.5 && height >= 7.8) return "large";
  if (width >= 8 && height >= 4.4) return "middle";
  const middling = names.map(emsOf).sort((a, b) => a - b)[Math.floor(names.length / 2)] ?? 0;
  return middling * 0.85 <= width - 0.6 && height >= 2.2 ? "stacked" : "small"; // a name of a place in one line
}

/** Who has had nothing to answer for: a small square with its name. */
export const stillTile = (tile: Tile, words: Words): HTMLElement =>
  h("li", { "data-key": tile.key, "data-tile": tile.key }, h("span", { class: "square", role: "img", "aria-label": `${tile.full}，${words.noSky}`, title: tile.full }));

export function tileOf(tile: Tile, rect: Rect, form: Form, words: Words): HTMLElement {
  const { row, key, name, full, scope } = tile;
  const sky = row.weather;
  const thunder = row.badges.includes("thunder");
  const said = [full, sky ? words.sky[sky] : words.noSky, `${words.open} ${count(row.open)}`, `${words.rectified} ${count(row.rectified)}`, thunder && words.badge.thunder].filter(Boolean).join("，");
  const act = tile.go ? { "data-act": "area", "data-area": key } : sky ? { "data-act": "why", "data-area": key } : { "data-act": "list", "data-query": new URLSearchParams({ ...scope, state: "notified" }).toString() };
  const mark = sky ? h("button", { class: "why", type: "button", "data-act": "why", "data-area": key, "aria-label": words.ask(full, words.sky[sky]), title: words.sky[sky], tabindex: -1 }, glyph(sky)) : h("span", { class: "why" });
  const brief = form === "small" || form === "stacked";
  const open = figure(row.open, "open", scope, words, { still: true });
  const rectified = figure(row.rectified, "rectified", scope, words, { still: true });
  const [width, height, most] = BOX[form](rect);
  const size = fitted(name, width, height, 0.5, most);
  return h(
    "li",
    {
      class: `tile ${form} ${rect.height < LOW ? "low" : ""} on-${sky ?? "none"} ${thunder ? "bolt" : ""}`.replace(/ +/gu, " ").trim(), "data-key": key, "data-row": key, "data-tile": key,
      style: `left:${rem(rect.x)};top:${rem(rect.y)};width:${rem(rect.width)};height:${rem(rect.height)};--name:${size.toFixed(2)}rem`,
    },
    h("button", { class: "go", type: "button", ...act, "aria-label": said, title: full }),
    h("div", { class: "in" },
      mark,
      h("b", { class: "name" }, name),
      h("span", { class: "figures" }, h("b", {}, open), brief ? null : h("i", {}, " / "), brief ? null : rectified)),
    thunder ? h("span", { class: "badge" }, glyph("thunder")) : null,
  );
}

const LOW = 2.95; // rem: in so low a tile glyph and number shrink

/** The box that a form leaves for the name, and the largest size: width, height, size, all in rem. */
const BOX: Record<Form, (rect: Rect) => [number, number, number]> = {
  large: ({ width }) => [width - 1, 2.6, 1.75],
  middle: ({ width, height }) => [width - 3.2, height - 2.2, 1.5],
  stacked: ({ width, height }) => [width - 0.6, height - (height < LOW ? 1.25 : 1.75), 1.375],
  small: ({ width, height }) => [width - 2.65, height - 0.4, 1.25],
};

const rem = (value: number): string => `${value.toFixed(3)}rem`;

/** The largest size (rem) at which a name fits a box, broken into lines where it may be. */
function fitted(name: string, width: number, height: number, least: number, most: number): number {
  for (let size = most; size > least; size -= 0.05) {
    const lines = linesAt(name, width / size);
    if (lines !== null && lines * size * 1.14 <= height) return size;
  }
  return least;
}

/** Lines that a name takes at a width in ems; null: a word of it does not fit at all. */
function linesAt(name: string, ems: number): number | null {
  const pieces = /[\u2e80-\u9fff]/u.test(name) ? [...name] : name.split(/(?<=\s)/u);
  let lines = 1;
  let used = 0;
  for (const piece of pieces) {
    const wide = emsOf(piece.trimEnd());
    if (wide > ems) return null;
    if (used + wide > ems) [lines, used] = [lines + 1, 0];
    used += emsOf(piece);
  }
  return lines;
}

const known = new Map<string, number>();

function emsOf(text: string): number {
  const found = known.get(text);
  if (found !== undefined) return found;
  if (!pen) return text.length;
  pen.font = `600 100px Plex, "Noto Sans SC Variable", sans-serif`;
  const ems = (pen.measureText(text).width / 100) * 1.03;
  known.set(text, ems);
  return ems;
}
