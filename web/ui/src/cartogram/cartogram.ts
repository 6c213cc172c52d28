// The third way to see the city: no borders, equal tiles near where the areas lie; by responsibility, the units by kind,
// so that those without territory get a colour too. As honest where borders are only drawn as where they are law.

import "./cartogram.css";
import { calm, children, h } from "../dom";
import { nameOf, shortName } from "../format";
import { scopeOf } from "../panels/figure";
import { levelInfo } from "../panels/list";
import type { Shell } from "../shell";
import type { State } from "../state";
import { worstFirst } from "../theme";
import type { Board, City, Lang, Row } from "../types";
import { words as wordsOf, type Words } from "../words";
import { pack, rowsOf, spread, type Group, type Layout, type Room } from "./layout";
import { formOf, stillTile, tileOf, type Tile } from "./tiles";

const NARROW = 1200; // below, the page is one column and scrolls
const KINDS = ["town", "bureau", "resident", "contractor"];
const [SHORT, WORDY] = [1.55, 3]; // width ÷ height of a tile: names of places, names of offices
const TILE_ROWS = 3; // of towns, when their communities are shown

/** Whether there is anything to show as tiles: a level in its weather, or the units. */
export const hasCartogram = ({ board, units, levels }: State): boolean => units !== null || (levels.weather && (board?.areas.length ?? 0) > 1);

export class Cartogram {
  private readonly host = h("div", { class: "cartogram", hidden: "" });
  private worn = new Map<string, string>();
  private size = "";

  constructor(
    private readonly shell: Shell,
    private readonly state: State,
  ) {
    shell.map.after(this.host);
    new ResizeObserver(() => this.resized()).observe(shell.stage);
  }

  /** Draw what is looked at. `news`: what changed since lights once. */
  show(news: boolean): void {
    const { state, shell, host } = this;
    const { board, city, view } = state;
    const on = view.cartogram && hasCartogram(state) && board !== null && city !== null;
    shell.root.classList.toggle("tiled", on);
    host.hidden = !on;
    if (!on || !board || !city) return;
    const words = wordsOf(view.lang);
    const { groups, tiles, titles, feet } = contentOf(state, board, city, words);
    const room = this.room(state.units !== null);
    const layout = layoutOf(groups, room);
    const form = formOf(layout.tile, [...tiles.values()].map(({ name }) => name));
    const made = h("div", {},
      [...layout.heads].filter(([key]) => key).map(([key, rect]) => h("h3", { "data-key": `head ${key}`, style: `left:${rect.x.toFixed(3)}rem;top:${rect.y.toFixed(3)}rem;width:${rect.width.toFixed(3)}rem` }, titles.get(key) ?? key)),
      [...layout.feet].map(([key, rect]) => h("div", { class: "still", "data-key": `foot ${key}`, style: `left:${rect.x.toFixed(3)}rem;top:${rect.y.toFixed(3)}rem;width:${rect.width.toFixed(3)}rem` },
        h("span", {}, words.stillUnits(String(feet.get(key)?.length ?? 0))),
        h("ul", { "aria-label": words.stillUnits(String(feet.get(key)?.length ?? 0)) }, (feet.get(key) ?? []).map((tile) => stillTile(tile, words))))),
      h("ul", { "data-key": "tiles", "aria-label": words.cartogramLabel }, groups.flatMap(({ items }) => items).map(({ key }) => {
        const tile = tiles.get(key);
        const rect = layout.tiles.get(key);
        return tile && rect ? tileOf(tile, rect, form, words) : null;
      })));
    children(host, made, news);
    host.style.height = `${layout.height.toFixed(3)}rem`;
    host.dataset["form"] = form;
    this.light(tiles, news);
  }

  /** The border of a tile that changed its weather lights once. */
  private light(tiles: ReadonlyMap<string, Tile>, news: boolean): void {
    const now = new Map([...tiles].map(([key, { row }]) => [key, `${row.weather} ${row.badges.includes("thunder")}`]));
    const changed = news ? [...now].filter(([key, wears]) => this.worn.has(key) && this.worn.get(key) !== wears) : [];
    this.worn = now;
    for (const [key] of changed) {
      const tile = this.host.querySelector(`[data-tile="${CSS.escape(key)}"] .in`);
      tile?.animate([{ boxShadow: "inset 0 0 0 0.3rem var(--ink)" }, { boxShadow: "inset 0 0 0 0.3rem #0000" }], { duration: calm() ? 10_000 : 1_200, easing: calm() ? "steps(1, end)" : "ease-out" });
    }
  }

  /** The part of the stage that nothing else is written over, in wall units; the tiles' own box is moved there. */
  private room(wordy: boolean): Room {
    const { shell, host } = this;
    const unit = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const stage = shell.stage.getBoundingClientRect();
    if (innerWidth < NARROW) return { width: (stage.width - 32) / unit, height: Infinity, least: wordy ? { width: 10, height: 3.8 } : { width: 6.6, height: 4.4 }, aspect: 1.5, head: 2, gap: 0.75 };
    const edge = 1.6 * unit;
    const top = Math.max(shell.controls.getBoundingClientRect().bottom, shell.key.getBoundingClientRect().bottom) - stage.top + 0.6 * unit;
    const feet = [shell.legend, shell.timeline, ...shell.notes.children].map((element) => element.getBoundingClientRect()).filter(({ width, left, right }) => width && right > stage.left && left < stage.right);
    const bottom = Math.min(stage.height, ...feet.map((box) => box.top - stage.top)) - 0.8 * unit;
    host.style.left = `${(edge / unit).toFixed(3)}rem`;
    host.style.top = `${(top / unit).toFixed(3)}rem`;
    return { width: (stage.width - 2 * edge) / unit, height: Math.max(12, (bottom - top) / unit), least: { width: 4.4, height: 2.6 }, aspect: wordy ? WORDY : SHORT, head: 1.7, gap: 0.7 };
  }

  private resized(): void {
    const size = `${this.shell.stage.clientWidth} ${this.shell.stage.clientHeight}`;
    if (size === this.size) return;
    this.size = size;
    this.show(false);
  }
}

interface Content {
  groups: Group[];
  tiles: Map<string, Tile>;
  titles: Map<string, string>;
  feet: Map<string, Tile[]>; // under a group: who of it has had nothing to answer for
}

function contentOf(state: State, board: Board, city: City, words: Words): Content {
  const { view, units } = state;
  const tiles = new Map<string, Tile>();
  const tileFor = (row: Row, of: Board, name: string): Tile => ({
    key: `${of.level}:${row.code}`, row, name, full: nameOf(row, view.lang), scope: scopeOf(row, of, city), go: of.level !== "unit" && (levelInfo(state, of.level)?.weather ?? false),
  });
  const add = (row: Row, of: Board, name: string): string => {
    const tile = tileFor(row, of, name);
    tiles.set(tile.key, tile);
    return tile.key;
  };
  if (units) {
    const kinds = [...new Set([...KINDS, ...units.areas.map(({ kind }) => kind ?? "")])];
    const feet = new Map<string, Tile[]>();
    const groups = kinds.flatMap((kind): Group[] => {
      const rows = worstFirst(units.areas.filter((row) => (row.kind ?? "") === kind));
      const still = rows.filter(({ notified }) => !notified).map((row) => tileFor(row, units, bare(row, city, view.lang)));
      if (still.length) feet.set(kind, still);
      const items = rows.filter(({ notified }) => notified).map((row) => ({ key: add(row, units, bare(row, city, view.lang)), at: null }));
      return rows.length ? [{ key: kind, items, foot: still.length }] : [];
    });
    return { groups, tiles, feet, titles: new Map(kinds.map((kind) => [kind, words.unitKind[kind] ?? kind])) };
  }
  const shapes = new Map((state.shapes.get(board.level) ?? []).map((shape) => [shape.code, shape]));
  const items = board.areas.map((row) => {
    const [lon, lat] = shapes.get(row.code)?.label ?? [0, 0];
    return { key: add(row, board, shortName(row, view.lang)), at: [lon, -lat] as const, parent: row.parent ?? "" };
  });
  const above = city.levels[city.levels.findIndex(({ level }) => level === board.level) - 1];
  const parents = new Set(items.map(({ parent }) => parent));
  if (!above?.weather || above === city.levels[0] || parents.size < 2) return { groups: [{ key: "", items }], tiles, feet: new Map(), titles: new Map() };
  const names = new Map((state.shapes.get(above.level) ?? []).map((shape) => [shape.code, shortName(shape, view.lang)]));
  return { groups: [...parents].map((key) => ({ key, items: items.filter(({ parent }) => parent === key) })), tiles, feet: new Map(), titles: names };
}

function layoutOf(groups: Group[], room: Room): Layout {
  const [only] = groups;
  if (groups.length === 1 && only && !only.key) return spread(only, room);
  const lies = groups.every(({ items }) => items.every(({ at }) => at));
  if (!Number.isFinite(room.height) || !lies) return pack(groups.map((group) => [group]), room);
  return pack(rowsOf(groups, Math.min(TILE_ROWS, groups.length)), room);
}

/** A unit's name inside its own city: without the city's. */
function bare(row: Row, city: City, lang: Lang): string {
  const name = nameOf(row, lang);
  if (lang === "en") return name.replace(new RegExp(`,? ${city.name_en} (?=\\w)`, "u"), " ");
  const short = [city.name, city.name.replace(/市$/u, "")].reduce((left, own) => left.replace(own, ""), name);
  return [...short].length > 1 ? short : name;
}
