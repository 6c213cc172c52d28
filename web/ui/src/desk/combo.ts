// A field that offers what its words find: letters in, arrows choose, Enter or a tap takes (WAI-ARIA's combobox).

import { h, type Child } from "../dom";

export interface Found {
  shown: Child[];
  take: () => void;
}

const WAIT_MS = 200;

export class Combo {
  private timer = 0;
  private turn = 0;
  private at = -1;
  private found: readonly Found[] = [];

  constructor(
    private readonly field: HTMLInputElement,
    private readonly list: HTMLElement,
    private readonly find: (text: string) => Promise<readonly Found[]>,
  ) {
    field.addEventListener("input", () => {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.search(), WAIT_MS);
    });
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => window.setTimeout(() => this.shut(), 150));
  }

  private async search(): Promise<void> {
    const turn = ++this.turn;
    const found = await this.find(this.field.value.trim());
    if (turn !== this.turn) return;
    [this.found, this.at] = [found, -1];
    this.list.replaceChildren(
      ...found.map(({ shown }, row) => {
        const entry = h("li", { role: "option", id: `${this.list.id}-${row}`, "aria-selected": "false" }, shown);
        entry.addEventListener("pointerdown", (event) => (event.preventDefault(), this.take(row)));
        entry.addEventListener("click", () => this.take(row)); // a screen reader's press
        return entry;
      }),
    );
    this.list.hidden = !found.length;
    this.field.setAttribute("aria-expanded", String(found.length > 0));
    this.field.removeAttribute("aria-activedescendant");
  }

  private take(row: number): void {
    const found = this.found[row];
    if (!found) return;
    this.shut();
    found.take();
  }

  private key(event: KeyboardEvent): void {
    const all = [...this.list.children];
    if (event.key === "Escape") this.shut();
    else if (event.key === "Enter") {
      event.preventDefault(); // sends nothing yet
      if (!this.list.hidden) this.take(Math.max(this.at, 0));
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
      event.preventDefault();
      this.at = (this.at + (event.key === "ArrowDown" ? 1 : all.length - 1) + all.length) % all.length;
      all.forEach((entry, row) => entry.setAttribute("aria-selected", String(row === this.at)));
      all[this.at]?.scrollIntoView({ block: "nearest" });
      this.field.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
    }
  }

  private shut(): void {
    this.turn++;
    this.found = [];
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }
}
