// What lies over the map on a canvas of its own: names, marks, rings. A filter redraws it within one frame and asks
// nothing of the map or its worker; while the map moves it is drawn with each of the map's frames.

import { MercatorCoordinate, type Map as GlMap } from "maplibre-gl";
import { shortName } from "../format";
import { LIGHT } from "../theme";
import type { AreaShape, Lang } from "../types";
import { heaps, type Heap } from "./heaps";
import { heapName, markName, Marks, NAME_HEIGHT } from "./marks";
import { LINK } from "./mapstyle";
import type { Point } from "./points";

interface Name {
  x: number;
  y: number;
  text: string;
  near: boolean; // of the finer areas, which are named from NEAR on
}

interface Drawn extends Heap {
  mark: string;
  rank: number; // what is drawn later lies above
}

type Box = readonly [left: number, top: number, right: number, bottom: number];

const NEAR = 12.6; // zoom
const TILE = 512;
const HALF = 18; // pixels from the middle of a mark that names keep clear of
const PAD = 4;

const overlaps = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

export class Overlay {
  private readonly canvas = document.createElement("canvas");
  private readonly pen = this.canvas.getContext("2d");
  private marks = new Marks();
  private points: readonly Point[] = [];
  private names: readonly Name[] = [];
  private drawn: readonly Drawn[] = [];
  private holders = new Map<Point, Heap>(); // the mark that stands for a point
  private zoom = -1; // the whole zoom that the heaps are for
  private chosen: readonly Point[] = [];
  private hovered: Point | null = null;
  private asked = 0;

  constructor(private readonly gl: GlMap) {
    this.canvas.className = "marks";
    this.canvas.setAttribute("aria-hidden", "true");
    gl.getCanvasContainer().appendChild(this.canvas);
    gl.on("render", () => this.draw());
    document.fonts.addEventListener("loadingdone", () => {
      this.marks = new Marks(); // drawn with other letters
      this.soon();
    });
    this.soon();
  }

  /** What the marks stand for now: points alone and in heaps. */
  get standing(): readonly Heap[] {
    return this.drawn;
  }

  /** Not drawn yet. */
  get pending(): boolean {
    return this.asked !== 0;
  }

  get rings(): readonly Point[] {
    const hovered = this.hovered && !this.chosen.includes(this.hovered) ? [this.hovered] : [];
    return [...hovered, ...this.chosen];
  }

  show(points: readonly Point[]): void {
    if (points === this.points) return;
    this.points = points;
    this.zoom = -1;
    this.soon();
  }

  /** `shapes`: by level, coarse to fine; the widest is named first. */
  name(shapes: readonly (readonly AreaShape[])[], lang: Lang): void {
    this.names = shapes.flatMap((level, depth) => [...level].sort((a, b) => b.label_width_m - a.label_width_m).map((shape): Name => {
      const { x, y } = MercatorCoordinate.fromLngLat([...shape.label]);
      return { x, y, text: shortName(shape, lang), near: depth > 0 };
    }));
    this.soon();
  }

  ring(chosen: readonly Point[], hovered: Point | null): void {
    if (chosen === this.chosen && hovered === this.hovered) return;
    [this.chosen, this.hovered] = [chosen, hovered];
    this.soon();
  }

  /** The mark nearest to a spot of the map, none farther than `reach` pixels. */
  under(spot: { x: number; y: number }, reach: number): Heap | null {
    const at = this.placer();
    let [found, least]: [Heap | null, number] = [null, reach + HALF / 2];
    for (const heap of this.drawn) {
      const [x, y] = at(heap);
      const far = Math.hypot(x - spot.x, y - spot.y);
      if (far <= least) [found, least] = [heap, far];
    }
    return found;
  }

  private soon(): void {
    this.asked ||= requestAnimationFrame(() => this.draw());
  }

  /** From the world to pixels of the map, which is neither turned nor tilted. */
  private placer(): (spot: { x: number; y: number }) => [number, number] {
    const middle = MercatorCoordinate.fromLngLat(this.gl.getCenter());
    const world = TILE * 2 ** this.gl.getZoom();
    const { width, height } = this.canvas;
    const ratio = this.gl.getPixelRatio();
    return ({ x, y }) => [(x - middle.x) * world + width / ratio / 2, (y - middle.y) * world + height / ratio / 2];
  }

  private gather(): void {
    const zoom = Math.floor(this.gl.getZoom());
    if (zoom === this.zoom) return;
    this.zoom = zoom;
    const rank = (point: Point): number => (point.overdue ? 2 : point.done && !point.open ? 0 : 1);
    this.drawn = heaps(this.points, zoom).map((heap): Drawn => {
      const [point] = heap.points;
      return heap.points.length === 1 && point ? { ...heap, mark: markName(point), rank: rank(point) } : { ...heap, mark: heapName(heap.points), rank: 3 };
    }).sort((a, b) => a.rank - b.rank);
    this.holders = new Map(this.drawn.flatMap((heap) => heap.points.map((point) => [point, heap])));
  }

  private draw(): void {
    cancelAnimationFrame(this.asked);
    this.asked = 0;
    const { canvas, pen, gl, marks } = this;
    if (!pen) return;
    const { width, height } = gl.getCanvas();
    const ratio = gl.getPixelRatio();
    if (canvas.width !== width || canvas.height !== height) {
      [canvas.width, canvas.height] = [width, height];
      [canvas.style.width, canvas.style.height] = [`${width / ratio}px`, `${height / ratio}px`];
    }
    this.gather();
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const at = this.placer();
    const [right, bottom] = [width / ratio + HALF, height / ratio + HALF];
    const seen = this.drawn.flatMap(({ x, y, mark }) => {
      const [left, top] = at({ x, y });
      return left > -HALF && top > -HALF && left < right && top < bottom ? [{ left, top, mark }] : [];
    });
    const taken: Box[] = seen.map(({ left, top }) => [left - HALF, top - HALF, left + HALF, top + HALF]);
    const near = gl.getZoom() >= NEAR;
    for (const name of this.names) {
      if (name.near !== near) continue;
      const [x, y] = at(name);
      if (x < -right || y < -bottom || x > 2 * right || y > 2 * bottom) continue;
      const drawn = marks.of(`name-${near ? "near" : "far"}-${name.text}`);
      const [half, up] = [drawn.width / ratio / 2, NAME_HEIGHT / 2];
      const box: Box = [x - half - PAD, y - up - PAD, x + half + PAD, y + up + PAD];
      if (taken.some((other) => overlaps(box, other))) continue; // names give way to marks, never marks to names
      taken.push(box);
      pen.drawImage(drawn, x - half, y - up, 2 * half, 2 * up);
    }
    for (const { left, top, mark } of seen) {
      const drawn = marks.of(mark);
      const [w, h] = [drawn.width / ratio, drawn.height / ratio];
      pen.drawImage(drawn, left - w / 2, top - h / 2, w, h);
    }
    const several = this.chosen.length > 1; // then a ring for each mark, not for each point beneath it
    const ringed = new Set<Heap>();
    for (const point of this.rings) {
      const heap = several ? this.holders.get(point) : undefined;
      if (heap && ringed.has(heap)) continue;
      if (heap) ringed.add(heap);
      const [x, y] = at(heap ?? point);
      pen.lineWidth = 3.5;
      pen.strokeStyle = this.chosen.includes(point) ? LINK : LIGHT.ink;
      pen.beginPath();
      pen.arc(x, y, (this.chosen.includes(point) ? 21 : 19) + 1.75, 0, 7);
      pen.stroke();
    }
  }
}
