// The wall itself: holds the state, answers clicks and keys, keeps address, panels and map in step.

import { ApiError, getCities, getReasons } from "./api";
import { Freshness, ServerClock } from "./clock";
import { Deploy } from "./deploy";
import { Cartogram } from "./cartogram/cartogram";
import { children, h } from "./dom";
import { nameOf } from "./format";
import { listen } from "./keys";
import { loadFigures } from "./figures";
import { load } from "./load";
import { MapRoom } from "./maproom";
import { changed } from "./panels/changed";
import { controls } from "./panels/controls";
import { headline, isAged, isLost, masthead, status } from "./panels/header";
import { changes } from "./panels/changes";
import { newest, urgent } from "./panels/issues";
import { legend, mapKey, notes, source } from "./panels/legend";
import { levelInfo, list } from "./panels/list";
import { orders } from "./panels/orders";
import { sources, works } from "./panels/parts";
import { ranking } from "./panels/ranking";
import { sheet } from "./panels/sheet";
import { slotOf, standing, turned, type Panel } from "./panels/slots";
import { table } from "./panels/table";
import { moveHead, timeline } from "./panels/timeline";
import { totals } from "./panels/totals";
import { trend } from "./panels/trend";
import { tour } from "./panels/tour";
import { why } from "./panels/why";
import { Lists } from "./lists";
import { Control } from "./replay/control";
import { boardsAt } from "./replay/frame";
import { Replay } from "./replay/replay";
import { Reports } from "./reports";
import { buildShell } from "./shell";
import { firstState, lineage, shownInstant, type State } from "./state";
import { Stream } from "./stream";
import { Guide } from "./tour";
import type { Frame } from "./types";
import { readView, writeView, type Place, type View } from "./view";
import { words, type Words } from "./words";

const REFRESH_MS = 60_000; // windows slide even when nothing happens
const READ_MS = 200; // words and figures of a replay change no oftener
const CALM_MS = 3_000; // a busy stream reloads an inner view no oftener than this
const POLL_MS = 15_000; // …and while the stream says nothing
const GAP_MS = 10_000; // a timer that comes so late was asleep
const LATER_MS = 60_000; // what cannot be may become possible with another pack
const MEND_MS = 60_000;
const RETRY_MS = [1_000, 2_000, 5_000, 10_000];

export class App {
  readonly state: State = firstState(readView(location.search));
  private readonly shell = buildShell();
  private readonly room = new MapRoom(this.shell, this.state, {
    area: (place) => this.pickArea(place),
    issue: (number) => void this.lists.openIssue(number),
  });
  private readonly cartogram = new Cartogram(this.shell, this.state);
  private readonly lists = new Lists(this.state, this.shell, () => this.render());
  private readonly reports = new Reports(this.state, () => this.render());
  private readonly clock = new ServerClock();
  private readonly fresh = new Freshness();
  private readonly replay = new Replay(this.state, {
    ready: () => this.room.ready(),
    frame: (step) => this.wear(step),
    settle: () => this.settle(),
    live: () => this.go({ at: null, play: false }),
    draw: () => this.renderTimeline(),
  });
  private readonly stream: Stream;
  private readonly deploy: Deploy;
  private readonly guide: Guide;
  private news = 0; // times that something was heard of which had to be fetched
  private ticked = 0;
  private mended = -Infinity;
  private loading: AbortController | null = null;
  private failures = 0;
  private retry = 0;
  private soon = 0;
  private loadedAt = 0;
  private readAt = 0;
  private asked: URLSearchParams | null = new URLSearchParams(location.search);

  constructor() {
    document.body.appendChild(this.shell.root);
    const build = document.documentElement.dataset["build"] ?? "";
    this.deploy = new Deploy(() => this.clock.steady(), () => this.state.sheet !== null);
    const heard = (at: number) => this.hear(at);
    const deployed = (other: string, what: string) => this.deploy.want(other, what);
    this.stream = new Stream({ heard, frame: (frame) => this.receive(frame), anew: () => this.anew(), greeted: (fold, back) => this.greeted(fold, back), deployed }, this.clock, build);
    this.guide = new Guide(this.state, {
      steady: () => this.clock.steady(),
      go: (change) => this.visit(change),
      explain: (place) => this.point(place),
      clear: () => this.clear(),
      turn: () => this.turn(),
      render: () => this.render(),
      fade: (away) => this.shell.root.classList.toggle("turning", away),
    });
    window.addEventListener("error", (event) => this.mend(event));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.tick());
    this.shell.root.addEventListener("click", (event) => this.click(event));
    window.addEventListener("popstate", () => this.look(readView(location.search)));
    new Control(this.shell.timeline, this.state, this.replay, (change) => this.go(change, true));
    listen({
      days: (by) => this.replay.by(by),
      up: () => this.up(),
      toward: (direction) => this.room.step(direction),
      enter: () => this.enter(),
      zoom: (steps) => this.room.zoom(steps),
      toggle: (what) => this.toggle(what), why: (row) => this.explain(row) });
    window.setInterval(() => this.tick(), 1_000);
    this.render();
    void this.fetch(false);
  }

  private get words(): Words {
    return words(this.state.view.lang);
  }

  /** Look at something else, and say so in the address bar. */
  go(change: Partial<View>, replace = false): void {
    const view = { ...this.state.view, ...change };
    history[replace ? "replaceState" : "pushState"](null, "", writeView(view));
    this.look(view);
  }

  /** As `go`, without a trace in the history of the browser; done when it is drawn. */
  private visit(change: Partial<View>): Promise<void> {
    this.state.view = { ...this.state.view, ...change };
    Object.assign(this.state, { why: null, asked: false, reasons: null });
    history.replaceState(null, "", writeView(this.state.view));
    this.lists.close();
    return this.fetch(false);
  }

  private point(place: Place | null): void {
    Object.assign(this.state, { why: place, asked: false, reasons: null });
    this.render();
    void this.findReasons();
  }

  private clear(): void {
    this.reports.close();
    this.lists.close();
    Object.assign(this.state, { why: null, asked: false, reasons: null });
  }

  private look(view: View): void {
    const before = this.state.view;
    this.state.view = view;
    if (!view.at && !view.play) this.replay.pause();
    Object.assign(this.state, { why: null, asked: false, reasons: null });
    const same = (["city", "level", "by", "at", "as"] as const).every((name) => before[name] === view[name]) && before.area?.code === view.area?.code && before.area?.level === view.area?.level;
    if (same) {
      this.render();
      void this.replay.ensure();
    } else {
      this.lists.close();
      void this.fetch(false);
    }
  }

  /** Get what the view needs. `again`: the same view again, so that changes show. */
  private async fetch(again: boolean): Promise<void> {
    window.clearTimeout(this.retry);
    window.clearTimeout(this.soon);
    this.soon = this.retry = 0;
    const news = this.news;
    this.loading?.abort();
    const mine = new AbortController();
    this.loading = mine;
    try {
      await this.findCity(mine.signal);
      const { city, view } = this.state;
      if (!city) throw new ApiError({ title: this.words.noCity, status: 404, detail: "", remedy: this.words.noCityRemedy });
      const figures = loadFigures(view, city, this.clock.now(), this.state.figures, mine.signal);
      figures.catch(() => undefined); // the board's own failure is the one that is told
      const loaded = await load(view, city, this.clock.now(), this.state.shapes, mine.signal);
      if (mine.signal.aborted) return;
      Object.assign(this.state, loaded, { problem: null });
      this.failures = 0;
      this.loadedAt = this.clock.steady();
      if (shownInstant(view, city, this.clock.now())) this.stream.close();
      else {
        this.clock.hear(Date.parse(loaded.board.at), true);
        this.fresh.fetched(Date.parse(loaded.board.at), news === this.news);
        this.stream.open(city.code);
      }
      if (!this.state.figures) this.render(again); // the map first, on a wall that shows nothing yet
      this.state.figures = await figures.catch(() => null);
      if (mine.signal.aborted) return;
      void this.findReasons();
    } catch (error) {
      if (mine.signal.aborted) return;
      this.failed(error);
    }
    if (this.loading === mine) this.loading = null;
    this.renderStatus();
    this.render(again);
    this.openAsked();
    void this.replay.ensure();
  }

  /** A link from another page may name a list or an issue: opened once, with what it stands in. */
  private openAsked(): void {
    if (!this.asked || !this.state.board) return;
    const [list, issue] = [this.asked.get("list"), this.asked.get("issue")];
    this.asked = null;
    if (issue) void this.lists.openIssue(issue);
    else if (list) void this.lists.openList(list);
  }

  private async findCity(signal: AbortSignal): Promise<void> {
    const { state } = this;
    if (!state.cities?.length) state.cities = (await getCities(signal)).cities;
    const wanted = state.view.city;
    const city = state.cities.find(({ code }) => code === wanted) ?? null;
    if (wanted && !city && state.cities.length) {
      const known = state.cities.map(({ code, name }) => `${code} (${name})`).join(", ");
      throw new ApiError({ title: "", status: 404, detail: `city=${wanted}?`, remedy: known });
    }
    const next = city ?? state.cities[0] ?? null;
    if (next?.code === state.city?.code) return;
    this.fresh.forget();
    Object.assign(state, { shapes: new Map(), board: null, around: [], units: null, cells: null, figures: null, city: next });
  }

  /** With numbers on the wall they stay, and the stream's state tells their age; else the problem is shown. */
  private failed(error: unknown): void {
    const known = error instanceof ApiError ? error.problem : { title: "", status: 0, detail: String(error), remedy: "" };
    if (!(error instanceof ApiError)) console.error(error);
    const permanent = known.status === 400 || (known.status === 404 && this.state.city !== null);
    if (!this.state.board || permanent) this.state.problem = known;
    if (known.status === 404 && !this.state.city) this.state.cities = null;
    const pause = permanent ? LATER_MS : (RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)] ?? LATER_MS);
    this.retry = window.setTimeout(() => void this.fetch(true), pause * (0.9 + Math.random() / 5));
  }

  private hear(at: number): void {
    this.fresh.hear(at);
    this.renderStatus();
  }

  /** The stream is open. What came between the numbers and it was missed. */
  private greeted(fold: number, back: boolean): void {
    if (back || (this.state.board && fold > this.state.board.fold)) this.anew();
  }

  /** Something may have been missed: what is shown is as old as it was until it has been fetched. */
  private anew(): void {
    this.fresh.owe();
    this.news += 1;
    void this.fetch(true);
  }

  /** Numbers from the stream: at once where they are what is shown, else by fetching the view again soon. */
  private receive(frame: Frame): void {
    const { state } = this;
    const { board, view } = state;
    if (!board || view.at || (frame.fold < board.fold && frame.at < board.at)) return;
    const direct = !view.area && view.by === "place" && state.levels.weather && frame.areas.some(({ level }) => level === board.level);
    if (direct && frame.areas.filter(({ level }) => level === board.level).length === board.areas.length) {
      state.board = { ...board, fold: frame.fold, at: frame.at, totals: frame.totals, areas: frame.areas.filter(({ level }) => level === board.level) };
      this.fresh.owe(Date.parse(frame.at)); // the lists beside them are still to come
      this.render(true);
    } else this.fresh.owe();
    this.news += 1;
    if (!this.soon) this.soon = window.setTimeout(() => void this.fetch(true), Math.max(0, CALM_MS - (this.clock.steady() - this.loadedAt)));
  }

  /** An error from within the map leaves parts of it undrawn: it is made anew, at most once a minute. */
  private mend(event: ErrorEvent): void {
    const stack = event.error instanceof Error ? (event.error.stack ?? "") : "";
    if (!/_render|maplibre/u.test(stack) || this.clock.steady() - this.mended < MEND_MS) return;
    this.mended = this.clock.steady();
    this.room.replace();
  }

  /** Every second, and when the page is seen again. */
  private tick(): void {
    const { state, clock } = this;
    const slept = clock.jumped() || clock.steady() - this.ticked > GAP_MS;
    if (slept && this.ticked) this.stream.reopen();
    this.ticked = clock.steady();
    const live = state.city && this.loadedAt && !shownInstant(state.view, state.city, clock.now());
    const idle = clock.steady() - this.loadedAt;
    if (live && !this.loading && !this.retry && (slept || idle > (isAged(state) ? POLL_MS : REFRESH_MS))) void this.fetch(true);
    if (live && idle > 3 * REFRESH_MS) this.fresh.owe(); // windows slid on without it
    this.renderStatus();
    this.guide.tick();
    this.deploy.check();
  }

  private click(event: MouseEvent): void {
    const target = (event.target as Element).closest<HTMLElement>("[data-act]");
    if (!target) return;
    const { act, area, query, number, value = "" } = target.dataset;
    const place = area ? placeOf(area) : null;
    if (act === "area") this.go({ area: place, level: null });
    else if (act === "why") this.explain(area || null);
    else if (act === "whynot") this.forget();
    else if (act === "tab") this.choose(value as Panel);
    else if (act === "kind") {
      this.state.kind = value;
      this.render();
    }
    else if (act === "list") void this.lists.openList(query ?? "", target);
    else if (act === "issue") void this.lists.openIssue(number ?? "", target);
    else if (act === "report") void this.reports.act(value);
    else if (act === "close") this.lists.close();
    else if (act === "view") this.go({ cartogram: value === "cartogram" });
    else if (act === "uncard") this.room.uncard();
    else if (act === "level") this.go({ level: value });
    else if (act === "by") this.go({ by: value === "responsibility" ? "responsibility" : "place" });
    else if (act === "city") this.go({ city: value, area: null, level: null });
    else if (act === "table" || act === "lang") this.toggle(act);
    else if (act === "retry") void this.fetch(true);
    event.stopPropagation();
  }

  /** A click on the map: a counted area opens its list, one that is finer goes in, the one looked at stays. */
  private pickArea(place: Place): void {
    const { city, view, board } = this.state;
    if (!city || (place.level === view.area?.level && place.code === view.area.code)) return;
    if (levelInfo(this.state, place.level)?.weather) this.go({ area: place, level: null });
    else if (board) void this.lists.openList(new URLSearchParams({ city: city.code, at: board.at, state: "open", area: `${place.level}:${place.code}` }).toString());
  }

  /** One step back: the sheet, the explanation, the table, the area above. */
  private up(): void {
    const { state } = this;
    if (state.making) this.reports.close();
    else if (state.sheet) this.lists.close();
    else if (this.room.uncard()) return;
    else if (state.why || state.asked) this.forget();
    else if (state.view.table) this.go({ table: false });
    else if (state.view.at) this.go({ at: null, play: false });
    else if (state.view.area) this.go({ area: lineage(state).at(-2)?.place ?? null, level: null });
    else if (state.view.level) this.go({ level: null });
  }

  private enter(): boolean {
    const area = this.room.standing;
    if (area) this.go({ area, level: null });
    return area !== null;
  }

  private toggle(what: "table" | "lang" | "by"): void {
    const { view } = this.state;
    if (what === "table") this.go({ table: !view.table });
    else if (what === "by") this.go({ by: view.by === "place" ? "responsibility" : "place" });
    else this.go({ lang: view.lang === "zh" ? "en" : "zh" }, true);
  }

  /** The weather of a row or, without one, of the whole that is looked at. */
  private explain(row: string | null): void {
    Object.assign(this.state, { why: row ? placeOf(row) : null, asked: row === null });
    this.render();
    this.shell.why.querySelector<HTMLElement>("[data-focus]")?.focus({ preventScroll: innerWidth >= 1200 });
    void this.findReasons();
  }

  private forget(): void {
    Object.assign(this.state, { why: null, asked: false });
    this.render();
    void this.findReasons();
  }

  /** The issues to clear first, where a weather is explained. */
  private async findReasons(): Promise<void> {
    const { city, view, why: place, asked, board, around } = this.state;
    const whole = asked || view.area;
    if (!city || !board || (!place && !whole)) return;
    const { level, code } = place ?? view.area ?? { level: city.levels[0]?.level ?? "", code: board.totals.code };
    const by = place && !around.length ? board.by : "place";
    try {
      const found = await getReasons({ city: city.code, level, code, by: level === "unit" ? "place" : by, at: shownInstant(view, city, this.clock.now()) });
      if (this.state.view !== view || this.state.why !== place) return;
      this.state.reasons = { ...found, code };
      this.render();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the colour is explained without its issues
    }
  }

  /** Put a panel in the place that it shares. */
  private choose(panel: Panel): void {
    const slot = slotOf(panel, this.state);
    if (!slot) return;
    this.state.tabs = { ...this.state.tabs, [slot]: panel };
    this.render();
    this.shell.root.querySelector<HTMLElement>(`section:not(.behind) [data-act="tab"][data-value="${panel}"]`)?.focus();
  }

  /** On a wall that nobody touches: the next panel in each place. */
  turn(): void {
    this.state.tabs = turned(this.state);
    this.render();
  }

  private render(news = false): void {
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
    this.renderStatus();
    this.renderTimeline();
    this.room.show(news);
    this.cartogram.show(news);
  }

  /** A frame of the replay: what it holds is shown at once, what it lacks waits until the head rests. */
  private wear(step: number): void {
    const { state, shell, words: w } = this;
    const { replay, city } = state;
    if (!replay.film || !city) return;
    this.stream.close();
    this.loading?.abort();
    window.clearTimeout(this.soon);
    this.soon = 0;
    state.view = { ...state.view, at: replay.film.at(step) };
    const now = performance.now();
    const read = !replay.playing || now - this.readAt >= READ_MS; // when played fast, faster than anyone reads
    if (read || !this.room.pictured) Object.assign(state, boardsAt(state, step, city));
    moveHead(shell.timeline, state, w);
    this.room.wear(step, read);
    if (state.view.cartogram) this.cartogram.show(false);
    if (!read) return;
    this.readAt = now;
    const draw = (host: HTMLElement, parts: (HTMLElement | null)[]) => children(host, h("div", {}, parts));
    draw(shell.headline, headline(state, w));
    draw(shell.totals, totals(state, w));
    draw(shell.list, list(state, w));
    if (state.view.table) draw(shell.table, table(state, w));
    this.renderStatus();
    this.markReplay();
  }

  /** The head rests: all of that instant is fetched, and the address says it. */
  private settle(): void {
    if (this.state.replay.step !== null) this.wear(this.state.replay.step);
    this.state.view = { ...this.state.view, play: false };
    history.replaceState(null, "", writeView(this.state.view));
    this.lists.close();
    void this.fetch(false);
  }

  private renderTimeline(): void {
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

  private renderStatus(): void {
    this.state.now = this.clock.now();
    this.state.dataAt = this.fresh.at;
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

function placeOf(text: string): Place {
  const split = text.indexOf(":");
  return { level: text.slice(0, split), code: text.slice(split + 1) };
}
