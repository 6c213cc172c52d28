// Where it is: from the picture, else from the phone, else from the pin; and what is known around that place.

import { h } from "../dom";
import { PinMap, type Spot } from "./map";
import { say } from "./words";

interface Near {
  number: string;
  name: string;
  when: string;
  state: string;
  metres: number;
  photo: string;
}

const CLOSE_M = 220;
const PATIENCE_MS = 8_000;

export class Place {
  private readonly map: PinMap | null = null;
  private asked = 0;
  private refused = new Set<string>();
  following = "";

  constructor(
    private readonly form: HTMLFormElement,
    private readonly changed: () => void,
  ) {
    const host = document.getElementById("map");
    const { city, lang, bbox } = form.dataset;
    if (host) {
      this.map = new PinMap(host, city ?? "", lang ?? "zh", JSON.parse(bbox ?? "[0,0,0,0]"), (spot) => this.set(spot, "pin", null));
      document.getElementById("locate")?.addEventListener("click", () => this.locate());
    }
  }

  get known(): boolean {
    return this.field("lon").value !== "";
  }

  /** A photo came: what it says of its place goes first, then the phone is asked. */
  async find(photo: File | null): Promise<void> {
    if (this.known) return this.restore();
    const told = photo ? await placeIn(photo) : null;
    if (told) return this.show(told, "photo", null);
    this.map?.draw();
    this.locate();
  }

  /** After a reload: the place that was known before. */
  private restore(): void {
    const spot = { lon: Number(this.field("lon").value), lat: Number(this.field("lat").value) };
    this.show(spot, this.field("place_from").value, Number(this.field("accuracy").value) || null);
  }

  private locate(): void {
    if (!navigator.geolocation || !window.isSecureContext) return this.tell("", say("no_geo"));
    this.tell("", say("finding"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.show({ lon: coords.longitude, lat: coords.latitude }, "phone", coords.accuracy),
      () => this.known || this.tell("", say("geo_denied")),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 30_000 },
    );
  }

  private show(spot: Spot, from: string, accuracy: number | null): void {
    this.map?.show(spot, Math.max(CLOSE_M, 2 * (accuracy ?? 0)));
    this.set(spot, from, accuracy);
  }

  private set(spot: Spot, from: string, accuracy: number | null): void {
    this.field("lon").value = spot.lon.toFixed(7);
    this.field("lat").value = spot.lat.toFixed(7);
    this.field("accuracy").value = accuracy === null ? "" : String(Math.round(accuracy));
    this.field("place_from").value = from;
    this.follow("");
    void this.look(spot, say(`from_${from}`, { m: Math.round(accuracy ?? 0) }));
  }

  private async look(spot: Spot, from: string): Promise<void> {
    const turn = ++this.asked;
    this.tell("", from);
    try {
      const { city, lang } = this.form.dataset;
      const asked = new URLSearchParams({ city: city ?? "", lang: lang ?? "zh", lon: String(spot.lon), lat: String(spot.lat) });
      const answer = await fetch(`/snap/near?${asked}`);
      if (!answer.ok || turn !== this.asked) return;
      const { inside, place, near } = (await answer.json()) as { inside: boolean; place: string; near: Near[] };
      this.tell(place, inside ? from : say("outside"));
      this.offer(near.filter((one) => !this.refused.has(one.number)));
    } catch {
      this.tell("", from); // without a line the place is kept all the same
    }
  }

  /** "This is it" comes before a second report of the same. */
  private offer(near: Near[]): void {
    const host = document.getElementById("near") as HTMLElement;
    const first = near[0];
    host.replaceChildren();
    if (!first) return;
    const yes = h("button", { type: "button", class: "button firm" }, say("this_is_it"));
    const no = h("button", { type: "button", class: "button" }, say("not_it"));
    host.append(
      h("div", { class: "near" },
        first.photo && h("img", { src: first.photo, alt: "", width: 76, height: 76 }),
        h("p", {}, h("b", {}, first.metres < 8 ? say("near_here") : say("near", { m: first.metres })), h("span", {}, `${first.name} · ${first.when} · ${first.state}`)),
        h("div", { class: "both" }, yes, no)),
    );
    yes.addEventListener("click", () => this.follow(first.number));
    no.addEventListener("click", () => {
      this.refused.add(first.number);
      this.offer(near.slice(1));
    });
  }

  private follow(number: string): void {
    this.following = number;
    this.field("follow").value = number;
    const host = document.getElementById("near") as HTMLElement;
    if (number) {
      const undo = h("button", { type: "button", class: "link" }, say("undo"));
      host.replaceChildren(h("p", { class: "told", role: "status" }, say("following"), " ", undo));
      undo.addEventListener("click", () => {
        this.follow("");
        void this.look({ lon: Number(this.field("lon").value), lat: Number(this.field("lat").value) }, "");
      });
    } else host.replaceChildren();
    this.changed();
  }

  private tell(place: string, from: string): void {
    (document.getElementById("where") as HTMLElement).textContent = this.known ? say("where") : say("where_ask");
    (document.getElementById("spot") as HTMLElement).textContent = place;
    (document.getElementById("from") as HTMLElement).textContent = from;
    this.changed();
  }

  private field(name: string): HTMLInputElement {
    return this.form.elements.namedItem(name) as HTMLInputElement;
  }
}

/** Where a photo says that it was taken; the reader comes only now. */
async function placeIn(photo: File): Promise<Spot | null> {
  try {
    const { gps } = await import("exifr/dist/lite.esm.mjs");
    const { longitude: lon = NaN, latitude: lat = NaN } = (await gps(photo)) ?? {};
    return Number.isFinite(lon) && Number.isFinite(lat) && (lon || lat) ? { lon, lat } : null;
  } catch {
    return null;
  }
}
