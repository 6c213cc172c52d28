// The locator: the whole city small, with what is looked at in light. Shapes come once a boundary version.

import { svg } from "../dom";
import type { City } from "../types";

interface Outline {
  features: { properties: { code: string }; geometry: { coordinates: [number, number][][][] } }[];
}

const WIDTH = 132; // wall pixels
const TALLEST = 110;

export class Locator {
  private outlines = new Map<string, Promise<Outline | null>>();
  private shown = "";

  constructor(private readonly host: HTMLElement) {}

  /** `lit`: the code of the area of `level` that is looked at, or lies around it; null: nothing to locate. */
  async show(city: City, level: string, lit: string | null): Promise<void> {
    const key = lit ? `${city.code} ${city.boundary_version} ${level} ${lit}` : "";
    if (key === this.shown) return;
    this.shown = key;
    if (!lit) return this.host.replaceChildren();
    const outline = await this.outline(`/tiles/${encodeURIComponent(city.code)}/${city.boundary_version}/${encodeURIComponent(level)}.json`);
    if (outline && this.shown === key) this.host.replaceChildren(drawn(outline, lit, city.bbox));
  }

  private outline(address: string): Promise<Outline | null> {
    const found = this.outlines.get(address) ?? fetch(address).then((answer) => (answer.ok ? (answer.json() as Promise<Outline>) : null)).catch(() => null);
    this.outlines.set(address, found);
    void found.then((outline) => outline ?? this.outlines.delete(address)); // asked for again the next time
    return found;
  }
}

function drawn({ features }: Outline, lit: string, [west, south, east, north]: City["bbox"]): SVGElement {
  const narrow = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = Math.min(WIDTH / ((east - west) * narrow), TALLEST / (north - south));
  const at = ([lon, lat]: [number, number]) => `${((lon - west) * narrow * scale).toFixed(1)} ${((north - lat) * scale).toFixed(1)}`;
  const path = ({ properties, geometry }: Outline["features"][number]) => {
    const rings = geometry.coordinates.flat().map((ring) => `M${ring.map(at).join("L")}Z`).join("");
    return `<path class="${properties.code === lit ? "lit" : ""}" d="${rings}"/>`;
  };
  const [wide, high] = [(east - west) * narrow * scale, (north - south) * scale];
  const sorted = [...features].sort((a, b) => Number(a.properties.code === lit) - Number(b.properties.code === lit));
  return svg(`<svg viewBox="-2 -2 ${(wide + 4).toFixed(0)} ${(high + 4).toFixed(0)}" style="width:${((wide + 4) / 16).toFixed(2)}rem" aria-hidden="true">${sorted.map(path).join("")}</svg>`);
}
