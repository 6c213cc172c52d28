// The stream of changes. It comes back by itself, ever more slowly, and says when everything must be fetched anew.

import { address } from "./api";
import type { ServerClock } from "./clock";
import type { Frame, Hello } from "./types";

const FIRST_MS = 1_000;
const LAST_MS = 10_000;
const SILENT_MS = 15_000; // a live stream ticks three times as often

export interface Listener {
  heard: (at: number) => void; // all that the server knew at this instant of its clock has been sent
  frame: (frame: Frame) => void;
  anew: () => void; // something may have been missed
  greeted: (fold: number, back: boolean) => void; // the line is open; `back`: again
  deployed: (build: string, what: string) => void; // another program, pack or boundary version serves than this page's
}

export class Stream {
  private source: EventSource | null = null;
  private hello: Hello | null = null;
  private pause = FIRST_MS;
  private timer = 0;
  private heardAt = 0;
  private city = "";

  constructor(
    private readonly listener: Listener,
    private readonly clock: ServerClock,
    private readonly build: string,
  ) {
    window.addEventListener("online", () => this.reopen());
    window.addEventListener("pageshow", (event) => event.persisted && this.reopen());
    window.setInterval(() => this.watch(), 5_000);
  }

  open(city: string): void {
    if (city === this.city) return;
    this.hello = null;
    this.city = city;
    this.reopen();
  }

  close(): void {
    window.clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.city = "";
  }

  /** After a sleep: the line may be dead though it seems open. */
  reopen(): void {
    if (!this.city) return;
    window.clearTimeout(this.timer);
    this.timer = 0;
    this.source?.close();
    const source = new EventSource(address("stream", { city: this.city }));
    this.source = source;
    this.heardAt = this.clock.steady();
    const on = <T>(name: string, act: (data: T) => void) =>
      source.addEventListener(name, (event) => {
        if (source !== this.source) return;
        this.heardAt = this.clock.steady();
        let data: T;
        try {
          data = JSON.parse((event as MessageEvent<string>).data) as T;
        } catch {
          return this.again(); // half an event, or a stranger's
        }
        act(data);
      });
    on<Hello>("hello", (hello) => this.greeted(hello));
    on<Frame>("weather", (frame) => {
      this.listener.frame(frame);
      this.listener.heard(Date.parse(frame.at));
    });
    on<{ at: string; now: string }>("tick", ({ at, now }) => {
      this.clock.hear(Date.parse(now));
      this.listener.heard(Date.parse(at)); // a server that has lost its store ticks on, but its instant stands still
    });
    on("reset", () => this.listener.anew());
    source.addEventListener("error", () => source === this.source && this.again());
  }

  private greeted(hello: Hello): void {
    const before = this.hello;
    this.hello = hello;
    this.pause = FIRST_MS;
    this.clock.hear(Date.parse(hello.now));
    const what = `${hello.boundary_version} ${hello.pack_version ?? ""}`;
    const same = !before || what === `${before.boundary_version} ${before.pack_version ?? ""}`;
    if (hello.version !== this.build || !same) this.listener.deployed(hello.version, what);
    this.listener.greeted(hello.fold, before !== null);
    this.listener.heard(Date.parse(hello.data_at));
  }

  private again(): void {
    this.source?.close();
    this.source = null;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.reopen(), this.pause * (0.75 + Math.random() / 2));
    this.pause = Math.min(this.pause * 2, LAST_MS);
  }

  /** Nothing comes any more though the line seems open, or a timer was lost. */
  private watch(): void {
    if (this.city && this.clock.steady() - this.heardAt > SILENT_MS && (this.source || !this.timer)) this.reopen();
  }
}
