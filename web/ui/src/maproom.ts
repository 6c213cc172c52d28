// Between the state and the map: which scene, which colours, which labels, how far to fly.

import { h } from "./dom";
import { WallMap, type Heard, type MarkPoint, type Padding } from "./map/wallmap";
import { paddingFor } from "./map/fitting";
import type { Labelled } from "./map/labels";
import type { Scene } from "./map/style";
import { Calendar } from "./format";
import { scopeOf } from "./panels/figure";
import { markOf } from "./panels/issues";
import type { Shell } from "./shell";
import { lineage, shapeOf, type State } from "./state";
import { DARK } from "./theme";
import type { Board, City, Issue, Row } from "./types";
import { words } from "./words";

declare global {
  interface Window {
    weathermap: { map: WallMap["gl"] | null }; // for tests and for whoever looks under the bonnet
  }
}

const NARROW = 1200;
const SHARP = 1.8; // from this scale on (4K) the next finer borders show as hairlines

export class MapRoom {
  private map: WallMap | null = null;
  private marks: Issue[] = [];
  private at = ""; // what the camera looks at
  private drawn = "";
  private city = "";

  constructor(
    private readonly shell: Shell,
    private readonly state: State,
    private readonly heard: Pick<Heard, "area" | "issue">,
  ) {
    window.weathermap = { map: null };
    new ResizeObserver(() => this.resized()).observe(shell.map);
  }

  /** Issues to be marked; drawn with the next `show`. */
  take(marks: Issue[]): void {
    this.marks = marks;
  }

  show(news: boolean): void {
    const { city, board } = this.state;
    if (!city || !board || !this.shell.map.clientWidth) return;
    const scene = this.scene(city);
    const moved = this.map !== null;
    const target = this.target(city);
    this.map ??= this.open(scene, target.bounds);
    if (this.city && this.city !== city.code) this.map.colours.forget();
    const sceneText = JSON.stringify(scene);
    if (moved && sceneText !== this.drawn) void this.map.show(scene);
    this.drawn = sceneText;
    this.paint(news);
    void this.map.mark(this.points(city, board));
    this.map.labels.show(this.labelled(city), this.state.view.lang, words(this.state.view.lang), scene.scale);
    if (target.key !== this.at) this.map.fly(target.bounds, this.padding(target), moved && this.city === city.code);
    else this.nameLand();
    this.at = target.key;
    this.city = city.code;
  }

  private open(scene: Scene, bounds: City["bbox"]): WallMap {
    const map = new WallMap(this.shell.map, DARK, scene, bounds, base(scene.scale), { ...this.heard, rested: () => this.rested() });
    window.weathermap.map = map.gl;
    map.gl.on("idle", () => this.nameLand());
    if (innerWidth < NARROW) {
      map.gl.dragPan.disable(); // a finger on the map scrolls the page
      map.gl.scrollZoom.disable();
    }
    return map;
  }

  private get scale(): number {
    return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  }

  private scene(city: City): Scene {
    const { levels, view } = this.state;
    const chain = city.levels.map(({ level }) => level);
    const inside = levels.shown ? (this.state.shapes.get(levels.shown) ?? []).filter(({ parent }) => !view.area || parent === view.area.code) : [];
    return {
      city: city.code,
      basemap: city.basemap,
      version: city.boundary_version,
      levels: [...city.levels, ...city.overlays].map(({ level }) => level),
      outline: chain[0] ?? "",
      focus: view.area,
      around: lineage(this.state).map(({ place, shape }) => ({ ...place, parent: chain.indexOf(place.level) > 1 ? (shape?.parent ?? null) : null })),
      shown: levels.shown,
      shownHasWeather: levels.weather,
      cells: levels.cells,
      cellParents: levels.cells ? inside.map(({ code }) => code) : [],
      hairlines: this.scale >= SHARP && !view.area && levels.weather ? finer(city, levels.shown) : null,
      scale: this.scale,
    };
  }

  private paint(news: boolean): void {
    const { board, around, cells, levels, shapes } = this.state;
    if (!board || !this.map) return;
    for (const context of [...around, ...(levels.weather ? [board] : [])]) {
      const known = shapes.get(context.level) ?? [];
      const within = context === board && board.parent ? known.filter(({ parent }) => parent === board.parent) : known;
      void this.map.paint(context.level, within, byCode(context), news);
    }
    for (const counted of [cells, levels.weather ? null : board]) if (counted?.areas.length) void this.map.countCells(counted.level, counted.areas);
  }

  private labelled(city: City): Labelled[] {
    const { board, levels, view, shapes } = this.state;
    if (!board) return [];
    if (!levels.weather || !levels.shown) {
      const shape = view.area ? shapeOf(this.state, view.area) : null;
      return shape ? [{ shape, row: board.totals, scope: scopeOf(board.totals, board, city) }] : [];
    }
    const rows = byCode(board);
    return (shapes.get(levels.shown) ?? [])
      .filter(({ parent, code }) => !view.area || parent === view.area.code || rows.has(code))
      .map((shape) => {
        const row = rows.get(shape.code) ?? null;
        return { shape, row, scope: row ? scopeOf(row, board, city) : {} };
      });
  }

  private points(city: City, board: Board): MarkPoint[] {
    const calendar = new Calendar(city.timezone, this.state.view.lang);
    const at = new Date(board.at);
    const all = this.marks.flatMap((issue) => (issue.lon === null || issue.lat === null ? [] : [{ number: issue.number, lon: issue.lon, lat: issue.lat, kind: markOf(issue, at, calendar) }]));
    return this.state.levels.cells ? all.filter(({ kind }) => kind !== "open" && kind !== "today") : all; // where cells tell how many, only what calls
  }

  private target(city: City): { key: string; bounds: City["bbox"] } {
    const { view } = this.state;
    const shape = view.area ? shapeOf(this.state, view.area) : null;
    return { key: `${city.code} ${view.area?.level ?? ""} ${view.area?.code ?? ""}`, bounds: shape?.bbox ?? city.bbox };
  }

  private padding({ bounds }: { bounds: City["bbox"] }): Padding {
    const edge = { ...base(this.scale) };
    if (!this.map || innerWidth < NARROW) return edge;
    const frame = this.shell.map.getBoundingClientRect();
    edge.top = Math.max(edge.top, this.shell.controls.getBoundingClientRect().bottom - frame.top + 8 * this.scale);
    const gap = 10 * this.scale;
    const covers = [this.shell.legend, this.shell.scale, ...this.shell.notes.children]
      .map((element) => element.getBoundingClientRect())
      .filter(({ width }) => width > 0)
      .map((box) => ({ left: box.left - frame.left - gap, right: box.right - frame.left + gap, top: box.top - frame.top - gap, bottom: frame.height }));
    return paddingFor(this.map.gl, { width: frame.width, height: frame.height }, bounds, this.parts(), edge, covers);
  }

  /** The finest extents at hand inside what is looked at: together they follow its shape. */
  private parts(): City["bbox"][] {
    const { shapes, city, view } = this.state;
    const chain = city?.levels.map(({ level }) => level) ?? [];
    const finest = [...chain].reverse().find((level) => shapes.get(level)?.length) ?? "";
    const all = shapes.get(finest) ?? [];
    if (!view.area) return all.map(({ bbox }) => bbox);
    return view.area.level === finest ? all.filter(({ code }) => code === view.area?.code).map(({ bbox }) => bbox) : all.filter(({ parent }) => parent === view.area?.code).map(({ bbox }) => bbox);
  }

  private rested(): void {
    if (!this.map) return;
    this.shell.scale.replaceChildren(...scaleBar(this.map.gl, this.scale));
  }

  private nameLand(): void {
    const { key, legend, controls, notes } = this.shell;
    if (this.map && !this.map.gl.isMoving()) this.map.nameLand([key, legend, controls, notes]);
  }

  private resized(): void {
    if (!this.map) return void this.show(false);
    this.map.gl.resize();
    this.at = "";
    this.drawn = "";
    this.show(false);
  }
}

/** The next finer level with weather, if any. */
function finer(city: City, shown: string | null): string | null {
  const at = city.levels.findIndex(({ level }) => level === shown);
  const next = at < 0 ? undefined : city.levels[at + 1];
  return next?.weather ? next.level : null;
}

const byCode = (board: Board): Map<string, Row> => new Map(board.areas.map((row) => [row.code, row]));

const base = (scale: number): Padding => {
  const side = (innerWidth < NARROW ? 12 : 30) * scale;
  return { top: side * (innerWidth < NARROW ? 3.4 : 1.4), right: side, bottom: side, left: side };
};

/** A bar of a round length, at most 120 wall pixels. */
function scaleBar(map: WallMap["gl"], scale: number): HTMLElement[] {
  const { lat } = map.getCenter();
  const metre = (512 * 2 ** map.getZoom()) / (40_075_016.686 * Math.cos((lat * Math.PI) / 180));
  const most = (120 * scale) / metre;
  const power = 10 ** Math.floor(Math.log10(most));
  const round = ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power;
  const text = round >= 1000 ? `${round / 1000} km` : `${round} m`;
  return [h("span", {}, text), h("i", { style: `width:${(round * metre).toFixed(1)}px` })];
}

