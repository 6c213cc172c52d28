// The street: which screen stands (the address's hash), what was taken along, what waits, and the worker behind it.

import { h } from "../dom";
import { askWalk, keptAlong, SignInNeeded, takeAlong, type Taken } from "./along";
import { allDrafts, allItems, allPhotos, dropKept, onChange, type Item } from "./kept";
import { StreetPoints } from "./points";
import { QueueScreen } from "./queue";
import { Sync } from "./sync";
import { TrayScreen } from "./tray";
import { openViews } from "./views";
import { VisitScreen } from "./visit";
import { streetWords, type StreetWords } from "./words";

const ALONG_MS = 5 * 60_000;
const KEPT = /\/api\/v1\/(cities|areas|points)\b|\/tiles\/|\/static\/.*\.woff2/u; // as in the worker

export class StreetApp {
  private readonly points = new StreetPoints();
  private readonly screen = h("div", { class: "screen", hidden: "" });
  private readonly bar = h("nav", { class: "tabs" });
  private readonly notice = h("div", { class: "notice", role: "status", hidden: "" });
  private readonly sync = new Sync(() => void this.refresh(), () => void this.bring(false));
  private taken: Taken | null = null;
  private tray: TrayScreen | null = null;
  private queue: QueueScreen | null = null;
  private signIn = false;
  private detail = "";
  private fresh: ServiceWorker | null = null;
  private shown = "points";
  private carried: string[] = []; // photos on their way from the tray into a visit
  private refreshing = 0;
  private saying = 0;
  private keeps = true; // this browser has a store
  private ordered = false; // the walk was worked out: once each time the page opens

  constructor() {
    document.body.append(this.notice, this.screen, this.bar);
    document.body.classList.add("street");
    this.points.onLoad = () => void this.show();
    window.addEventListener("hashchange", () => void this.show());
    this.bar.addEventListener("click", (event) => (event.target as Element).closest("[data-do=views]") && openViews(this.words, (search) => this.turn(search)));
    this.notice.addEventListener("click", (event) => void this.pressed(event));
    onChange(() => {
      window.clearTimeout(this.refreshing);
      this.refreshing = window.setTimeout(() => void this.refresh(), 60);
    });
    void this.begin();
  }

  private get words(): StreetWords {
    return streetWords(this.points.lang);
  }

  private get account(): number | null {
    return this.sync.me?.account ?? this.taken?.me.account ?? null;
  }

  private async begin(): Promise<void> {
    void navigator.storage?.persist?.().catch(() => false);
    this.keeps = await allItems().then(() => true, () => false);
    if (!this.keeps) return this.drawNotice(); // the list of points serves alone
    this.taken = await keptAlong().catch(() => null);
    await this.refresh();
    await this.show();
    void this.register();
    await this.bring();
    window.setInterval(() => void this.bring(), ALONG_MS);
    window.addEventListener("online", () => void this.bring());
  }

  /** Take along what is new, and send what waits. */
  private async bring(send = true): Promise<void> {
    try {
      this.taken = await takeAlong();
      if (!this.ordered) void this.order();
      [this.signIn, this.detail] = [false, ""];
    } catch (error) {
      this.signIn = error instanceof SignInNeeded;
      this.detail = error instanceof Error && error.name === "Refused" ? error.message : "";
    }
    await this.refresh();
    await this.show();
    if (send) this.sync.soon();
    else await this.points.again();
  }

  /** The walking order of what is left to visit, from where the phone is if it may say so. */
  private async order(): Promise<void> {
    const from = await new Promise<{ lon: number; lat: number } | null>((done) => {
      if (!navigator.geolocation || !navigator.permissions) return done(null);
      void navigator.permissions.query({ name: "geolocation" }).then(({ state }) => {
        if (state !== "granted") return done(null); // asked for when a distance is wanted, not on opening
        navigator.geolocation.getCurrentPosition(({ coords }) => done({ lon: coords.longitude, lat: coords.latitude }), () => done(null), { timeout: 5_000, maximumAge: 60_000 });
      }, () => done(null));
    });
    const walk = await askWalk(from).catch(() => null);
    this.ordered = walk !== null;
    if (walk && this.taken) this.taken = { ...this.taken, walk };
    await this.refresh();
  }

  /** What waits, on every screen. */
  private async refresh(): Promise<void> {
    const [items, photos, drafts] = await Promise.all([allItems(), allPhotos(), allDrafts()]);
    const waiting = items.filter(({ state }) => state !== "sent");
    const mine = drafts.filter(({ account }) => account === this.account);
    this.points.take(this.taken, new Set(mine.map(({ point }) => point)), new Set(items.filter((item) => item.kind === "visit" && (item.state !== "sent" || newer(item, this.taken))).map(({ point }) => point)));
    this.drawBar(waiting.length, photos.filter((photo) => !photo.owner && photo.account === this.account).length, waiting.some(({ state }) => state === "conflict" || state === "refused"));
    this.drawNotice();
    if (this.shown === "queue") await this.queue?.refresh();
    if (this.shown === "tray") await this.tray?.refresh();
  }

  private drawBar(waiting: number, unsorted: number, trouble: boolean): void {
    const { words: w } = this;
    const tab = (name: string, href: string, text: string, count: number) =>
      h("a", { href, "aria-current": this.shown === name ? "page" : null }, text, count ? h("b", { class: trouble && name === "queue" ? "bad" : "" }, String(count)) : null);
    this.bar.setAttribute("aria-label", w.title);
    this.bar.replaceChildren(
      tab("points", "#", w.nav.points, 0), tab("tray", "#tray", w.nav.tray, unsorted), tab("queue", "#queue", w.nav.queue, waiting),
      h("button", { type: "button", "data-do": "views" }, w.view));
  }

  private drawNotice(text = "", act = ""): void {
    const { words: w } = this;
    const asked = this.signIn || this.sync.standing === "sign-in";
    const way = `/sign-in?next=${encodeURIComponent(`/street${location.search}${location.hash}`)}${this.points.lang === "en" ? "&lang=en" : ""}`;
    const lines = [
      text ? h("p", {}, text, act ? h("button", { type: "button", "data-do": act }, w.close) : null) : null,
      asked ? h("p", {}, this.taken ? w.standing["sign-in"] : w.needSignIn, h("a", { href: way }, w.signIn)) : null,
      this.keeps ? null : h("p", {}, w.cannotKeep),
      this.detail ? h("p", {}, this.detail) : null,
      !asked && this.sync.standing === "other" ? h("p", {}, w.standing["other"]) : null,
      this.fresh ? h("p", {}, w.newVersion, h("button", { type: "button", "data-do": "update" }, w.update)) : null,
    ].filter(Boolean) as HTMLElement[];
    if (!text && this.notice.dataset["said"]) return; // what was said last stays until it is closed
    this.notice.dataset["said"] = text;
    this.notice.replaceChildren(...lines);
    this.notice.hidden = !lines.length;
  }

  /** `passing`: good news, which goes by itself. */
  private say(text: string, passing = false): void {
    this.notice.dataset["said"] = "";
    this.drawNotice(text, "close");
    window.clearTimeout(this.saying);
    if (passing) this.saying = window.setTimeout(() => this.hush(), 5_000);
  }

  private hush(): void {
    this.notice.dataset["said"] = "";
    this.drawNotice();
  }

  private async pressed(event: MouseEvent): Promise<void> {
    const what = (event.target as Element).closest<HTMLElement>("[data-do]")?.dataset["do"];
    if (what === "close") this.hush();
    if (what === "update") this.fresh?.postMessage("skip");
  }

  /** The screen that the address names. */
  private async show(): Promise<void> {
    const hash = decodeURIComponent(location.hash.slice(1));
    const [name = "", code = ""] = hash.split("=");
    const held = this.points.held;
    const account = this.account;
    const wanted = name === "queue" || ((name === "tray" || name === "visit") && held && this.taken && account !== null) ? hash : "";
    if (wanted === this.shown || (!wanted && this.shown === "points")) return;
    this.shown = wanted || "points";
    const screen = await this.make(name, code);
    if (screen === null && name === "visit") return;
    this.screen.replaceChildren(...(screen ? [screen] : []));
    this.screen.hidden = !screen;
    this.points.root.hidden = Boolean(screen);
    screen?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
    await this.refresh();
  }

  private async make(name: string, code: string): Promise<HTMLElement | null> {
    const { words, taken, account } = this;
    const held = this.points.held;
    const { lang } = this.points;
    const trouble = (text: string): void => this.say(text);
    if (this.shown === "queue") {
      this.queue = new QueueScreen({ lang, words, standing: () => this.sync.standing, retry: () => this.sync.soon(), mend: (point) => (location.hash = `#visit=${point}`), leave: () => this.leave() });
      await this.queue.refresh();
      return this.queue.root;
    }
    if (this.shown === "points" || !held || !taken || account === null) return null;
    if (this.shown === "tray") {
      this.tray = new TrayScreen({ points: held, taken, account, lang, words, trouble, visit: (point, photos) => this.carry(point, photos), stored: () => this.stored() });
      await this.tray.refresh();
      return this.tray.root;
    }
    const point = name === "visit" ? held.byCode.get(code) : undefined;
    if (!point) return null;
    const screen = await VisitScreen.open({ point, taken, account, lang, words, trouble, done: (stored) => this.left(stored) }, this.carried);
    this.carried = [];
    return screen.root;
  }

  private carry(point: string, photos: string[]): void {
    this.carried = photos;
    location.hash = `#visit=${point}`;
  }

  private left(stored: boolean): void {
    if (stored) this.points.closeCard();
    location.hash = "";
    if (stored) this.stored();
  }

  private stored(): void {
    this.say(this.words.stored, true);
    this.sync.soon();
  }

  private turn(search: string): void {
    history.pushState(null, "", `${location.pathname}${search}`);
    window.dispatchEvent(new PopStateEvent("popstate"));
    void this.show();
  }

  /** The worker that serves this page without signal; a newer one waits until it is let. */
  private async register(): Promise<void> {
    if (!navigator.serviceWorker) return; // not everywhere, and never without HTTPS
    let controlled = Boolean(navigator.serviceWorker.controller);
    navigator.serviceWorker.addEventListener("controllerchange", () => {
      if (controlled) return location.reload(); // another build took over
      controlled = true;
      void this.keepLoaded();
    });
    if (controlled) void this.keepLoaded();
    const found = await navigator.serviceWorker.register("/street/sw.js", { scope: "/street", updateViaCache: "none" }).catch(() => null);
    if (!found) return;
    const waits = (): void => {
      if (found.waiting && navigator.serviceWorker.controller) [this.fresh] = [found.waiting];
      this.drawNotice();
    };
    waits();
    found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", waits));
    window.setInterval(() => void found.update().catch(() => undefined), 30 * 60_000);
  }

  /** What the page loaded before its worker stood goes through it once more, so that it is there without signal. */
  private async keepLoaded(): Promise<void> {
    while (!this.points.held || !this.taken) await new Promise((done) => window.setTimeout(done, 200));
    const loaded = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => KEPT.test(name));
    await Promise.all([...new Set(loaded)].map((name) => fetch(name).catch(() => null)));
    document.documentElement.dataset["kept"] = "yes";
  }

  /** Sign out. What this phone took along goes; what waits to be sent stays. */
  private async leave(): Promise<void> {
    const body = new URLSearchParams({ csrf: this.sync.me?.csrf ?? "" });
    await fetch("/sign-out", { method: "POST", body, redirect: "manual" });
    await dropKept();
    if (window.caches) await caches.delete("street-data").catch(() => false);
    location.assign(`/sign-in?next=/street${this.points.lang === "en" ? "&lang=en" : ""}`);
  }
}

/** Sent after what was taken along was asked for: the server's count does not have it yet. */
const newer = (item: Item, taken: Taken | null): boolean => Boolean(item.sent && taken && item.sent > taken.asked);
