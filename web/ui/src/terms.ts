// What came of an order, in short: 超 3 天 · 余 2 天 · 待核查 · 已完成.

import { duration } from "./format";
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
