// The wall itself: holds the state, answers clicks and keys, keeps the address in step with what is looked at.

import { ApiError, getReasons } from "./api";
import { ServerClock } from "./clock";
import { Deploy } from "./deploy";
import { Cartogram } from "./cartogram/cartogram";
import { Feed } from "./feed";
import { listen } from "./keys";
import { MapRoom } from "./maproom";
import { levelInfo } from "./panels/list";
import { slotOf, turned, type Panel } from "./panels/slots";
import { Lists } from "./lists";
import { Control } from "./replay/control";
import { Replay } from "./replay/replay";
import { Reports } from "./reports";
import { Screen } from "./screen";
import { buildShell } from "./shell";
import { firstState, lineage, shownInstant, type State } from "./state";
import { Guide } from "./tour";
import { readView, writeView, type Place, type View } from "./view";

const MEND_MS = 60_000;

export class App {
  readonly state: State = firstState(readView(location.search));
  private readonly shell = buildShell();
  private readonly room = new MapRoom(this.shell, this.state, {
    area: (place) => this.pickArea(place),
    issue: (number) => void this.lists.openIssue(number),
  });
  private readonly cartogram = new Cartogram(this.shell, this.state);
  private readonly clock = new ServerClock();
  private readonly screen = new Screen(this.shell, this.state, this.room, this.cartogram, () => ({ now: this.clock.now(), dataAt: this.feed.dataAt }));
  private readonly lists = new Lists(this.state, this.shell, () => this.screen.render());
  private readonly reports = new Reports(this.state, () => this.screen.render());
  private readonly replay = new Replay(this.state, {
    ready: () => this.room.ready(),
    frame: (step) => this.wear(step),
    settle: () => this.settle(),
    live: () => this.go({ at: null, play: false }),
    draw: () => this.screen.timeline(),
  });
  private readonly feed = new Feed(this.state, this.clock, {
    draw: (news) => this.screen.render(news),
    status: () => this.screen.status(),
    loaded: () => void this.findReasons(),
    shown: () => this.shown(),
    deployed: (other, what) => this.deploy.want(other, what),
  });
  private readonly deploy = new Deploy(() => this.clock.steady(), () => this.state.sheet !== null);
  private readonly guide: Guide;
  private mended = -Infinity;
  private asked: URLSearchParams | null = new URLSearchParams(location.search);

  constructor() {
    document.body.appendChild(this.shell.root);
    this.guide = new Guide(this.state, {
      steady: () => this.clock.steady(),
      go: (change) => this.visit(change),
      explain: (place) => this.point(place),
      clear: () => this.clear(),
      turn: () => this.turn(),
      render: () => this.screen.render(),
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
    this.screen.render();
    void this.feed.fetch(false);
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
    return this.feed.fetch(false);
  }

  private point(place: Place | null): void {
    Object.assign(this.state, { why: place, asked: false, reasons: null });
    this.screen.render();
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
      this.screen.render();
      void this.replay.ensure();
    } else {
      this.lists.close();
      void this.feed.fetch(false);
    }
  }

  private shown(): void {
    this.openAsked();
    void this.replay.ensure();
  }

  /** A link from another page may name a list or an issue: opened once, with what it stands in. */
  private openAsked(): void {
    if (!this.asked || !this.state.board) return;
    const [list, issue] = [this.asked.get("list"), this.asked.get("issue")];
    this.asked = null;
    if (issue) void this.lists.openIssue(issue);
    else if (list) void this.lists.openList(list.includes("=") ? list : new URLSearchParams({ city: this.state.city?.code ?? "", state: list }).toString());
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
    this.feed.tick();
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
      this.screen.render();
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
    else if (act === "retry") void this.feed.fetch(true);
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
    this.screen.render();
    this.shell.why.querySelector<HTMLElement>("[data-focus]")?.focus({ preventScroll: innerWidth >= 1200 });
    void this.findReasons();
  }

  private forget(): void {
    Object.assign(this.state, { why: null, asked: false });
    this.screen.render();
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
      const found = await getReasons({ city: city.code, level, code, by: level === "unit" ? "place" : by, at: shownInstant(view, city) });
      if (this.state.view !== view || this.state.why !== place) return;
      this.state.reasons = { ...found, code };
      this.screen.render();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the colour is explained without its issues
    }
  }

  /** Put a panel in the place that it shares. */
  private choose(panel: Panel): void {
    const slot = slotOf(panel, this.state);
    if (!slot) return;
    this.state.tabs = { ...this.state.tabs, [slot]: panel };
    this.screen.render();
    this.shell.root.querySelector<HTMLElement>(`section:not(.behind) [data-act="tab"][data-value="${panel}"]`)?.focus();
  }

  /** On a wall that nobody touches: the next panel in each place. */
  turn(): void {
    this.state.tabs = turned(this.state);
    this.screen.render();
  }

  private wear(step: number): void {
    this.feed.hold();
    this.screen.frame(step);
  }

  /** The head rests: all of that instant is fetched, and the address says it. */
  private settle(): void {
    if (this.state.replay.step !== null) this.wear(this.state.replay.step);
    this.state.view = { ...this.state.view, play: false };
    history.replaceState(null, "", writeView(this.state.view));
    this.lists.close();
    void this.feed.fetch(false);
  }
}

function placeOf(text: string): Place {
  const split = text.indexOf(":");
  return { level: text.slice(0, split), code: text.slice(split + 1) };
}
