// Where the tiles stand: equal ones, none over another, each as near to where its area lies as a grid allows.

import { assign } from "./assign";

export interface Item {
  key: string;
  at: readonly [x: number, y: number] | null; // where it lies, any unit, y southwards; null: it lies nowhere
}

export interface Group {
  key: string; // '' = the only one, without a head
  items: readonly Item[];
  foot?: number; // how many stand as small squares under its tiles
}

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  tiles: Map<string, Rect>;
  heads: Map<string, Rect>;
  feet: Map<string, Rect>;
  tile: { width: number; height: number };
  height: number;
}

export interface Room {
  width: number;
  height: number; // Infinity: as much as is needed
  least: { width: number; height: number }; // of a tile where the height is free
  aspect: number; // width ÷ height of the best tile
  head: number; // height of a group's head
  gap: number; // between groups
}

const SLACK = 1.25; // squares an area: so much room keeps the outline of the whole
export const SQUARE = 1.45; // rem from one small square to the next
const FOOT_LINE = 1.6;
const FOOT_GAP = 0.2;
const FOOT_HEAD = 12; // what stands before the squares

/** One group that lies somewhere: a grid with some free squares. */
export function spread(group: Group, room: Room): Layout {
  const n = group.items.length;
  const free = !Number.isFinite(room.height);
  let cols = 1;
  if (free) cols = Math.max(1, Math.min(n, Math.floor(room.width / room.least.width)));
  else {
    const fit = (c: number) => Math.min(room.width / c / room.aspect, room.height / Math.ceil((n * SLACK) / c));
    for (let c = 2; c <= n; c += 1) if (fit(c) > fit(cols)) cols = c;
  }
  const rows = Math.max(1, Math.ceil((n * (n > 4 ? SLACK : 1)) / cols));
  const tile = { width: room.width / cols, height: free ? room.least.height : Math.min(room.height / rows, room.width / cols / 1.05) };
  const tiles = place(group, { x: 0, y: 0, width: room.width, height: 0 }, cols, rows, tile);
  return trimmed({ tiles, heads: new Map(), feet: new Map(), tile, height: rows * tile.height });
}

/** Groups side by side in rows, under their heads; one size of tile for all. */
export function pack(rows: readonly (readonly Group[])[], room: Room): Layout {
  const most = Math.max(1, Math.floor(room.width / room.least.width));
  let best: { cols: number; lines: number[]; size: number } | null = null;
  const feet = rows.map((row) => Math.max(0, ...row.map(({ foot }) => (foot ? Math.ceil((foot * SQUARE + FOOT_HEAD) / room.width) * FOOT_LINE + FOOT_GAP : 0))));
  const heads = rows.length * (room.head + room.gap) + feet.reduce((sum, foot) => sum + foot, 0);
  for (let cols = most; cols >= 1; cols -= 1) {
    const lines = rows.map((row) => linesOf(row, cols));
    if (lines.some((line) => line === 0)) break;
    const height = (room.height - heads) / lines.reduce((sum, line) => sum + line, 0);
    const size = Number.isFinite(height) ? Math.min(room.width / cols / room.aspect, height) : 0;
    if (!best || size > best.size) best = { cols, lines, size };
    if (!Number.isFinite(height)) break;
  }
  const { cols, lines } = best ?? { cols: 1, lines: rows.map(() => 1) };
  const all = lines.reduce((sum, line) => sum + line, 0);
  const tile = { width: room.width / cols, height: Number.isFinite(room.height) ? Math.min((room.height - heads) / all, room.width / cols) : room.least.height };
  const found: Layout = { tiles: new Map(), heads: new Map(), feet: new Map(), tile, height: 0 };
  let y = 0;
  rows.forEach((row, at) => {
    const k = lines[at] ?? 1;
    const widths = row.map(({ items }) => Math.ceil(items.length / k));
    const spare = (cols - widths.reduce((sum, width) => sum + width, 0)) / Math.max(1, row.length - 1);
    let column = 0;
    row.forEach((group, i) => {
      const x = column * tile.width;
      const width = (widths[i] ?? 1) * tile.width;
      found.heads.set(group.key, { x, y, width: width + (i < row.length - 1 ? spare * tile.width : Math.max(0, room.width - x - width)), height: room.head });
      for (const [key, rect] of place(group, { x, y: y + room.head, width, height: 0 }, widths[i] ?? 1, k, tile)) found.tiles.set(key, rect);
      if (group.foot) found.feet.set(group.key, { x, y: y + room.head + k * tile.height + FOOT_GAP, width: room.width - x, height: feet[at] ?? 0 });
      column += (widths[i] ?? 1) + spare;
    });
    y += room.head + k * tile.height + (feet[at] ?? 0) + room.gap;
  });
  return { ...found, height: y - room.gap };
}

/** The fewest lines in which a row of groups fits `cols` tiles, with a tile's gap between groups; 0: it never does. */
function linesOf(row: readonly Group[], cols: number): number {
  const gaps = (row.length - 1) * 0.3;
  for (let k = 1; k <= 200; k += 1) {
    if (row.reduce((sum, { items }) => sum + Math.ceil(items.length / k), 0) + gaps <= cols) return k;
  }
  return 0;
}

/** Groups in rows from north to south, in each from west to east, the rows about equally long. */
export function rowsOf(groups: readonly Group[], rows: number): Group[][] {
  const middle = (group: Group): [number, number] => {
    const known = group.items.flatMap(({ at }) => (at ? [at] : []));
    return [mean(known.map(([x]) => x)), mean(known.map(([, y]) => y))];
  };
  const sorted = [...groups].sort((a, b) => middle(a)[1] - middle(b)[1]);
  const total = groups.reduce((sum, { items }) => sum + items.length, 0);
  const found: Group[][] = Array.from({ length: rows }, () => []);
  let before = 0;
  for (const group of sorted) {
    const at = Math.min(rows - 1, Math.floor(((before + group.items.length / 2) / total) * rows));
    found[at]?.push(group);
    before += group.items.length;
  }
  return found.filter((row) => row.length).map((row) => row.sort((a, b) => middle(a)[0] - middle(b)[0]));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function place(group: Group, from: Rect, cols: number, rows: number, tile: { width: number; height: number }): Map<string, Rect> {
  const { items } = group;
  const squares = items.every(({ at }) => at) ? nearest(items, cols, rows) : items.map((_, at) => at);
  const spread = cols * tile.width > from.width + 0.001 ? from.width / cols : tile.width;
  return new Map(items.map(({ key }, i) => {
    const square = squares[i] ?? i;
    return [key, { x: from.x + (square % cols) * spread, y: from.y + Math.floor(square / cols) * tile.height, width: spread, height: tile.height }];
  }));
}

function nearest(items: readonly Item[], cols: number, rows: number): number[] {
  const xs = items.map(({ at }) => at?.[0] ?? 0);
  const ys = items.map(({ at }) => at?.[1] ?? 0);
  const scale = (values: readonly number[], value: number, most: number): number => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return high > low ? ((value - low) / (high - low)) * (most - 1) : (most - 1) / 2;
  };
  const cost = items.map((_, i) => {
    const x = scale(xs, xs[i] ?? 0, cols);
    const y = scale(ys, ys[i] ?? 0, rows);
    return Array.from({ length: cols * rows }, (_square, j) => (x - (j % cols)) ** 2 + (y - Math.floor(j / cols)) ** 2);
  });
  return assign(cost);
}

/** Without the empty lines at the top. */
function trimmed(layout: Layout): Layout {
  const top = Math.min(...[...layout.tiles.values()].map(({ y }) => y));
  for (const rect of layout.tiles.values()) rect.y -= top;
  return { ...layout, height: Math.max(...[...layout.tiles.values()].map(({ y, height }) => y + height)) };
}
