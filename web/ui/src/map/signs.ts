// Signs of issues and of declared points, drawn on a canvas at the screen's own pixels. Shape first, then colour.

import type { Theme } from "../theme";
import { draw, type Drawn } from "./patterns";

export type Mark = "open" | "today" | "overdue" | "red" | "ordered" | "listed";
type Pen = CanvasRenderingContext2D;
const SIZE = 26;
const LISTED = "#5F2A9C";
const BOLT = "#F6D26B";

/** An issue's mark: ● open, ◉ due today, ◆ overdue, ⚑ under a leader's order; a bolt in a disc, dark: publicly listed,
 * bright: a red line overdue. */
export function mark(kind: Mark, theme: Theme, scale: number): Drawn {
  const ratio = window.devicePixelRatio;
  const data = draw(SIZE, SIZE, scale * ratio, (pen) => {
    pen.translate(SIZE / 2, SIZE / 2);
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    pen.strokeStyle = theme.ground;
    if (kind === "overdue") diamond(pen, 8, theme.alert);
    if (kind === "open") disc(pen, 4.5, theme.ink);
    if (kind === "ordered") flag(pen, theme.ink);
    if (kind === "today") {
      disc(pen, 7, theme.ink);
      pen.fillStyle = theme.ground;
      pen.beginPath();
      pen.arc(0, 0, 3, 0, 7);
      pen.fill();
    }
    if (kind === "red" || kind === "listed") {
      disc(pen, 10.5, kind === "red" ? theme.bolt : LISTED);
      bolt(pen, kind === "red" ? theme.ground : BOLT);
    }
  });
  return { data, pixelRatio: ratio };
}

/** Several issues at one spot: their number on a disc, a diamond at its side where some are overdue. */
export function heap(total: string, overdue: boolean, theme: Theme, scale: number): Drawn {
  const ratio = window.devicePixelRatio;
  const wide = total.length > 2 ? 15 : 11;
  const data = draw(40, 40, scale * ratio, (pen) => {
    pen.translate(20, 20);
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    pen.strokeStyle = theme.ground;
    disc(pen, wide, theme.ink);
    written(pen, total, theme.ground, total.length > 3 ? 12 : 15);
    if (!overdue) return;
    pen.translate(wide - 1, 1 - wide);
    diamond(pen, 6, theme.alert);
  });
  return { data, pixelRatio: ratio };
}

/** A declared point, by the name of its image: see `pointImage`. */
export function point(state: string, n: string, theme: Theme, scale: number): Drawn {
  const ratio = window.devicePixelRatio;
  const data = draw(SIZE, SIZE, scale * ratio, (pen) => {
    pen.translate(SIZE / 2, SIZE / 2);
    pen.lineCap = "round";
    pen.lineJoin = "round";
    pen.strokeStyle = theme.ground;
    pen.lineWidth = 2;
    if (state === "late") {
      diamond(pen, 11, theme.alert);
      return written(pen, n, theme.ground, 13);
    }
    disc(pen, 9.5, theme.ground);
    const away = state === "unvisited" || state === "due" || state === "missed"; // nobody was there
    if (away) hatch(pen, theme.ink3);
    pen.strokeStyle = theme.ink;
    if (away) pen.setLineDash([4.2, 3.25]);
    pen.lineWidth = state === "visited" ? 1.4 : 2;
    pen.beginPath();
    pen.arc(0, 0, 8.5, 0, 2 * Math.PI);
    pen.stroke();
    pen.setLineDash([]);
    if (state === "visited") {
      pen.lineWidth = 2.2;
      pen.beginPath();
      pen.moveTo(-4, 0.4);
      pen.lineTo(-1.2, 3.2);
      pen.lineTo(4.2, -3.2);
      pen.stroke();
    }
    if (state === "missed") {
      pen.translate(5.5, -5.5);
      pen.strokeStyle = theme.ground;
      diamond(pen, 7.2, theme.alert);
      return written(pen, n, theme.ground, 10);
    }
    if (n) written(pen, n, theme.ink, 12);
  });
  return { data, pixelRatio: ratio };
}

function disc(pen: Pen, radius: number, fill: string): void {
  pen.fillStyle = fill;
  pen.beginPath();
  pen.arc(0, 0, radius, 0, 7);
  pen.fill();
  pen.stroke();
}

function diamond(pen: Pen, half: number, fill: string): void {
  pen.fillStyle = fill;
  pen.beginPath();
  pen.moveTo(0, -half);
  for (const [x, y] of [[half, 0], [0, half], [-half, 0]] as const) pen.lineTo(x, y);
  pen.closePath();
  pen.fill();
  pen.stroke();
}

function flag(pen: Pen, fill: string): void {
  pen.beginPath();
  for (const [x, y] of [[-5.5, -8.5], [-3, -8.5], [-3, -7.5], [7, -3.8], [-3, 0], [-3, 8.5], [-5.5, 8.5]] as const) pen.lineTo(x, y);
  pen.closePath();
  pen.fillStyle = fill;
  pen.stroke();
  pen.fill();
}

function bolt(pen: Pen, fill: string): void {
  pen.fillStyle = fill;
  pen.beginPath();
  for (const [x, y] of [[1.6, -7.5], [-4.6, 1], [-0.6, 1], [-1.8, 7.5], [4.6, -1.6], [0.5, -1.6]] as const) pen.lineTo(x, y);
  pen.closePath();
  pen.fill();
}

function hatch(pen: Pen, ink: string): void {
  pen.save();
  pen.beginPath();
  pen.arc(0, 0, 8.5, 0, 7);
  pen.clip();
  pen.strokeStyle = ink;
  pen.globalAlpha = 0.7;
  pen.lineWidth = 1.1;
  pen.beginPath();
  for (let at = -16; at <= 16; at += 4) {
    pen.moveTo(at - 9, 9);
    pen.lineTo(at + 9, -9);
  }
  pen.stroke();
  pen.restore();
}

function written(pen: Pen, text: string, ink: string, size: number): void {
  pen.fillStyle = ink;
  pen.font = `600 ${size}px Plex, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, 0, 0.8);
}
