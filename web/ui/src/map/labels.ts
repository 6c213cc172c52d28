// Labels of areas: glyph, name, open / rectified, as HTML over the map. Each stands where the largest label-shaped
// ellipse fits in its area (computed once a boundary version) and takes the fullest form that fits that ellipse.

import type { Map as GlMap } from "maplibre-gl";
import { children, h, type Child } from "../dom";
import { count, NONE, shortName } from "../format";
import { glyph } from "../glyphs";
import type { AreaShape, Lang, Row, Sky } from "../types";
import type { Words } from "../words";
import type { Look } from "../replay/film";
import { figure, type Scope } from "../panels/figure";
import type { Spot } from "./names";

export interface Labelled {
  shape: Pick<AreaShape, "id" | "code" | "name" | "name_en" | "label" | "label_width_m" | "label_height_m">;
  row: Row | null;
  scope: Scope;
  sky?: Sky | null; // for the public: the weather alone, without figures
}

type Form = "full" | "compact" | "line" | "glyph" | "hidden";

const STEPS = [0, 0.2, -0.2, 0.4, -0.4, 0.6, -0.6].flatMap((x) => [0, 0.2, -0.2, 0.4, -0.4, 0.6, -0.6].map((y) => [x, y] as const));
const MOST = 1.06;
const FEW = 20; // so few areas are named even where it is tight
const METRES = 40_075_016.686; // around the equator
const pen = document.createElement("canvas").getContext("2d");

function textWidth(text: string, size: number, weight: number): number {
  if (!pen) return text.length * size;
  pen.font = `${weight} ${size}px Plex, "Noto Sans SC Variable", sans-serif`;
  return pen.measureText(text).width;
}

/** Whether a box fits an ellipse of full axes `width`, `height`, both around one middle. */
const fits = (w: number, hgt: number, width: number, height: number, most = MOST): boolean => spill(w, hgt, width, height) <= most;

/** How far a box fills an ellipse: 1 where its corners touch. */
const spill = (w: number, hgt: number, width: number, height: number): number => (w / width) ** 2 + (hgt / height) ** 2;

export class Labels {
  private readonly host: HTMLElement;
  private items: readonly Labelled[] = [];
  private names: readonly Spot[] = [];
  private water: readonly { lngLat: [number, number]; name: string; name_en: string }[] = [];
  private standing: { element: HTMLElement; code: string }[] = [];
  private anchors: { element: HTMLElement; lngLat: [number, number] }[] = [];
  private marks: readonly { lon: number; lat: number }[] = []; // what labels keep clear of, where they can
  private lang: Lang = "zh";
  private words: Words | null = null;

  constructor(private readonly map: GlMap) {
    this.host = h("div", { class: "labels", "aria-hidden": true }); // the list and the table say the same
    map.getContainer().appendChild(this.host);
    map.on("move", () => this.place());
  }

  /** `scale`: screen pixels a wall pixel. */
  show(items: readonly Labelled[], lang: Lang, words: Words, scale: number): void {
    [this.items, this.lang, this.words] = [items, lang, words];
    this.draw(scale);
  }

  /** Weather and figures of the areas by code, at labels that stay as they lie: for a replay, whose frames are many. */
  wear(looks: ReadonlyMap<string, Look>, at: string): void {
    for (const { element, code } of this.standing) {
      const look = looks.get(code);
      if (!look) continue;
      const worn = `${look.sky ?? "none"} ${look.bolt ? "thunder" : ""}`;
      if (element.dataset["worn"] !== worn) {
        element.className = element.className.replace(/on-\w+/u, `on-${look.sky ?? "none"}`);
        const mark = element.querySelector<HTMLElement>(".mark");
        mark?.replaceChildren(...(look.sky ? [glyph(look.sky), ...(look.bolt ? [glyph("thunder")] : [])] : []));
        if (mark) mark.hidden = look.sky === null;
        element.dataset["worn"] = worn;
      }
      element.querySelectorAll<HTMLElement>(".figures button").forEach((button, i) => {
        const text = count(i ? look.rectified : look.open);
        if (button.textContent !== text) button.firstChild!.nodeValue = text;
        button.dataset["query"] = button.dataset["query"]!.replace(/\bat=[^&]*/u, `at=${encodeURIComponent(at)}`);
      });
    }
  }

  showNames(names: readonly Spot[], water: Labels["water"], scale: number): void {
    [this.names, this.water] = [names, water];
    this.draw(scale);
  }

  /** Marks of issues: a label moves aside within its area rather than lie over one. */
  avoid(marks: readonly { lon: number; lat: number }[], scale: number): void {
    this.marks = marks;
    this.draw(scale);
  }

  /** Out of sight during a flight: they would not fit half-way. */
  veil(veiled: boolean): void {
    this.host.classList.toggle("veiled", veiled);
  }

  draw(scale: number): void {
    const words = this.words;
    if (!words) return;
    const fresh = h("div");
    const anchors: { key: string; lngLat: [number, number] }[] = [];
    for (const item of this.items) {
      const made = this.label(item, words, scale);
      if (!made) continue;
      fresh.appendChild(made);
      anchors.push({ key: made.dataset["key"] ?? "", lngLat: item.shape.label });
    }
    for (const spot of this.names) {
      const at = this.map.unproject([spot.x, spot.y]);
      anchors.push({ key: `land ${spot.key}`, lngLat: [at.lng, at.lat] });
      fresh.appendChild(h("div", { class: "label land-name", "data-key": `land ${spot.key}` }, h("span", {}, nameIn(spot, this.lang))));
    }
    for (const { lngLat, name, name_en } of this.water) {
      anchors.push({ key: `water ${name}`, lngLat });
      fresh.appendChild(h("div", { class: "label water-name", "data-key": `water ${name}` }, h("span", {}, nameIn({ name, name_en }, this.lang))));
    }
    children(this.host, fresh);
    const found = new Map([...this.host.children].map((element) => [(element as HTMLElement).dataset["key"], element as HTMLElement]));
    this.anchors = anchors.flatMap(({ key, lngLat }) => {
      const element = found.get(key);
      return element ? [{ element, lngLat }] : [];
    });
    this.standing = [...found.values()].flatMap((element) => (element.dataset["label"] ? [{ element, code: element.dataset["label"] }] : []));
    this.place();
  }

  private place(): void {
    for (const { element, lngLat } of this.anchors) {
      const { x, y } = this.map.project(lngLat);
      element.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
    }
  }

  /** How far to move a label of `box` in an ellipse `width` × `height` so that it covers the fewest marks, in rem. */
  private aside(shape: Labelled["shape"], [w, tall]: [number, number], width: number, height: number, scale: number): [number, number] {
    const at = this.map.project(shape.label);
    const near = this.marks.map(({ lon, lat }) => this.map.project([lon, lat])).map(({ x, y }) => [(x - at.x) / scale, (y - at.y) / scale] as const).filter(([x, y]) => Math.abs(x) < width && Math.abs(y) < height);
    if (!near.length) return [0, 0];
    let best: [number, number] = [0, 0];
    let least = Infinity;
    for (const [sx, sy] of STEPS) {
      const [dx, dy] = [(sx * width) / 2, (sy * height) / 2];
      const over = spill(w + 2 * Math.abs(dx), tall + 2 * Math.abs(dy), width, height) - Math.max(MOST, spill(w, tall, width, height));
      if (over > 1) continue;
      const covered = near.filter(([x, y]) => Math.abs(x - dx) < w / 2 + 8 && Math.abs(y - dy) < tall / 2 + 8).length;
      const cost = covered + Math.max(0, over) * 0.7 + (Math.abs(sx) + Math.abs(sy)) / 10;
      if (cost < least) [best, least] = [[dx / 16, dy / 16], cost];
    }
    return best;
  }

  private label({ shape, row, scope, sky: alone }: Labelled, words: Words, scale: number): HTMLElement | null {
    const metre = (512 * 2 ** this.map.getZoom()) / (METRES * Math.cos((shape.label[1] * Math.PI) / 180));
    const width = (shape.label_width_m * metre) / scale;
    const height = (shape.label_height_m * metre) / scale;
    const size = Math.min(1.12, Math.max(0.9, height / 2 / 52));
    const name = shortName(shape, this.lang);
    const figures = row ? ([count(row.open), count(row.rectified)] as const) : ([NONE, NONE] as const);
    const bare = alone !== undefined;
    const form = formOf(name, bare ? "" : `${figures[0]} / ${figures[1]}`, size, width, height, this.items.length <= FEW);
    if (form === "hidden") return null;
    const [dx, dy] = this.aside(shape, boxOf(form, name, `${figures[0]} / ${figures[1]}`, size), width, height, scale);
    const weather = row?.weather ?? alone ?? null;
    const sky = weather ?? "none";
    const thunder = row?.badges.includes("thunder") ?? false;
    const mark = h("span", { class: "mark", hidden: weather === null }, weather && glyph(weather), weather && thunder && glyph("thunder"));
    const list = (state: string, value: number): Child => (row ? figure(value, state, scope, words, { still: true }) : NONE);
    return h(
      "div",
      { class: `label area ${form} on-${sky}`, style: `--k:${size.toFixed(3)};--dx:${dx.toFixed(2)}rem;--dy:${dy.toFixed(2)}rem`, "data-key": `area ${shape.id}`, "data-label": shape.code },
      h(
        "div",
        { class: "inner" },
        form === "compact" || form === "line" ? h("div", { class: "line" }, mark, h("b", { class: "name" }, name)) : [mark, form === "full" && h("b", { class: "name" }, name)],
        !bare && (form === "full" || form === "compact") &&
          h("div", { class: "figures" }, h("b", {}, list("open", row?.open ?? 0)), h("i", {}, " / "), list("rectified", row?.rectified ?? 0)),
      ),
    );
  }
}

/** Width and height of a label's form, wall pixels. */
function boxOf(form: Form, name: string, figures: string, size: number): [number, number] {
  const wide = Math.max(textWidth(name, 26 * size, 600), textWidth(figures, 22 * size, 600));
  if (form === "full") return [wide, 100 * size];
  if (form === "compact") return [wide * 0.9 + 30, 48];
  return form === "line" ? [textWidth(name, 26 * size, 600) * 0.85 + 28, 24] : [26, 26];
}

const nameIn = (named: { name: string; name_en: string }, lang: Lang): string => (lang === "en" && named.name_en ? named.name_en : named.name);

/** The fullest form whose box fits: glyph over name over figures; glyph beside the name; no figures; the glyph alone. */
function formOf(name: string, figures: string, size: number, width: number, height: number, few: boolean): Form {
  const nameWidth = textWidth(name, 26 * size, 600);
  const figureWidth = textWidth(figures, 22 * size, 600);
  if (fits(Math.max(nameWidth, figureWidth), 100 * size, width, height)) return "full";
  if (fits(Math.max(nameWidth * 0.9 + 30, figureWidth * 0.9), 46, width, height, few ? 2 : 1.4)) return "compact"; // areas are fuller than their ellipses
  if (fits(nameWidth * 0.85 + 28, 22, width, height, few ? 3 : 1.2)) return "line";
  return height > 24 && width > 30 ? "glyph" : "hidden";
}
