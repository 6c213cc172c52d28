// A picture with its patches, as the server will burn them in.

import type { Patch } from "./cover";

const CELLS = 5; // of a patch, across

/** Draw it over the whole canvas, each patch a few coarse cells. */
export function paint(canvas: HTMLCanvasElement, picture: CanvasImageSource | null, patches: readonly Patch[]): void {
  const pen = canvas.getContext("2d");
  if (!pen || !picture) return;
  const { width, height } = canvas;
  pen.imageSmoothingEnabled = true;
  pen.drawImage(picture, 0, 0, width, height);
  const cells = document.createElement("canvas");
  [cells.width, cells.height] = [CELLS, CELLS];
  for (const [left, top, wide, high] of patches) {
    const box = [left * width, top * height, Math.max(1, wide * width), Math.max(1, high * height)] as const;
    cells.getContext("2d")?.drawImage(canvas, ...box, 0, 0, CELLS, CELLS);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(cells, 0, 0, CELLS, CELLS, ...box);
    pen.imageSmoothingEnabled = true;
    pen.strokeStyle = "#fff";
    pen.lineWidth = 2;
    pen.strokeRect(...box);
  }
}
