// A picture of the resting map in which areas are recoloured without drawing the map anew: for the frames of a replay.
// Colours and patterns come from a raster of the areas; borders are the map's own, taken once as their cover a pixel.

import type { FilterSpecification, Map as GlMap } from "maplibre-gl";
import type { Theme } from "../../theme";
import type { Sky } from "../../types";
import { darkness } from "../colours";
import { PATTERNED } from "../patterns";
import { cameraOf, piecesOf, rasterOf, type Camera, type Piece, type Raster } from "./raster";
import { packed, rgb, tintOf, type Tint } from "./tints";

/** What the picture is of. */
export interface Subject {
  weather: { source: string; level: string; filter: FilterSpecification | null }; // areas in their weather
  counted: { source: string; level: string; filter: FilterSpecification | null } | null; // cells that darken it
  bolts: boolean; // whether a red line keeps its outline
  scale: number; // screen pixels a wall pixel
}

export interface Worn {
  sky: Sky | null;
  bolt: boolean;
}

export interface Seen {
  id: number;
  sky: Sky | null;
  bolt: boolean;
  colour: [number, number, number] | null; // the mean of a few pixels in its middle
}

const MATTE = "matte";
const SPOT = 9; // pixels of a side
const BOLT = 3; // wall pixels
const HOVER = 2;

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
  wear(areas: ReadonlyMap<number, Worn>, cells: { ids: readonly number[]; open: ArrayLike<number> } | null): void {
    if (!this.plate || !this.pen) return;
    this.plate.wear(areas, cells);
    this.plate.show(this.pen, this.lit);
    this.canvas.hidden = false;
  }

  /** The thin line of the pointer. */
  light(id: number | null): void {
    this.lit = id;
    if (this.plate && this.pen && !this.canvas.hidden) this.plate.show(this.pen, id);
  }

  drop(): void {
    this.plate = null;
    this.canvas.hidden = true;
    this.canvas.width = this.canvas.height = 0; // its memory with it
  }

  /** What the areas wear and the colour that is seen in them, where wide enough; how many cells are darkened. For tests. */
  seen(): { areas: Seen[]; dark: number } | null {
    return this.plate && this.pen && !this.canvas.hidden ? this.plate.seen(this.pen) : null;
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

/** The pixels of a picture, and what each area in it wears. */
class Plate {
  private readonly image: ImageData;
  private readonly pixels: Uint32Array;
  private readonly areas: Raster;
  private readonly cells: Raster | null;
  private readonly worn: (Worn | null)[]; // by number of the area
  private readonly dark: Uint16Array; // by number of the cell, 0–256
  private readonly tints = new Map<Sky | null, Tint>();
  private readonly outlines = new Map<number, { path: Path2D; tile: Piece["tile"] }[]>(); // by id
  private readonly spots: ([number, number] | null | undefined)[] = [];
  private readonly ground: number;
  private counted: { ids: readonly number[]; numbers: Int32Array } | null = null;

  constructor(
    private readonly theme: Theme,
    readonly camera: Camera,
    private readonly subject: Subject,
    private readonly pieces: readonly Piece[],
    cells: readonly Piece[],
    private readonly cover: Uint16Array,
  ) {
    this.image = new ImageData(camera.width, camera.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.areas = rasterOf(pieces, camera);
    this.cells = cells.length ? rasterOf(cells, camera) : null;
    this.worn = this.areas.ids.map(() => null);
    this.dark = new Uint16Array(this.cells?.ids.length ?? 1);
    this.ground = packed(theme.ground);
  }

  wear(areas: ReadonlyMap<number, Worn>, cells: Parameters<Picture["wear"]>[1]): void {
    const darkened = cells ? this.count(cells.ids, cells.open) : [];
    const turned = new Set<number>();
    this.areas.ids.forEach((id, number) => {
      const [before, next] = [this.worn[number], areas.get(id) ?? { sky: null, bolt: false }];
      if (!number || (before && before.sky === next.sky && before.bolt === next.bolt)) return;
      this.worn[number] = next;
      if (!before || before.sky !== next.sky) turned.add(number);
    });
    for (const number of turned) this.draw(this.areas.rows[number]!, number);
    for (const number of darkened) this.draw(this.cells!.rows[number]!, 0);
  }

  /** Put the pixels on the canvas, and over them the lines of single areas. */
  show(pen: CanvasRenderingContext2D, lit: number | null): void {
    pen.putImageData(this.image, 0, 0);
    if (this.subject.bolts) this.areas.ids.forEach((id, number) => this.worn[number]?.bolt && this.outline(pen, id, this.theme.bolt, BOLT));
    if (lit !== null) this.outline(pen, lit, this.theme.ink, HOVER);
  }

  seen(pen: CanvasRenderingContext2D): { areas: Seen[]; dark: number } {
    const areas = this.areas.ids.slice(1).map((id, i): Seen => {
      const { sky, bolt } = this.worn[i + 1] ?? { sky: null, bolt: false };
      const spot = this.spots[i] === undefined ? (this.spots[i] = this.spotIn(i + 1)) : this.spots[i];
      return { id, sky, bolt, colour: spot ? mean(pen.getImageData(...spot, SPOT, SPOT).data) : null };
    });
    return { areas, dark: this.dark.reduce((sum, dark) => sum + Number(dark > 0), 0) };
  }

  /** A small square inside an area, clear of its border, in a row as wide as may be; null where there is none. */
  private spotIn(number: number): [number, number] | null {
    const { areas, cover, camera } = this;
    const rows = areas.rows[number]!;
    const places = Array.from({ length: rows.length / 3 }, (_, k) => [rows[3 * k]!, rows[3 * k + 1]!, rows[3 * k + 2]!] as const).sort((a, b) => b[2] - b[1] - (a[2] - a[1]));
    for (const [row, from, to] of places) {
      const [x, y] = [Math.floor((from + to - SPOT) / 2), Math.floor(row - SPOT / 2)];
      const clear = y >= 0 && y + SPOT <= camera.height && Array.from({ length: SPOT * SPOT }, (_, k) => (y + Math.floor(k / SPOT)) * camera.width + x + (k % SPOT)).every((i) => areas.at[i] === number && cover[i]! < 160);
      if (clear) return [x, y];
    }
    return null;
  }

  /** The numbers of the cells whose count is another. */
  private count(ids: readonly number[], open: ArrayLike<number>): number[] {
    if (!this.cells) return [];
    if (this.counted?.ids !== ids) {
      const numbers = new Map(this.cells.ids.map((id, number) => [id, number]));
      this.counted = { ids, numbers: Int32Array.from(ids, (id) => numbers.get(id) ?? 0) };
    }
    const changed: number[] = [];
    this.counted.numbers.forEach((number, i) => {
      const dark = Math.round(darkness(open[i] ?? 0) * 256);
      if (!number || this.dark[number] === dark) return;
      this.dark[number] = dark;
      changed.push(number);
    });
    return changed;
  }

  /** Colour rows of pixels anew; `only`: those of one area, 0 for whichever lies there. */
  private draw(rows: readonly number[], only: number): void {
    const { pixels, cover, dark, ground, cells, camera, areas } = this;
    for (let k = 0; k < rows.length; k += 3) {
      const [y, from, to] = [rows[k]!, rows[k + 1]!, rows[k + 2]!];
      let [last, tint] = [-1, this.tint(null)];
      let line = 0;
      for (let x = from, i = y * camera.width + from; x < to; x++, i++) {
        const area = areas.at[i]!;
        if (!area || (only && area !== only)) continue;
        if (area !== last) {
          [last, tint] = [area, this.tint(this.worn[area]?.sky ?? null)];
          line = (y % tint.height) * tint.width;
        }
        const colour = tint.pixels[line + (x % tint.width)]!;
        const shade = cells ? 256 - (((256 - cover[i]!) * (256 - dark[cells.at[i]!]!)) >> 8) : cover[i]!;
        pixels[i] = shade ? mixed(colour, ground, shade) : colour;
      }
    }
  }

  private tint(sky: Sky | null): Tint {
    const known = this.tints.get(sky) ?? tintOf(sky, this.theme, this.subject.scale, this.camera);
    this.tints.set(sky, known);
    return known;
  }

  private outline(pen: CanvasRenderingContext2D, id: number, colour: string, width: number): void {
    const known = this.outlines.get(id) ?? this.pieces.filter((piece) => piece.id === id).map(({ rings, tile }) => ({ path: pathOf(rings), tile }));
    this.outlines.set(id, known);
    pen.strokeStyle = colour;
    pen.lineWidth = width * this.subject.scale * this.camera.ratio;
    pen.lineJoin = pen.lineCap = "round";
    for (const { path, tile } of known) {
      pen.save();
      pen.beginPath();
      pen.rect(Math.round(tile.x), Math.round(tile.y), Math.round(tile.x + tile.size) - Math.round(tile.x), Math.round(tile.y + tile.size) - Math.round(tile.y));
      pen.clip();
      pen.stroke(path);
      pen.restore();
    }
  }
}

/** Two colours, `share` of 256 of the second. */
function mixed(one: number, other: number, share: number): number {
  const [a, b] = [256 - share, share];
  const evens = (((one & 0xff00ff) * a + (other & 0xff00ff) * b) >>> 8) & 0xff00ff;
  const odds = ((((one >>> 8) & 0xff00ff) * a + ((other >>> 8) & 0xff00ff) * b) >>> 8) & 0xff00ff;
  return (evens | (odds << 8)) >>> 0;
}

function pathOf(rings: Piece["rings"]): Path2D {
  const path = new Path2D();
  for (const ring of rings) {
    ring.forEach(({ x, y }, at) => (at ? path.lineTo(x, y) : path.moveTo(x, y)));
    path.closePath();
  }
  return path;
}

function mean(data: Uint8ClampedArray): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  data.forEach((value, i) => i % 4 < 3 && (sums[i % 4] = sums[i % 4]! + value));
  return sums.map((sum) => Math.round((sum * 4) / data.length)) as [number, number, number];
}
