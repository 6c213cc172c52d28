// The map on the wall: shows a scene, wears colours, flies, says what was clicked. Knows nothing of panels or addresses.

import type { Point } from "geojson";
import { Map as GlMap, setWorkerUrl, type FilterSpecification, type GeoJSONSource, type MapGeoJSONFeature, type MapMouseEvent } from "maplibre-gl";
import { calm, h } from "../dom";
import type { Theme } from "../theme";
import type { AreaShape, PointRow, Row, Sky } from "../types";
import { Colours } from "./colours";
import { STREETS_FROM } from "./basemap";
import { Labels } from "./labels";
import { calling, collection, fingerprint, gather, type MarkData, type MarkPoint } from "./marks";
import { spots } from "./names";
import { pattern, PATTERNED, type Drawn } from "./patterns";
import { Picture } from "./picture/picture";
import { pointImage } from "./points";
import { Sea } from "./sea";
import { heap, mark, point, type Mark } from "./signs";
import { sourceOf, styleOf, type Scene } from "./style";

setWorkerUrl(document.documentElement.dataset["worker"] ?? ""); // the built file's name, from the page

export interface Picked {
  level: string;
  code: string;
}

export interface Heard {
  area: (picked: Picked) => void;
  issue: (number: string) => void; // its number, or its id where only that is known
  point?: (code: string) => void;
  rested: () => void; // the camera came to rest
  lifted?: () => void; // the picture of a replay is gone: the map itself shows
}

/** Where marks come from: given, or read from the issue tiles with what is newer than they are. */
export interface Marking {
  given: readonly MarkPoint[];
  tiles: { areas: ReadonlySet<number> | null; made: number } | null;
}

const STILL_MS = 3_000;
const CLOSE = 15.2; // from this zoom of a 1080p wall on every open issue has its mark

type Bounds = [number, number, number, number];
export type Padding = { top: number; right: number; bottom: number; left: number };

export class WallMap {
  readonly gl: GlMap;
  readonly labels: Labels;
  readonly colours: Colours;
  readonly picture: Picture;
  private zoomed = 1;
  private drawnAt = "";
  private halfway = false; // tiles were on their way while patterns changed: they may wear the old ones
  private readonly images = new Set<string>();
  private hovered: { source: string; sourceLayer: string; id: number } | null = null;
  private marking: Marking = { given: [], tiles: null };
  private marked = "";
  private readonly data: MarkData = { marks: collection([]), points: collection([]) };
  private readonly tip: HTMLElement;
  private readonly styled: Promise<void>;

  constructor(
    container: HTMLElement,
    private readonly theme: Theme,
    private scene: Scene,
    bounds: Bounds,
    padding: Padding,
    private readonly heard: Heard,
  ) {
    this.gl = new GlMap({
      container,
      style: styleOf(theme, scene),
      bounds,
      fitBoundsOptions: { padding },
      attributionControl: false,
      dragRotate: false,
      touchPitch: false,
      pitchWithRotate: false,
      doubleClickZoom: false,
      boxZoom: false,
      keyboard: false, // the keys are the page's
      renderWorldCopies: false,
      fadeDuration: 0,
      refreshExpiredTiles: !scene.basemap, // so that a basemap's pictures come as images, which is all that the page's policy allows
      maxZoom: 18,
    });
    this.gl.touchZoomRotate.disableRotation();
    new Sea(this.gl, theme.shallows);
    this.picture = new Picture(this.gl, theme);
    this.labels = new Labels(this.gl);
    this.tip = h("div", { class: "tip", "aria-hidden": "true", hidden: true });
    container.appendChild(this.tip);
    this.colours = new Colours(this.gl, theme);
    this.styled = new Promise((done) => void this.gl.once("style.load", () => done()));
    this.gl.setMissingStyleImageResolver((id) => this.drawMissing(id));
    this.gl.on("click", (event) => this.clicked(event));
    this.gl.on("mousemove", (event) => this.hover(event));
    this.gl.on("mouseout", () => this.left());
    this.gl.on("movestart", () => this.moved());
    this.gl.on("moveend", () => this.rest());
    this.gl.on("idle", () => {
      if (this.halfway) this.drawnAt = "";
      this.redraw();
      this.drawMarks();
    });
    this.rest();
  }

  /** Tiles, layers and filters of another scene; what both have in common stays. */
  async show(scene: Scene): Promise<void> {
    await this.styled;
    const rescaled = scene.scale !== this.scene.scale;
    this.light(null);
    this.scene = scene;
    this.gl.setStyle(styleOf(this.theme, scene, this.data), { diff: true });
    if (rescaled) this.redraw();
  }

  /** The colours of one level. `news`: what changed since the last time fades and lights its border. */
  async paint(level: string, shapes: readonly Pick<AreaShape, "id" | "code">[], rows: ReadonlyMap<string, Pick<Row, "weather" | "badges">>, news: boolean): Promise<void> {
    await this.styled;
    this.colours.paint(level, shapes, rows, news);
  }

  async countCells(level: string, rows: readonly Row[]): Promise<void> {
    await this.styled;
    this.colours.count(level, rows);
  }

  async mark(marking: Marking): Promise<void> {
    await this.styled;
    this.marking = marking;
    this.drawMarks();
  }

  /** Declared points; those of the view only, which are few. */
  async showPoints(points: readonly PointRow[]): Promise<void> {
    await this.styled;
    const features = points.map((row) => ({
      type: "Feature" as const,
      geometry: { type: "Point" as const, coordinates: [row.lon, row.lat] },
      properties: { code: row.code, name: row.name, name_en: row.name_en, image: pointImage(row) },
    }));
    this.data.points = collection(features);
    (this.gl.getSource("points") as GeoJSONSource | undefined)?.setData(this.data.points);
  }

  /** Take a picture of the scene, for the frames of a replay; whether that can be done as the map lies. */
  takePicture(): boolean {
    const { gl, scene } = this;
    const { shown, shownHasWeather, cells, base, focus } = scene;
    if (scene.basemap && gl.getZoom() >= STREETS_FROM) return false; // streets shine through the colours
    const weather = shown && shownHasWeather ? shown : (base ?? focus?.level ?? null);
    const counted = cells ?? (shownHasWeather ? null : shown);
    if (!weather || !gl.getLayer(`${weather}-fill`) || !gl.isSourceLoaded("marks")) return false;
    this.light(null);
    this.colours.unbolt(weather);
    const own: FilterSpecification | null = weather === focus?.level ? ["==", ["get", "code"], focus.code] : null;
    const part = (level: string, layer: string, filter: FilterSpecification | null) => ({ source: sourceOf(level), level, filter: filter ?? gl.getFilter(layer) ?? null });
    return this.picture.take({
      weather: part(weather, `${weather}-fill`, own),
      counted: counted ? part(counted, `${counted}-count`, null) : null,
      bolts: gl.getLayer(`${weather}-bolt`) !== undefined,
      scale: scene.scale,
    });
  }

  /** Done when the map has drawn all that it was told, or after a while. */
  still(): Promise<void> {
    return new Promise((done) => {
      window.setTimeout(done, STILL_MS);
      void this.gl.once("idle", () => done());
      this.gl.triggerRepaint();
    });
  }

  /** The map wears what the picture shows: it goes with the map's next drawing. */
  uncover(): void {
    void this.styled.then(() => {
      void this.gl.once("render", () => this.picture.drop());
      this.gl.triggerRepaint();
    });
  }

  private moved(): void {
    this.tip.hidden = true;
    if (!this.picture.on) return;
    this.picture.drop();
    this.heard.lifted?.();
  }

  private drawMarks(): void {
    const { given, tiles } = this.marking;
    if (tiles && this.gl.getSource("issues") && !this.gl.isSourceLoaded("issues")) return; // the map idles again then
    const inTiles = tiles ? gather(this.gl, tiles.areas, (lon, lat) => this.inFocus(lon, lat)) : [];
    const known = new Set(inTiles.map(({ id }) => id));
    const all = [...inTiles, ...given.filter(({ id }) => !known.has(id))];
    const marks = this.far ? calling(all) : all;
    const print = fingerprint(marks);
    const source = this.gl.getSource("marks") as GeoJSONSource | undefined;
    if (!source || print === this.marked) return;
    this.marked = print;
    const features = marks.map(({ lon, lat, ...properties }) => ({ type: "Feature" as const, geometry: { type: "Point" as const, coordinates: [lon, lat] }, properties }));
    this.data.marks = collection(features);
    source.setData(this.data.marks);
    this.labels.avoid(marks, this.scene.scale);
  }

  /** Too far for every issue to have its place: the cells say how many there are. */
  private get far(): boolean {
    return this.scene.cells !== null && this.gl.getZoom() - Math.log2(this.scene.scale) < CLOSE;
  }

  private inFocus(lon: number, lat: number): boolean {
    const { focus } = this.scene;
    const layer = focus && `${focus.level}-fill`;
    if (!layer || !this.gl.getLayer(layer)) return true;
    return this.gl.queryRenderedFeatures(this.gl.project([lon, lat]), { layers: [layer] }).some(({ properties }) => properties["code"] === focus.code);
  }

  zoomBy(steps: number): void {
    this.gl.zoomTo(this.gl.getZoom() + steps, { duration: calm() ? 0 : 250 });
  }

  fly(bounds: Bounds, padding: Padding, animate: boolean): void {
    const duration = animate && !calm() ? 900 : 0;
    if (duration) this.labels.veil(true);
    this.gl.fitBounds(bounds, { padding, duration, easing: inOut, linear: true, essential: true });
  }

  /** Names of the land around, where there is room that nothing else covers. */
  nameLand(blocked: readonly HTMLElement[]): void {
    const frame = this.gl.getContainer().getBoundingClientRect();
    const covers = [...blocked, ...this.gl.getContainer().querySelectorAll<HTMLElement>(".label.area .inner")];
    const boxes = covers.map((element) => {
      const box = element.getBoundingClientRect();
      return { left: box.left - frame.left, top: box.top - frame.top, right: box.right - frame.left, bottom: box.bottom - frame.top };
    });
    const around = this.scene.around.map(({ level, code }) => ({ layer: `${level}-fill`, except: code }));
    const shown = this.scene.shown ? [{ layer: `${this.scene.shown}-fill`, except: null }] : [];
    const own = new Set(shown.map(({ layer }) => layer));
    const found = spots(this.gl, [{ layer: "neighbours", except: null }, ...around, ...shown], boxes, this.scene.scale);
    const water = this.gl.querySourceFeatures("neighbours", { filter: ["==", ["get", "kind"], "water"] }).map(({ geometry, properties }) => ({
      lngLat: (geometry as Point).coordinates as [number, number],
      name: String(properties["name"] ?? ""),
      name_en: String(properties["name_en"] ?? ""),
    }));
    this.labels.showNames(found.filter((spot) => !own.has(spot.layer)), unique(water), this.scene.scale);
  }

  private rest(): void {
    const zoom = this.gl.getZoom();
    this.zoomed = 2 ** (zoom - Math.floor(zoom)); // by this much MapLibre enlarges patterns between whole zooms
    this.redraw();
    this.labels.draw(this.scene.scale);
    this.labels.veil(false);
    this.heard.rested();
  }

  private redraw(): void {
    const at = `${this.scene.scale} ${this.zoomed.toFixed(3)} ${window.devicePixelRatio}`;
    if (at === this.drawnAt) return;
    this.drawnAt = at;
    this.halfway = !this.gl.areTilesLoaded();
    for (const id of this.images) {
      this.gl.removeImage(id);
      this.drawMissing(id);
    }
  }

  private drawMissing(id: string): void {
    const [kind = "", name = "", late] = id.split("-");
    const add = ({ data, pixelRatio }: Drawn): void => {
      if (!this.gl.hasImage(id)) this.gl.addImage(id, data, { pixelRatio });
      this.images.add(id);
    };
    if (kind === "pattern" && PATTERNED.includes(name as never)) add(pattern(name as Exclude<Sky, "sunny">, this.theme, this.scene.scale, this.zoomed));
    const size = this.scene.scale * (innerWidth < 1200 ? 0.75 : 1); // as labels, smaller on a phone
    if (kind === "mark") add(mark(name as Mark, this.theme, size));
    else if (kind === "heap") add(heap(name, late !== undefined, this.theme, size));
    else if (kind === "point") add(point(name, late ?? "", this.theme, size));
  }

  private layersToPick(): string[] {
    const { shown, around } = this.scene;
    return [shown && `${shown}-fill`, shown && `${shown}-count`, ...around.map(({ level }) => `${level}-fill`)].filter((id): id is string => !!id && !!this.gl.getLayer(id));
  }

  private under(event: MapMouseEvent): MapGeoJSONFeature | undefined {
    return this.gl.queryRenderedFeatures(event.point, { layers: this.layersToPick() })[0];
  }

  /** What stands at the pointer, the topmost first: a mark, a declared point. */
  private sign(event: MapMouseEvent): MapGeoJSONFeature | undefined {
    const reach = 8 * this.scene.scale;
    const { x, y } = event.point;
    const layers = ["marks", "points"].filter((id) => this.gl.getLayer(id));
    return layers.length ? this.gl.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers })[0] : undefined;
  }

  private clicked(event: MapMouseEvent): void {
    const sign = this.sign(event);
    if (sign?.layer.id === "points") return this.heard.point?.(String(sign.properties["code"]));
    if (sign && (sign.properties["cluster"] || !sign.properties["id"])) {
      this.gl.easeTo({ center: event.lngLat, zoom: Math.min(this.gl.getZoom() + 2, 18), duration: calm() ? 0 : 500 });
      return;
    }
    if (sign) return this.heard.issue(String(sign.properties["number"] || sign.properties["id"]));
    const feature = this.under(event);
    if (feature) this.heard.area({ level: feature.sourceLayer ?? "", code: String(feature.properties["code"]) });
  }

  private hover(event: MapMouseEvent): void {
    const sign = this.sign(event);
    const feature = this.under(event);
    this.gl.getCanvas().style.cursor = feature || sign ? "pointer" : "";
    this.name(sign?.layer.id === "points" ? sign : undefined, event);
    const hoverable = !sign && feature?.sourceLayer === this.scene.shown;
    this.light(feature && hoverable ? { level: feature.sourceLayer ?? "", id: Number(feature.id) } : null);
  }

  /** The name of a declared point, beside the pointer. */
  private name(sign: MapGeoJSONFeature | undefined, event: MapMouseEvent): void {
    this.tip.hidden = !sign;
    if (!sign) return;
    const english = document.documentElement.lang === "en" && sign.properties["name_en"];
    this.tip.textContent = String(english || sign.properties["name"]);
    this.tip.style.transform = `translate(${event.point.x}px, ${event.point.y}px)`;
  }

  private left(): void {
    this.tip.hidden = true;
    this.light(null);
  }

  /** The thin line of the pointer, of a focused row, of the area that the keys stand on. */
  light(area: { level: string; id: number } | null): void {
    if (this.picture.on) return this.picture.light(area?.id ?? null);
    const target = area && { source: sourceOf(area.level), sourceLayer: area.level, id: area.id };
    if (target?.id === this.hovered?.id && target?.source === this.hovered?.source) return;
    if (this.hovered && this.gl.getSource(this.hovered.source)) this.gl.setFeatureState(this.hovered, { hover: 0 });
    this.hovered = target;
    if (target && this.gl.getSource(target.source)) this.gl.setFeatureState(target, { hover: 1 });
  }
}

const inOut = (t: number): number => (t < 0.5 ? 2 * t * t : 1 - (-2 * t + 2) ** 2 / 2);

function unique<T extends { name: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.name, item])).values()];
}
