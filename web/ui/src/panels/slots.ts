// Panels that share a place on the wall: one stands, the others wait behind its heading. In one column all stand.

import { h, type Child } from "../dom";
import type { State } from "../state";
import type { Words } from "../words";
import { listed } from "./list";

export type Slot = "left" | "right" | "latest";
export type Panel = "areas" | "rank" | "works" | "sources" | "changes" | "urgent" | "newest";

const CITY: Record<Slot, Panel[]> = { left: ["works", "sources"], right: ["areas", "rank"], latest: ["changes", "urgent", "newest"] };
const AREA: Record<Slot, Panel[]> = { left: ["areas", "works", "sources"], right: [], latest: ["urgent", "changes", "newest"] };

const FILLED: Record<Panel, (state: State) => boolean> = {
  areas: (state) => listed(state) !== null,
  rank: ({ figures }) => figures?.ranking?.kinds.some(({ ranked }) => ranked.length > 0) ?? false,
  works: ({ figures }) => (figures?.works?.parts.length ?? 0) > 0,
  sources: ({ figures }) => figures?.sources?.parts.some(({ notified }) => notified > 0) ?? false,
  changes: ({ figures }) => (figures?.changes?.changes.length ?? 0) > 0,
  urgent: ({ urgent }) => (urgent?.issues.length ?? 0) > 0,
  newest: ({ newest }) => (newest?.issues.length ?? 0) > 0,
};

/** The panels of a place that have something to show. */
export function panelsIn(slot: Slot, state: State): Panel[] {
  return (state.view.area ? AREA : CITY)[slot].filter((panel) => FILLED[panel](state));
}

export function slotOf(panel: Panel, state: State): Slot | null {
  const places = state.view.area ? AREA : CITY;
  return (Object.keys(places) as Slot[]).find((slot) => places[slot].includes(panel)) ?? null;
}

/** The panel that stands in a place. */
export function standing(slot: Slot, state: State): Panel | null {
  const there = panelsIn(slot, state);
  const chosen = state.tabs[slot];
  return chosen && there.includes(chosen) ? chosen : (there[0] ?? null);
}

/** The next panel of each place, for a wall that nobody touches. */
export function turned(state: State): State["tabs"] {
  const next = (slot: Slot): Panel | undefined => {
    const there = panelsIn(slot, state);
    return there[(there.indexOf(standing(slot, state) as Panel) + 1) % there.length];
  };
  return Object.fromEntries((["left", "right", "latest"] as Slot[]).map((slot) => [slot, next(slot)]).filter(([, panel]) => panel));
}

/** The heading of a panel: its own title, and on the wall those of the panels behind it as buttons. */
export function head(state: State, words: Words, panel: Panel, title: (panel: Panel) => string, ...aside: Child[]): HTMLElement {
  const slot = slotOf(panel, state);
  const others = slot ? panelsIn(slot, state) : [];
  const several = others.length > 1;
  return h(
    "h2",
    {},
    several && h("span", { class: "tabs", role: "group", "aria-label": words.tabs }, others.map((other) =>
      h("button", { type: "button", "data-act": "tab", "data-value": other, "aria-pressed": String(other === panel) }, title(other)))),
    h("span", { class: several ? "title narrow" : "title" }, title(panel)),
    h("span", { class: "aside" }, aside),
  );
}
