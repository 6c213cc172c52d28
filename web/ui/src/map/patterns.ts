// Patterns and marks, drawn on a canvas at the screen's own pixels.

import type { Theme } from "../theme";
import type { Sky } from "../types";

export interface Drawn {
  data: ImageData;
  pixelRatio: number;
}

export type Patterned = Exclude<Sky, "sunny">; // sunny wears none
export const PATTERNED: readonly Patterned[] = ["cloudy", "overcast", "rain", "unvisited"];

type Paint = (pen: CanvasRenderingContext2D) => void;

/** A picture of `width` × `height` wall pixels; `density`: device pixels a wall pixel. */
export function draw(width: number, height: number, density: number, paint: Paint): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(2, Math.round(width * density));
  canvas.height = Math.max(2, Math.round(height * density));
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (!pen) throw new Error("This browser draws no canvas.");
  pen.scale(canvas.width / width, canvas.height / height); // whole device pixels, so that a pattern joins itself
  paint(pen);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function dots(pen: CanvasRenderingContext2D): void {
  for (const [x, y] of [[1.75, 1.75], [5.25, 5.25]] as const) {
    pen.beginPath();
    pen.arc(x, y, 1.25, 0, 7);
    pen.fill();
  }
}

function strokes(pen: CanvasRenderingContext2D, lines: readonly (readonly [number, number, number, number])[]): void {
  pen.beginPath();
  for (const [x0, y0, x1, y1] of lines) {
    pen.moveTo(x0, y0);
    pen.lineTo(x1, y1);
  }
  pen.stroke();
}

const HATCH = 9 * Math.SQRT2;

/** The pattern of a weather, one tile of it. `zoomed`: what the map enlarges a pattern by at its resting zoom; undone here. */
export function pattern(sky: Patterned, theme: Theme, scale: number, zoomed: number): Drawn {
  const ratio = window.devicePixelRatio;
  const density = scale * ratio;
  const shapes: Record<Patterned, () => ImageData> = {
    cloudy: () => draw(7, 7, density, (pen) => {
      pen.fillStyle = "rgb(20 25 28 / .17)";
      dots(pen);
    }),
    overcast: () => draw(7, 7, density, (pen) => {
      pen.strokeStyle = "rgb(11 15 17 / .20)";
      pen.lineWidth = 1.1;
      strokes(pen, [[0, 3.5, 7, 3.5]]);
    }),
    rain: () => draw(11, 16, density, (pen) => {
      pen.strokeStyle = "rgb(255 255 255 / .30)";
      pen.lineWidth = 1.4;
      pen.lineCap = "round";
      strokes(pen, [[3.9, 1.2, 2, 6.8], [9.4, 9.2, 7.5, 14.8]]);
    }),
    unvisited: () => draw(HATCH, HATCH, density, (pen) => {
      pen.globalAlpha = 0.75;
      pen.strokeStyle = theme.ink3;
      pen.lineWidth = 1.3;
      strokes(pen, [[-1, HATCH + 1, HATCH + 1, -1], [-1, 1, 1, -1], [HATCH - 1, HATCH + 1, HATCH + 1, HATCH - 1]]);
    }),
  };
  return { data: shapes[sky](), pixelRatio: ratio * zoomed };
}

export type Mark = "open" | "today" | "overdue" | "ordered" | "listed";
const SIZE = 22;
const LISTED = "#5F2A9C";
const BOLT = "#F6D26B";

/** An issue's mark, by shape first: ● open, ◉ due today, ◆ overdue, ⚑ under a leader's order, a bolt in a disc publicly listed. */
export function mark(kind: Mark, theme: Theme, scale: number): Drawn {
  const ratio = window.devicePixelRatio;
  const data = draw(SIZE, SIZE, scale * ratio, (pen) => {
    pen.translate(SIZE / 2, SIZE / 2);
    pen.lineWidth = 2;
    pen.strokeStyle = theme.ground;
    pen.fillStyle = kind === "overdue" ? theme.alert : theme.ink;
    pen.beginPath();
    if (kind === "overdue") {
      pen.moveTo(0, -8);
      for (const [x, y] of [[8, 0], [0, 8], [-8, 0]] as const) pen.lineTo(x, y);
      pen.closePath();
    } else if (kind === "ordered") {
      pen.moveTo(-5.5, -8.5);
      for (const [x, y] of [[-3, -8.5], [-3, -7.5], [7, -3.8], [-3, 0], [-3, 8.5], [-5.5, 8.5]] as const) pen.lineTo(x, y);
      pen.closePath();
    } else pen.arc(0, 0, kind === "listed" ? 9 : kind === "today" ? 7.5 : 5, 0, 7);
    if (kind === "listed") pen.fillStyle = LISTED;
    pen.stroke();
    pen.fill();
    if (kind === "listed") {
      pen.fillStyle = BOLT;
      pen.beginPath();
      for (const [x, y] of [[1.6, -6.5], [-4, 0.8], [-0.8, 0.8], [-1.8, 6.5], [4, -1.4], [0.9, -1.4], [2.9, -6.5]] as const) pen.lineTo(x, y);
      pen.fill();
    }
    if (kind !== "today") return;
    pen.fillStyle = theme.ground;
    pen.beginPath();
    pen.arc(0, 0, 3.2, 0, 7);
    pen.fill();
  });
  return { data, pixelRatio: ratio };
}

/** Several issues at one spot: their number on a disc, a diamond at its side where some are overdue. */
export function heap(total: string, overdue: boolean, theme: Theme, scale: number): Drawn {
  const ratio = window.devicePixelRatio;
  const data = draw(36, 36, scale * ratio, (pen) => {
    pen.translate(18, 18);
    pen.lineWidth = 2;
    pen.strokeStyle = theme.ground;
    pen.fillStyle = theme.ink;
    pen.beginPath();
    pen.arc(0, 0, 13, 0, 7);
    pen.fill();
    pen.stroke();
    pen.fillStyle = theme.ground;
    pen.font = `600 ${total.length > 2 ? 13 : 16}px Plex, sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(total, 0, 1);
    if (!overdue) return;
    pen.translate(11, -11);
    pen.fillStyle = theme.alert;
    pen.beginPath();
    pen.moveTo(0, -6.5);
    for (const [x, y] of [[6.5, 0], [0, 6.5], [-6.5, 0]] as const) pen.lineTo(x, y);
    pen.closePath();
    pen.fill();
    pen.stroke();
  });
  return { data, pixelRatio: ratio };
}
