// The keyboard: arrows in the list or, once it has the focus, on the map; Enter goes in, Esc comes back, + and − zoom,
// W why, T table, L language, P place or unit.

import type { Direction } from "./map/compass";

export interface Keyed {
  up: () => void;
  toggle: (what: "table" | "lang" | "by") => void;
  toward: (direction: Direction) => boolean; // an arrow on the map
  enter: () => boolean; // into the area that the arrows stand on
  zoom: (steps: number) => void;
  days: (by: number) => void; // along the time line
  why: (row: string | null) => void; // a row's place, or null: the area looked at
}

export function listen(keyed: Keyed): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (!act(event.key, keyed)) return;
    event.preventDefault();
  });
}

const typing = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.closest("input, textarea, select") !== null;

const onMap = (): boolean => document.activeElement?.classList.contains("map") ?? false;
const inSheet = (): boolean => !!document.activeElement?.closest(".sheet, .tableview, .timeline");

function act(key: string, keyed: Keyed): boolean {
  const name = key.length === 1 ? key.toLowerCase() : key;
  switch (name) {
    case "Escape":
    case "Backspace":
      keyed.up();
      return true;
    case "ArrowDown":
    case "ArrowUp":
      return onMap() ? keyed.toward(name) : step(name === "ArrowDown" ? 1 : -1);
    case "ArrowLeft":
    case "ArrowRight":
      return inSheet() ? false : keyed.toward(name);
    case "Enter":
      return onMap() && keyed.enter();
    case "+":
    case "=":
      keyed.zoom(1);
      return true;
    case "-":
    case "_":
      keyed.zoom(-1);
      return true;
    case ",":
    case ".":
      keyed.days(name === "," ? -1 : 1);
      return true;
    case "w":
      keyed.why(document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset["row"] ?? null);
      return true;
    case "t":
      keyed.toggle("table");
      return true;
    case "l":
      keyed.toggle("lang");
      return true;
    case "p":
      keyed.toggle("by");
      return true;
    default:
      return false;
  }
}

/** Move along the open list: the sheet's issues if it is open, else the areas. */
function step(by: number): boolean {
  const places = [".sheet:not([hidden]) li[data-issue] > button", ".list tbody .go"];
  const rows = places.map((selector) => [...document.querySelectorAll<HTMLElement>(selector)]).find((found) => found.length) ?? [];
  if (!rows.length) return false;
  const at = rows.findIndex((row) => row === document.activeElement || row.closest("tr, li")?.contains(document.activeElement));
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return true;
}
