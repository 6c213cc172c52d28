// Choosing one of many: a sheet with a search and the number behind each choice. The same for kinds, areas and units.

import { h } from "../dom";
import { count } from "../format";

export interface Option {
  value: string; // '' = all
  name: string;
  count: number;
}

const SEARCHED = 10; // from so many choices on there is a search field

export class Picker {
  private readonly dialog = document.body.appendChild(document.createElement("dialog"));

  constructor() {
    this.dialog.className = "picker";
    this.dialog.addEventListener("click", (event) => event.target === this.dialog && this.dialog.close());
  }

  /** `words`: title, search placeholder, close. */
  open(words: readonly [string, string, string], options: readonly Option[], chosen: string, pick: (value: string) => void): void {
    const list = h("ul", {});
    const draw = (text: string): void => {
      const seen = options.filter(({ name, value }) => !value || name.toLowerCase().includes(text.trim().toLowerCase()));
      list.replaceChildren(...seen.map((option) =>
        h("li", {}, h("button", { type: "button", "data-value": option.value, "aria-pressed": String(option.value === chosen) }, h("span", {}, option.name), h("b", {}, count(option.count))))));
    };
    const search = h("input", { type: "search", placeholder: words[1], "aria-label": words[1], autocomplete: "off" }) as HTMLInputElement;
    search.addEventListener("input", () => draw(search.value));
    const close = h("button", { type: "button", class: "close", "aria-label": words[2] }, "✕");
    close.addEventListener("click", () => this.dialog.close());
    list.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-value]");
      if (!button) return;
      this.dialog.close();
      pick(button.dataset["value"] ?? "");
    });
    draw("");
    this.dialog.setAttribute("aria-label", words[0]);
    this.dialog.replaceChildren(h("header", {}, h("h2", {}, words[0]), close), ...(options.length > SEARCHED ? [search] : []), list);
    this.dialog.showModal();
    this.dialog.onkeydown = (event) => step(event, list);
  }
}

function step(event: KeyboardEvent, list: HTMLElement): void {
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (!by) return;
  const buttons = [...list.querySelectorAll<HTMLElement>("button")];
  const at = buttons.findIndex((button) => button === document.activeElement);
  if (at < 0 && document.activeElement && list.contains(document.activeElement)) return;
  event.preventDefault();
  buttons[Math.max(0, Math.min(buttons.length - 1, at + by))]?.focus();
}
