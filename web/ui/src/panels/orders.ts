// What leaders ordered (督办): what still runs by its term, then the last that were done; each opens its issue.

import { h } from "../dom";
import { nameOf } from "../format";
import { orderHead, orderKey, orderPage, termText } from "../terms";
import type { State } from "../state";
import type { Order } from "../types";
import type { Words } from "../words";
import { figure, scopeOf } from "./figure";

const SHOWN = { zh: 3, en: 2 }; // English lines are longer

export function orders(state: State, words: Words): HTMLElement[] {
  const { orders: page, city, board, view } = state;
  if (!page?.orders.length || !city || !board) return [];
  const { ordered, listed } = board.totals;
  const scope = scopeOf(board.totals, board, city);
  const counts = [
    ordered ? figure(ordered, "ordered", scope, words) : null,
    listed ? h("span", {}, `${ordered ? " · " : ""}${words.listed} `, figure(listed, "listed", scope, words)) : null,
  ];
  return [
    h("h2", {}, h("span", { class: "title" }, words.orders), h("span", { class: "aside" }, counts)),
    h("ul", { class: "issues two" }, page.orders.slice(0, SHOWN[view.lang]).map((order) => item(order, new Date(board.at), view.lang, words))),
  ];
}

function item(order: Order, at: Date, lang: State["view"]["lang"], words: Words): HTMLElement {
  const overdue = order.state === "overdue";
  const kind = order.kind === "list_publicly" ? "listed" : overdue ? "overdue" : "ordered";
  const lines = [
    h("span", { class: "row" },
      h("i", { class: `m ${kind}`, role: "img", "aria-label": words.marks[kind] }),
      h("b", {}, orderHead(order, lang)),
      h("em", { class: overdue ? "alert" : "" }, termText(order, at, lang))),
    h("span", { class: "row" }, h("span", { lang: "zh-CN" }, order.text), h("span", {}, order.category && order.unit ? nameOf(order.unit, lang) : "")),
  ];
  return h("li", { "data-key": orderKey(order) },
    order.number ? h("button", { type: "button", "data-act": "issue", "data-number": order.number }, ...lines) : h("a", { href: orderPage(order, lang) }, ...lines));
}
