// The map of the points: ground, own position and the way; marks, names and rings lie on the canvas above. Knows nothing of filters.

import type { Feature } from "geojson";
import { Map as GlMap, setWorkerUrl, type GeoJSONSource, type MapMouseEvent } from "maplibre-gl";
import { calm } from "../dom";
import type { AreaShape, City, Lang } from "../types";
import type { Place } from "../view";
import type { Bounds } from "./filter";
import { apart, type Heap } from "./heaps";
import { pointsStyle } from "./mapstyle";
import { Overlay } from "./overlay";
import type { Point, Position } from "./points";

setWorkerUrl(document.documentElement.dataset["worker"] ?? ""); // the built file's name, from the page

export interface Heard {
  pick: (code: string) => void;
  hover: (code: string | null) => void;
  moved: () => void;
}

const REACH = 22; // half a finger
const METRES = 40_075_016.686; // around the equator

const at = (lon: number, lat: number, properties: Record<string, unknown> = {}): Feature => ({ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties });

export class PointsMap {
  readonly gl: GlMap;
  readonly overlay: Overlay;
  private readonly styled: Promise<void>;
  private chosen: readonly Point[] = [];
  private hovered: Point | null = null;
  private me: Position | null = null;
  private own = "";
  private walked = "";

  constructor(
    container: HTMLElement,
    private readonly city: City,
    private readonly levels: readonly string[],
    own: Place | null,
    bounds: Bounds,
    private readonly heard: Heard,
  ) {
    this.own = JSON.stringify(own);
    this.gl = new GlMap({
      container,
      style: pointsStyle(city, levels, own),
      bounds: [...bounds],
      fitBoundsOptions: { padding: 16 },
      attributionControl: false,
      dragRotate: false,
      touchPitch: false,
      pitchWithRotate: false,
      keyboard: true,
      renderWorldCopies: false,
      fadeDuration: 0,
      maxZoom: 18,
    });
    this.gl.touchZoomRotate.disableRotation();
    this.styled = new Promise((done) => void this.gl.once("style.load", () => done()));
    this.overlay = new Overlay(this.gl);
    this.gl.on("click", (event) => this.clicked(event));
    this.gl.on("mousemove", (event) => this.pointed(event));
    this.gl.on("mouseout", () => this.heard.hover(null));
    this.gl.on("moveend", () => this.heard.moved());
    this.gl.on("zoom", () => this.drawMe());
    new ResizeObserver(() => this.gl.resize()).observe(container);
  }

  get bounds(): Bounds {
    const box = this.gl.getBounds();
    return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
  }

  get view(): readonly [number, number, number] {
    const { lng, lat } = this.gl.getCenter();
    return [lng, lat, this.gl.getZoom()];
  }

  show(points: readonly Point[]): void {
    this.overlay.show(points);
  }

  name(shapes: readonly (readonly AreaShape[])[], lang: Lang): void {
    this.overlay.name(shapes, lang);
  }

  /** Another area of one's own: it alone is white. */
  async look(own: Place | null): Promise<void> {
    await this.styled;
    if (JSON.stringify(own) === this.own) return;
    this.own = JSON.stringify(own);
    const style = pointsStyle(this.city, this.levels, own);
    const kept = this.gl.getStyle().sources;
    this.gl.setStyle({ ...style, sources: kept }, { diff: true });
  }

  fit(bounds: Bounds): void {
    this.gl.fitBounds([...bounds], { padding: 24, maxZoom: 16, duration: calm() ? 0 : 600 });
  }

  choose(point: Point | null): void {
    if (point === (this.chosen[0] ?? null)) return;
    this.mark(point ? [point] : []);
    void this.drawWay();
  }

  /** Ring several, where more than one can be chosen. */
  mark(points: readonly Point[]): void {
    this.chosen = points;
    this.overlay.ring(points, this.hovered);
  }

  /** Bring a point into the middle of what the card leaves free; `offset`: pixels from the middle of the map. */
  go(point: Point, offset: [number, number]): void {
    this.gl.easeTo({ center: [point.lon, point.lat], zoom: Math.max(this.gl.getZoom(), 15.6), offset, duration: calm() ? 0 : 400 });
  }

  hover(point: Point | null): void {
    this.hovered = point;
    this.overlay.ring(this.chosen, point);
  }

  async locate(me: Position | null): Promise<void> {
    this.me = me;
    await this.styled;
    this.drawMe();
    void this.drawWay();
  }

  /** The way of a walk, as the crow flies; once more only when it is another. */
  async walk(points: readonly Point[]): Promise<void> {
    const walked = points.map(({ code }) => code).join();
    if (walked === this.walked) return;
    this.walked = walked;
    await this.styled;
    const line = points.map(({ lon, lat }) => [lon, lat]);
    this.source("walk").setData({ type: "FeatureCollection", features: line.length > 1 ? [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line } }] : [] });
  }

  private source(id: string): GeoJSONSource {
    return this.gl.getSource(id) as GeoJSONSource;
  }

  private async drawWay(): Promise<void> {
    await this.styled;
    const [chosen] = this.chosen;
    const way: Feature[] = chosen && this.me
      ? [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [[this.me.lon, this.me.lat], [chosen.lon, chosen.lat]] } }]
      : [];
    this.source("way").setData({ type: "FeatureCollection", features: way });
  }

  private drawMe(): void {
    if (!this.gl.getSource("me")) return;
    if (!this.me) return void this.source("me").setData({ type: "FeatureCollection", features: [] });
    const metre = (512 * 2 ** this.gl.getZoom()) / (METRES * Math.cos((this.me.lat * Math.PI) / 180));
    this.source("me").setData(at(this.me.lon, this.me.lat, { radius: Math.min(300, Math.max(14, this.me.accuracy * metre)) }));
  }

  private clicked(event: MapMouseEvent): void {
    const heap = this.overlay.under(event.point, REACH);
    if (!heap) return;
    const alone = only(heap);
    if (alone) return this.heard.pick(alone.code);
    const zoom = apart(heap.points, Math.floor(this.gl.getZoom()) + 1);
    this.gl.easeTo({ center: [heap.lon, heap.lat], zoom: Math.min(zoom + 0.2, 18), duration: calm() ? 0 : 400 });
  }

  private pointed(event: MapMouseEvent): void {
    const heap = this.overlay.under(event.point, 6);
    this.gl.getCanvas().style.cursor = heap ? "pointer" : "";
    this.heard.hover((heap && only(heap))?.code ?? null);
  }
}

const only = ({ points: [first, ...more] }: Heap): Point | null => (first && !more.length ? first : null);
