// Points chosen by name: found by words or on the map, listed with their names; the codes go into the form's own field,
// which is all there is without this script.

import { getPoints } from "../api";
import { h } from "../dom";
import { nameOf } from "../format";
import { readPoints, type Point, type Points } from "../points/points";
import { Combo, type Found } from "./combo";
import type { ChoosingMap } from "./choosemap";

const OFFERED = 8;

export function choosing(): void {
  for (const host of document.querySelectorAll<HTMLElement>("[data-choose]")) new Choose(host);
}

class Choose {
  private readonly field: HTMLTextAreaElement;
  private readonly search: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly count: HTMLElement;
  private points: Promise<Points> | null = null;
  private map: ChoosingMap | null = null;
  private readonly lang = document.documentElement.lang.startsWith("en") ? "en" : "zh";

  constructor(private readonly host: HTMLElement) {
    const part = <T extends HTMLElement>(name: string): T => host.querySelector(name) as T;
    this.field = part("textarea");
    this.search = part("[role=combobox]");
    this.list = part(".chosen");
    this.count = part("[role=status]");
    this.field.required = false; // the list below says what is missing
    (this.field.closest("label") as HTMLElement).hidden = true;
    part(".chooser").hidden = false;
    new Combo(this.search, part("[role=listbox]"), (text) => this.find(text));
    part("[data-map]").addEventListener("click", () => void this.open());
    this.field.form?.addEventListener("submit", (event) => {
      if (this.codes.length) return;
      event.preventDefault();
      this.search.setCustomValidity(this.said("none"));
      this.search.reportValidity();
    });
    this.search.addEventListener("input", () => this.search.setCustomValidity(""));
    if (this.codes.length) void this.draw();
    else this.tell();
  }

  private said(name: string): string {
    return this.host.dataset[name] ?? "";
  }

  private get codes(): string[] {
    return this.field.value.split(/[\s,，、]+/u).filter(Boolean);
  }

  private held(): Promise<Points> {
    return (this.points ??= getPoints(this.said("city")).then((answer) => readPoints(answer, this.lang)));
  }

  private async find(text: string): Promise<readonly Found[]> {
    if (!text) return [];
    const words = text.toLowerCase().split(/\s+/u);
    const points = await this.held().catch(() => this.failed());
    if (!points) return [];
    const chosen = new Set(this.codes);
    const found = points.all.filter((point) => !chosen.has(point.code) && words.every((word) => point.text.includes(word)));
    const each = found.slice(0, OFFERED).map((point) => ({ shown: [h("b", {}, nameOf(point, this.lang)), ` ${point.code}${point.address ? ` · ${point.address}` : ""}`], take: () => this.take([point]) }));
    const all = found.length > 1 && found.length <= Number(this.said("most")) - chosen.size;
    if (!found.length) return [{ shown: [this.said("nothing")], take: () => this.search.select() }];
    return all ? [...each, { shown: [this.said("all").replace("{n}", String(found.length))], take: () => this.take(found) }] : each;
  }

  private failed(): null {
    this.points = null; // asked for again with the next letter
    this.count.textContent = this.said("failed");
    return null;
  }

  private take(points: readonly Point[]): void {
    this.search.value = "";
    this.put([...this.codes, ...points.map(({ code }) => code)]);
    this.search.focus();
  }

  private put(codes: readonly string[]): void {
    this.field.value = [...new Set(codes)].join("\n");
    this.field.dispatchEvent(new Event("input", { bubbles: true })); // what is kept for an expired session
    this.search.setCustomValidity("");
    void this.draw();
  }

  private tell(): void {
    this.count.textContent = this.said("count").replace("{n}", String(this.codes.length));
  }

  private async draw(): Promise<void> {
    const points = await this.held().catch(() => this.failed());
    const codes = this.codes;
    this.list.replaceChildren(
      ...codes.map((code, at) => {
        const point = points?.byCode.get(code);
        const name = point ? nameOf(point, this.lang) : code;
        const remove = h("button", { type: "button", "aria-label": `${this.said("remove")} ${name}` }, "✕");
        remove.addEventListener("click", () => {
          this.put(codes.filter((one) => one !== code));
          (this.list.querySelectorAll<HTMLElement>("button")[Math.min(at, codes.length - 2)] ?? this.search).focus();
        });
        return h("li", { class: points && !point ? "unknown" : "" }, h("span", {}, h("b", {}, name), h("small", {}, point ? `${code}${point.address ? ` · ${point.address}` : ""}` : points ? this.said("unknown") : "")), remove);
      }),
    );
    this.tell();
    if (points) this.map?.mark(codes.flatMap((code) => points.byCode.get(code) ?? []));
  }

  private async open(): Promise<void> {
    const points = await this.held().catch(() => this.failed());
    const made = points && (await import("./choosemap").catch(() => this.failed()));
    if (!points || !made) return;
    this.map = await made.openMap(this.said("city"), points, this.lang, { title: this.said("onmap"), hint: this.said("maphint"), done: this.said("done") }, (code) => {
      const chosen = this.codes;
      this.put(chosen.includes(code) ? chosen.filter((one) => one !== code) : [...chosen, code]);
    }, this.count);
    await this.draw();
  }
}
