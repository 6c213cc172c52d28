// Saved views: a look at the points (all of it is in the address) under a name, kept on this phone.

import { h } from "../dom";
import type { StreetWords } from "./words";

const STORE = "weathermap-views";

interface View {
  name: string;
  search: string;
}

const kept = (): View[] => {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(STORE) ?? "[]");
    return Array.isArray(found) ? (found as View[]).filter((view) => typeof view?.name === "string" && typeof view?.search === "string") : [];
  } catch {
    return [];
  }
};

/** Whether they are kept now. */
function keep(views: readonly View[]): boolean {
  try {
    localStorage.setItem(STORE, JSON.stringify(views));
    return true;
  } catch {
    return false;
  }
}

export function openViews(w: StreetWords, go: (search: string) => void): void {
  const dialog = document.body.appendChild(document.createElement("dialog"));
  dialog.className = "picker views";
  dialog.setAttribute("aria-label", w.saved);
  const name = h("input", { class: "search", maxlength: "30", placeholder: w.viewName, "aria-label": w.viewName }) as HTMLInputElement;
  const draw = (): void => {
    const views = kept();
    dialog.replaceChildren(
      h("header", {}, h("h2", {}, w.saved), h("button", { type: "button", class: "close", "data-do": "close", "aria-label": w.close }, "✕")),
      name, h("button", { type: "button", class: "button wide", "data-do": "save" }, w.saveView),
      views.length ? h("ul", {}, views.map((view, at) => h("li", { class: "row" },
        h("button", { type: "button", "data-do": "go", "data-value": at }, h("span", {}, view.name)),
        h("button", { type: "button", class: "plain", "data-do": "remove", "data-value": at, "aria-label": `${w.remove} ${view.name}` }, w.remove)))) : h("p", { class: "quiet pad" }, w.noViews));
  };
  dialog.addEventListener("click", (event) => {
    const target = (event.target as Element).closest<HTMLElement>("[data-do]");
    const { do: what, value } = target?.dataset ?? {};
    const view = kept()[Number(value)];
    if (event.target === dialog || what === "close") return dialog.close();
    if (what === "save" && name.value.trim()) {
      const done = keep([...kept().filter((one) => one.name !== name.value.trim()), { name: name.value.trim(), search: location.search }]);
      if (done) name.value = "";
      draw();
      if (!done) dialog.append(h("p", { class: "quiet pad", role: "alert" }, w.viewsLost));
      return;
    } else if (what === "remove" && view) keep(kept().filter((one) => one !== view && one.name !== view.name));
    else if (what === "go" && view) {
      dialog.close();
      return go(view.search);
    }
    draw();
  });
  dialog.addEventListener("close", () => dialog.remove());
  draw();
  dialog.showModal();
}
