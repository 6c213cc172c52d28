// The form of what somebody told: a search that moves the map, a pin, and what is known around it before a second report.

import { h } from "../dom";
import { PinMap, type Spot } from "../snap/map";
import { Combo, type Found } from "./combo";

interface Place extends Spot {
  point: string;
  name: string;
  text: string;
  address: string;
  level?: string;
}

interface Known {
  number: string;
  name: string;
  text: string;
  photo: string;
}

const CLOSE_M = 250;
const WIDE_M = 1_500;

export function reporting(): void {
  const form = document.getElementById("form-report");
  if (form instanceof HTMLFormElement) new Report(form);
}

class Report {
  private readonly map: PinMap;
  private readonly lookup = document.getElementById("lookup") as HTMLInputElement;
  private readonly near = document.getElementById("near") as HTMLFieldSetElement;
  private turn = 0;

  constructor(private readonly form: HTMLFormElement) {
    const box = JSON.parse(form.dataset["bbox"] ?? "[0,0,0,0]") as [number, number, number, number];
    const host = document.getElementById("map") as HTMLElement;
    this.map = new PinMap(host, "", document.documentElement.lang.startsWith("en") ? "en" : "zh", box, (spot) => this.set(spot, ""), "/desk/report/map");
    new Combo(this.lookup, document.getElementById("found") as HTMLElement, (text) => this.search(text));
    document.getElementById("clear")?.addEventListener("click", () => this.clear());
    for (const name of ["lon", "lat"]) this.field(name).addEventListener("change", () => this.typed());
    this.near.addEventListener("change", () => this.label());
    const spot = this.spot();
    if (spot) {
      this.map.show(spot, CLOSE_M);
      void this.look(spot);
    } else this.map.draw();
    this.label();
  }

  private async search(text: string): Promise<readonly Found[]> {
    const answer = await fetch(`/desk/report/places?${new URLSearchParams({ q: text, lang: this.lang })}`).catch(() => null);
    if (!answer?.ok) return [];
    const { places } = (await answer.json()) as { places: Place[] };
    return places.map((place) => ({ shown: [h("b", {}, place.name), ` ${place.text}`], take: () => this.choose(place) }));
  }

  /** A point is where it is; an area only moves the map. */
  private choose(place: Place): void {
    this.lookup.value = place.name;
    this.map.show(place, place.level ? WIDE_M : CLOSE_M);
    if (place.level) return;
    const address = this.field("address");
    if (!address.value) address.value = place.address;
    this.set(place, place.point);
  }

  private typed(): void {
    const spot = this.spot();
    if (!spot) return;
    this.map.show(spot, CLOSE_M);
    this.set(spot, this.field("point").value);
  }

  private set(spot: Spot, point: string): void {
    this.field("lon").value = spot.lon.toFixed(6);
    this.field("lat").value = spot.lat.toFixed(6);
    this.field("point").value = point;
    this.field("lat").dispatchEvent(new Event("input", { bubbles: true })); // what is kept for an expired session
    void this.look(spot);
  }

  private clear(): void {
    for (const name of ["lon", "lat", "point"]) this.field(name).value = "";
    this.turn++;
    this.offer([]);
    this.tell(this.form.dataset["none"] ?? "");
  }

  private async look(spot: Spot): Promise<void> {
    const turn = ++this.turn;
    const asked = new URLSearchParams({ lon: String(spot.lon), lat: String(spot.lat), lang: this.lang });
    const answer = await fetch(`/desk/report/near?${asked}`).catch(() => null);
    if (!answer?.ok || turn !== this.turn) return;
    const { inside, place, near } = (await answer.json()) as { inside: boolean; place: string; near: Known[] };
    const point = this.field("point").value;
    this.tell(inside ? `${place}${point ? ` · ${point}` : ""}` : (this.form.dataset["outside"] ?? ""));
    this.offer(near);
  }

  private tell(text: string): void {
    (document.getElementById("spot") as HTMLElement).textContent = text;
    (document.getElementById("clear") as HTMLElement).hidden = !this.spot();
  }

  /** Each that is known, before a new one; what was chosen stays chosen where it is still offered. */
  private offer(near: Known[]): void {
    const before = this.known();
    const host = document.getElementById("known") as HTMLElement;
    host.replaceChildren(
      ...near.map((one) =>
        h("label", { class: "take" },
          h("input", { type: "radio", name: "known", value: one.number }),
          one.photo && h("img", { src: one.photo, alt: "", width: 64, height: 48 }),
          h("span", {}, h("b", {}, one.name), ` ${one.number}`, h("small", {}, one.text)))),
    );
    for (const radio of this.near.querySelectorAll<HTMLInputElement>("input")) radio.checked = radio.value === (near.some((one) => one.number === before) ? before : "");
    this.field("seen").value = near.map((one) => one.number).join(" ");
    this.near.hidden = !near.length;
    this.label();
  }

  private known(): string {
    return this.near.querySelector<HTMLInputElement>("input:checked")?.value ?? "";
  }

  /** What is added to one that is known needs no category of its own. */
  private label(): void {
    const joins = this.known() !== "";
    (document.getElementById("send") as HTMLElement).textContent = this.form.dataset[joins ? "join" : "send"] ?? "";
    (this.form.elements.namedItem("category") as HTMLSelectElement).required = !joins;
  }

  private spot(): Spot | null {
    const [lon, lat] = [Number(this.field("lon").value || NaN), Number(this.field("lat").value || NaN)];
    return Math.abs(lon) <= 180 && Math.abs(lat) <= 85 ? { lon, lat } : null;
  }

  private get lang(): string {
    return (this.form.elements.namedItem("lang") as HTMLInputElement).value;
  }

  private field(name: string): HTMLInputElement {
    return this.form.elements.namedItem(name) as HTMLInputElement;
  }
}
