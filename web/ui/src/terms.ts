// What came of an order, in short: 超 3 天 · 余 2 天 · 待核查 · 已完成.

import { duration, nameOf } from "./format";
import type { Lang, Order } from "./types";

const SAID: Record<Lang, Record<"to_check" | "in_term" | "late" | "void" | "open", string>> = {
  zh: { to_check: "待核查", in_term: "已完成", late: "超期完成", void: "作废", open: "办理中" },
  en: { to_check: "Awaiting check", in_term: "Done", late: "Done late", void: "Void", open: "Under way" },
};

export function termText(order: Order, at: Date, lang: Lang): string {
  if (order.state !== "open" && order.state !== "overdue") return SAID[lang][order.state];
  if (!order.until) return SAID[lang].open;
  const seconds = (Date.parse(order.until) - at.getTime()) / 1000;
  const how = duration(Math.abs(seconds), lang);
  if (lang === "zh") return seconds < 0 ? `超 ${how}` : `余 ${how}`;
  return seconds < 0 ? `${how} late` : `${how} left`;
}

/** What an order is about: 宝盖镇 暴露垃圾, or the unit that is ordered. */
export function orderHead(order: Order, lang: Lang): string {
  const about = order.category ?? order.unit;
  return [order.place, about].map((named) => (named ? nameOf(named, lang) : "")).filter(Boolean).join(lang === "zh" && !order.category ? " · " : " ");
}

export const orderKey = (order: Order): string => (order.number ? `${order.number}.${order.seq}` : `order-${order.order}`);

/** The desk's page of an order on a unit. */
export const orderPage = (order: Order, lang: Lang): string => `/desk/orders/${order.order}${lang === "en" ? "?lang=en" : ""}`;

/** The desk's form that orders a unit or an area; an unattended wall orders nothing. */
export function orderForm(place: { level: string; code: string } | null, lang: Lang): string {
  const asked = new URLSearchParams({ ...(place ? { give: `${place.level}:${place.code}` } : { do: "give" }), ...(lang === "en" ? { lang } : {}) });
  return `/desk/orders?${asked.toString().replaceAll("%3A", ":")}`;
}
