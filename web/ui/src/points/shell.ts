// The page's fixed parts. Order in the document = order on a phone = order read aloud.

import { h } from "../dom";

export interface Shell {
  root: HTMLElement;
  title: HTMLElement;
  trouble: HTMLElement;
  search: HTMLInputElement;
  coverage: HTMLElement;
  filters: HTMLElement;
  map: HTMLElement;
  notes: HTMLElement;
  head: HTMLElement;
  empty: HTMLElement;
  list: HTMLElement;
  card: HTMLElement;
}

export function buildShell(): Shell {
  const part = (tag: string, name: string, extra: Record<string, string> = {}) => h(tag, { class: name, ...extra });
  const shell = {
    title: part("header", "title"),
    trouble: part("div", "trouble", { role: "status", hidden: "" }),
    search: part("input", "search", { type: "search", autocomplete: "off", spellcheck: "false", enterkeyhint: "search" }) as HTMLInputElement,
    coverage: part("section", "cover"),
    filters: part("div", "filters", { role: "group" }),
    map: part("div", "map"),
    notes: part("div", "notes"),
    head: part("div", "head"),
    empty: part("div", "nothing"),
    list: part("div", "list", { role: "region", tabindex: "-1" }),
    card: part("aside", "card", { hidden: "" }),
  };
  const { title, trouble, search, coverage, filters, map, notes, head, empty, list, card } = shell;
  const bar = h("div", { class: "bar" }, title, trouble, search, coverage, filters);
  const stage = h("div", { class: "stage" }, map, notes);
  const side = h("div", { class: "side" }, head, empty, list);
  return { ...shell, root: h("main", { class: "points" }, bar, stage, side, card) };
}
