// The brief on a screen: one column, every line a link to the wall.

import { h } from "../dom";
import { glyph } from "../glyphs";
import type { Sky } from "../types";
import type { Bulletin, Figure, Line, Section } from "./bulletin";
import type { Words } from "./words";

export function screen(b: Bulletin, w: Words): HTMLElement[] {
  return [
    h("section", { class: "headline" }, chip(b.sky, b.thunder, b.skyName), h("p", { class: "sentence" }, b.sentence)),
    h("section", { class: "totals" },
      h("dl", { class: "figures" }, b.figures.map((entry) => figure(entry, w))),
      h("dl", { class: "rates" }, b.rates.map(({ label, of, value }) => h("div", {}, h("dt", {}, h("b", {}, label), " ", h("span", {}, of)), h("dd", {}, value))))),
    section(b.worst, w),
    section(b.better, w),
    h("section", { class: "since" },
      h("h2", {}, b.since.title),
      h("dl", { class: "figures" }, b.since.figures.map((entry) => figure(entry, w))),
      b.since.worse ? h("p", { class: "worse" }, b.since.worse) : null),
    section(b.orders, w),
    h("p", { class: "give" }, h("a", { href: b.give }, w.giveOrder)),
  ];
}

function chip(sky: Sky | null, thunder: boolean, name: string): HTMLElement {
  return h("span", { class: `chip on-${sky ?? "none"}`, role: "img", "aria-label": name }, sky ? glyph(sky) : null, thunder ? glyph("thunder") : null);
}

function figure({ label, value, href }: Figure, w: Words): HTMLElement {
  const shown = href ? h("a", { class: "n", href, "aria-label": w.opens(`${label} ${value}`) }, value) : h("span", { class: "n" }, value);
  return h("div", {}, h("dt", {}, label), h("dd", {}, shown));
}

function section(part: Section, w: Words): HTMLElement {
  return h("section", { class: part.name },
    h("h2", {}, part.title, part.counts.length ? h("span", {}, part.counts.map(({ label, href }, i) => [i ? " · " : "", h("a", { href }, label)])) : part.note ? h("span", {}, part.note) : null),
    part.lines.length ? h("ul", {}, part.lines.map((line) => h("li", { "data-key": line.key }, item(line, w)))) : h("p", { class: "none" }, part.empty));
}

export function item(line: Line, w: Words): HTMLElement {
  const before = line.sky ? chip(line.sky, line.thunder, w.sky[line.sky]) : line.mark ? h("i", { class: `m ${line.mark}`, "aria-hidden": "true" }) : null;
  return h("a", { href: line.href, class: line.below ? "two" : "one" },
    before,
    h("span", { class: "row" }, h("b", {}, line.head), h("span", { class: line.sideAlert ? "alert" : null }, line.side)),
    line.below ? h("span", { class: "row below" }, h("span", {}, line.below), h("em", { class: line.belowAlert ? "alert" : null }, line.belowSide)) : null);
}
