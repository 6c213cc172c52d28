// The points page: holds what is known and looked at, and keeps list, map, card and address in step.

import { ApiError, getAreas, getCities, getPoint, getPoints } from "../api";
import { children, h } from "../dom";
import { Calendar } from "../format";
import type { AreaShape, City, PointsAnswer, PointStory } from "../types";
import { readLook, writeLook, type Look } from "./address";
import { areaLevels, coverage, empty, filters, lineOf, listHead, optionsOf, placeName, walkOf, type Seen } from "./bar";
import { find, FACETS, isOn, NO_FILTER, type Facet, type Filter } from "./filter";
import { PointList } from "./list";
import type { PointsMap } from "./map";
import { Picker } from "./picker";
import { nearestFirst, readPoints, type Along, type Point, type Points, type Position, type Sort } from "./points";
import { cardOf, rowOf, type Said } from "./rows";
import { buildShell } from "./shell";
import { pointWords, type PointWords } from "./words";

declare global {
  interface Window {
    points: { map: PointsMap["gl"] | null; marks: PointsMap["overlay"] | null }; // for tests and for whoever looks under the bonnet
  }
}

const REFRESH_MS = 60_000;
const RETRY_MS = 5_000;

export class PointsPage {
  protected look: Look = readLook(location.search);
  protected readonly shell = buildShell();
  private readonly list = new PointList(this.shell.list, (point) => this.row(point.code));
  private readonly picker = new Picker();
  private map: PointsMap | null = null;
  private opening = false; // the map's code is on its way
  protected city: City | null = null;
  private cities: City[] = [];
  protected points: Points | null = null;
  protected along: Along | null = null;
  private shapes = new Map<string, readonly AreaShape[]>();
  private story: PointStory | null = null;
  private me: Position | null = null;
  private seen: Seen | null = null;
  private heard = 0; // when the server last answered, ms
  private trouble: "offline" | "failed" | null = null;
  private detail = "";
  private notice = "";
  private timer = 0;
  private rowsAge = "";

  constructor() {
    window.points = { map: null, marks: null };
    document.body.appendChild(this.shell.root);
    this.shell.root.addEventListener("click", (event) => this.click(event));
    this.shell.root.addEventListener("change", (event) => this.change(event));
    this.shell.search.addEventListener("input", () => this.filter({ q: this.shell.search.value }, true));
    this.shell.list.addEventListener("mouseover", (event) => this.hover((event.target as Element).closest<HTMLElement>("[data-code]")?.dataset["code"] ?? null));
    this.shell.list.addEventListener("mouseleave", () => this.hover(null));
    window.addEventListener("popstate", () => this.turn(readLook(location.search)));
    window.addEventListener("online", () => void this.load());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.load());
    document.addEventListener("keydown", (event) => this.key(event));
    this.render();
    void this.load();
  }

  /** What stands on a point's card beside what is known of it. */
  protected beside(_point: Point): HTMLElement | null {
    return null;
  }

  private get words(): PointWords {
    return pointWords(this.look.lang);
  }

  /** The server's points; asked again every minute, which costs nothing while nothing has changed. */
  protected async load(): Promise<void> {
    window.clearTimeout(this.timer);
    try {
      if (!this.cities.length) this.cities = (await getCities()).cities;
      const city = this.cities.find(({ code }) => code === this.look.city) ?? (this.look.city ? null : this.cities[0]) ?? null;
      if (!city) throw new ApiError({ title: "", status: 404, detail: this.look.city ? `city=${this.look.city}?` : "", remedy: this.cities.map(({ code, name }) => `${code} (${name})`).join(", ") });
      const levels = city.levels.filter(({ weather }) => weather).slice(1).map(({ level }) => level);
      const missing = levels.filter((level) => !this.shapes.has(level));
      const [answer, ...found] = await Promise.all([getPoints(city.code), ...missing.map((level) => getAreas(city.code, level, city.boundary_version))]);
      missing.forEach((level, at) => this.shapes.set(level, found[at]?.areas ?? []));
      this.city = city;
      this.heard = Date.now();
      [this.trouble, this.detail] = [null, ""];
      if (this.points?.answer.fold !== answer.fold || this.points.answer.at !== answer.at) {
        this.read(answer);
        this.story = null;
      }
    } catch (error) {
      this.trouble = error instanceof ApiError && error.problem.status === 0 ? "offline" : "failed";
      this.detail = error instanceof ApiError ? `${error.problem.detail} ${error.problem.remedy}`.trim() : String(error);
    }
    this.timer = window.setTimeout(() => void this.load(), this.trouble ? RETRY_MS : REFRESH_MS);
    this.render();
    if (this.look.point && !this.story) void this.tell(this.look.point);
    if ((this.look.sort === "distance" || this.look.filter.near) && !this.me) this.locate();
  }

  protected read(answer: PointsAnswer): void {
    const read = readPoints(answer, this.look.lang, this.along);
    this.points = this.me ? nearestFirst(read, this.me) : read;
  }

  /** Look at something else; `replace`: a step that the back button need not know. */
  private turn(look: Look): void {
    const before = this.look;
    this.look = look;
    if (before.city !== look.city) return location.reload();
    if (before.lang !== look.lang && this.points) this.read(this.points.answer);
    if (before.point !== look.point) {
      this.story = null;
      if (look.point) void this.tell(look.point);
    }
    this.render();
    const area = look.filter.area;
    if (JSON.stringify(before.filter.area) !== JSON.stringify(area) && this.map && this.city) {
      void this.map.look(area);
      this.map.fit(this.boundsOf());
    }
  }

  protected go(change: Partial<Look>, replace = false): void {
    const look = { ...this.look, ...change };
    history[replace ? "replaceState" : "pushState"](null, "", writeLook(look));
    this.turn(look);
  }

  private filter(change: Partial<Filter>, replace = false): void {
    this.go({ filter: { ...this.look.filter, ...change } }, replace);
  }

  private async tell(code: string): Promise<void> {
    if (!this.city) return;
    try {
      const story = await getPoint(this.city.code, code);
      if (this.look.point !== code) return;
      this.story = story;
    } catch (error) {
      this.trouble = error instanceof ApiError && error.problem.status === 0 ? "offline" : this.trouble;
    }
    this.render();
  }

  protected render(): void {
    const { shell, look, words: w, city, points } = this;
    document.documentElement.lang = look.lang === "zh" ? "zh-CN" : "en";
    shell.root.classList.toggle("carded", look.point !== null && points !== null);
    this.renderTrouble();
    shell.search.placeholder = w.search;
    shell.search.setAttribute("aria-label", w.searchLabel);
    if (document.activeElement !== shell.search) shell.search.value = look.filter.q;
    if (!city || !points) return;
    const bounds = this.map?.bounds ?? null;
    const found = find(points, look.filter, look.sort, bounds);
    const seen: Seen = { look, city, points, found, shapes: this.shapes, words: w };
    this.seen = seen;
    document.title = `${w.title(placeName(seen))}`;
    this.renderHead(seen);
    const age = `${points.answer.fold} ${points.answer.at} ${look.lang} ${look.sort === "walk" ? points.along?.walk.join() : ""} ${this.me?.lon ?? ""} ${this.me?.lat ?? ""}`;
    shell.list.hidden = !found.points.length;
    this.list.show(found.points, age !== this.rowsAge);
    this.rowsAge = age;
    children(shell.empty, h("div", {}, found.points.length ? null : empty(seen)));
    this.drawMap(seen);
    this.renderCard();
  }

  private renderHead(seen: Seen): void {
    const { shell, words: w, look } = this;
    const city = seen.city;
    const wall = `/?${new URLSearchParams({ city: city.code, ...(look.lang === "en" ? { lang: "en" } : {}) }).toString()}`;
    const other = writeLook({ ...look, lang: look.lang === "zh" ? "en" : "zh" });
    children(shell.title, h("div", {},
      h("h1", {}, w.title(placeName(seen))),
      h("p", {}, city.demo && h("b", {}, w.demo), h("a", { href: wall }, w.wall), h("a", { href: other, "data-act": "lang", title: w.otherTitle, lang: look.lang === "zh" ? "en" : "zh" }, w.other))));
    children(shell.coverage, h("div", {}, city.coverage ? coverage(seen) : null));
    children(shell.filters, h("div", {}, filters(seen)));
    shell.filters.setAttribute("aria-label", w.filters);
    children(shell.head, h("div", {}, listHead(seen)));
    const select = shell.head.querySelector("select");
    if (select) select.value = look.sort;
    shell.list.setAttribute("aria-label", w.list);
    const calendar = new Calendar(city.timezone, look.lang);
    const note = [city.schematic ? w.schematic : "", this.heard ? w.asOf(calendar.time(new Date(this.heard))) : ""].filter(Boolean).join(" · ");
    children(shell.notes, h("div", {}, h("p", {}, note)));
  }

  private renderTrouble(): void {
    const { shell, words: w, trouble, notice } = this;
    const at = this.heard && this.city ? new Calendar(this.city.timezone, this.look.lang).time(new Date(this.heard)) : "";
    const text = trouble === "offline" ? (at ? w.offline(at) : w.offlineBare) : trouble ? `${w.failed} ${this.detail}` : notice || (this.points ? "" : w.loading);
    children(shell.trouble, h("div", {}, text && h("p", {}, text), trouble && h("button", { type: "button", "data-act": "retry" }, w.retry)));
    shell.trouble.hidden = !text;
    shell.trouble.classList.toggle("bad", trouble !== null);
  }

  private boundsOf(): City["bbox"] {
    const { city, look, shapes } = this;
    const chain = city?.levels.map(({ level }) => level) ?? [];
    return lineOf(look.filter.area, chain, shapes).at(-1)?.bbox ?? city?.bbox ?? [0, 0, 1, 1];
  }

  private async openMap(): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    try {
      const { PointsMap } = await import("./map");
      if (this.seen) this.makeMap(this.seen, PointsMap);
      this.render();
    } catch {
      this.opening = false; // without signal and never loaded: the list serves alone; asked for again with the next news
    }
  }

  private makeMap(seen: Seen, Made: typeof PointsMap): void {
    const { look } = this;
    const levels = seen.city.levels.filter(({ weather }) => weather).slice(1).map(({ level }) => level);
    const opened = new Made(this.shell.map, seen.city, levels, look.filter.area, this.boundsOf(), {
      pick: (code) => this.pick(code, false),
      hover: (code) => this.hover(code),
      moved: () => this.moved(),
    });
    this.map = opened;
    window.points = { map: opened.gl, marks: opened.overlay };
    if (look.map) opened.gl.jumpTo({ center: [look.map[0], look.map[1]], zoom: look.map[2] });
    const chosen = look.point ? seen.points.byCode.get(look.point) : undefined;
    if (chosen) opened.go(chosen, [0, 0]);
    if (look.filter.inView) queueMicrotask(() => this.render());
  }

  private drawMap(seen: Seen): void {
    const { look, words: w } = this;
    const levels = seen.city.levels.filter(({ weather }) => weather).slice(1).map(({ level }) => level);
    if (!this.map) return void this.openMap();
    this.shell.map.setAttribute("aria-label", w.map);
    this.shell.map.querySelector("canvas")?.setAttribute("aria-label", w.map);
    this.map.show(seen.found.points);
    void this.map.walk(look.sort === "walk" ? walkOf(seen.points) : []);
    const names = `${look.lang} ${this.shapes.size}`;
    if (this.shell.map.dataset["names"] !== names) this.map.name(levels.map((level) => this.shapes.get(level) ?? []), look.lang);
    this.shell.map.dataset["names"] = names;
  }

  private renderCard(): void {
    const { shell, look, points } = this;
    const point = look.point ? points?.byCode.get(look.point) : undefined;
    const said = this.said();
    shell.card.hidden = !point;
    if (point && said) children(shell.card, h("div", {}, cardOf(point, this.story?.code === point.code ? this.story : null, said, this.beside(point))));
    this.list.choose(point?.code ?? null, false);
    this.map?.choose(point ?? null);
  }

  private said(): Said | null {
    const { city, points, look, me, words, shapes } = this;
    const steps = new Map(look.sort === "walk" ? points?.along?.walk.map((code, k) => [code, k + 1]) : []);
    return city && points ? { lang: look.lang, city, points, shapes, me, now: Date.now(), words, steps } : null;
  }

  private row(code: string): HTMLElement {
    const said = this.said();
    const point = this.points?.byCode.get(code);
    return said && point ? rowOf(point, said) : h("li");
  }

  private pick(code: string, go: boolean): void {
    if (this.look.point !== code) this.go({ point: code }, this.look.point !== null);
    this.list.choose(code, !go);
    const point = this.points?.byCode.get(code) ?? null;
    if (go && point) this.map?.go(point, this.clear());
    if (go) this.shell.card.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  }

  /** From the middle of the map to the middle of what the card leaves of it, pixels. */
  private clear(): [number, number] {
    const map = this.shell.map.getBoundingClientRect();
    const card = this.shell.card.getBoundingClientRect();
    if (innerWidth >= 900) return [-Math.max(0, map.right - card.left) / 2, 0];
    return [0, -Math.max(0, Math.min(map.bottom - card.top, map.height)) / 2];
  }

  private hover(code: string | null): void {
    this.list.light(code);
    this.map?.hover(code ? (this.points?.byCode.get(code) ?? null) : null);
  }

  private moved(): void {
    if (!this.look.filter.inView || !this.map) return;
    this.go({ map: this.map.view }, true);
  }

  private click(event: MouseEvent): void {
    const target = (event.target as Element).closest<HTMLElement>("[data-act]");
    if (!target || target instanceof HTMLSelectElement) return;
    const { act, value = "" } = target.dataset;
    const { filter } = this.look;
    if (act === "mine" || act === "month") this.filter({ [act]: !filter[act] });
    else if (act === "near") {
      this.filter({ near: !filter.near });
      if (!filter.near && !this.me) this.locate();
    } else if (act === "visited" || act === "state") this.filter({ [act]: filter[act] === value ? null : value });
    else if (act === "inView") this.go({ filter: { ...filter, inView: !filter.inView }, map: this.map?.view ?? null });
    else if (act === "pick") this.choose(value, target.dataset["level"] ?? null);
    else if (act === "point") this.pick(value, true);
    else if (act === "close") this.close();
    else if (act === "drop") this.drop(value as Facet | "");
    else if (act === "retry") void this.load();
    else if (act === "lang") {
      event.preventDefault();
      this.go({ lang: this.look.lang === "zh" ? "en" : "zh" }, true);
    }
  }

  private drop(facet: Facet | ""): void {
    const dropped = facet ? [facet] : FACETS.filter((one) => isOn(this.look.filter, one));
    this.shell.search.value = dropped.includes("q") ? "" : this.shell.search.value;
    this.filter(Object.fromEntries(dropped.map((one) => [one, NO_FILTER[one]])) as Partial<Filter>);
  }

  private choose(what: string, level: string | null): void {
    const { seen, words: w } = this;
    if (!seen) return;
    const { title, chosen, options } = optionsOf(seen, what, level);
    this.picker.open([title, w.findIn(title), w.close], options, chosen, (value) => {
      if (what !== "area") return this.filter({ [what]: value || null });
      const levels = areaLevels(seen).map((one) => one.level);
      const above = lineOf(this.look.filter.area, seen.city.levels.map((one) => one.level), this.shapes)[levels.indexOf(level ?? "") - 1];
      const parent = above ? { level: levels[levels.indexOf(level ?? "") - 1] ?? "", code: above.code } : null;
      this.filter({ area: value ? { level: level ?? "", code: value } : parent });
    });
  }

  private close(): void {
    const code = this.look.point;
    this.go({ point: null });
    if (code) this.list.focus(code);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.look.point && !document.querySelector("dialog[open]")) this.close();
  }

  private change(event: Event): void {
    const target = event.target;
    if (!(target instanceof HTMLSelectElement) || target.dataset["act"] !== "sort") return;
    this.go({ sort: target.value as Sort }, true);
    if (this.look.sort === "distance" && !this.me) this.locate();
  }

  private locate(): void {
    this.notice = this.words.locating;
    this.renderTrouble();
    const failed = (text: string): void => {
      this.notice = text;
      this.go({ sort: this.look.sort === "distance" ? "visit" : this.look.sort, filter: { ...this.look.filter, near: false } }, true);
    };
    if (!navigator.geolocation) return failed(this.words.away);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.notice = "";
        this.me = { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy };
        if (this.points) this.points = nearestFirst(this.points, this.me);
        void this.map?.locate(this.me);
        this.render();
      },
      ({ code }) => failed(code === 1 ? this.words.denied : this.words.away),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
    );
  }
}
