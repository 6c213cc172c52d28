// The head of the page: where, how far the round is, and the filters with what each choice would leave.

import { h } from "../dom";
import { Calendar, count, nameOf } from "../format";
import type { AreaShape, City } from "../types";
import type { Look } from "./address";
import type { Facet, Found } from "./filter";
import type { Option } from "./picker";
import { distance, metres, SORTS, type Point, type Points } from "./points";
import type { PointWords } from "./words";

const DAYS = 30;

export interface Seen {
  look: Look;
  city: City;
  points: Points;
  found: Found;
  shapes: ReadonlyMap<string, readonly AreaShape[]>; // by level
  words: PointWords;
}

export function placeName({ look, city, shapes }: Pick<Seen, "look" | "city" | "shapes">): string {
  const { area } = look.filter;
  const shape = area && shapes.get(area.level)?.find(({ code }) => code === area.code);
  if (area) return shape ? nameOf(shape, look.lang) || area.code : area.code;
  return nameOf(city, look.lang).replace(/市$/u, "");
}

/** 「近 30 天已巡查 31 / 42 点」, or where visits of the month are known 「本月已到 31 / 42 点」, and the bar: of the points
 * that all filters but this one leave. */
export function coverage({ found, words, points, city, look }: Seen): HTMLElement | null {
  const counts = points.along ? found.counts.month : found.counts.visited;
  const [yes, no] = [counts.get("yes") ?? 0, counts.get("no") ?? 0];
  if (!(yes + no)) return null;
  const share = (100 * yes) / (yes + no);
  const missing = points.along ? words.toGo(count(no), new Calendar(city.timezone, look.lang).left(new Date())) : words.missing(count(no));
  return h("div", { class: "coverage" },
    h("p", {}, h("span", {}, points.along ? words.month : words.covered(DAYS), " ", h("b", {}, count(yes)), words.ofPoints(count(yes + no))), h("strong", {}, no ? missing : points.along ? words.allMonth : words.allVisited)),
    h("div", { class: "share", "aria-hidden": "true" }, h("i", { style: `width:${share.toFixed(2)}%` })));
}

export function filters(seen: Seen): HTMLElement[] {
  const { look, found, words, points } = seen;
  const { filter, lang } = look;
  const chip = (facet: "visited" | "state", value: "yes" | "no" | "open" | "overdue") =>
    h("button", { type: "button", class: "chip", "data-act": facet, "data-value": value, "aria-pressed": String(filter[facet] === value) }, words.chip[value], " ", h("b", {}, count(found.counts[facet].get(value) ?? 0)));
  const picker = (what: string, level: string | null, label: string, chosen: string | null) =>
    h("button", { type: "button", class: "chip pick", "data-act": "pick", "data-value": what, "data-level": level, "aria-pressed": String(chosen !== null), "aria-haspopup": "dialog", "aria-label": chosen ? `${label}：${chosen}` : label },
      h("span", {}, chosen ?? label), h("i", { "aria-hidden": "true" }, "▾"));
  const named = (found_: { name: string; name_en: string; code: string } | undefined, code: string | null) => (code ? (found_ ? nameOf(found_, lang) : code) : null);
  const own = (facet: "mine" | "month", n: number) =>
    h("button", { type: "button", class: "chip", "data-act": facet, "aria-pressed": String(filter[facet]) }, words.facet[facet], " ", h("b", {}, count(n)));
  const near = h("button", { type: "button", class: "chip", "data-act": "near", "aria-pressed": String(filter.near) }, words.facet.near, points.far ? [" ", h("b", {}, count(found.counts.near.get("yes") ?? 0))] : null);
  return [
    ...(points.along ? [own("mine", found.counts.mine.get("yes") ?? 0), own("month", found.counts.month.get("no") ?? 0)] : []),
    ...(points.along && filter.visited !== "no" ? [] : [chip("visited", "no")]), chip("state", "open"), chip("state", "overdue"), near,
    ...(points.along && filter.visited !== "yes" ? [] : [chip("visited", "yes")]),
    picker("kind", null, words.kind, named(points.kinds.get(filter.kind ?? ""), filter.kind)),
    ...areaLevels(seen).map(({ level, label, chosen }) => picker("area", level, label, chosen)),
    picker("unit", null, words.unit, named(points.units.get(filter.unit ?? ""), filter.unit)),
    h("button", { type: "button", class: "chip", "data-act": "inView", "aria-pressed": String(filter.inView) }, words.inView),
  ];
}

/** The levels in which an area can be chosen: the first always, a finer one inside what is chosen. */
export function areaLevels({ look, city, shapes }: Seen): { level: string; label: string; chosen: string | null; options: readonly AreaShape[] }[] {
  const chain = city.levels.filter(({ weather }) => weather).slice(1);
  const { area } = look.filter;
  const line = lineOf(area, chain.map(({ level }) => level), shapes);
  return chain.flatMap((entry, depth) => {
    const parent = depth ? line[depth - 1] : null;
    if (depth && !parent) return [];
    const options = (shapes.get(entry.level) ?? []).filter((shape) => !depth || shape.parent === parent?.code);
    const own = line[depth];
    return [{ level: entry.level, label: nameOf({ ...entry, code: entry.level }, look.lang), chosen: own ? nameOf(own, look.lang) || own.code : null, options }];
  });
}

/** The chosen area and what it lies in, coarse to fine. */
export function lineOf(area: Look["filter"]["area"], chain: readonly string[], shapes: Seen["shapes"]): AreaShape[] {
  const line: AreaShape[] = [];
  let code: string | null = area?.code ?? null;
  for (let depth = area ? chain.indexOf(area.level) : -1; depth >= 0 && code; depth -= 1) {
    const shape: AreaShape | undefined = shapes.get(chain[depth] ?? "")?.find((one) => one.code === code);
    if (!shape) break;
    line.unshift(shape);
    code = shape.parent;
  }
  return line;
}

/** The choices of a picker with what each would leave; none that would leave nothing, but the chosen one. */
export function optionsOf(seen: Seen, what: string, level: string | null): { title: string; chosen: string; options: Option[] } {
  const { found, points, look, words } = seen;
  const { lang, filter } = look;
  const without = found.points.length + (found.without.get(what as Facet) ?? 0);
  const all = (n: number): Option => ({ value: "", name: words.all, count: n });
  if (what === "area") {
    const entry = areaLevels(seen).find((one) => one.level === level);
    const own = entry?.options.find((shape) => filter.area && lineOf(filter.area, seen.city.levels.map((one) => one.level), seen.shapes).some(({ code }) => code === shape.code));
    const options = (entry?.options ?? []).map((shape) => ({ value: shape.code, name: nameOf(shape, lang) || shape.code, count: found.counts.area.get(`${level}:${shape.code}`) ?? 0 }));
    const whole = options.reduce((sum, option) => sum + option.count, 0);
    return { title: entry?.label ?? "", chosen: own?.code ?? "", options: [all(whole), ...kept(options, own?.code)] };
  }
  const facet = what as "kind" | "unit";
  const named = [...points[facet === "kind" ? "kinds" : "units"].values()];
  const options = named.map((entry) => ({ value: entry.code, name: nameOf(entry, lang), count: found.counts[facet].get(entry.code) ?? 0 }));
  return { title: words[facet], chosen: filter[facet] ?? "", options: [all(without), ...kept(options, filter[facet])] };
}

const kept = (options: Option[], chosen: string | null | undefined): Option[] => options.filter((option) => option.count > 0 || option.value === chosen);

export function listHead({ found, look, words, points }: Seen): HTMLElement[] {
  const select = h("select", { "data-act": "sort", "aria-label": words.sortBy }, SORTS.filter((sort) => sort !== "walk" || points.along?.walk.length).map((sort) => h("option", { value: sort, selected: sort === look.sort }, words.sort[sort])));
  const steps = look.sort === "walk" ? walkOf(points) : [];
  const long = steps.slice(1).reduce((sum, point, k) => sum + metres(steps[k] ?? point, point), 0);
  const walk = steps.length ? h("small", {}, words.walk(count(steps.length), distance(long, look.lang))) : null;
  return [h("h2", { "aria-live": "polite" }, words.points(count(found.points.length)), walk), select];
}

/** The points of the walk, in its order. */
export const walkOf = (points: Points): Point[] => (points.along?.walk ?? []).flatMap((code) => points.byCode.get(code) ?? []);

/** Nothing fits: which filter to drop, the one that frees most first. */
export function empty({ found, look, words, points }: Seen): HTMLElement {
  if (!points.all.length) return h("div", { class: "empty" }, h("p", {}, words.noneAtAll));
  const ways = [...found.without].filter(([, n]) => n > 0).sort((a, b) => b[1] - a[1]);
  const name = (facet: Facet): string => {
    const { filter } = look;
    if (facet === "visited" && filter.visited) return words.chip[filter.visited];
    if (facet === "state" && filter.state) return words.chip[filter.state];
    return facet === "q" ? filter.q : words.facet[facet];
  };
  return h("div", { class: "empty" }, h("p", {}, words.none),
    ways.map(([facet, n]) => h("button", { type: "button", "data-act": "drop", "data-value": facet }, words.drop(name(facet), count(n)))),
    h("button", { type: "button", "data-act": "drop", "data-value": "" }, words.dropAll));
}
