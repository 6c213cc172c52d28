// The five weather glyphs and the bolt: one cloud in all, told apart by silhouette. 48 × 48, in the ink around them.

import { svg } from "./dom";
import type { Sky } from "./types";

const CLOUD = "M13.5 33.5A7.6 7.6 0 0 1 13 18.4 10.4 10.4 0 0 1 32.6 16.4 8.7 8.7 0 0 1 34.6 33.5Z";
const line = (width: number) => `fill="none" stroke="currentColor" stroke-linecap="round" stroke-width="${width}"`;

const DRAWN: Record<Sky | "thunder", string> = {
  sunny: `<circle cx="24" cy="24" r="9.2" fill="currentColor"/><path ${line(3.4)} d="M24 4.5v5M24 38.5v5M4.5 24h5M38.5 24h5M10.2 10.2l3.6 3.6M34.2 34.2l3.6 3.6M10.2 37.8l3.6-3.6M34.2 13.8l3.6-3.6"/>`,
  cloudy: `<path ${line(3.2)} d="M25.6 14.6A6.6 6.6 0 1 1 37.8 19.4M31.8 1.9v2.8M45.2 15.9h-2.8M41.3 6.4l-2 2M22.3 6.4l2 2"/><path transform="translate(-2.2 7)" d="${CLOUD}" fill="currentColor"/>`,
  overcast: `<path ${line(3.2)} d="M23 12.6A8.6 8.6 0 0 1 39.2 14.4 7.4 7.4 0 0 1 41.6 28.6"/><path transform="translate(-3 6.5)" d="${CLOUD}" fill="currentColor"/>`,
  rain: `<path transform="translate(0 -5)" d="${CLOUD}" fill="currentColor"/><path ${line(3.6)} d="M15.5 34l-3.2 8.5M25 34l-3.2 8.5M34.5 34l-3.2 8.5"/>`,
  thunder: `<circle cx="24" cy="24" r="22" fill="#5F2A9C" stroke="#FFE9A8" stroke-width="3"/><path transform="translate(.2 -13.6) scale(1.02)" d="M27.4 26L14.6 38.6h7.2L18 48.4 33.6 34.4h-7.6l5-8.4Z" fill="#F6D26B"/>`,
  unvisited: `<circle cx="24" cy="24" r="15.5" fill="none" stroke="currentColor" stroke-width="3.2" stroke-dasharray="6.1 3.64"/><path ${line(3.6)} d="M17.5 24h13"/>`,
};

const made = new Map<Sky | "thunder", SVGElement>();

/** A glyph as an image for the eye; its word always stands beside it or in its button's name. */
export function glyph(sky: Sky | "thunder"): SVGElement {
  const known = made.get(sky) ?? svg(`<svg viewBox="0 0 48 48" class="glyph" data-sky="${sky}" aria-hidden="true">${DRAWN[sky]}</svg>`);
  made.set(sky, known);
  return known.cloneNode(true) as SVGElement;
}

/** The inside of a glyph's 48 × 48 picture, in `currentColor`: for those who draw it themselves. */
export const drawing = (sky: Sky | "thunder"): string => DRAWN[sky];
