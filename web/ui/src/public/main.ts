// The citizens' page: words and figures first, the map when it has come; always with its age, its source and its review number.

import "./public.css";
import { children, h } from "../dom";
import { readView } from "../view";
import type { PublicAnswer } from "./answer";
import type { PublicMap } from "./map";
import { areas, figures, foot, head, legend, sky, type Shown } from "./page";
import { publicWords } from "./words";

const REFRESH_MS = 120_000;
const RETRY_MS = 15_000;
const BEAT_MS = 30_000;

class Page {
  private readonly view = readView(location.search);
  private readonly w = publicWords(this.view.lang);
  private readonly parts = {
    head: h("header", { class: "head" }), sky: h("section", { class: "today" }), figures: h("section", { class: "figures" }), areas: h("section", { class: "list" }),
    legend: h("section", { class: "legend" }), foot: h("footer", { class: "foot" }),
  };
  private readonly stage = h("div", { class: "map", role: "img", "aria-label": this.w.map });
  private readonly problem = h("p", { class: "problem", role: "status" });
  private answer: PublicAnswer | null = null;
  private failing = false;
  private map: PublicMap | null = null;
  private timer = 0;

  constructor() {
    const { parts } = this;
    const frame = h("div", { class: "stage" }, this.stage);
    document.body.append(h("div", { class: "page" }, parts.head, h("main", { tabindex: 0 }, this.problem, parts.sky, frame, parts.figures, parts.areas, parts.legend), parts.foot));
    document.documentElement.lang = this.view.lang === "zh" ? "zh-CN" : "en";
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.fetch());
    window.setInterval(() => this.render(), BEAT_MS);
    void this.fetch();
  }

  private async fetch(): Promise<void> {
    window.clearTimeout(this.timer);
    try {
      const city = this.view.city ? `?city=${encodeURIComponent(this.view.city)}` : "";
      const answer = await fetch(`/api/v1/public/weather${city}`);
      if (answer.status === 403) return location.reload(); // not public any more: the server says so in words
      if (!answer.ok) throw new Error(String(answer.status));
      this.answer = (await answer.json()) as PublicAnswer;
      this.failing = false;
    } catch {
      this.failing = true;
    }
    this.timer = window.setTimeout(() => void this.fetch(), this.failing ? RETRY_MS : REFRESH_MS);
    this.render();
    await this.draw();
  }

  private render(): void {
    const { answer, parts, w } = this;
    this.problem.textContent = answer || !this.failing ? "" : `${w.failed}。${w.retry}…`;
    this.problem.hidden = !this.problem.textContent;
    if (!answer) return;
    const shown: Shown = { answer, lang: this.view.lang, now: Date.now(), failing: this.failing };
    const draw = (host: HTMLElement, made: HTMLElement[]) => children(host, h("div", {}, made));
    draw(parts.head, head(shown, w));
    draw(parts.sky, sky(shown, w));
    draw(parts.figures, figures(shown, w));
    draw(parts.areas, areas(shown, w));
    draw(parts.legend, legend(shown, w));
    draw(parts.foot, foot(shown, w));
  }

  /** The map's script is the heavy part: it comes after the words. */
  private async draw(): Promise<void> {
    const { answer } = this;
    if (!answer) return;
    if (this.map) return this.map.show(answer, this.view.lang);
    const { PublicMap } = await import("./map");
    this.map ??= new PublicMap(this.stage, answer, this.view.lang);
  }
}

new Page();
