// What the state looks like: every panel, the map and the tiles, all of them or what a frame of a replay needs.

import type { Cartogram } from "./cartogram/cartogram";
import { children, h } from "./dom";
import { nameOf } from "./format";
import type { MapRoom } from "./maproom";
import { changed } from "./panels/changed";
import { controls } from "./panels/controls";
import { headline, isLost, masthead, status } from "./panels/header";
import { changes } from "./panels/changes";
import { newest, urgent } from "./panels/issues";
import { legend, mapKey, notes, source } from "./panels/legend";
import { list } from "./panels/list";
import { orders } from "./panels/orders";
import { sources, works } from "./panels/parts";
import { ranking } from "./panels/ranking";
import { sheet } from "./panels/sheet";
import { slotOf, standing, type Panel } from "./panels/slots";
import { table } from "./panels/table";
import { moveHead, timeline } from "./panels/timeline";
import { totals } from "./panels/totals";
import { trend } from "./panels/trend";
import { tour } from "./panels/tour";
import { why } from "./panels/why";
import { boardsAt } from "./replay/frame";
import type { Shell } from "./shell";
import type { State } from "./state";
import { words, type Words } from "./words";

const READ_MS = 200; // words and figures of a replay change no oftener,
const READ_SHARE = 8; // and take no more than this part of the time

export class Screen {
  private readAt = 0; // when words and figures are due

  constructor(
    private readonly shell: Shell,
    private readonly state: State,
    private readonly room: MapRoom,
    private readonly cartogram: Cartogram,
    private readonly age: () => Pick<State, "now" | "dataAt">,
  ) {}

  private get words(): Words {
    return words(this.state.view.lang);
  }

  /** All of it. `news`: what changed since the last time shows. */
  render(news = false): void {
    const { shell, state, words: w } = this;
    const { city, view } = state;
    document.documentElement.lang = view.lang === "zh" ? "zh-CN" : "en";
    document.title = city ? w.title(nameOf(city, view.lang).replace(/市$/u, "")) : w.product;
    shell.root.classList.toggle("asked", view.table);
    shell.map.setAttribute("aria-label", w.mapLabel);
    const draw = (host: HTMLElement, parts: (HTMLElement | null)[]) => {
      children(host, h("div", {}, parts), news);
      host.hidden = !host.childNodes.length;
    };
    draw(shell.masthead, masthead(state, w));
    draw(shell.headline, headline(state, w));
    draw(shell.controls, controls(state, w));
    draw(shell.totals, totals(state, w));
    const home = view.area ? shell.left : shell.right; // the communities of a town stand where the city's works do
    if (shell.list.parentElement !== home) home.insertBefore(shell.list, view.area ? shell.works : shell.rank);
    const share = (host: HTMLElement, panel: Panel, parts: (HTMLElement | null)[]) => {
      draw(host, parts);
      const slot = slotOf(panel, state);
      host.classList.toggle("behind", slot !== null && standing(slot, state) !== panel);
    };
    draw(shell.trend, trend(state, w));
    share(shell.list, "areas", list(state, w));
    share(shell.rank, "rank", ranking(state, w));
    share(shell.works, "works", works(state, w));
    share(shell.sources, "sources", sources(state, w));
    draw(shell.why, why(state, w));
    draw(shell.changed, changed(state, w));
    draw(shell.timeline, timeline(state, w));
    draw(shell.orders, orders(state, w));
    share(shell.changes, "changes", changes(state, w));
    share(shell.urgent, "urgent", urgent(state, w));
    share(shell.newest, "newest", newest(state, w));
    draw(shell.legend, legend(state, w));
    draw(shell.key, mapKey(state, w));
    draw(shell.notes, notes(state, w));
    draw(shell.source, source(state));
    draw(shell.table, view.table ? table(state, w) : []);
    draw(shell.sheet, sheet(state, w));
    draw(shell.tour, tour(state, w));
    draw(shell.problem, this.problem(w));
    this.status();
    this.timeline();
    this.room.show(news);
    this.cartogram.show(news);
  }

  /** A frame of a replay: what it holds is shown at once, what it lacks waits until the head rests. */
  frame(step: number): void {
    const { state, shell, words: w } = this;
    const { replay, city } = state;
    if (!replay.film || !city) return;
    state.view = { ...state.view, at: replay.film.at(step) };
    const now = performance.now();
    const read = !replay.playing || now >= this.readAt; // when played fast, faster than anyone reads
    if (read || !this.room.pictured) Object.assign(state, boardsAt(state, step, city));
    moveHead(shell.timeline, state, w);
    this.room.wear(step, read);
    if (state.view.cartogram) this.cartogram.show(false);
    if (!read) return;
    const draw = (host: HTMLElement, parts: (HTMLElement | null)[]) => children(host, h("div", {}, parts));
    draw(shell.headline, headline(state, w));
    draw(shell.totals, totals(state, w));
    draw(shell.list, list(state, w));
    if (state.view.table) draw(shell.table, table(state, w));
    this.status();
    this.markReplay();
    this.readAt = now + Math.max(READ_MS, READ_SHARE * (performance.now() - now));
  }

  /** The strip of days, and what changed colour with the one under the head. */
  timeline(): void {
    const { shell, state, words: w } = this;
    for (const [host, parts] of [[shell.timeline, timeline(state, w)], [shell.changed, changed(state, w)]] as const) {
      children(host, h("div", {}, parts));
      host.hidden = !host.childNodes.length;
    }
    this.markReplay();
  }

  /** What belongs to another instant than the head's is out of sight. */
  private markReplay(): void {
    const { shell, state } = this;
    const { replay } = state;
    shell.root.classList.toggle("moving", replay.step !== null && (replay.playing || state.board?.totals.why === null));
    shell.root.classList.toggle("replaying", state.view.at !== null);
  }

  /** The hour and how fresh it all is. */
  status(): void {
    Object.assign(this.state, this.age());
    children(this.shell.status, h("div", {}, status(this.state, this.words)));
    this.shell.root.classList.toggle("lost", isLost(this.state));
  }

  private problem(w: Words): HTMLElement[] {
    const { problem, city, view } = this.state;
    if (!problem) return [];
    const offline = problem.status === 0 || problem.status === 502; // nobody, or somebody else, answers
    return [
      h("h2", {}, offline ? (w.offline[0] ?? "") : problem.status === 404 ? w.notFound : problem.title || w.failed),
      problem.detail && h("p", {}, problem.detail),
      h("p", {}, offline ? (w.offline[1] ?? "") : problem.remedy),
      h("p", {}, h("button", { type: "button", "data-act": "retry" }, w.retry), city && view.area ? h("button", { type: "button", "data-act": "area", "data-area": "" }, w.whole) : null),
    ].filter((part): part is HTMLElement => part instanceof HTMLElement);
  }
}
