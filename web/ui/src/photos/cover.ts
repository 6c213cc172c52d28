// Faces and number plates covered before a photo goes: tap for a patch, draw for a larger one, tap a patch to take it
// away; by keys a patch is added, moved, sized and taken away, and says where it lies. The patches are told beside the
// photo and burned into every copy that anyone is shown.

import "./cover.css";
import { h } from "../dom";
import { paint } from "./paint";

/** Left, top, width, height; shares of the upright picture. */
export type Patch = readonly [number, number, number, number];

export interface CoverWords {
  cover: string;
  coverHint: string;
  coverKeys: string;
  coverAdd: string;
  /** What a patch says of itself: its number, and left, top, width, height in per cent. */
  coverPatch: (n: number, left: number, top: number, wide: number, high: number) => string;
  coverNone: string;
  coverDone: string;
  undo: string;
  cannotShow: string;
}

const TAP = 0.16; // of the shorter edge: a face at some steps
const MOST = 40;
const LEAST = 0.012;
const STEP = 0.02; // of an edge, for an arrow key
const KEYS: Record<string, readonly [number, number]> = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };

/** The dialog of one photo. Resolves to its patches; to those it had when it is left without “done”. */
export async function coverPhoto(photo: Blob, before: readonly Patch[], words: CoverWords): Promise<readonly Patch[]> {
  const picture = await createImageBitmap(photo, { imageOrientation: "from-image" }).catch(() => null);
  return new Promise((leave) => new Cover(picture, before, words, leave));
}

class Cover {
  private readonly dialog = document.body.appendChild(document.createElement("dialog"));
  private readonly canvas = document.createElement("canvas");
  private readonly frame: HTMLElement;
  private readonly heard = h("p", { class: "heard", role: "status" });
  private readonly past: (readonly Patch[])[] = [];
  private moving = -1; // the patch that keys move: its steps are one change
  private patches: readonly Patch[];
  private result: readonly Patch[];

  constructor(
    private readonly picture: ImageBitmap | null,
    before: readonly Patch[],
    private readonly words: CoverWords,
    leave: (patches: readonly Patch[]) => void,
  ) {
    this.patches = this.result = before;
    this.frame = h("div", { class: "frame", role: "application", "aria-label": words.cover, "aria-describedby": "cover-keys" }, this.canvas);
    const button = (text: string, act: () => void, main = false): HTMLElement => {
      const made = h("button", { type: "button", class: main ? "button main" : "button" }, text);
      made.addEventListener("click", act);
      return made;
    };
    this.dialog.className = "cover";
    this.dialog.setAttribute("aria-label", words.cover);
    this.dialog.addEventListener("close", () => {
      this.dialog.remove();
      picture?.close();
      leave(this.result);
    });
    this.dialog.append(
      h("div", {}, h("p", {}, picture ? words.coverHint : words.cannotShow), picture && h("p", { class: "keys", id: "cover-keys" }, words.coverKeys)),
      h("div", { class: "fit" }, picture && this.frame),
      h("div", { class: "row" }, picture && button(words.coverAdd, () => this.add()), picture && button(words.undo, () => this.undo()), button(words.coverDone, () => ((this.result = this.patches), this.dialog.close()), true)),
      this.heard,
    );
    if (picture) this.size(picture);
    this.dialog.showModal();
  }

  private size({ width, height }: ImageBitmap): void {
    const fit = Math.min(1, 1_200 / Math.max(width, height));
    [this.canvas.width, this.canvas.height] = [Math.round(width * fit), Math.round(height * fit)];
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", this.words.coverHint);
    this.frame.style.setProperty("--aspect", String(width / height));
    this.frame.addEventListener("keydown", (event) => this.key(event));
    this.frame.addEventListener("focusout", () => (this.moving = -1));
    this.point();
    this.draw();
  }

  private draw(drawn?: Patch): void {
    paint(this.canvas, this.picture, drawn ? [...this.patches, drawn] : this.patches);
    if (drawn) return;
    const boxes = [...this.frame.querySelectorAll("button")];
    boxes.slice(this.patches.length).forEach((box) => box.remove());
    this.patches.forEach((patch, at) => {
      const box = boxes[at] ?? this.frame.appendChild(this.box(at));
      box.setAttribute("aria-label", this.said(at));
      const [left = 0, top = 0, width = 0, height = 0] = patch.map((share) => share * 100);
      Object.assign(box.style, { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` });
    });
  }

  /** What keys and screen readers hold of a patch; a finger goes through it to the picture. */
  private box(at: number): HTMLElement {
    const made = h("button", { type: "button", "aria-describedby": "cover-keys" });
    made.addEventListener("click", () => this.remove(at));
    return made;
  }

  private said(at: number): string {
    const [left = 0, top = 0, wide = 0, high = 0] = (this.patches[at] ?? []).map((share) => Math.round(share * 100));
    return this.words.coverPatch(at + 1, left, top, wide, high);
  }

  private change(patches: readonly Patch[]): void {
    this.past.push(this.patches);
    this.patches = patches.slice(-MOST);
    this.draw();
  }

  private focus(at: number): void {
    const boxes = this.frame.querySelectorAll<HTMLElement>("button");
    (boxes[Math.min(at, boxes.length - 1)] ?? this.dialog.querySelector<HTMLElement>(".row button"))?.focus();
    this.heard.textContent = this.patches.length ? "" : this.words.coverNone;
  }

  /** One in the middle; or a little off one that lies there. */
  private add(): void {
    const made = around(0.5, 0.5, this.canvas.width / this.canvas.height);
    const [left, top, wide, high] = made;
    const off = STEP * 2 * this.patches.filter(([x, y]) => Math.abs(x - left) < 0.3 && Math.abs(y - top) < 0.3).length;
    this.change([...this.patches, [Math.min(left + off, 1 - wide), Math.min(top + off, 1 - high), wide, high]]);
    this.focus(this.patches.length - 1);
  }

  private remove(at: number): void {
    this.change(this.patches.filter((_, k) => k !== at));
    this.focus(at);
  }

  private undo(): void {
    this.patches = this.past.pop() ?? this.patches;
    this.draw();
  }

  private key(event: KeyboardEvent): void {
    const at = [...this.frame.querySelectorAll("button")].indexOf(event.target as HTMLButtonElement);
    const patch = this.patches[at];
    if (!patch || event.ctrlKey || event.metaKey || event.altKey) return;
    const way = KEYS[event.key];
    const grown = event.key === "+" || event.key === "=" ? 1.15 : event.key === "-" ? 1 / 1.15 : 0;
    if (event.key === "Delete" || event.key === "Backspace") this.remove(at);
    else if (way || grown) {
      const changed = way ? (event.shiftKey ? stretched(patch, way) : moved(patch, way)) : scaled(patch, grown);
      const patches = this.patches.map((one, k) => (k === at ? changed : one));
      if (this.moving === at) {
        this.patches = patches;
        this.draw();
      } else this.change(patches);
      this.moving = at;
      this.heard.textContent = this.said(at);
    } else return;
    event.preventDefault();
  }

  private point(): void {
    const { canvas } = this;
    let from: [number, number] | null = null;
    const at = (event: PointerEvent): [number, number] => {
      const box = canvas.getBoundingClientRect();
      return [clamp((event.clientX - box.left) / box.width), clamp((event.clientY - box.top) / box.height)];
    };
    canvas.addEventListener("pointerdown", (event) => {
      from = at(event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => from && this.draw(between(from, at(event))));
    canvas.addEventListener("pointercancel", () => ((from = null), this.draw()));
    canvas.addEventListener("pointerup", (event) => {
      if (!from) return;
      const patch = between(from, at(event));
      const [x, y] = from;
      from = null;
      if (patch[2] > LEAST && patch[3] > LEAST) return this.change([...this.patches, patch]);
      const hit = this.patches.findLastIndex(([left, top, wide, high]) => x >= left && x <= left + wide && y >= top && y <= top + high);
      this.change(hit < 0 ? [...this.patches, around(x, y, canvas.width / canvas.height)] : this.patches.filter((_, k) => k !== hit));
    });
  }
}

const clamp = (share: number, most = 1): number => Math.max(0, Math.min(most, share));
const between = ([x0, y0]: [number, number], [x1, y1]: [number, number]): Patch => [Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0)];
const moved = ([left, top, wide, high]: Patch, [x, y]: readonly [number, number]): Patch => [clamp(left + x, 1 - wide), clamp(top + y, 1 - high), wide, high];
/** Its right and lower edges go. */
const stretched = ([left, top, wide, high]: Patch, [x, y]: readonly [number, number]): Patch => [left, top, Math.max(STEP, clamp(wide + x, 1 - left)), Math.max(STEP, clamp(high + y, 1 - top))];

function scaled([left, top, wide, high]: Patch, by: number): Patch {
  const [width, height] = [clamp(Math.max(STEP, wide * by)), clamp(Math.max(STEP, high * by))];
  return [clamp(left + (wide - width) / 2, 1 - width), clamp(top + (high - height) / 2, 1 - height), width, height];
}

function around(x: number, y: number, aspect: number): Patch {
  const [wide, high] = aspect > 1 ? [TAP / aspect, TAP] : [TAP, TAP * aspect];
  const [left, top] = [clamp(x - wide / 2), clamp(y - high / 2)];
  return [left, top, Math.min(wide, 1 - left), Math.min(high, 1 - top)];
}
