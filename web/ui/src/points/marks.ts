// Marks of points, by shape first: hatched broken ring not visited, tick visited, ring with a number open, diamond with
// a number overdue; several together: their number, with the unvisited share of the ring hatched.

import { LIGHT } from "../theme";

const SIZE = 36;
export const NAME_HEIGHT = 26;
const HATCHED_R = 12.5;
const EIGHTHS = 8; // steps of the unvisited share of a ring

interface Standing {
  done: boolean;
  open: number;
  overdue: number;
}

export const markName = ({ done, open, overdue }: Standing): string => `point-${done ? 1 : 0}-${Math.min(open, 10)}-${Math.min(overdue, 10)}`;

export const heapName = (points: readonly Standing[]): string =>
  `several-${points.length}-${Math.ceil((EIGHTHS * points.filter(({ done }) => !done).length) / points.length)}-${points.some(({ overdue }) => overdue) ? 1 : 0}`;

const numeral = (n: number): string => (n > 9 ? "9+" : String(n));

function write(pen: CanvasRenderingContext2D, text: string, color: string, size: number, x = 0, y = 0): void {
  pen.fillStyle = color;
  pen.font = `600 ${text.length > 1 ? size - 2 : size}px Plex, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, x, y + 0.8);
}

function disc(pen: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  pen.beginPath();
  pen.arc(x, y, r, 0, 7);
}

function diamond(pen: CanvasRenderingContext2D, x: number, y: number, r: number): void {
  pen.beginPath();
  pen.moveTo(x, y - r);
  for (const [dx, dy] of [[r, 0], [0, r], [-r, 0]] as const) pen.lineTo(x + dx, y + dy);
  pen.closePath();
}

function hatch(pen: CanvasRenderingContext2D, r: number): void {
  pen.lineWidth = 1.4;
  pen.beginPath();
  for (let at = -2 * r; at < 2 * r; at += 4.4) {
    pen.moveTo(at - r, r);
    pen.lineTo(at + r, -r);
  }
  pen.stroke();
}

function hatchedRing(pen: CanvasRenderingContext2D): void {
  pen.fillStyle = LIGHT.ground;
  disc(pen, 0, 0, HATCHED_R + 1.6);
  pen.fill();
  pen.strokeStyle = LIGHT.ink;
  pen.save();
  disc(pen, 0, 0, HATCHED_R - 2);
  pen.clip();
  hatch(pen, HATCHED_R);
  pen.restore();
  pen.lineWidth = 2.4;
  pen.setLineDash([5.2, 2.65]);
  disc(pen, 0, 0, HATCHED_R);
  pen.stroke();
  pen.setLineDash([]);
}

function edged(pen: CanvasRenderingContext2D, color: string): void {
  pen.lineWidth = 3;
  pen.strokeStyle = LIGHT.ground;
  pen.stroke();
  pen.fillStyle = color;
  pen.fill();
}

function standing(pen: CanvasRenderingContext2D, visited: boolean, open: number, overdue: number): void {
  if (!visited) {
    hatchedRing(pen);
    if (overdue) {
      diamond(pen, 9.5, -9, 8);
      edged(pen, LIGHT.alert);
      write(pen, numeral(overdue), LIGHT.ground, 10, 9.5, -9);
    } else if (open) {
      disc(pen, 9.5, -9, 6.5);
      edged(pen, LIGHT.ink);
      write(pen, numeral(open), LIGHT.ground, 10, 9.5, -9);
    }
  } else if (overdue) {
    diamond(pen, 0, 0, 13.5);
    edged(pen, LIGHT.alert);
    write(pen, numeral(overdue), LIGHT.ground, 13);
  } else if (open) {
    pen.fillStyle = LIGHT.ground;
    disc(pen, 0, 0, 11);
    pen.fill();
    pen.lineWidth = 2.4;
    pen.strokeStyle = LIGHT.ink;
    pen.stroke();
    write(pen, numeral(open), LIGHT.ink, 13);
  } else {
    disc(pen, 0, 0, 8);
    edged(pen, LIGHT.ink3);
    pen.strokeStyle = LIGHT.ground;
    pen.lineWidth = 2;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(-3.6, 0.2);
    pen.lineTo(-1, 2.9);
    pen.lineTo(3.8, -2.7);
    pen.stroke();
  }
}

function several(pen: CanvasRenderingContext2D, count: string, unvisited: number, late: boolean): void {
  const r = 15;
  pen.fillStyle = LIGHT.ground;
  disc(pen, 0, 0, r + 2.5);
  pen.fill();
  const from = -Math.PI / 2;
  const turn = (unvisited / EIGHTHS) * 2 * Math.PI;
  pen.lineWidth = 3;
  pen.strokeStyle = LIGHT.ink;
  if (unvisited < EIGHTHS) {
    pen.beginPath();
    pen.arc(0, 0, r, from + turn, from + 2 * Math.PI);
    pen.stroke();
  }
  if (unvisited) {
    pen.setLineDash([2.6, 2.6]);
    pen.beginPath();
    pen.arc(0, 0, r, from, from + turn);
    pen.stroke();
    pen.setLineDash([]);
  }
  write(pen, count, LIGHT.ink, count.length > 3 ? 13 : 15);
  if (!late) return;
  diamond(pen, 12, -12, 6.5);
  edged(pen, LIGHT.alert);
}

function nameOnMap(pen: CanvasRenderingContext2D, text: string, font: string, color: string, width: number): void {
  pen.font = font;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 4;
  pen.strokeStyle = LIGHT.ground;
  pen.strokeText(text, width / 2, NAME_HEIGHT / 2);
  pen.fillStyle = color;
  pen.fillText(text, width / 2, NAME_HEIGHT / 2);
}

const FONTS: Record<string, [font: string, color: string]> = {
  near: [`500 15px Plex, "Noto Sans SC Variable", sans-serif`, LIGHT.ink2],
  far: [`600 17px Plex, "Noto Sans SC Variable", sans-serif`, LIGHT.ink2],
};
const measure = document.createElement("canvas").getContext("2d");

/** A picture at the screen's own pixels. */
function picture(width: number, height: number, paint: (pen: CanvasRenderingContext2D) => void): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  const ratio = window.devicePixelRatio;
  [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
  const pen = canvas.getContext("2d");
  if (!pen) return canvas;
  pen.scale(canvas.width / width, canvas.height / height);
  paint(pen);
  return canvas;
}

/** point-VISITED-OPEN-OVERDUE, several-COUNT-EIGHTHS-LATE, name-SIZE-TEXT. */
function drawMark(name: string): HTMLCanvasElement {
  const [kind = "", a = "", b = "", c = ""] = name.split("-");
  const centred = (size: number, paint: (pen: CanvasRenderingContext2D) => void): HTMLCanvasElement =>
    picture(size, size, (pen) => {
      pen.translate(size / 2, size / 2);
      paint(pen);
    });
  if (kind === "point") return centred(SIZE, (pen) => standing(pen, a === "1", Number(b), Number(c)));
  if (kind === "several") return centred(44, (pen) => several(pen, a, Number(b), c === "1"));
  const text = name.slice(`name-${a}-`.length);
  const [font, color] = FONTS[a] ?? FONTS["near"] ?? ["", ""];
  if (measure) measure.font = font;
  const width = Math.ceil(measure?.measureText(text).width ?? 100) + 10;
  return picture(width, NAME_HEIGHT, (pen) => nameOnMap(pen, text, font, color, width));
}

/** Pictures of marks and names, each drawn once for a density of the screen. */
export class Marks {
  private readonly kept = new Map<string, HTMLCanvasElement>();
  private ratio = 0;

  of(name: string): HTMLCanvasElement {
    if (this.ratio !== window.devicePixelRatio) this.kept.clear();
    this.ratio = window.devicePixelRatio;
    const found = this.kept.get(name) ?? drawMark(name);
    this.kept.set(name, found);
    return found;
  }
}

const listed = new Marks();

/** A point's mark for the list, as an element; its words stand beside it. */
export function markElement(point: Standing): HTMLCanvasElement {
  const drawn = listed.of(markName(point));
  const canvas = document.createElement("canvas");
  canvas.className = "mark";
  canvas.setAttribute("aria-hidden", "true");
  [canvas.width, canvas.height] = [drawn.width, drawn.height];
  canvas.getContext("2d")?.drawImage(drawn, 0, 0);
  return canvas;
}
