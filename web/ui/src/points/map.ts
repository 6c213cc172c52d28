// The map of the points: marks by state, clusters when far, a ring around the chosen one. Knows nothing of filters.

import type { Feature } from "geojson";
import { Map as GlMap, setWorkerUrl, type GeoJSONSource, type MapMouseEvent } from "maplibre-gl";
import { calm } from "../dom";
import { shortName } from "../format";
import { LIGHT } from "../theme";
import type { AreaShape, City, Lang } from "../types";
import type { Place } from "../view";
import type { Bounds } from "./filter";
import { LINK, pointsStyle } from "./mapstyle";
import { apart, heaps, type Heap } from "./heaps";
import { drawMark, heapName, markName } from "./marks";
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
  private readonly styled: Promise<void>;
  private shown: readonly Point[] = [];
  private heaps: readonly Heap[] = [];
  private zoom = -1; // the whole zoom that the heaps are for
  private chosen: Point | null = null;
  private hovered: Point | null = null;
  private me: Position | null = null;
  private own = "";

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
    this.gl.setMissingStyleImageResolver((id) => {
      const drawn = drawMark(id);
      if (drawn && !this.gl.hasImage(id)) this.gl.addImage(id, drawn.data, { pixelRatio: drawn.pixelRatio });
    });
    this.gl.on("click", (event) => this.clicked(event));
    this.gl.on("mousemove", (event) => this.pointed(event));
    this.gl.on("mouseout", () => this.heard.hover(null));
    this.gl.on("moveend", () => this.heard.moved());
    this.gl.on("zoom", () => {
      this.drawMe();
      if (Math.floor(this.gl.getZoom()) !== this.zoom) this.draw();
    });
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

  async show(points: readonly Point[]): Promise<void> {
    this.shown = points;
    await this.styled;
    if (this.shown === points) this.draw();
  }

  /** The marks for this zoom: single points and heaps of them. */
  private draw(): void {
    if (!this.gl.getSource("points")) return;
    this.zoom = Math.floor(this.gl.getZoom());
    this.heaps = heaps(this.shown, this.zoom);
    const features = this.heaps.map(({ lon, lat, points }, heap) => {
      const [point] = points;
      if (points.length === 1 && point) return at(lon, lat, { code: point.code, heap, count: 1, mark: markName(point), rank: point.overdue ? 2 : point.visited && !point.open ? 0 : 1 });
      return at(lon, lat, { heap, count: points.length, mark: heapName(points), rank: 3 });
    });
    this.source("points").setData({ type: "FeatureCollection", features });
  }

  async name(shapes: readonly (readonly AreaShape[])[], lang: Lang): Promise<void> {
    await this.styled;
    const features = shapes.flatMap((level, depth) => level.map((shape) => at(...shape.label, { name: shortName(shape, lang), size: depth ? "near" : "far", order: -shape.label_width_m })));
    this.source("names").setData({ type: "FeatureCollection", features });
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

  async choose(point: Point | null): Promise<void> {
    if (point === this.chosen) return;
    this.chosen = point;
    await this.styled;
    this.drawRings();
  }

  /** Bring a point into the middle of what the card leaves free; `offset`: pixels from the middle of the map. */
  go(point: Point, offset: [number, number]): void {
    this.gl.easeTo({ center: [point.lon, point.lat], zoom: Math.max(this.gl.getZoom(), 15.6), offset, duration: calm() ? 0 : 400 });
  }

  async hover(point: Point | null): Promise<void> {
    if (point === this.hovered) return;
    this.hovered = point;
    await this.styled;
    this.drawRings();
  }

  async locate(me: Position | null): Promise<void> {
    this.me = me;
    await this.styled;
    this.drawMe();
    this.drawRings();
  }

  private source(id: string): GeoJSONSource {
    return this.gl.getSource(id) as GeoJSONSource;
  }

  private drawRings(): void {
    const rings = [
      ...(this.hovered && this.hovered !== this.chosen ? [at(this.hovered.lon, this.hovered.lat, { color: LIGHT.ink, radius: 19 })] : []),
      ...(this.chosen ? [at(this.chosen.lon, this.chosen.lat, { color: LINK, radius: 21 })] : []),
    ];
    this.source("chosen").setData({ type: "FeatureCollection", features: rings });
    const way: Feature[] = this.chosen && this.me
      ? [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [[this.me.lon, this.me.lat], [this.chosen.lon, this.chosen.lat]] } }]
      : [];
    this.source("way").setData({ type: "FeatureCollection", features: way });
  }

  private drawMe(): void {
    if (!this.gl.getSource("me")) return;
    if (!this.me) return void this.source("me").setData({ type: "FeatureCollection", features: [] });
    const metre = (512 * 2 ** this.gl.getZoom()) / (METRES * Math.cos((this.me.lat * Math.PI) / 180));
    this.source("me").setData(at(this.me.lon, this.me.lat, { radius: Math.min(300, Math.max(14, this.me.accuracy * metre)) }));
  }

  /** The mark under a finger or pointer, the nearest first. */
  private under({ point }: MapMouseEvent, reach: number): Feature | null {
    if (!this.gl.getLayer("points")) return null;
    const far = (feature: Feature): number => {
      const [lon = 0, lat = 0] = feature.geometry.type === "Point" ? feature.geometry.coordinates : [];
      const spot = this.gl.project([lon, lat]);
      return Math.hypot(spot.x - point.x, spot.y - point.y);
    };
    const found = this.gl.queryRenderedFeatures([[point.x - reach, point.y - reach], [point.x + reach, point.y + reach]], { layers: ["points"] });
    return found.sort((a, b) => far(a) - far(b))[0] ?? null;
  }

  private clicked(event: MapMouseEvent): void {
    const feature = this.under(event, REACH);
    if (!feature) return;
    const { properties, geometry } = feature;
    if (properties?.["code"]) return this.heard.pick(String(properties["code"]));
    if (geometry.type !== "Point") return;
    const [lon = 0, lat = 0] = geometry.coordinates;
    const zoom = apart(this.heaps[Number(properties?.["heap"])]?.points ?? [], this.zoom + 1);
    this.gl.easeTo({ center: [lon, lat], zoom: Math.min(zoom + 0.2, 18), duration: calm() ? 0 : 400 });
  }

  private pointed(event: MapMouseEvent): void {
    const feature = this.under(event, 6);
    this.gl.getCanvas().style.cursor = feature ? "pointer" : "";
    this.heard.hover(feature?.properties?.["code"] ? String(feature.properties["code"]) : null);
  }
}
