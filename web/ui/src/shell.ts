// The page's fixed parts; panels are drawn into them. Order in the document = order on a phone = order read aloud.

import { h } from "./dom";

export interface Shell {
  root: HTMLElement;
  masthead: HTMLElement;
  headline: HTMLElement;
  status: HTMLElement;
  stage: HTMLElement; // the map and what is written over it
  map: HTMLElement;
  key: HTMLElement;
  controls: HTMLElement;
  legend: HTMLElement;
  notes: HTMLElement;
  locator: HTMLElement;
  scale: HTMLElement;
  timeline: HTMLElement; // under the map: days to look back on, and what falls due; absent while nothing fills it
  table: HTMLElement;
  totals: HTMLElement;
  trend: HTMLElement;
  works: HTMLElement; // special works
  sources: HTMLElement;
  list: HTMLElement; // areas or units
  rank: HTMLElement;
  why: HTMLElement;
  left: HTMLElement; // the columns
  right: HTMLElement;
  changed: HTMLElement; // in a replay: what changed colour, and the events that did it
  orders: HTMLElement; // what a leader ordered (督办)
  urgent: HTMLElement;
  changes: HTMLElement;
  newest: HTMLElement;
  source: HTMLElement; // whose borders and names these are
  sheet: HTMLElement;
  problem: HTMLElement;
  tour: HTMLElement; // where the tour is; absent without one
}

export function buildShell(): Shell {
  const part = (tag: string, name: string, extra: Record<string, string> = {}) => h(tag, { class: name, ...extra });
  const shell = {
    masthead: part("div", "masthead"),
    headline: part("div", "headline"),
    status: part("div", "status"),
    map: part("div", "map", { role: "application", tabindex: "0" }),
    key: part("div", "key"),
    controls: part("div", "controls"),
    legend: part("div", "legend"),
    notes: part("div", "notes"),
    locator: part("div", "locator", { "aria-hidden": "true" }),
    scale: part("div", "scale", { "aria-hidden": "true" }),
    timeline: part("section", "timeline", { hidden: "" }),
    table: part("section", "tableview", { hidden: "" }),
    totals: part("section", "totals"),
    trend: part("section", "trend", { hidden: "" }),
    works: part("section", "works", { hidden: "" }),
    sources: part("section", "sources", { hidden: "" }),
    rank: part("section", "rank", { hidden: "" }),
    list: part("section", "list"),
    why: part("section", "why"),
    changed: part("section", "changed", { hidden: "" }),
    orders: part("section", "orders", { hidden: "" }),
    urgent: part("section", "urgent"),
    changes: part("section", "changes", { hidden: "" }),
    newest: part("section", "newest"),
    sheet: part("aside", "sheet", { hidden: "" }),
    source: part("footer", "source"),
    tour: part("section", "tour", { hidden: "" }),
    problem: part("div", "problem", { role: "alert", hidden: "" }),
  };
  const stage = h("div", { class: "stage" }, shell.map, shell.key, shell.controls, h("div", { class: "foot" }, shell.locator, shell.notes, shell.scale));
  const left = h("div", { class: "column left" }, shell.totals, shell.trend, shell.works, shell.sources);
  const right = h("div", { class: "column right" }, shell.changed, shell.list, shell.rank, shell.why, shell.orders, shell.changes, shell.urgent, shell.newest, shell.source);
  const root = h("main", { class: "wall" }, h("header", { class: "top" }, shell.masthead, shell.headline, shell.status), shell.tour, stage, shell.legend, shell.timeline, shell.table, left, right, shell.sheet, shell.problem);
  return { ...shell, stage, left, right, root };
}
