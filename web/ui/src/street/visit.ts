// A visit: the checklist by thumb; a fail opens its problem with category and unit proposed, one tap from the camera.

import { h } from "../dom";
import { coverPhoto } from "../photos/cover";
import { nameOf } from "../format";
import type { Point } from "../points/points";
import type { Lang } from "../types";
import type { Standard, Taken } from "./along";
import { changePhoto, dropDraft, enqueue, getDraft, getPhoto, isFull, putDraft, type Draft, type Fail, type Item, type Photo } from "./kept";
import { keepPhoto, shootButton, thumbOf } from "./shooting";
import { uid } from "../uid";
import type { StreetWords } from "./words";

type Result = "pass" | "fail" | "na";
const RESULTS: readonly Result[] = ["pass", "fail", "na"];

export interface VisitGiven {
  point: Point;
  taken: Taken;
  account: number;
  lang: Lang;
  words: StreetWords;
  done: (stored: boolean) => void;
  trouble: (text: string) => void;
}

export class VisitScreen {
  readonly root = h("main", { class: "visit", tabindex: "-1" });
  private draft: Draft;
  private readonly standards: Standard[];
  private photos = new Map<string, Photo>();

  private constructor(private readonly given: VisitGiven, draft: Draft) {
    this.draft = draft;
    this.standards = given.taken.standards.filter(({ kind }) => kind === given.point.kind);
    this.root.addEventListener("click", (event) => this.click(event));
    this.root.addEventListener("change", (event) => this.change(event));
    this.root.addEventListener("input", (event) => this.change(event, false));
  }

  /** The form under way of this point, or a new one; `photos` come along from the tray. */
  static async open(given: VisitGiven, photos: readonly string[] = []): Promise<VisitScreen> {
    const { point, account } = given;
    const kept = await getDraft(point.code);
    const draft: Draft = kept?.account === account ? kept : { key: uid(), account, point: point.code, kind: "patrol", started: new Date().toISOString(), results: {}, note: "", photos: [] };
    draft.photos = [...new Set([...draft.photos, ...photos])];
    for (const key of photos) await changePhoto(key, { owner: `draft:${point.code}` });
    await putDraft(draft);
    const screen = new VisitScreen(given, draft);
    await screen.draw();
    return screen;
  }

  private get all(): string[] {
    return [...this.draft.photos, ...Object.values(this.draft.results).flatMap(({ fail }) => fail?.photos ?? [])];
  }

  private async draw(): Promise<void> {
    for (const key of this.all) if (!this.photos.has(key)) {
      const photo = await getPhoto(key);
      if (photo) this.photos.set(key, photo);
    }
    const { words: w, point, lang } = this.given;
    const { draft, standards } = this;
    const open = standards.filter(({ code }) => !draft.results[code]).length;
    const top = this.root.scrollTop;
    const focused = document.activeElement?.id;
    this.root.replaceChildren(
      h("header", { class: "crumb" },
        h("button", { type: "button", class: "back", "data-do": "back", "aria-label": w.back }, "←"),
        h("div", {}, h("h1", { tabindex: "-1" }, nameOf(point, lang)), h("p", {}, `${point.code}${point.address ? ` · ${point.address}` : ""}`))),
      h("div", { class: "segments", role: "group" }, (["patrol", "full"] as const).map((kind) => h("button", { type: "button", "data-do": "kind", "data-value": kind, "aria-pressed": String(draft.kind === kind) }, w.kinds[kind]))),
      standards.length ? h("ol", { class: "checks" }, standards.map((standard, at) => this.check(standard, at))) : h("p", { class: "quiet pad" }, w.noChecklist),
      open ? h("button", { type: "button", class: "button wide", "data-do": "rest" }, w.restPass(open)) : "",
      h("section", { class: "whole" },
        h("h2", {}, w.visitPhotos),
        this.strip(draft.photos),
        h("div", { class: "row" }, shootButton(w.photo, true, (files) => void this.add(files, null)), shootButton(w.album, false, (files) => void this.add(files, null))),
        h("label", { class: "field" }, h("span", {}, w.words), h("textarea", { id: "visit-note", "data-do": "note", rows: "2", maxlength: "500" }, draft.note)),
        h("button", { type: "button", class: "plain", "data-do": "discard" }, w.discard)),
      h("footer", { class: "sticky" }, h("button", { type: "button", class: "button main wide", "data-do": "finish" }, w.finish(standards.length - open, standards.length))));
    this.root.scrollTop = top;
    if (focused) document.getElementById(focused)?.focus();
  }

  private check(standard: Standard, at: number): HTMLElement {
    const { words: w, lang } = this.given;
    const judged = this.draft.results[standard.code];
    return h("li", { "data-standard": standard.code, class: judged?.result ?? "" },
      h("p", {}, h("b", {}, `${at + 1}. ${nameOf(standard, lang)}`), standard.clause && h("small", {}, standard.clause)),
      h("div", { class: "judge", role: "group", "aria-label": nameOf(standard, lang) }, RESULTS.map((result) => h("button", { type: "button", "data-do": "judge", "data-value": result, "aria-pressed": String(judged?.result === result) }, w.result[result]))),
      judged?.fail ? this.problem(standard, at, judged.fail) : null);
  }

  /** The problem of a failed item. */
  private problem(standard: Standard, at: number, fail: Fail): HTMLElement {
    const { words: w, lang, taken, point } = this.given;
    const along = taken.points.get(point.code);
    const open = (along?.open ?? []).filter(([, category]) => category === fail.category);
    const unit = fail.category === standard.category ? taken.units[along?.units[at] ?? -1] : undefined;
    const id = `f-${standard.code}`;
    return h("div", { class: "problem" },
      shootButton(fail.photos.length ? `${w.photo} +` : w.photo, true, (files) => void this.add(files, fail), { "data-photo": standard.code }),
      this.strip(fail.photos),
      h("label", { class: "field" }, h("span", {}, w.category),
        h("select", { id: `${id}-c`, "data-do": "category" }, h("option", { value: "" }, "–"), taken.categories.map((category) => h("option", { value: category.code, selected: category.code === fail.category }, nameOf(category, lang))))),
      h("p", { class: "unit" }, w.proposed, " ", h("b", {}, unit ? nameOf(unit, lang) : w.later)),
      open.length ? h("label", { class: "field" }, h("select", { id: `${id}-k`, "data-do": "known", "aria-label": w.known("") }, h("option", { value: "" }, w.newIssue), open.map(([number]) => h("option", { value: number, selected: number === fail.known }, w.known(number))))) : null,
      h("label", { class: "field" }, h("span", {}, w.words), h("textarea", { id: `${id}-n`, "data-do": "words", rows: "2", maxlength: "500" }, fail.note)));
  }

  private strip(keys: readonly string[]): HTMLElement | null {
    if (!keys.length) return null;
    return h("div", { class: "strip" }, keys.map((key) => {
      const photo = this.photos.get(key);
      const pic = h("button", { type: "button", class: "pic", "data-do": "unphoto", "data-value": key, "aria-label": this.given.words.remove }, photo ? thumbOf(photo, this.given.words.noPreview) : "", h("i", { "aria-hidden": "true" }, "✕"));
      if (!photo?.blob) return pic;
      const n = photo.covers?.length ?? 0;
      return h("span", { class: "covering" }, pic, h("button", { type: "button", class: "plain", "data-do": "cover", "data-value": key }, n ? `▦ ${n}` : this.given.words.cover));
    }));
  }

  private standardOf(target: Element): string {
    return target.closest<HTMLElement>("[data-standard]")?.dataset["standard"] ?? "";
  }

  private click(event: MouseEvent): void {
    const target = (event.target as Element).closest<HTMLElement>("[data-do]");
    const { do: what, value = "" } = target?.dataset ?? {};
    if (!target || !what) return;
    const { draft } = this;
    if (what === "back") return this.given.done(false);
    if (what === "kind") draft.kind = value as Draft["kind"];
    else if (what === "judge") this.judge(this.standardOf(target), value as Result);
    else if (what === "rest") for (const { code } of this.standards) draft.results[code] ??= { result: "pass" };
    else if (what === "cover") return void this.cover(value);
    else if (what === "unphoto") return void this.release([value]).then(() => this.keep());
    else if (what === "discard") return void this.discard();
    else if (what === "finish") return void this.finish();
    else return;
    void this.keep();
  }

  private change(event: Event, draw = true): void {
    const target = event.target as HTMLInputElement;
    const fail = this.draft.results[this.standardOf(target)]?.fail;
    const what = target.dataset["do"];
    if (what === "note") this.draft.note = target.value;
    else if (what === "words" && fail) fail.note = target.value;
    else if (what === "category" && fail) [fail.category, fail.known] = [target.value, ""];
    else if (what === "known" && fail) fail.known = target.value;
    else return;
    void this.keep(draw && target instanceof HTMLSelectElement);
  }

  private judge(code: string, result: Result): void {
    const before = this.draft.results[code];
    const standard = this.standards.find((one) => one.code === code);
    const fail = before?.fail ?? { key: uid(), category: standard?.category ?? "", note: "", photos: [], known: "" };
    if (before?.fail && result !== "fail") {
      this.draft.photos.push(...before.fail.photos); // nothing shot is lost by another tap
    }
    this.draft.results[code] = result === "fail" ? { result, fail: before?.fail ? fail : { ...fail } } : { result };
  }

  private async keep(draw = true): Promise<void> {
    try {
      await putDraft(this.draft);
    } catch (error) {
      this.given.trouble(isFull(error) ? this.given.words.full : String(error));
    }
    if (draw) await this.draw();
  }

  private async add(files: readonly File[], fail: Fail | null): Promise<void> {
    for (const file of files) {
      try {
        const photo = await keepPhoto(file, this.given.account, `draft:${this.given.point.code}`);
        this.photos.set(photo.key, photo);
        (fail ?? this.draft).photos.push(photo.key);
      } catch (error) {
        this.given.trouble(isFull(error) ? this.given.words.full : String(error));
        break;
      }
    }
    await this.keep();
  }

  private async cover(key: string): Promise<void> {
    const photo = this.photos.get(key);
    if (!photo?.blob) return;
    const covers = await coverPhoto(photo.blob, photo.covers ?? [], this.given.words);
    await changePhoto(key, { covers });
    this.photos.set(key, { ...photo, covers });
    await this.draw();
  }

  /** Photos back to the unsorted. */
  private async release(keys: readonly string[]): Promise<void> {
    for (const key of keys) await changePhoto(key, { owner: "" });
    const gone = new Set(keys);
    this.draft.photos = this.draft.photos.filter((key) => !gone.has(key));
    for (const { fail } of Object.values(this.draft.results)) if (fail) fail.photos = fail.photos.filter((key) => !gone.has(key));
  }

  private async discard(): Promise<void> {
    if (!window.confirm(this.given.words.sure)) return;
    await this.release(this.all);
    await dropDraft(this.given.point.code);
    this.given.done(false);
  }

  private async finish(): Promise<void> {
    const { given, draft, standards } = this;
    const { words: w, point } = given;
    const open = standards.filter(({ code }) => !draft.results[code]).length;
    if (draft.kind === "full" && open) return given.trouble(w.needAll(open));
    if (Object.values(draft.results).some(({ fail }) => fail && !fail.category && !fail.known)) return given.trouble(w.needCategory);
    const item: Item = {
      key: draft.key, account: draft.account, kind: "visit", point: point.code, title: nameOf(point, given.lang), made: new Date().toISOString(),
      body: bodyOf(draft, standards, given.taken.points.get(point.code)?.last ?? ""), photos: this.all, state: "waiting", why: "", conflict: null, sent: null, numbers: [], draft,
    };
    try {
      await enqueue(item);
    } catch (error) {
      return given.trouble(isFull(error) ? w.full : String(error));
    }
    given.done(true);
  }
}

function bodyOf(draft: Draft, standards: readonly Standard[], last: string): Record<string, unknown> {
  return {
    key: draft.key, kind: draft.kind, point: draft.point, start: draft.started, end: new Date().toISOString(), note: draft.note.trim(), photos: draft.photos, last,
    observed: standards.flatMap(({ code, edition }) => {
      const judged = draft.results[code];
      return judged ? [{ standard: code, edition, result: judged.result, ...(judged.fail ? { issue: { ...judged.fail, note: judged.fail.note.trim() } } : {}) }] : [];
    }),
  };
}
