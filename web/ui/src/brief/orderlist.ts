// All orders of one outcome: the list behind a count of the brief.

import { ApiError, getCities, getOrders } from "../api";
import { h } from "../dom";
import { count, nameOf } from "../format";
import { shownInstant } from "../state";
import type { City, Order } from "../types";
import { writeView, type View } from "../view";
import { orderLines } from "./bulletin";
import { item } from "./screen";
import type { Words } from "./words";

const PAGE = 500;

export interface Listed {
  city: City;
  at: string;
  orders: Order[];
}

/** Every page of them, judged at one instant. */
export async function loadOrders(view: View, state: string, signal: AbortSignal): Promise<Listed> {
  const { cities } = await getCities(signal);
  const city = cities.find(({ code }) => code === view.city) ?? (view.city ? undefined : cities[0]);
  if (!city) throw new ApiError({ title: "", status: 404, detail: `city=${view.city ?? ""}?`, remedy: cities.map(({ code, name }) => `${code} (${name})`).join(", ") });
  const scope = { city: city.code, area: view.area ? `${view.area.level}:${view.area.code}` : null, state: state === "all" ? null : state, limit: PAGE };
  let page = await getOrders({ ...scope, at: shownInstant(view, city) }, signal);
  const found = { city, at: page.at, orders: page.orders };
  while (page.next) {
    page = await getOrders({ ...scope, at: found.at, after: page.next }, signal);
    found.orders = [...found.orders, ...page.orders];
  }
  return found;
}

export function orderList({ city, at, orders }: Listed, view: View, state: string, w: Words): HTMLElement[] {
  const lines = orderLines(orders, new Date(at), { city, place: view.area }, view.lang);
  const back = writeView(view);
  const head = [nameOf(city, view.lang), w.orders, w.list[state] ?? ""].filter(Boolean).join(" · ");
  return [
    h("header", { class: "top" }, h("h1", {}, head, " ", h("b", { class: "total" }, count(orders.length))), h("nav", {}, h("a", { href: `/brief${back === "/" ? "" : back}` }, w.back))),
    h("section", { class: "orders all" }, lines.length ? h("ul", {}, lines.map((line) => h("li", { "data-key": line.key }, item(line, w)))) : h("p", { class: "none" }, w.noOrders)),
  ];
}
