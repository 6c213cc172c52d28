// The pixels of a picture of the map, and what each area in it wears.

import type { FilterSpecification } from "maplibre-gl";
import type { Theme } from "../../theme";
import type { Sky } from "../../types";
import { darkness } from "../colours";
import { boxOf, grow, rasterOf, type Box, type Camera, type Piece, type Raster } from "./raster";
import { packed, tintOf, type Tint } from "./tints";

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

/** How many are open in each cell. */
export interface Counts {
  ids: readonly number[];
  open: ArrayLike<number>;
}

export interface Seen {
  id: number;
  sky: Sky | null;
  bolt: boolean;
  colour: [number, number, number] | null; // the mean of a few pixels in its middle
}

const SPOT = 9; // pixels of a side
const BOLT = 3; // wall pixels
const HOVER = 2;

export class Plate {
  private readonly image: ImageData;
  private readonly pixels: Uint32Array;
  private readonly areas: Raster;
  private readonly cells: Raster | null;
  private readonly worn: (Worn | null)[]; // by number of the area
  private readonly dark: Uint16Array; // by number of the cell, 0–256
  private readonly tints = new Map<Sky | null, Tint>();
  private readonly outlines = new Map<number, { path: Path2D; tile: Piece["tile"] }[]>(); // by id
  private readonly boxes: Box[] = []; // by number of the area
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

  get all(): Box {
    return { left: 0, top: 0, right: this.camera.width, bottom: this.camera.height };
  }

  /** Colour what differs from the frame before; where that lies. */
  wear(areas: ReadonlyMap<number, Worn>, cells: Counts | null): Box {
    const box = boxOf([]);
    const darkened = cells ? this.count(cells.ids, cells.open) : [];
    const turned = new Set<number>();
    this.areas.ids.forEach((id, number) => {
      const [before, next] = [this.worn[number], areas.get(id) ?? { sky: null, bolt: false }];
      if (!number || (before && before.sky === next.sky && before.bolt === next.bolt)) return;
      this.worn[number] = next;
      grow(box, (this.boxes[number] ??= boxOf(this.areas.rows[number]!)), this.width(BOLT));
      if (!before || before.sky !== next.sky) turned.add(number);
    });
    for (const number of turned) this.draw(this.areas.rows[number]!, number);
    for (const number of darkened) {
      this.draw(this.cells!.rows[number]!, 0);
      grow(box, boxOf(this.cells!.rows[number]!), 0);
    }
    return box;
  }

  /** Put pixels on the canvas, and over them the lines of single areas. */
  show(pen: CanvasRenderingContext2D, box: Box, lit: number | null): void {
    const [left, top] = [Math.max(0, Math.floor(box.left)), Math.max(0, Math.floor(box.top))];
    const [width, height] = [Math.min(this.camera.width, Math.ceil(box.right)) - left, Math.min(this.camera.height, Math.ceil(box.bottom)) - top];
    if (!(width > 0 && height > 0)) return;
    pen.putImageData(this.image, 0, 0, left, top, width, height);
    pen.save();
    pen.beginPath();
    pen.rect(left, top, width, height);
    pen.clip();
    if (this.subject.bolts) this.areas.ids.forEach((id, number) => this.worn[number]?.bolt && this.outline(pen, id, this.theme.bolt, BOLT));
    if (lit !== null) this.outline(pen, lit, this.theme.ink, HOVER);
    pen.restore();
  }

  private width(wall: number): number {
    return wall * this.subject.scale * this.camera.ratio;
  }

  seen(pen: CanvasRenderingContext2D, every: number, from: number): { areas: Seen[]; dark: number } {
    const areas = this.areas.ids.slice(1).map((id, i): Seen => {
      const { sky, bolt } = this.worn[i + 1] ?? { sky: null, bolt: false };
      if (i % every !== from) return { id, sky, bolt, colour: null };
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
    pen.lineWidth = this.width(width);
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
