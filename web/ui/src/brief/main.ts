// The brief's page: fresh whenever it is looked at, honest about its age when it cannot be.

import "./brief.css";
import { ApiError } from "../api";
import { children, h } from "../dom";
import { Calendar, duration } from "../format";
import { readView, writeView, type View } from "../view";
import { bulletin, type Bulletin } from "./bulletin";
import { load, type Facts } from "./load";
import { loadOrders, orderList } from "./orderlist";
import { fileName, paint } from "./picture";
import { screen } from "./screen";
import { words } from "./words";

const REFRESH_MS = 60_000;
const RETRY_MS = 5_000;
const STALE_MS = 150_000; // two refreshes were missed
const KEPT = "weathermap.brief";

/** Hand a file to the phone's own sheet; false where there is none, or where it was asked too late to be allowed. */
async function hand(file: File, title: string): Promise<boolean> {
  if (!navigator.canShare?.({ files: [file] })) return false;
  try {
    await navigator.share({ files: [file], title });
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === "AbortError"; // whoever closed the sheet wants no file either
  }
}

class Brief {
  private readonly view: View = readView(location.search);
  private readonly w = words(this.view.lang);
  private readonly root = h("main", {});
  private facts: Facts | null = null;
  private loadedAt = 0; // ms: when the facts came
  private problem: { detail: string; remedy: string } | null = null;
  private loading: AbortController | null = null;
  private failing = false;
  private timer = 0;
  private making = false;
  private said = "";

  constructor() {
    document.body.appendChild(this.root);
    this.recall();
    this.render();
    void this.fetch();
    const awake = () => document.visibilityState === "visible" && Date.now() - this.loadedAt > 5_000 && void this.fetch();
    document.addEventListener("visibilitychange", awake);
    window.addEventListener("pageshow", awake);
    window.addEventListener("online", () => void this.fetch());
    window.addEventListener("offline", () => this.fail());
    window.addEventListener("resize", fit);
    void document.fonts.ready.then(fit);
    window.setInterval(() => this.renderStatus(), 5_000);
    this.root.addEventListener("click", (event) => {
      if ((event.target as Element).closest("[data-act=share]")) void this.share();
    });
  }

  private async fetch(): Promise<void> {
    window.clearTimeout(this.timer);
    this.loading?.abort();
    const mine = new AbortController();
    this.loading = mine;
    try {
      const facts = await load(this.view, mine.signal);
      if (mine.signal.aborted) return;
      Object.assign(this, { facts, loadedAt: Date.now(), failing: false, problem: null });
      this.keep();
    } catch (error) {
      if (mine.signal.aborted) return;
      if (error instanceof ApiError && (error.problem.status === 404 || error.problem.status === 400)) this.problem = error.problem;
      else this.failing = true;
      if (!(error instanceof ApiError)) console.error(error);
    }
    if (this.view.at === null && !this.problem) this.timer = window.setTimeout(() => void (document.visibilityState === "visible" && this.fetch()), this.failing ? RETRY_MS : REFRESH_MS);
    this.render();
  }

  private fail(): void {
    this.failing = true;
    this.renderStatus();
  }

  /** The last brief of this address, so that a phone without a net still has something to say, with its age. */
  private recall(): void {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as { asked: string; facts: Facts; at: number } | null;
      if (kept?.asked === this.asked()) Object.assign(this, { facts: kept.facts, loadedAt: kept.at });
    } catch {
      // what cannot be read is not shown
    }
  }

  private keep(): void {
    try {
      localStorage.setItem(KEPT, JSON.stringify({ asked: this.asked(), facts: this.facts, at: this.loadedAt }));
    } catch {
      // a full or forbidden store only means no memory
    }
  }

  private asked(): string {
    const { city, area, at } = this.view;
    return JSON.stringify([city, area, at]);
  }

  private bulletin(): Bulletin | null {
    return this.facts && bulletin(this.facts, this.view.lang, this.w);
  }

  private render(): void {
    const { w, view } = this;
    const b = this.problem ? null : this.bulletin();
    document.documentElement.lang = view.lang === "zh" ? "zh-CN" : "en";
    if (b) document.title = b.title;
    const other = writeView({ ...view, lang: view.lang === "zh" ? "en" : "zh" });
    const top = h("header", { class: "top" },
      h("h1", {}, b?.title ?? w.title(w.whole)),
      h("nav", {}, b ? h("a", { href: b.whole }, w.wall) : null, h("a", { href: `/brief${other === "/" ? "" : other}`, title: w.otherTitle, lang: view.lang === "zh" ? "en" : "zh-CN" }, w.other)),
      h("div", { class: "status", role: "status" }, this.status(b)));
    const body = b
      ? h("div", { class: "content", "data-at": b.at.toISOString() }, screen(b, w))
      : h("div", { class: "problem" }, h("b", {}, this.problem ? w.notFound : this.failing ? w.noData : w.updating), this.problem ? [h("p", {}, this.problem.detail), h("p", {}, this.problem.remedy), h("a", { href: view.lang === "en" ? "/brief?lang=en" : "/brief" }, w.wholeCity)] : null);
    const foot = b
      ? h("footer", { class: "foot" },
          h("button", { class: "share", type: "button", "data-act": "share", disabled: this.making }, this.making ? w.making : w.share),
          h("p", { class: "said", role: "status", hidden: !this.said }, this.said),
          h("p", {}, b.note))
      : null;
    children(this.root, h("div", {}, top, body, foot));
    fit();
  }

  private renderStatus(): void {
    const host = this.root.querySelector(".status");
    if (host) children(host, h("div", {}, this.status(this.problem ? null : this.bulletin())));
  }

  private status(b: Bulletin | null): (HTMLElement | null)[] {
    const { w, view, facts } = this;
    if (!b || !facts) return [];
    const calendar = new Calendar(facts.city.timezone, view.lang);
    const age = Math.max(0, Date.now() - this.loadedAt);
    const time = calendar.listed(b.at, new Date());
    const old = !facts.past && (this.failing || !navigator.onLine || age > STALE_MS);
    return [
      h("span", {}, h("time", { datetime: b.at.toISOString() }, b.clock), b.demo ? h("b", { class: "demo" }, b.demo) : null),
      old ? h("span", { class: "stale" }, w.offline(time, duration(age / 1000, view.lang))) : h("span", {}, age < 10_000 && !facts.past ? w.fresh : w.asOf(time)),
    ];
  }

  private async share(): Promise<void> {
    const b = this.bulletin();
    if (!b || this.making || !this.facts) return;
    this.making = true;
    this.said = "";
    this.render();
    try {
      const name = fileName(b, this.facts.city.timezone, this.w);
      const file = new File([await paint(b, this.w)], name, { type: "image/png" });
      if (!(await hand(file, b.title))) this.save(file);
    } catch (error) {
      console.error(error);
      this.said = this.w.failed;
    }
    this.making = false;
    this.render();
  }

  private save(file: File): void {
    const link = h("a", { href: URL.createObjectURL(file), download: file.name }) as HTMLAnchorElement;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    this.said = this.w.saved(file.name);
  }
}

/** The list of orders that a count asks for; it is read once and links back. */
async function list(state: string): Promise<void> {
  const view = readView(location.search);
  const w = words(view.lang);
  const root = h("main", { class: "listing" });
  document.body.appendChild(root);
  document.documentElement.lang = view.lang === "zh" ? "zh-CN" : "en";
  try {
    children(root, h("div", {}, orderList(await loadOrders(view, state, new AbortController().signal), view, state, w)));
  } catch (error) {
    const { detail, remedy } = error instanceof ApiError ? error.problem : { detail: String(error), remedy: "" };
    children(root, h("div", {}, h("div", { class: "problem" }, h("b", {}, detail || w.noData), h("p", {}, remedy), h("a", { href: "/brief" }, w.back))));
  }
}

/** One screen on a phone: on a day with much to say all of it is a step smaller, where that makes it fit. */
function fit(): void {
  const root = document.documentElement;
  for (const size of ["", "15px", "14px"]) {
    root.style.fontSize = size;
    if (window.innerWidth > 700 || root.scrollHeight <= window.innerHeight) return;
  }
  root.style.fontSize = "";
}

const asked = new URLSearchParams(location.search).get("orders");
if (asked) void list(asked);
else new Brief();
