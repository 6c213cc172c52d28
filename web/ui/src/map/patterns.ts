// Patterns, drawn on a canvas at the screen's own pixels.

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
