// A weather's colour with its pattern as one tile of device pixels, lying where the map would lay it.

import type { Theme } from "../../theme";
import type { Sky } from "../../types";
import { pattern } from "../patterns";
import type { Camera } from "./raster";

/** Pixels as a canvas holds them, four bytes each. */
export interface Tint {
  width: number;
  height: number;
  pixels: Uint32Array; // of the pixel (x, y) of the screen: y % height * width + x % width
}

export function rgb(colour: string): [number, number, number] {
  const at = (from: number) => Number.parseInt(colour.slice(from, from + 2), 16);
  return [at(1), at(3), at(5)];
}

export const packed = (colour: string): number => new Uint32Array(new Uint8Array([...rgb(colour), 255]).buffer)[0]!;

const plain = (colour: string): Tint => ({ width: 1, height: 1, pixels: new Uint32Array([packed(colour)]) });

/** `scale`: screen pixels a wall pixel. The map counts a pattern's pixels from the corner of the world. */
export function tintOf(sky: Sky | null, theme: Theme, scale: number, camera: Camera): Tint {
  if (!sky) return plain(theme.none);
  if (sky === "sunny") return plain(theme.fill[sky]);
  const { data, width, height } = pattern(sky, theme, scale, 1).data;
  const bytes = new Uint8ClampedArray(width * height * 4);
  const fill = rgb(theme.fill[sky]);
  const [fromX, fromY] = [wrapped(-camera.x, width), wrapped(-camera.y, height)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [ink, alpha] = between(data, width, height, x + fromX, y + fromY);
      for (const channel of [0, 1, 2] as const) bytes[(y * width + x) * 4 + channel] = fill[channel] * (1 - alpha) + ink[channel]!;
      bytes[(y * width + x) * 4 + 3] = 255;
    }
  }
  return { width, height, pixels: new Uint32Array(bytes.buffer) };
}

const wrapped = (value: number, size: number): number => ((value % size) + size) % size;

/** Between four pixels of a picture that joins itself: its ink, as strong as it is there, and how strong. */
function between(data: Uint8ClampedArray, width: number, height: number, x: number, y: number): [number[], number] {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, down] = [x - left, y - top];
  const ink = [0, 0, 0];
  let alpha = 0;
  for (const [dx, dy, share] of [[0, 0, (1 - right) * (1 - down)], [1, 0, right * (1 - down)], [0, 1, (1 - right) * down], [1, 1, right * down]] as const) {
    const at = (((top + dy) % height) * width + ((left + dx) % width)) * 4;
    const strength = (share * data[at + 3]!) / 255;
    alpha += strength;
    for (const channel of [0, 1, 2]) ink[channel] = ink[channel]! + data[at + channel]! * strength;
  }
  return [ink, alpha];
}
