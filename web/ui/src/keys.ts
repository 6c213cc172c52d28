// The keyboard: arrows in the list, Enter goes in, Esc comes back, W why, T table, L language, P place or unit.

export interface Keyed {
  up: () => void;
  toggle: (what: "table" | "lang" | "by") => void;
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

function act(key: string, keyed: Keyed): boolean {
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case "Escape":
    case "Backspace":
      keyed.up();
      return true;
    case "ArrowDown":
      return step(1);
    case "ArrowUp":
      return step(-1);
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
