// Faces and number plates covered before a photo goes: tap for a patch, draw for a larger one, tap a patch to take it
// away. The patches are told beside the photo and burned into every copy that anyone is shown.

import { h } from "../dom";

/** Left, top, width, height; shares of the upright picture. */
export type Patch = readonly [number, number, number, number];

export interface CoverWords {
  cover: string;
  coverHint: string;
  coverDone: string;
  undo: string;
  cannotShow: string;
}

const TAP = 0.16; // of the shorter edge: a face at some steps
const MOST = 40;
const LEAST = 0.012;
const CELLS = 5; // of a patch, across

/** The dialog of one photo. Resolves to its patches; to those it had when it is left without “done”. */
export async function coverPhoto(photo: Blob, before: readonly Patch[], words: CoverWords): Promise<readonly Patch[]> {
  const dialog = document.body.appendChild(h("dialog", { class: "cover", "aria-label": words.cover })) as HTMLDialogElement;
  const picture = await createImageBitmap(photo, { imageOrientation: "from-image" }).catch(() => null);
  return new Promise((leave) => {
    let patches: Patch[] = [...before];
    let result: readonly Patch[] = before;
    const canvas = h("canvas", { role: "img", "aria-label": words.coverHint }) as HTMLCanvasElement;
    const draw = (drawn?: Patch): void => paint(canvas, picture, drawn ? [...patches, drawn] : patches);
    const undo = h("button", { type: "button", class: "button" }, words.undo);
    const done = h("button", { type: "button", class: "button main" }, words.coverDone);
    undo.addEventListener("click", () => (patches.pop(), draw()));
    done.addEventListener("click", () => ((result = patches), dialog.close()));
    dialog.addEventListener("close", () => {
      dialog.remove();
      picture?.close();
      leave(result);
    });
    dialog.append(h("p", {}, picture ? words.coverHint : words.cannotShow), canvas, h("div", { class: "row" }, undo, done));
    dialog.showModal();
    if (!picture) return void canvas.remove();
    const fit = Math.min(1, 1_200 / Math.max(picture.width, picture.height));
    [canvas.width, canvas.height] = [Math.round(picture.width * fit), Math.round(picture.height * fit)];
    draw();
    let from: [number, number] | null = null;
    const at = (event: PointerEvent): [number, number] => {
      const box = canvas.getBoundingClientRect();
      return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
    };
    canvas.addEventListener("pointerdown", (event) => {
      from = at(event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => from && draw(between(from, at(event))));
    canvas.addEventListener("pointercancel", () => ((from = null), draw()));
    canvas.addEventListener("pointerup", (event) => {
      if (!from) return;
      const patch = between(from, at(event));
      const [x, y] = from;
      from = null;
      if (patch[2] > LEAST && patch[3] > LEAST) patches.push(patch);
      else {
        const hit = patches.findLastIndex(([left, top, wide, high]) => x >= left && x <= left + wide && y >= top && y <= top + high);
        if (hit >= 0) patches.splice(hit, 1);
        else patches.push(around(x, y, canvas.width / canvas.height));
      }
      patches = patches.slice(-MOST);
      draw();
    });
  });
}

const clamp = (share: number): number => Math.max(0, Math.min(1, share));
const between = ([x0, y0]: [number, number], [x1, y1]: [number, number]): Patch => [Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0)];

function around(x: number, y: number, aspect: number): Patch {
  const [wide, high] = aspect > 1 ? [TAP / aspect, TAP] : [TAP, TAP * aspect];
  const [left, top] = [clamp(x - wide / 2), clamp(y - high / 2)];
  return [left, top, Math.min(wide, 1 - left), Math.min(high, 1 - top)];
}

/** The picture with its patches as the server will burn them in: a few coarse cells. */
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
