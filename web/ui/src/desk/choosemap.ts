// The map on which points are chosen: the inspectors' own, opened over the form; a tap takes a point or gives it back.

import "./choosemap.css";
import { getAreas, getCities } from "../api";
import { h } from "../dom";
import { nameOf } from "../format";
import { PointsMap } from "../points/map";
import type { } from "../points/page"; // declares window.points
import type { Point, Points } from "../points/points";
import type { Lang } from "../types";

export interface ChoosingMap {
  mark: (points: readonly Point[]) => void;
}

interface Words {
  title: string;
  hint: string;
  done: string;
}

/** Opens it; `count`: the line that says how many are chosen, shown here while the map is open. */
export async function openMap(code: string, points: Points, lang: Lang, words: Words, pick: (code: string) => void, count: HTMLElement): Promise<ChoosingMap> {
  const dialog = document.body.appendChild(document.createElement("dialog"));
  dialog.className = "choosemap";
  dialog.setAttribute("aria-label", words.title);
  const host = h("div", { class: "map" });
  const under = h("p", { class: "under", "aria-live": "polite" }, words.hint);
  const done = h("button", { type: "button", class: "button main" }, words.done);
  done.addEventListener("click", () => dialog.close());
  const home = count.parentElement;
  dialog.append(h("header", {}, h("h2", {}, words.title), count), host, h("footer", {}, under, done));
  dialog.showModal();
  const city = (await getCities()).cities.find((one) => one.code === code);
  const levels = city?.levels.filter(({ weather }) => weather).slice(1).map(({ level }) => level) ?? [];
  if (!city) return { mark: () => undefined };
  const map = new PointsMap(host, city, levels, null, city.bbox, {
    pick,
    hover: (found) => {
      const point = found ? points.byCode.get(found) : undefined;
      if (point) under.textContent = `${nameOf(point, lang)} · ${point.code}`;
      map.hover(point ?? null);
    },
    moved: () => undefined,
  });
  window.points = { map: map.gl, marks: map.overlay };
  map.show(points.all);
  void Promise.all(levels.map((level) => getAreas(code, level, city.boundary_version))).then((found) => map.name(found.map(({ areas }) => areas), lang), () => undefined);
  map.gl.getCanvas().setAttribute("aria-label", words.title);
  dialog.addEventListener("close", () => {
    home?.append(count);
    map.gl.remove();
    dialog.remove();
  });
  return { mark: (chosen) => map.mark(chosen) };
}
