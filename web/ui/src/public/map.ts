// The citizens' map: the areas in their weather with their names, no figures, nothing to be clicked.

import { WallMap } from "../map/wallmap";
import { LIGHT } from "../theme";
import type { Lang } from "../types";
import { words } from "../words";
import type { PublicAnswer } from "./answer";

declare global {
  interface Window {
    publicMap: WallMap["gl"] | null; // for tests
  }
}

const WIDE = 1000;

export class PublicMap {
  private readonly map: WallMap;
  private readonly level: string;

  constructor(
    private readonly host: HTMLElement,
    private answer: PublicAnswer,
    private lang: Lang,
  ) {
    const [outline = "", level = outline] = answer.levels;
    this.level = level;
    const heard = { area: () => {}, issue: () => {}, rested: () => {} };
    this.map = new WallMap(host, LIGHT, this.scene(outline), answer.bbox, this.padding(), heard);
    window.publicMap = this.map.gl;
    this.map.gl.on("idle", () => innerWidth >= WIDE && !this.map.gl.isMoving() && this.map.nameLand([]));
    if (innerWidth < WIDE) {
      this.map.gl.dragPan.disable(); // a finger on the map scrolls the page
      this.map.gl.scrollZoom.disable();
    }
    new ResizeObserver(() => this.resized(outline)).observe(host);
    this.show(answer, lang);
  }

  show(answer: PublicAnswer, lang: Lang): void {
    const news = this.answer.at !== answer.at;
    [this.answer, this.lang] = [answer, lang];
    const worn = new Map(answer.areas.map(({ code, weather }) => [code, { weather, badges: [] }]));
    void this.map.paint(this.level, answer.areas, worn, news);
    this.map.labels.show(answer.areas.map((shape) => ({ shape, row: null, scope: {}, sky: shape.weather })), lang, words(lang), this.scale);
  }

  private get scale(): number {
    return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  }

  private padding() {
    const edge = Math.round(18 * this.scale);
    return { top: edge, right: edge, bottom: edge, left: edge };
  }

  private scene(outline: string) {
    const { city, boundary_version, levels } = this.answer;
    return {
      city: city.code, version: boundary_version, open: true, levels, outline, focus: null, around: [], shown: this.level, shownHasWeather: true,
      cells: null, cellParents: [], hairlines: null, scale: this.scale,
    };
  }

  private resized(outline: string): void {
    if (!this.host.clientWidth) return;
    this.map.gl.resize();
    void this.map.show(this.scene(outline));
    this.map.fly(this.answer.bbox, this.padding(), false);
    this.show(this.answer, this.lang);
  }
}
