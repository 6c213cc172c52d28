// The brief as a picture to share: 1080 × 1920 pixels, drawn from the same words as the screen, with the page's fonts.

import { drawing } from "../glyphs";
import { pattern } from "../map/patterns";
import { LIGHT } from "../theme";
import type { Sky } from "../types";
import type { Bulletin, Line, Section } from "./bulletin";
import type { Words } from "./words";

export const WIDTH = 1080;
export const HEIGHT = 1920;
const SCALES = [2.5, 2.4, 2.3, 2.2, 2.1, 2, 1.9, 1.8, 1.7]; // picture pixels a unit: the largest at which all finds room
const EDGE = 22;
const TOP = 24;
const BOTTOM = 16;
const GAPS = [9, 24] as const; // between blocks: least and most
const PAPER = "#F6F5F1";
const RULE = "#B5B3AA";
const SANS = '"Plex", "Noto Sans SC Variable", sans-serif';
const SERIF = '"Noto Serif SC Variable", serif';
const { ink: INK, ink2: INK2, alert: ALERT } = LIGHT;
const INK3 = "#5A656B";

interface Type {
  size: number;
  weight?: 400 | 500 | 600;
  serif?: boolean;
  colour?: string;
}

interface Block {
  height: number;
  draw: (top: number) => void;
}

export function fileName(b: Bulletin, zone: string, w: Words): string {
  const local = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(b.at);
  return w.file(b.city, local.replace(" ", "-").replace(":", ""));
}

/** The picture as a PNG. Waits for the fonts: only those slices are fetched that the words need. */
export async function paint(b: Bulletin, w: Words): Promise<Blob> {
  const text = everyWord(b, w);
  const faces = [...[400, 500, 600].map((weight) => `${weight} 20px ${SANS}`), `600 20px ${SERIF}`];
  await Promise.all(faces.map((face) => document.fonts.load(face, text)));
  await document.fonts.ready;
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser draws no canvas.");
  const skies = new Set<Sky>([b.sky, ...[b.worst, b.better].flatMap(({ lines }) => lines.map(({ sky }) => sky))].filter((sky): sky is Sky => sky !== null));
  const glyphs = await chips(skies);
  SCALES.some((scale, i) => new Painter(pen, glyphs, scale).page(b, w, i === SCALES.length - 1));
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The canvas gives no picture."))), "image/png"));
}

const everyWord = (b: Bulletin, w: Words): string => JSON.stringify(b) + Object.values(w.thunder).join("") + w.demo;

type Chips = Map<Sky | "thunder", CanvasImageSource>;

/** Glyphs and pattern tiles, ready to be drawn. */
async function chips(skies: Set<Sky>): Promise<Chips> {
  const found: Chips = new Map();
  for (const sky of [...skies, "thunder" as const]) {
    const image = new Image();
    const colour = sky === "thunder" ? INK : LIGHT.on[sky];
    image.src = `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" width="192" height="192" viewBox="0 0 48 48" color="${colour}">${drawing(sky)}</svg>`)}`;
    await image.decode();
    found.set(sky, image);
  }
  return found;
}

class Painter {
  private readonly width: number;
  private readonly height: number;
  private readonly inner: number;

  constructor(
    private readonly pen: CanvasRenderingContext2D,
    private readonly glyphs: Chips,
    private readonly scale: number,
  ) {
    this.width = WIDTH / scale;
    this.height = HEIGHT / scale;
    this.inner = this.width - 2 * EDGE;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.textBaseline = "alphabetic";
    pen.fontKerning = "normal";
  }

  /** Draws the page and says so, unless it finds no room at this scale; `anyhow`: draw it as it comes. */
  page(b: Bulletin, w: Words, anyhow: boolean): boolean {
    const foot = this.foot(b, w);
    const blocks = [this.head(b), this.headline(b), this.totals(b), this.section(b.worst), this.section(b.better), this.since(b), this.section(b.orders)];
    const free = this.height - TOP - BOTTOM - foot.height - blocks.reduce((sum, block) => sum + block.height, 0);
    if (free < GAPS[0] * blocks.length && !anyhow) return false;
    const gap = Math.min(GAPS[1], free / blocks.length);
    this.box(0, 0, this.width, this.height, PAPER);
    let top = TOP + (free - gap * blocks.length) / 3;
    for (const block of blocks) {
      block.draw(top);
      top += block.height + gap;
    }
    foot.draw(this.height - BOTTOM - foot.height);
    return true;
  }

  // ── blocks ──────────────────────────────────────────────
  private head(b: Bulletin): Block {
    return {
      height: 54,
      draw: (top) => {
        this.text(b.title, EDGE, top + 24, { size: 25, weight: 600, serif: true });
        const wide = this.text(b.clock, EDGE, top + 48, { size: 15, colour: INK2 });
        if (!b.demo) return;
        const width = this.measure(b.demo, { size: 12.5, weight: 500 }) + 10;
        this.box(EDGE + wide + 10, top + 33.5, width, 19.5, INK, 2);
        this.text(b.demo, EDGE + wide + 15, top + 48, { size: 12.5, weight: 500, colour: PAPER });
      },
    };
  }

  private headline(b: Bulletin): Block {
    const type: Type = { size: b.lang === "zh" ? 21 : 19, weight: 600, serif: true };
    const step = type.size * 1.44;
    const lines = this.wrap(b.sentence, this.inner - 76, type);
    return {
      height: Math.max(60, lines.length * step + 2),
      draw: (top) => {
        this.chip(b.sky, b.thunder, EDGE, top + 2, 58);
        lines.forEach((line, i) => this.text(line, EDGE + 76, top + type.size + i * step, type));
      },
    };
  }

  private totals(b: Bulletin): Block {
    return {
      height: 56 + b.rates.length * 28,
      draw: (top) => {
        this.rule(top);
        b.figures.forEach(({ label, value }, i) => {
          const x = EDGE + (i * this.inner) / b.figures.length;
          this.text(label, x, top + 19, { size: 13, colour: INK2 });
          this.text(value, x, top + 48, { size: 28, weight: 500 });
        });
        b.rates.forEach(({ label, of, value, share }, i) => {
          const y = top + 76 + i * 28;
          const wide = this.text(label, EDGE, y, { size: 14, weight: 500 });
          this.text(of, EDGE + wide + 7, y, { size: 12.5, colour: INK2 });
          this.text(value, this.width - EDGE, y, { size: 18, weight: 500 }, { right: true });
          this.box(EDGE, y + 5, this.inner, 2.5, "#DDDBD3");
          if (share !== null) this.box(EDGE, y + 5, this.inner * Math.max(0, Math.min(1, share)), 2.5, INK);
        });
      },
    };
  }

  private section(part: Section): Block {
    const heights = part.lines.map((line) => (line.below ? 42 : 29));
    return {
      height: 29 + (heights.length ? heights.reduce((sum, height) => sum + height, 0) : 24),
      draw: (top) => {
        this.rule(top);
        const wide = this.text(part.title, EDGE, top + 21, { size: 15.5, weight: 600 });
        const note = part.counts.length ? part.counts.map(({ label }) => label).join(" · ") : part.note;
        if (note) this.text(note, this.width - EDGE, top + 20.5, { size: 12.5, colour: INK2 }, { right: true, most: this.inner - wide - 12 });
        if (!part.lines.length) this.text(part.empty, EDGE, top + 45, { size: 14, colour: INK2 });
        let y = top + 29;
        part.lines.forEach((line, i) => {
          this.line(line, y);
          y += heights[i] ?? 42;
        });
      },
    };
  }

  private line(line: Line, top: number): void {
    const two = line.below !== "";
    let left = EDGE;
    if (line.sky) {
      const size = two ? 34 : 25;
      this.chip(line.sky, line.thunder, EDGE, top + 3, size);
      left += 46;
    } else if (line.mark) {
      this.mark(line.mark, EDGE + 6, top + 12);
      left += 20;
    }
    const side = this.text(line.side, this.width - EDGE, top + 17.5, { size: 13.5, weight: line.sideAlert ? 600 : 400, colour: line.sideAlert ? ALERT : INK }, { right: true, most: this.inner * 0.62 });
    this.text(line.head, left, top + 18, { size: 16, weight: 600 }, { most: this.width - EDGE - left - side - 10 });
    if (!two) return;
    const below = this.text(line.belowSide, this.width - EDGE, top + 36, { size: 13, colour: line.belowAlert ? ALERT : INK2, weight: line.belowAlert ? 500 : 400 }, { right: true, most: this.inner * 0.45 });
    this.text(line.below, left, top + 36, { size: 13.5, colour: INK2 }, { most: this.width - EDGE - left - below - 10 });
  }

  private since(b: Bulletin): Block {
    return {
      height: b.since.worse ? 52 : 32,
      draw: (top) => {
        this.rule(top);
        this.text(b.since.title, EDGE, top + 21, { size: 15, weight: 600 });
        let right = this.width - EDGE;
        for (const { label, value } of [...b.since.figures].reverse()) {
          right -= this.text(value, right, top + 21, { size: 15, weight: 600 }, { right: true }) + 4;
          right -= this.text(label, right, top + 21, { size: 13, colour: INK2 }, { right: true }) + 11;
        }
        if (b.since.worse) this.text(b.since.worse, EDGE, top + 43, { size: 13, colour: INK2 }, { most: this.inner });
      },
    };
  }

  /** What it is, of when, and what must be said of the borders: a picture travels without its page. */
  private foot(b: Bulletin, w: Words): Block {
    const type: Type = { size: 11, colour: INK3 };
    const stamp = [w.product(b.city), w.asOf(b.clock), b.demo].filter(Boolean).join(" · ");
    const lines = [stamp, b.note, b.source].filter(Boolean).flatMap((note) => this.wrap(note, this.inner, type));
    return {
      height: lines.length * 15.5 + 6,
      draw: (top) => {
        this.rule(top, INK, 1.2);
        lines.forEach((line, i) => this.text(line, EDGE, top + 18 + i * 15.5, type));
      },
    };
  }

  // ── strokes ─────────────────────────────────────────────
  private font({ size, weight = 400, serif = false }: Type): void {
    this.pen.font = `${weight} ${size}px ${serif ? SERIF : SANS}`;
  }

  private measure(text: string, type: Type): number {
    this.font(type);
    return this.pen.measureText(text).width;
  }

  /** Writes one line and returns its width; text wider than `most` is set smaller, never cut. */
  private text(text: string, x: number, y: number, type: Type, { right = false, most = this.inner }: { right?: boolean; most?: number } = {}): number {
    if (!text) return 0;
    let width = this.measure(text, type);
    if (width > most) {
      type = { ...type, size: (type.size * most) / width };
      width = this.measure(text, type);
    }
    this.pen.fillStyle = type.colour ?? INK;
    this.pen.textAlign = right ? "right" : "left";
    this.pen.fillText(text, x, y);
    return width;
  }

  /** Breaks after a clause where it can, else between Chinese characters or words; never before punctuation. */
  private wrap(text: string, most: number, type: Type): string[] {
    this.font(type);
    const wide = (of: string) => this.pen.measureText(of.trimEnd()).width;
    const lines: string[] = [];
    let line = "";
    const push = () => {
      lines.push(line.trimEnd());
      line = "";
    };
    for (const clause of text.split(/(?<=[，。；])/u)) {
      if (line && wide(line) > most * 0.5 && wide(line + clause) > most && wide(clause) <= most) push();
      for (const piece of clause.match(/[\u2e80-\uffef][，。；、：）」！？]*|[^\s\u2e80-\uffef]+\s*|\s+/gu) ?? []) {
        if (line && wide(line + piece) > most) push();
        line += piece;
      }
    }
    if (line.trim()) push();
    return lines;
  }

  private chip(sky: Sky | null, thunder: boolean, x: number, y: number, size: number): void {
    const { pen } = this;
    this.box(x, y, size, size, sky ? LIGHT.fill[sky] : PAPER, 2);
    if (sky && sky !== "sunny") {
      const { data } = pattern(sky, LIGHT, this.scale / window.devicePixelRatio, 1);
      const tile = document.createElement("canvas");
      tile.width = data.width;
      tile.height = data.height;
      tile.getContext("2d")?.putImageData(data, 0, 0);
      const fill = pen.createPattern(tile, "repeat");
      fill?.setTransform(new DOMMatrix().translate(x, y).scale(1 / this.scale));
      if (fill) {
        pen.fillStyle = fill;
        pen.fillRect(x, y, size, size);
      }
    }
    if (!sky || sky === "cloudy" || sky === "unvisited") {
      pen.strokeStyle = sky ? "rgb(20 25 28 / .35)" : RULE;
      pen.lineWidth = 0.8;
      pen.strokeRect(x + 0.4, y + 0.4, size - 0.8, size - 0.8);
    }
    const inset = size * 0.1;
    const glyph = sky && this.glyphs.get(sky);
    if (glyph) pen.drawImage(glyph, x + inset, y + inset, size - 2 * inset, size - 2 * inset);
    const bolt = thunder && this.glyphs.get("thunder");
    if (bolt) pen.drawImage(bolt, x + size * 0.68, y - size * 0.16, size * 0.48, size * 0.48);
  }

  private mark(kind: "overdue" | "ordered", x: number, y: number): void {
    const { pen } = this;
    pen.fillStyle = kind === "overdue" ? ALERT : INK;
    const path: [number, number][] = kind === "overdue" ? [[0, -7], [7, 0], [0, 7], [-7, 0]] : [[-5, -7], [-3, -7], [-3, -6], [6, -3], [-3, 1], [-3, 7], [-5, 7]];
    pen.beginPath();
    path.forEach(([dx, dy], i) => (i ? pen.lineTo(x + dx, y + dy) : pen.moveTo(x + dx, y + dy)));
    pen.closePath();
    pen.fill();
  }

  private rule(y: number, colour = RULE, height = 0.8): void {
    this.box(EDGE, y, this.inner, height, colour);
  }

  private box(x: number, y: number, width: number, height: number, colour: string, radius = 0): void {
    this.pen.fillStyle = colour;
    this.pen.beginPath();
    this.pen.roundRect(x, y, width, height, radius);
    this.pen.fill();
  }
}
