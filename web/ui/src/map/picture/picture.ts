// A picture of the resting map in which areas are recoloured without drawing the map anew: for the frames of a replay.
// Colours and patterns come from a raster of the areas; borders are the map's own, taken once as their cover a pixel.

import type { Map as GlMap } from "maplibre-gl";
import type { Theme } from "../../theme";
import { PATTERNED } from "../patterns";
import { Plate, type Counts, type Seen, type Subject, type Worn } from "./plate";
import { cameraOf, piecesOf } from "./raster";
import { rgb } from "./tints";

const MATTE = "matte";

export class Picture {
  private readonly canvas = document.createElement("canvas");
  private readonly pen: CanvasRenderingContext2D | null;
  private plate: Plate | null = null;
  private lit: number | null = null;

  constructor(
    private readonly map: GlMap,
    private readonly theme: Theme,
  ) {
    this.canvas.className = "picture";
    this.canvas.setAttribute("aria-hidden", "true");
    this.canvas.hidden = true;
    this.pen = this.canvas.getContext("2d", { willReadFrequently: true }); // stays in main memory, where its pixels are made
    map.getContainer().appendChild(this.canvas);
  }

  get on(): boolean {
    return this.plate !== null;
  }

  /** Take the picture of the map as it lies there; whether that could be done. Shown from the first frame on. */
  take(subject: Subject): boolean {
    const { map } = this;
    if (!this.pen || map.isMoving() || !map.areTilesLoaded() || map.getBearing() || map.getPitch()) return false;
    const camera = cameraOf(map);
    const pieces = piecesOf(map, subject.weather.source, subject.weather.level, subject.weather.filter, camera);
    const cells = subject.counted ? piecesOf(map, subject.counted.source, subject.counted.level, subject.counted.filter, camera) : [];
    const cover = this.cover(subject);
    if (!pieces.length || !cover) return false;
    [this.canvas.width, this.canvas.height] = [camera.width, camera.height];
    this.plate = new Plate(this.theme, camera, subject, pieces, cells, cover);
    return true;
  }

  /** A frame: what each area wears and, where cells are counted, how many are open in each. */
  wear(areas: ReadonlyMap<number, Worn>, cells: Counts | null): void {
    if (!this.plate || !this.pen) return;
    this.plate.show(this.pen, this.plate.wear(areas, cells), this.lit);
    this.canvas.hidden = false;
  }

  /** The thin line of the pointer. */
  light(id: number | null): void {
    this.lit = id;
    if (this.plate && this.pen && !this.canvas.hidden) this.plate.show(this.pen, this.plate.all, id);
  }

  drop(): void {
    this.plate = null;
    this.canvas.hidden = true;
    this.canvas.width = this.canvas.height = 0; // its memory with it
  }

  /** What the areas wear and the colour that is seen in one in `every` of them; how many cells are darkened. For tests. */
  seen(every = 1, from = 0): { areas: Seen[]; dark: number } | null {
    return this.plate && this.pen && !this.canvas.hidden ? this.plate.seen(this.pen, every, from) : null;
  }

  /** How much of each pixel the borders cover, 0–256. They are drawn over white, read, and the map as it was over that,
   * before the screen shows either. */
  private cover({ weather, counted }: Subject): Uint16Array | null {
    const { map } = this;
    const under = new Set([`${weather.level}-fill`, ...PATTERNED.map((sky) => `${weather.level}-pattern-${sky}`), ...(counted ? [`${counted.level}-count`] : [])]);
    const order = map.getLayersOrder();
    const last = order.findLastIndex((id) => under.has(id));
    if (last < 0) return null;
    map.addLayer({ id: MATTE, type: "background", paint: { "background-color": "#ffffff" } }, order[last + 1]);
    map.redraw();
    const drawn = map.getCanvas();
    const reader = new OffscreenCanvas(drawn.width, drawn.height).getContext("2d", { willReadFrequently: true });
    reader?.drawImage(drawn, 0, 0);
    map.removeLayer(MATTE);
    map.redraw();
    if (!reader) return null;
    const { data } = reader.getImageData(0, 0, drawn.width, drawn.height);
    const [ground] = rgb(this.theme.ground);
    const cover = new Uint16Array(drawn.width * drawn.height);
    for (let i = 0; i < cover.length; i++) cover[i] = Math.round(((255 - data[i * 4]!) / (255 - ground)) * 256);
    return cover;
  }
}
