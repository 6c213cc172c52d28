// A card at a declared point: what it is, what is open there, when it was last visited. It stays at its place on the map.

import type { Map as GlMap } from "maplibre-gl";
import { h } from "../dom";
import { Calendar, nameOf } from "../format";
import type { City, Lang, Named, PointRow } from "../types";
import type { Words } from "../words";

export class Card {
  private readonly host: HTMLElement;
  private at: [number, number] | null = null;

  constructor(private readonly map: GlMap) {
    this.host = h("div", { class: "card", role: "dialog", hidden: true });
    map.getContainer().appendChild(this.host);
    map.on("move", () => this.place());
  }

  get open(): boolean {
    return !this.host.hidden;
  }

  close(): void {
    this.host.hidden = true;
    this.at = null;
  }

  show(row: PointRow, kind: Named | null, city: City, at: string, lang: Lang, words: Words): void {
    const calendar = new Calendar(city.timezone, lang);
    const list = (state: string, n: number) => {
      const query = new URLSearchParams({ city: city.code, at, state, point: row.code }).toString();
      return n ? h("button", { type: "button", class: "n", "data-act": "list", "data-query": query }, String(n)) : h("b", {}, "0");
    };
    const visit = row.last_visit ? calendar.listed(new Date(row.last_visit), new Date(at)) : words.never;
    this.host.setAttribute("aria-label", nameOf(row, lang));
    this.host.replaceChildren(
      h("h3", { tabindex: -1 }, nameOf(row, lang)),
      kind && h("p", { class: "kind" }, nameOf(kind, lang)) || "",
      h("p", {}, `${words.open} `, list("open", row.open), h("span", { class: row.overdue ? "alert" : "" }, ` ${words.overdue} `, list("overdue", row.overdue))),
      h("p", { class: row.visited ? "" : "due" }, `${words.lastVisit} `, h("b", {}, visit), row.visited ? "" : ` · ${words.sky.unvisited}`),
      h("button", { type: "button", class: "shut", "data-act": "uncard", "aria-label": words.close }, "×"),
    );
    this.at = [row.lon, row.lat];
    this.host.hidden = false;
    this.place();
    this.host.querySelector("h3")?.focus({ preventScroll: true });
  }

  /** Above its point, or below it where there is no room. */
  private place(): void {
    if (!this.at) return;
    const { x, y } = this.map.project(this.at);
    const { clientWidth } = this.map.getContainer();
    const { offsetWidth, offsetHeight } = this.host;
    const left = Math.max(8, Math.min(clientWidth - offsetWidth - 8, x - offsetWidth / 2));
    const top = y > offsetHeight + 24 ? y - offsetHeight - 18 : y + 18;
    this.host.style.transform = `translate(${left.toFixed(1)}px, ${top.toFixed(1)}px)`;
  }
}
