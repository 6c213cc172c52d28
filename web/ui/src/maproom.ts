// Between the state and the map: which scene, which colours, which labels, how far to fly.

import { h } from "./dom";
import { Card } from "./map/card";
import { nextArea, type Direction } from "./map/compass";
import { paddingFor } from "./map/fitting";
import type { Labelled } from "./map/labels";
import { Locator } from "./map/locator";
import type { MarkPoint } from "./map/marks";
import type { Mark } from "./map/signs";
import type { Scene } from "./map/style";
import { WallMap, type Heard, type Marking, type Padding } from "./map/wallmap";
import { Calendar, nameOf } from "./format";
import type { Look } from "./replay/film";
import { wornAt } from "./replay/frame";
import { scopeOf } from "./panels/figure";
import { markOf } from "./panels/issues";
import type { Shell } from "./shell";
import { lineage, shapeOf, type State } from "./state";
import { DARK } from "./theme";
import type { Board, City, Issue, Row } from "./types";
import { baseOf } from "./view";
import { words } from "./words";

declare global {
  interface Window {
    weathermap: { map: WallMap["gl"] | null; colours: WallMap["colours"] | null; picture: WallMap["picture"] | null }; // for tests and for whoever looks under the bonnet
  }
}

const NARROW = 1200;
const FEW = 20; // so few labels can be laid out anew during a replay
const DRAGGED = 2; // more frames than this in a row are a drag, not a step
const RED_MS = 86_400_000; // a red line overdue this long is thunder
const SHARP = 1.8; // from this scale on (4K) the next finer borders show as hairlines

export class MapRoom {
  private map: WallMap | null = null;
  private wearing = false; // frames of a replay
  private frames = 0; // so many of them
  private readonly locator: Locator;
  private card: Card | null = null;
  private cursor: Labelled["shape"] | null = null; // where the arrows stand
  private at = ""; // what the camera looks at
  private drawn = "";
  private city = "";
  private land = ""; // whose shapes the map holds: city and boundary version

  constructor(
    private readonly shell: Shell,
    private readonly state: State,
    private readonly heard: Pick<Heard, "area" | "issue">,
  ) {
    window.weathermap = { map: null, colours: null, picture: null };
    this.locator = new Locator(shell.locator);
    new ResizeObserver(() => this.resized()).observe(shell.map);
    shell.list.addEventListener("focusin", (event) => this.point((event.target as Element).closest<HTMLElement>("[data-row]")?.dataset["row"] ?? null));
    shell.list.addEventListener("focusout", () => this.point(null));
    shell.map.addEventListener("blur", () => this.stand(null));
  }

  /** Frames of a replay are to come: a picture of the map is taken, on which they cost little. */
  async ready(): Promise<void> {
    this.begun();
    await this.map?.still();
    this.takePicture();
  }

  /** Whether frames are shown on a picture: then they need no boards. */
  get pictured(): boolean {
    return this.map?.picture.on ?? false;
  }

  /** A frame of a replay: colours and labels alone. `read`: it stays long enough to be read. */
  wear(step: number, read: boolean): void {
    const { city, view, levels } = this.state;
    if (!this.map || !city) return;
    this.begun();
    this.frames += 1;
    if (!this.visible) return;
    const { areas, cells } = wornAt(this.state, step);
    if (this.pictured) this.map.picture.wear(this.byId(areas), cells);
    else this.paint(false);
    const labelled = read ? this.labelled(city) : [];
    if (labelled.length && labelled.length <= FEW) this.map.labels.show(labelled, view.lang, words(view.lang), this.scale); // longer figures need other forms
    const whole = !levels.weather && view.area ? areas.get(view.area.code) : null;
    this.map.labels.wear(whole && view.area ? new Map([[view.area.code, whole]]) : areas, view.at ?? "");
  }

  /** Marks and points are those of another instant. */
  private begun(): void {
    if (!this.map || this.wearing) return;
    Object.assign(this.state, { marks: [], issueTiles: null, points: [] });
    this.map.colours.uncount();
    this.show(false);
    this.wearing = true;
    this.frames = 0;
  }

  private takePicture(): void {
    const { step } = this.state.replay;
    if (!this.wearing || !this.map || this.pictured || !this.visible || !this.map.takePicture()) return;
    if (step !== null && this.frames) this.wear(step, false);
  }

  /** Tiles without borders may stand in its place. */
  private get visible(): boolean {
    return this.shell.map.checkVisibility({ visibilityProperty: true });
  }

  private byId(looks: ReadonlyMap<string, Look>): Map<number, Look> {
    const { levels, city, view, shapes } = this.state;
    const level = levels.weather ? levels.shown : (view.area?.level ?? (city && baseOf(city)));
    return new Map((shapes.get(level ?? "") ?? []).flatMap(({ id, code }) => {
      const look = looks.get(code);
      return look ? [[id, look] as const] : [];
    }));
  }

  show(news: boolean): void {
    this.wearing = false;
    const { city, board } = this.state;
    if (!city || !board || !this.shell.map.clientWidth) return;
    const scene = this.scene(city);
    const moved = this.map !== null;
    const target = this.target(city);
    const sceneText = JSON.stringify(scene);
    if (this.pictured && this.state.replay.playing && sceneText === this.drawn && target.key === this.at) {
      this.wearing = true;
      return this.map?.labels.show(this.labelled(city), this.state.view.lang, words(this.state.view.lang), scene.scale);
    }
    this.map ??= this.begin(scene, target.bounds);
    const land = `${city.code} ${this.state.borders}`; // other borders have other ids
    if (this.land && this.land !== land) this.map.colours.forget();
    this.land = land;
    if (this.pictured && (sceneText !== this.drawn || target.key !== this.at)) this.map.picture.drop();
    if (moved && sceneText !== this.drawn) void this.map.show(scene);
    this.drawn = sceneText;
    this.paint(news);
    void this.map.mark(this.marking(city, board));
    void this.map.showPoints(this.state.points);
    this.map.labels.show(this.labelled(city), this.state.view.lang, words(this.state.view.lang), scene.scale);
    if (target.key !== this.at) this.map.fly(target.bounds, this.padding(target), moved && this.city === city.code);
    else this.nameLand();
    if (target.key !== this.at) {
      this.card?.close();
      this.stand(null);
    }
    this.at = target.key;
    this.city = city.code;
    const [, level = ""] = city.levels.map((entry) => entry.level);
    void this.locator.show({ ...city, boundary_version: this.state.borders }, level, lineage(this.state)[0]?.place.code ?? null);
    if (this.pictured) this.map.uncover();
  }

  /** The map failed while it drew (its tiles and its layers can part when views change fast): another one takes its place. */
  replace(): void {
    if (!this.map) return;
    this.card?.close();
    this.card = null;
    this.map.gl.remove();
    this.map = null;
    this.shell.map.replaceChildren();
    this.drawn = this.at = this.city = this.land = "";
    this.show(false);
  }

  private begin(scene: Scene, bounds: City["bbox"]): WallMap {
    const map = new WallMap(this.shell.map, DARK, scene, bounds, base(scene.scale), { ...this.heard, point: (code) => this.open(code), rested: () => this.rested(), lifted: () => this.paint(false) });
    this.card = new Card(map.gl);
    window.weathermap = { map: map.gl, colours: map.colours, picture: map.picture };
    map.gl.on("idle", () => {
      this.nameLand();
      if (this.state.replay.playing || this.frames > DRAGGED) this.takePicture();
    });
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
      version: this.state.borders,
      levels: [...city.levels, ...city.overlays].map(({ level }) => level),
      outline: chain[0] ?? "",
      focus: view.area,
      around: lineage(this.state).map(({ place, shape }) => ({ ...place, parent: chain.indexOf(place.level) > 1 ? (shape?.parent ?? null) : null })),
      shown: levels.shown,
      shownHasWeather: levels.weather,
      cells: levels.cells,
      cellParents: levels.cells ? inside.map(({ code }) => code) : [],
      hairlines: this.scale >= SHARP && !view.area && levels.weather ? finer(city, levels.shown) : null,
      base: !view.area && !levels.weather && levels.shown ? baseOf(city) : null,
      issueTiles: this.state.issueTiles,
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

  private marking(city: City, board: Board): Marking {
    const { view, marks, newest, issueTiles } = this.state;
    const calendar = new Calendar(city.timezone, view.lang);
    const at = new Date(board.at);
    const fresh = issueTiles ? (newest?.issues ?? []).filter(({ notified_at, rectified_at }) => !rectified_at && Date.parse(notified_at ?? "") > issueTiles.made) : [];
    const given = (issueTiles ? fresh : marks).flatMap((issue): MarkPoint[] =>
      issue.lon === null || issue.lat === null ? [] : [{ id: issue.id, number: issue.number, lon: issue.lon, lat: issue.lat, kind: signOf(issue, at, calendar), n: 1, late: issue.overdue ? 1 : 0 }],
    );
    return { given: view.area ? given : [], tiles: issueTiles && { areas: this.finestInside(city), made: issueTiles.made } };
  }

  /** Ids of the finest areas with weather in what is looked at: issue tiles name those. */
  private finestInside(city: City): Set<number> | null {
    const { view, shapes } = this.state;
    const chain = city.levels.filter(({ weather }) => weather).map(({ level }) => level);
    let codes = new Set(view.area ? [view.area.code] : []);
    for (const level of chain.slice(chain.indexOf(view.area?.level ?? "") + 1)) codes = new Set((shapes.get(level) ?? []).filter(({ parent }) => parent && codes.has(parent)).map(({ code }) => code));
    return view.area ? new Set((shapes.get(chain.at(-1) ?? "") ?? []).filter(({ code }) => codes.has(code)).map(({ id }) => id)) : null;
  }

  /** The card of a declared point. */
  open(code: string): void {
    const { points, kinds, city, board, view } = this.state;
    const row = points.find((point) => point.code === code);
    if (row && city && board) this.card?.show(row, kinds.get(row.kind) ?? null, city, board.at, view.lang, words(view.lang));
  }

  /** Whether there was a card to close. */
  uncard(): boolean {
    const open = this.card?.open ?? false;
    this.card?.close();
    return open;
  }

  zoom(steps: number): void {
    this.map?.zoomBy(steps);
  }

  /** An arrow: to the next area that way; its outline shows, Enter goes in. */
  step(direction: Direction): boolean {
    const { city, levels } = this.state;
    if (!this.map || !city || !levels.shown || !levels.weather) return false;
    const inside = this.labelled(city).map(({ shape }) => shape);
    const next = nextArea(this.map.gl, inside, this.cursor, direction);
    this.shell.map.focus({ preventScroll: true });
    if (next) this.stand(next);
    return true;
  }

  /** Where the arrows stand, as a place to go to. */
  get standing(): { level: string; code: string } | null {
    return this.cursor && this.state.levels.shown ? { level: this.state.levels.shown, code: this.cursor.code } : null;
  }

  private stand(shape: Labelled["shape"] | null): void {
    const { view, levels, board } = this.state;
    this.cursor = shape;
    this.map?.light(shape && levels.shown ? { level: levels.shown, id: shape.id } : null);
    const w = words(view.lang);
    const sky = shape && board?.areas.find(({ code }) => code === shape.code)?.weather;
    this.shell.map.setAttribute("aria-label", shape ? `${nameOf(shape, view.lang)}${sky ? ` · ${w.sky[sky]}` : ""}` : w.mapLabel);
  }

  /** A row of the list is in focus: its area is outlined. */
  private point(row: string | null): void {
    const [level = "", code = ""] = (row ?? "").split(/:(.*)/su);
    const area = this.state.board?.areas.find((entry) => entry.code === code && entry.level === level);
    this.map?.light(area ? { level, id: area.id } : null);
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
    const { key, legend, controls, notes, locator } = this.shell;
    if (this.map && !this.map.gl.isMoving()) this.map.nameLand([key, legend, controls, notes, locator]);
  }

  private resized(): void {
    if (!this.map) return void this.show(false);
    this.map.gl.resize();
    this.at = "";
    this.drawn = "";
    this.show(false);
  }
}

/** What an issue's mark says: the same as its tile would. */
function signOf(issue: Issue, at: Date, calendar: Calendar): Mark {
  const red = issue.red_line && issue.overdue && !issue.listed && issue.deadline && at.getTime() - Date.parse(issue.deadline) > RED_MS;
  return red ? "red" : markOf(issue, at, calendar);
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

