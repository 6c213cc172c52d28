// What the address bar holds: filters, order, the point that is open. Every look can be sent to somebody.

import type { Lang } from "../types";
import { placeText } from "../view";
import { NO_FILTER, type Filter } from "./filter";
import { SORTS, type Sort } from "./points";

export interface Look {
  lang: Lang;
  city: string | null;
  filter: Filter;
  sort: Sort;
  point: string | null; // the one whose card is open
  map: readonly [lon: number, lat: number, zoom: number] | null; // kept while only what is in the map is listed
}

const oneOf = <T extends string>(text: string | null, known: readonly T[]): T | null => known.find((value) => value === text) ?? null;

export function readLook(search: string): Look {
  const query = new URLSearchParams(search);
  const area = query.get("area") ?? "";
  const split = area.indexOf(":");
  const map = (query.get("map") ?? "").split(",").map(Number);
  const [lon, lat, zoom] = map;
  return {
    lang: query.get("lang") === "en" ? "en" : "zh",
    city: query.get("city"),
    filter: {
      ...NO_FILTER,
      visited: oneOf(query.get("visited"), ["yes", "no"]),
      mine: query.get("mine") === "yes",
      month: query.get("month") === "no",
      near: query.get("near") === "yes",
      state: oneOf(query.get("state"), ["open", "overdue"]),
      kind: query.get("kind"),
      area: split > 0 ? { level: area.slice(0, split), code: area.slice(split + 1) } : null,
      unit: query.get("unit"),
      q: query.get("q") ?? "",
      inView: query.get("in") === "map",
    },
    sort: oneOf(query.get("sort"), SORTS) ?? "visit",
    point: query.get("point"),
    map: map.length === 3 && map.every(Number.isFinite) ? [lon ?? 0, lat ?? 0, zoom ?? 0] : null,
  };
}

export function writeLook({ lang, city, filter, sort, point, map }: Look): string {
  const query = new URLSearchParams();
  const set = (name: string, value: string | null | undefined): void => {
    if (value) query.set(name, value);
  };
  set("lang", lang === "en" ? lang : null);
  set("city", city);
  set("visited", filter.visited);
  set("mine", filter.mine ? "yes" : null);
  set("month", filter.month ? "no" : null);
  set("near", filter.near ? "yes" : null);
  set("state", filter.state);
  set("kind", filter.kind);
  set("area", filter.area && placeText(filter.area));
  set("unit", filter.unit);
  set("q", filter.q.trim());
  set("in", filter.inView ? "map" : null);
  set("map", filter.inView && map ? map.map((part, at) => part.toFixed(at === 2 ? 2 : 5)).join(",") : null);
  set("sort", sort === "visit" ? null : sort);
  set("point", point);
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
  return text ? `?${text}` : location.pathname;
}
