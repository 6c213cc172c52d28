// The list of points: only the rows in sight are in the document, so that two thousand cost what twenty do.

import { h } from "../dom";
import type { Point } from "./points";

const ROW_REM = 4.75;
const SPARE = 4; // rows kept beyond either edge

export class PointList {
  private readonly inner = h("ul", { class: "rows" });
  private rows = new Map<string, HTMLElement>();
  private points: readonly Point[] = [];
  private first = 0;
  private chosen: string | null = null;
  private lit: string | null = null;
  private height = 0; // of a row, pixels
  private room = 800; // of the list in sight, pixels; kept, for asking the document in the midst of a change lays it out
  private top = 0; // how far it is scrolled, pixels; kept for the same reason

  constructor(
    private readonly host: HTMLElement,
    private readonly row: (point: Point) => HTMLElement,
  ) {
    host.appendChild(this.inner);
    host.addEventListener("scroll", () => this.scrolled(), { passive: true });
    host.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.measure()).observe(host);
  }

  /** `anew`: what rows say has changed (numbers, language, distance). */
  show(points: readonly Point[], anew: boolean): void {
    if (anew) this.rows.clear();
    if (this.top && !this.same(points)) this.scroll(0);
    this.points = points;
    this.draw(true);
  }

  choose(code: string | null, reveal: boolean): void {
    if (reveal && code) this.reveal(code);
    if (code === this.chosen) return;
    this.chosen = code;
    this.draw(true);
  }

  light(code: string | null): void {
    if (code === this.lit) return;
    this.lit = code;
    for (const [key, row] of this.rows) row.classList.toggle("lit", key === code);
  }

  focus(code: string): void {
    this.reveal(code);
    this.draw();
    this.rows.get(code)?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
  }

  private measure(): void {
    this.height = ROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.room = this.host.clientHeight || this.room;
    this.scrolled(true);
  }

  private scrolled(always = false): void {
    this.top = this.host.scrollTop;
    this.draw(always);
  }

  private scroll(top: number): void {
    this.host.scrollTop = top;
    this.top = top;
  }

  /** The same numbers again leave the list where it was; another choice begins at its top. */
  private same(points: readonly Point[]): boolean {
    return points.length === this.points.length && points.every((point, at) => point.code === this.points[at]?.code);
  }

  private reveal(code: string): void {
    const at = this.points.findIndex((point) => point.code === code);
    if (at < 0) return;
    const { height, top, room } = this;
    if (at * height < top) this.scroll(at * height);
    else if ((at + 1) * height > top + room) this.scroll((at + 1) * height - room);
  }

  private draw(always = false): void {
    if (!this.height) return this.measure();
    const { height, points } = this;
    const first = Math.max(0, Math.floor(this.top / height) - SPARE);
    if (!always && first === this.first) return;
    this.first = first;
    const last = Math.min(points.length, Math.ceil((this.top + this.room) / height) + SPARE);
    this.inner.style.height = `${points.length * height}px`;
    const wanted = points.slice(first, last).map((point, k) => {
      const row = this.rows.get(point.code) ?? this.make(point);
      row.style.transform = `translateY(${(first + k) * height}px)`;
      row.setAttribute("aria-posinset", String(first + k + 1));
      row.setAttribute("aria-setsize", String(points.length));
      row.classList.toggle("chosen", point.code === this.chosen);
      return row;
    });
    const kept = new Set(wanted);
    for (const child of [...this.inner.children]) if (!kept.has(child as HTMLElement)) child.remove();
    wanted.forEach((row, at) => {
      if (this.inner.children[at] !== row) this.inner.insertBefore(row, this.inner.children[at] ?? null);
    });
  }

  private make(point: Point): HTMLElement {
    const row = this.row(point);
    this.rows.set(point.code, row);
    return row;
  }

  private key(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step === undefined || !this.points.length) return;
    event.preventDefault();
    const code = (event.target as Element).closest<HTMLElement>("[data-code]")?.dataset["code"];
    const at = this.points.findIndex((point) => point.code === code);
    const next = this.points[Math.max(0, Math.min(this.points.length - 1, at < 0 ? 0 : at + step))];
    if (next) this.focus(next.code);
  }
}
