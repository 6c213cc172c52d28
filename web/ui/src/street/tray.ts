// Camera first: shoot now, sort later. What was shot lies here until it belongs to an issue or a visit.

import { h } from "../dom";
import { coverPhoto } from "../photos/cover";
import { nameOf } from "../format";
import { distance, metres, type Point, type Points } from "../points/points";
import type { Lang } from "../types";
import type { Taken } from "./along";
import { allPhotos, changePhoto, dropPhoto, enqueue, isFull, type Item, type Photo } from "./kept";
import { LiveCamera } from "./camera";
import { keepPhoto, shootButton, thumbOf } from "./shooting";
import { uid } from "../uid";
import type { StreetWords } from "./words";

const NEAR_M = 400;
const OFFERED = 8;

export interface TrayGiven {
  points: Points;
  taken: Taken;
  account: number;
  lang: Lang;
  words: StreetWords;
  visit: (point: string, photos: string[]) => void;
  stored: () => void;
  trouble: (text: string) => void;
}

export class TrayScreen {
  readonly root = h("main", { class: "tray", tabindex: "-1" });
  private photos: Photo[] = [];
  private readonly chosen = new Set<string>();
  private category = "";
  private point: string | null = null; // null: where the photos were shot
  private find = "";

  constructor(private readonly given: TrayGiven) {
    this.root.addEventListener("click", (event) => this.click(event));
    this.root.addEventListener("change", (event) => this.change(event));
    this.root.addEventListener("input", (event) => this.typed(event));
  }

  async refresh(): Promise<void> {
    this.photos = (await allPhotos()).filter((photo) => !photo.owner && photo.account === this.given.account);
    for (const key of this.chosen) if (!this.photos.some((photo) => photo.key === key)) this.chosen.delete(key);
    if (!this.root.contains(document.activeElement) || !(document.activeElement instanceof HTMLInputElement || document.activeElement instanceof HTMLTextAreaElement)) this.draw();
  }

  private draw(): void {
    const { words: w } = this.given;
    const live = Boolean(navigator.mediaDevices);
    this.root.replaceChildren(
      h("header", { class: "crumb" }, h("div", {}, h("h1", {}, `${w.tray}${this.photos.length ? ` ${this.photos.length}` : ""}`), h("p", {}, w.trayHint))),
      h("div", { class: "row big" },
        shootButton(w.photo, true, (files) => void this.add(files)),
        live ? h("button", { type: "button", class: "button", "data-do": "camera" }, w.camera) : null,
        shootButton(w.album, false, (files) => void this.add(files))),
      this.photos.length
        ? h("ul", { class: "shots" }, [...this.photos].reverse().map((photo) => this.shot(photo)))
        : h("p", { class: "quiet pad" }, w.trayEmpty),
      this.photos.length ? this.sorting() : "");
  }

  private shot(photo: Photo): HTMLElement {
    const { words: w, lang } = this.given;
    const at = new Date(photo.at).toLocaleTimeString(lang === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" });
    return h("li", { "data-key": photo.key },
      h("button", { type: "button", class: "pic", "data-do": "choose", "data-value": photo.key, "aria-pressed": String(this.chosen.has(photo.key)), "aria-label": `${at} ${photo.word}` }, thumbOf(photo, w.noPreview)),
      h("input", { class: "word", "data-do": "word", "data-value": photo.key, value: photo.word, placeholder: w.words, "aria-label": w.words, maxlength: "200" }),
      photo.blob && (photo.state === "waiting" || photo.state === "refused") ? h("button", { type: "button", class: "plain", "data-do": "cover", "data-value": photo.key }, photo.covers?.length ? `${w.cover} ▦ ${photo.covers.length}` : w.cover) : null,
      h("small", {}, `${at} · ${w.state[photo.state]}${photo.why ? ` · ${photo.why}` : ""}`),
      photo.state === "refused" ? h("button", { type: "button", class: "plain", "data-do": "remove", "data-value": photo.key }, w.remove) : null);
  }

  /** Where the chosen were shot: the first that says so. */
  private get spot(): Photo | undefined {
    return this.photos.find((photo) => this.chosen.has(photo.key) && photo.lon !== null);
  }

  private offered(): Point[] {
    const { points } = this.given;
    const asked = this.find.trim().toLowerCase();
    if (asked) return points.all.filter(({ text }) => asked.split(/\s+/u).every((word) => text.includes(word))).slice(0, OFFERED);
    const from = this.spot;
    if (from?.lon === null || from?.lat === null || !from) return points.all.filter(({ mine }) => mine).slice(0, OFFERED);
    const at = { lon: from.lon, lat: from.lat };
    return points.all.map((point) => ({ point, m: metres(at, point) })).filter(({ m }) => m < NEAR_M).sort((a, b) => a.m - b.m).slice(0, OFFERED).map(({ point }) => point);
  }

  private sorting(): HTMLElement {
    const { words: w, lang, taken } = this.given;
    const n = this.chosen.size;
    if (!n) return h("footer", { class: "sticky" }, h("p", { class: "quiet" }, w.chooseHint));
    const from = this.spot;
    const button = (code: string, name: string, far: string) => h("button", { type: "button", class: "chip", "data-do": "point", "data-value": code, "aria-pressed": String((this.point ?? "") === code) }, h("span", {}, name), far ? h("small", {}, far) : null);
    return h("footer", { class: "sticky sort" },
      h("p", {}, h("b", {}, w.chosen(n))),
      h("input", { class: "search", type: "search", "data-do": "find", id: "tray-find", value: this.find, placeholder: w.findPoint, "aria-label": w.findPoint }),
      h("div", { class: "chips", role: "group", "aria-label": w.place },
        from ? button("", w.here, "") : null,
        this.offered().map((point) => button(point.code, nameOf(point, lang), from?.lon != null && from.lat != null ? distance(metres({ lon: from.lon, lat: from.lat }, point), lang) : ""))),
      h("select", { "data-do": "category", "aria-label": w.category }, h("option", { value: "" }, w.category), taken.categories.map((category) => h("option", { value: category.code, selected: category.code === this.category }, nameOf(category, lang)))),
      h("div", { class: "row" },
        h("button", { type: "button", class: "button main", "data-do": "report", disabled: !this.category || (!this.point && !from) }, w.asIssue),
        h("button", { type: "button", class: "button", "data-do": "visit", disabled: !this.point }, w.asVisit)));
  }

  private click(event: MouseEvent): void {
    const target = (event.target as Element).closest<HTMLElement>("[data-do]");
    const { do: what, value = "" } = target?.dataset ?? {};
    if (!target || target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
    if (what === "choose") {
      if (!this.chosen.delete(value)) this.chosen.add(value);
    } else if (what === "point") this.point = value || null;
    else if (what === "camera") return void this.live();
    else if (what === "cover") return void this.cover(value);
    else if (what === "remove") return void dropPhoto(value);
    else if (what === "report") return void this.report();
    else if (what === "visit" && this.point) return this.given.visit(this.point, [...this.chosen]);
    else return;
    this.draw();
  }

  private change(event: Event): void {
    const target = event.target as HTMLInputElement;
    const { do: what, value = "" } = target.dataset;
    if (what === "word") void changePhoto(value, { word: target.value });
    if (what !== "category") return;
    this.category = target.value;
    this.draw();
  }

  private typed(event: Event): void {
    const target = event.target as HTMLInputElement;
    if (target.dataset["do"] !== "find") return;
    this.find = target.value;
    this.draw();
    const field = this.root.querySelector<HTMLInputElement>("#tray-find");
    field?.focus();
    field?.setSelectionRange(target.value.length, target.value.length);
  }

  private async add(files: readonly Blob[]): Promise<void> {
    for (const file of files) {
      try {
        await keepPhoto(file, this.given.account, "");
      } catch (error) {
        return this.given.trouble(isFull(error) ? this.given.words.full : String(error));
      }
    }
  }

  private async cover(key: string): Promise<void> {
    const photo = this.photos.find((one) => one.key === key);
    if (!photo?.blob) return;
    const before = photo.covers ?? [];
    const covers = await coverPhoto(photo.blob, before, this.given.words);
    if (covers !== before) await changePhoto(key, { covers });
    this.root.querySelector<HTMLElement>(`[data-do="cover"][data-value="${key}"]`)?.focus();
  }

  private async live(): Promise<void> {
    const camera = new LiveCamera(this.given.words, (shot) => this.add([shot]));
    if (!(await camera.open())) this.given.trouble(this.given.words.noCamera);
  }

  private async report(): Promise<void> {
    const { given, category, point } = this;
    const { words: w, lang, taken } = given;
    const photos = this.photos.filter(({ key }) => this.chosen.has(key));
    const from = this.spot;
    if (!point && !from) return given.trouble(w.needPlace);
    const key = uid();
    const named = taken.categories.find(({ code }) => code === category);
    const note = photos.map(({ word }) => word.trim()).filter(Boolean).join("；").slice(0, 500);
    const where = point ? {} : { lon: from?.lon, lat: from?.lat, accuracy: from?.accuracy };
    const item: Item = {
      key, account: given.account, kind: "issue", point: point ?? "", title: named ? nameOf(named, lang) : category, made: new Date().toISOString(),
      body: { point: point ?? "", issue: { key, category, note, photos: photos.map((photo) => photo.key), ...where } },
      photos: photos.map((photo) => photo.key), state: "waiting", why: "", conflict: null, sent: null, numbers: [], draft: null,
    };
    try {
      await enqueue(item);
    } catch (error) {
      return given.trouble(isFull(error) ? w.full : String(error));
    }
    [this.category, this.point, this.find] = ["", null, ""];
    this.chosen.clear();
    given.stored();
  }
}
