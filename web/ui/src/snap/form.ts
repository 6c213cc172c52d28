// The form: photo first, then all else on one page with one button. Without this script it is the same form, sent whole.

import { h } from "../dom";
import type { Patch } from "../photos/cover";
import { shrink } from "../photos/shrink";
import { forget, keep, keepsNothing, kept } from "./draft";
import { Place } from "./place";
import { send } from "./send";
import { say } from "./words";

const [MOST, LARGEST] = [3, 25e6];
const NAMES = ["lon", "lat", "accuracy", "place_from", "words", "category", "phone", "code", "covers"];

export class Form {
  private photos: File[] = [];
  private covers: (readonly Patch[])[] = []; // of each photo
  private readonly small = new Map<File, Promise<Blob>>(); // as they are sent: made while words are written
  private readonly place: Place;
  private readonly input: HTMLInputElement;
  private readonly button: HTMLButtonElement;
  private warned = false;
  private busy = false;
  private waiting = false;

  constructor(private readonly form: HTMLFormElement) {
    this.input = form.querySelector("#photo") as HTMLInputElement;
    this.button = form.querySelector("#send") as HTMLButtonElement;
    this.place = new Place(form, () => this.label());
    this.input.addEventListener("change", () => this.add([...(this.input.files ?? [])]));
    document.getElementById("plain")?.addEventListener("click", () => this.open(null));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
    form.addEventListener("change", () => void this.keep());
    form.addEventListener("input", () => this.label());
    window.addEventListener("online", () => this.waiting && void this.submit());
    if (form.querySelector("#error")) this.open(null);
    const chosen = [...(this.input.files ?? [])]; // before this script had come
    if (chosen.length) this.add(chosen);
    else void this.restore();
  }

  private async restore(): Promise<void> {
    const draft = await kept();
    if (!draft || this.photos.length) return;
    for (const [name, value] of Object.entries({ ...draft.fields, client: draft.client })) this.set(name, value);
    this.photos = draft.photos;
    this.covers = JSON.parse(draft.fields["covers"] || "[]") as Patch[][];
    for (const photo of this.photos) this.small.set(photo, shrink(photo));
    const drop = h("button", { type: "button", class: "link" }, say("drop"));
    this.tell(say("kept"), false, drop);
    drop.addEventListener("click", () => void forget().then(() => location.reload()));
    this.open(this.photos[0] ?? null);
  }

  private add(files: File[]): void {
    const fits = (file: File): boolean => file.size <= LARGEST || file.type === "image/jpeg"; // which is made smaller
    const large = files.filter((file) => !fits(file));
    const good = files.filter(fits);
    const room = MOST - this.photos.length;
    for (const photo of good.slice(0, room)) {
      this.photos.push(photo);
      this.small.set(photo, shrink(photo));
    }
    this.input.value = ""; // the same one may be chosen again after it was removed
    if (large.length) this.tell(say("too_large"), true);
    else if (good.length > room) this.tell(say("too_many"), true);
    else this.tell("", false);
    if (this.photos.length) this.open(this.photos[0] ?? null);
    void this.keep();
  }

  /** Everything but the photo's own page. */
  private open(photo: File | null): void {
    const first = !document.body.classList.contains("open");
    document.body.classList.add("open");
    this.strip();
    if (first) {
      void this.place.find(photo);
      window.scrollTo(0, 0);
    }
  }

  private strip(): void {
    const host = document.getElementById("strip") as HTMLElement;
    for (const image of host.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    const named = host.parentElement?.getAttribute("aria-label") ?? "";
    host.replaceChildren(
      ...this.photos.map((photo, at) => {
        const image = h("img", { src: URL.createObjectURL(photo), alt: `${named} ${at + 1}`, width: 72, height: 72 });
        image.addEventListener("error", () => image.replaceWith(h("span", { class: "unseen" }, photo.name.split(".").pop() ?? ""))); // HEIC, where the browser cannot draw it
        const remove = h("button", { type: "button", "aria-label": `${say("remove")} ${at + 1}` }, "×");
        remove.addEventListener("click", () => {
          this.photos.splice(at, 1);
          this.covered(this.covers.filter((_, k) => k !== at));
        });
        const patched = (this.covers[at] ?? []).length;
        const cover = h("button", { type: "button", class: "link cover", "aria-label": `${say("cover")} ${at + 1}` }, patched ? `▦ ${patched}` : say("cover"));
        cover.addEventListener("click", () => void this.cover(photo, at));
        return h("li", {}, image, remove, cover);
      }),
    );
    (host.parentElement as HTMLElement).hidden = !document.body.classList.contains("open");
    host.parentElement?.classList.toggle("full", this.photos.length >= MOST);
  }

  private async cover(photo: File, at: number): Promise<void> {
    const { coverPhoto } = await import("../photos/cover");
    const words = {
      cover: say("cover"), coverHint: say("cover_hint"), coverKeys: say("cover_keys"), coverAdd: say("cover_add"), coverNone: say("cover_none"), coverDone: say("cover_done"), undo: say("cover_undo"), cannotShow: say("cover_cannot"),
      coverPatch: (n: number, left: number, top: number, wide: number, high: number) => say("cover_patch", { n, left, top, wide, high }),
    };
    const patches = await coverPhoto(photo, this.covers[at] ?? [], words);
    this.covered(this.photos.map((_, k) => (k === at ? patches : (this.covers[k] ?? []))));
    document.querySelectorAll<HTMLElement>("#strip .cover")[at]?.focus();
  }

  private covered(covers: (readonly Patch[])[]): void {
    this.covers = covers;
    this.set("covers", covers.some((patches) => patches.length) ? JSON.stringify(covers) : "");
    this.strip();
    void this.keep();
  }

  private async keep(): Promise<void> {
    if (!document.body.classList.contains("open")) return;
    const fields = Object.fromEntries(NAMES.map((name) => [name, this.value(name)]));
    await keep({ client: this.value("client"), photos: this.photos, fields });
    if (keepsNothing() && this.photos.length && !this.said.textContent) this.tell(say("cannot"), false);
  }

  private label(): void {
    const anyway = this.warned && !this.place.known && !this.value("words");
    this.button.textContent = this.place.following ? say("send_follow") : anyway ? say("send_anyway") : say("send");
  }

  private async submit(): Promise<void> {
    if (this.busy) return;
    if (!this.place.known && !this.place.following && !this.value("words") && this.photos.length && !this.warned) {
      this.warned = true;
      this.label();
      return this.tell(say("no_place"), true);
    }
    this.lock(true);
    const form = new FormData(this.form);
    form.delete("photo");
    for (const photo of this.photos) form.append("photo", (await this.small.get(photo)) ?? photo, photo.name);
    const answer = await send(form, (share) => this.progress(share));
    this.lock(false);
    this.waiting = "offline" in answer;
    if ("ticket" in answer) {
      await forget();
      location.assign(answer.ticket);
      this.lock(true); // until the ticket is there
    } else if ("error" in answer) this.tell(answer.error, true);
    else {
      await this.keep();
      this.tell(navigator.onLine || keepsNothing() ? say("failed") : say("failed_kept"), true);
    }
  }

  private lock(busy: boolean): void {
    this.busy = busy;
    this.button.disabled = busy;
    if (busy) this.button.textContent = `${say("sending")}…`;
    else this.label();
    (document.getElementById("progress") as HTMLElement).hidden = !busy;
  }

  private progress(share: number): void {
    (document.getElementById("progress") as HTMLProgressElement).value = share;
    this.button.textContent = share < 1 ? `${say("sending")} ${Math.round(share * 100)} %` : `${say("sending")}…`;
  }

  private get said(): HTMLElement {
    return document.getElementById("said") as HTMLElement;
  }

  private tell(text: string, bad: boolean, ...more: HTMLElement[]): void {
    this.said.hidden = !text;
    this.said.setAttribute("role", bad ? "alert" : "status");
    this.said.classList.toggle("bad", bad);
    this.said.replaceChildren(...(text ? [text, " ", ...more] : []));
    if (bad) this.said.scrollIntoView({ block: "center" });
  }

  private value(name: string): string {
    const field = this.form.elements.namedItem(name);
    return field && "value" in field ? String(field.value).trim() : "";
  }

  private set(name: string, value: string): void {
    const field = this.form.elements.namedItem(name);
    if (field && "value" in field) field.value = value;
  }
}
