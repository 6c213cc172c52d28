// The stream of changes. It comes back by itself, ever more slowly, and says when everything must be fetched anew.

import { address } from "./api";
import type { Frame, Hello } from "./types";

const FIRST_MS = 1_000;
const LAST_MS = 10_000;
const SILENT_MS = 45_000; // a live stream ticks more often than this

export interface Listener {
  heard: () => void;
  frame: (frame: Frame) => void;
  anew: () => void; // something may have been missed
  deployed: () => void; // another program, pack or boundary version serves now
}

export class Stream {
  private source: EventSource | null = null;
  private hello: Hello | null = null;
  private pause = FIRST_MS;
  private timer = 0;
  private heardAt = 0;
  private city = "";

  constructor(private readonly listener: Listener) {
    window.addEventListener("online", () => this.reopen());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.watch());
    window.setInterval(() => this.watch(), 5_000);
  }

  open(city: string): void {
    if (city === this.city && this.source) return;
    if (city !== this.city) this.hello = null;
    this.city = city;
    this.reopen();
  }

  close(): void {
    window.clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.city = "";
  }

  private reopen(): void {
    if (!this.city) return;
    window.clearTimeout(this.timer);
    this.source?.close();
    const source = new EventSource(address("stream", { city: this.city }));
    this.source = source;
    this.heardAt = Date.now();
    source.addEventListener("hello", (event) => this.greeted(JSON.parse(event.data as string) as Hello));
    source.addEventListener("weather", (event) => {
      this.hear();
      this.listener.frame(JSON.parse(event.data as string) as Frame);
    });
    source.addEventListener("tick", (event) => {
      const { lost } = JSON.parse(event.data as string) as { lost?: boolean };
      if (!lost) this.hear(); // a server that has lost its store ticks on, but its data grow old
    });
    source.addEventListener("reset", () => {
      this.hear();
      this.listener.anew();
    });
    source.addEventListener("error", () => this.again());
  }

  private greeted(hello: Hello): void {
    const before = this.hello;
    this.hello = hello;
    this.pause = FIRST_MS;
    this.hear();
    if (!before) return;
    const same = before.version === hello.version && before.boundary_version === hello.boundary_version && before.pack_version === hello.pack_version;
    if (same) this.listener.anew();
    else this.listener.deployed();
  }

  private hear(): void {
    this.heardAt = Date.now();
    this.listener.heard();
  }

  private again(): void {
    this.source?.close();
    this.source = null;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.reopen(), this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(this.pause * 2, LAST_MS);
  }

  /** After a sleep, or when nothing comes any more though the line seems open. */
  private watch(): void {
    if (this.source && Date.now() - this.heardAt > SILENT_MS) this.reopen();
  }
}
