// The map that a place is chosen on: a drawing by the server that moves beneath a pin in the middle.

const MARGIN = 1.25; // the drawing is wider than its frame, so that a drag shows what lies beyond
const [NEAREST, FARTHEST] = [120, 30_000];
const METRES = 111_320;
const STEP = 0.2; // of the frame, for an arrow key

export interface Spot {
  lon: number;
  lat: number;
}

export class PinMap {
  private readonly image: HTMLImageElement;
  private reach = 0;
  private spot: Spot;
  private timer = 0;
  private turn = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly city: string,
    private readonly lang: string,
    bbox: [number, number, number, number],
    private readonly moved: (spot: Spot) => void,
    private readonly source = "/snap/map",
  ) {
    this.image = host.querySelector("img") as HTMLImageElement;
    const [west, south, east, north] = bbox;
    this.spot = { lon: (west + east) / 2, lat: (south + north) / 2 };
    this.reach = Math.min(FARTHEST, ((north - south) * METRES) / 2);
    this.drag();
    host.addEventListener("keydown", (event) => this.key(event));
    host.addEventListener("wheel", (event) => (event.preventDefault(), this.zoom(event.deltaY > 0 ? 1.5 : 1 / 1.5)), { passive: false });
    document.getElementById("nearer")?.addEventListener("click", () => this.zoom(1 / 2));
    document.getElementById("farther")?.addEventListener("click", () => this.zoom(2));
    new ResizeObserver(() => this.place(0, 0)).observe(host);
  }

  /** Show a place that somebody else knows; `reach`: metres from the middle to the frame's edge. */
  show(spot: Spot, reach: number): void {
    this.spot = spot;
    this.reach = reach;
    this.draw();
  }

  draw(): void {
    const asked = new URLSearchParams({ city: this.city, lang: this.lang, lon: this.spot.lon.toFixed(6), lat: this.spot.lat.toFixed(6), reach: String(Math.round(this.reach * MARGIN)) });
    const turn = ++this.turn;
    const next = new Image();
    next.onload = () => {
      if (turn !== this.turn) return; // a later drawing was quicker
      this.image.src = next.src;
      this.place(0, 0);
    };
    next.src = `${this.source}?${asked}`;
  }

  private zoom(by: number): void {
    this.reach = Math.min(FARTHEST, Math.max(NEAREST, this.reach * by));
    this.draw();
  }

  private place(x: number, y: number): void {
    const { clientWidth: wide, clientHeight: high } = this.host;
    const width = wide * MARGIN;
    Object.assign(this.image.style, { width: `${width}px`, height: `${width * 0.75}px`, left: `${(wide - width) / 2 + x}px`, top: `${(high - width * 0.75) / 2 + y}px` });
  }

  /** The middle went by so many pixels of the frame. */
  private shift(x: number, y: number): void {
    const metre = (2 * this.reach) / this.host.clientWidth;
    const lat = this.spot.lat + (y * metre) / METRES;
    this.spot = { lon: this.spot.lon - (x * metre) / METRES / Math.cos((lat * Math.PI) / 180), lat };
    this.draw();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.moved(this.spot), 150);
  }

  private drag(): void {
    let from: { x: number; y: number } | null = null;
    this.host.addEventListener("pointerdown", (event) => {
      if ((event.target as Element).closest("button")) return;
      from = { x: event.clientX, y: event.clientY };
      this.host.setPointerCapture(event.pointerId);
    });
    this.host.addEventListener("pointermove", (event) => from && this.place(event.clientX - from.x, event.clientY - from.y));
    this.host.addEventListener("pointercancel", () => ((from = null), this.place(0, 0)));
    this.host.addEventListener("pointerup", (event) => {
      if (!from) return;
      const [x, y] = [event.clientX - from.x, event.clientY - from.y];
      from = null;
      if (Math.hypot(x, y) > 3) return this.shift(x, y);
      const frame = this.host.getBoundingClientRect(); // a tap: the pin goes there
      this.shift(frame.left + frame.width / 2 - event.clientX, frame.top + frame.height / 2 - event.clientY);
    });
  }

  private key(event: KeyboardEvent): void {
    const { clientWidth: wide, clientHeight: high } = this.host;
    const ways: Record<string, [number, number]> = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const way = ways[event.key];
    if (way) this.shift(way[0] * wide * STEP, way[1] * high * STEP);
    else if (event.key === "+" || event.key === "=") this.zoom(1 / 2);
    else if (event.key === "-") this.zoom(2);
    else return;
    event.preventDefault();
  }
}
