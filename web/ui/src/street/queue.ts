// The outbox: everything that was made on this phone, how far it is, and what stands in its way.

import { h } from "../dom";
import type { Lang } from "../types";
import { allItems, allPhotos, changeItem, changePhoto, drop, putDraft, type Item, type Photo } from "./kept";
import type { Standing } from "./sync";
import type { StreetWords } from "./words";

export interface QueueGiven {
  lang: Lang;
  words: StreetWords;
  standing: () => Standing;
  retry: () => void;
  mend: (point: string) => void;
  leave: () => Promise<void>;
}

export class QueueScreen {
  readonly root = h("main", { class: "queue", tabindex: "-1" });
  private items: Item[] = [];
  private photos = new Map<string, Photo>();
  private used = 0;

  constructor(private readonly given: QueueGiven) {
    this.root.addEventListener("click", (event) => void this.click(event));
  }

  async refresh(): Promise<void> {
    [this.items, this.photos] = [(await allItems()).reverse(), new Map((await allPhotos()).map((photo) => [photo.key, photo]))];
    this.used = (await navigator.storage?.estimate?.().catch(() => null))?.usage ?? 0;
    this.draw();
  }

  private draw(): void {
    const { words: w } = this.given;
    const standing = this.given.standing();
    const sent = this.items.filter(({ state }) => state === "sent").length;
    const waiting = this.items.length - sent;
    this.root.replaceChildren(
      h("header", { class: "crumb" }, h("div", {}, h("h1", {}, w.queue), h("p", { role: "status" }, waiting ? `${w.waiting(waiting)} · ` : "", w.standing[standing]))),
      h("div", { class: "row" },
        standing === "sign-in" ? h("a", { class: "button main", href: `/sign-in?next=${encodeURIComponent(`/street${location.search}#queue`)}${this.given.lang === "en" ? "&lang=en" : ""}` }, w.signIn) : null,
        waiting ? h("button", { type: "button", class: "button", "data-do": "retry" }, w.retry) : null,
        sent ? h("button", { type: "button", class: "button", "data-do": "clear" }, w.clearSent) : null,
        standing === "idle" || standing === "sending" ? h("button", { type: "button", class: "button", "data-do": "leave" }, w.signOut) : null),
      this.items.length ? h("ul", { class: "items" }, this.items.map((item) => this.line(item))) : h("p", { class: "quiet pad" }, w.queueEmpty),
      h("p", { class: "quiet pad" }, w.used((this.used / 1e6).toFixed(1))));
  }

  private line(item: Item): HTMLElement {
    const { words: w, lang } = this.given;
    const at = new Date(item.made).toLocaleString(lang === "zh" ? "zh-CN" : "en-GB", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
    const photos = item.photos.map((key) => this.photos.get(key));
    const here = photos.filter((photo) => photo?.state === "sent").length;
    const act = (what: string, text: string, main = false) => h("button", { type: "button", class: main ? "button main" : "button", "data-do": what }, text);
    const seen = item.conflict?.visits?.map((visit) => h("p", {}, w.meanwhile(new Date(visit.at).toLocaleTimeString(lang === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" }), visit.by, visit.fails), visit.issues.length ? ` · ${visit.issues.join(" ")}` : ""));
    const lost = photos.filter((photo) => photo?.state === "refused");
    return h("li", { "data-key": item.key, "data-state": item.state },
      h("div", { class: "line" },
        h("span", {}, h("b", {}, item.title), h("small", {}, `${item.kind === "visit" ? w.visit : w.issue} · ${at}${photos.length ? ` · ${w.photos(here, photos.length)}` : ""}`)),
        h("em", { class: `state ${item.state}` }, w.state[item.state])),
      item.numbers.length ? h("p", { class: "numbers" }, item.numbers.join(" · ")) : null,
      item.state !== "sent" && item.why && !seen ? h("p", { class: "why" }, item.why) : null,
      seen ?? null,
      lost.map((photo) => h("p", { class: "why" }, photo?.why)),
      item.state === "conflict" ? h("div", { class: "row" }, item.conflict?.conflict === "meanwhile" ? act("anyway", w.sendAnyway, true) : null, act("drop", w.dropIt)) : null,
      item.state === "refused" ? h("div", { class: "row" }, item.draft ? act("mend", w.mend, true) : null, act("again", w.retry), act("drop", w.dropIt)) : null);
  }

  private async click(event: MouseEvent): Promise<void> {
    const target = (event.target as Element).closest<HTMLElement>("[data-do]");
    const what = target?.dataset["do"];
    const key = target?.closest<HTMLElement>("[data-key]")?.dataset["key"];
    const item = this.items.find((one) => one.key === key);
    if (what === "retry") return this.given.retry();
    if (what === "clear") {
      for (const one of this.items) if (one.state === "sent") await drop(one, true);
      return;
    }
    if (what === "leave") {
      const waiting = this.items.filter(({ state }) => state !== "sent").length;
      if (!waiting || window.confirm(this.given.words.signOutSure(waiting))) await this.given.leave();
      return;
    }
    if (!item) return;
    if (what === "anyway") await changeItem(item.key, { state: "waiting", conflict: null, why: "", body: { ...item.body, last: item.conflict?.last ?? null } });
    else if (what === "again") await changeItem(item.key, { state: "waiting", why: "" });
    else if (what === "drop") {
      if (!window.confirm(this.given.words.dropSure)) return;
      return drop(item, false);
    } else if (what === "mend" && item.draft) {
      await putDraft(item.draft);
      await drop(item, false);
      for (const photo of item.photos) await changePhoto(photo, { owner: `draft:${item.point}` });
      return this.given.mend(item.point);
    } else return;
    this.given.retry();
  }
}
