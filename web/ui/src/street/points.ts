// The list and map of points, with what an inspector does there: begin a visit, keep a look at them under a name.

import { h } from "../dom";
import { PointsPage } from "../points/page";
import type { Point, Points } from "../points/points";
import type { City, Lang } from "../types";
import { alongOf, type Taken } from "./along";
import { streetWords } from "./words";

export class StreetPoints extends PointsPage {
  private drafts: ReadonlySet<string> = new Set();
  private done: ReadonlySet<string> = new Set();
  onLoad: () => void = () => undefined;

  /** What was taken along, forms under way, and visits that wait on this phone. */
  take(taken: Taken | null, drafts: ReadonlySet<string>, done: ReadonlySet<string>): void {
    [this.drafts, this.done] = [drafts, done];
    this.along = taken && alongOf(taken, done);
    if (this.points) this.read(this.points.answer);
    this.render();
  }

  get held(): Points | null {
    return this.points;
  }

  get where(): City | null {
    return this.city;
  }

  get lang(): Lang {
    return this.look.lang;
  }

  get root(): HTMLElement {
    return this.shell.root;
  }

  /** Ask for the points anew. */
  async again(): Promise<void> {
    await this.load();
  }

  closeCard(): void {
    if (this.look.point) this.go({ point: null }, true);
  }

  protected override async load(): Promise<void> {
    await super.load();
    this.onLoad?.();
  }

  protected override beside(point: Point): HTMLElement | null {
    if (!this.along) return null;
    const w = streetWords(this.look.lang);
    return h("div", { class: "begin" },
      h("a", { class: "button main wide", href: `#visit=${encodeURIComponent(point.code)}` }, this.drafts.has(point.code) ? w.resume : w.start),
      this.done.has(point.code) ? h("p", { class: "quiet" }, w.waits) : point.month > 0 ? h("p", { class: "quiet" }, w.done) : null);
  }
}
