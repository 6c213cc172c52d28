// Where the wall's numbers come from: the view is fetched, then the stream says what is new; how old it all is.

import { ApiError, getCities } from "./api";
import { Freshness, type ServerClock } from "./clock";
import { loadFigures } from "./figures";
import { load } from "./load";
import { isAged } from "./panels/header";
import { shownInstant, type State } from "./state";
import { Stream } from "./stream";
import type { Frame } from "./types";
import { words, type Words } from "./words";

const REFRESH_MS = 60_000; // windows slide even when nothing happens
const CALM_MS = 3_000; // a busy stream reloads an inner view no oftener than this
const POLL_MS = 15_000; // …and while the stream says nothing
const GAP_MS = 10_000; // a timer that comes so late was asleep
const CITIES_MS = 10 * 60_000; // a city whose records ended may have begun again
const LATER_MS = 60_000; // what cannot be may become possible with another pack
const RETRY_MS = [1_000, 2_000, 5_000, 10_000];

export interface Told {
  draw: (news: boolean) => void; // all of it; `news`: what changed shows
  status: () => void; // the hour and the age alone
  loaded: () => void; // the numbers are in
  shown: () => void; // what was asked for is drawn, or why it is not
  deployed: (other: string, what: string) => void;
}

export class Feed {
  private readonly fresh = new Freshness();
  private readonly stream: Stream;
  private news = 0; // times that something was heard of which had to be fetched
  private ticked = 0;
  private loading: AbortController | null = null;
  private failures = 0;
  private retry = 0;
  private soon = 0;
  private loadedAt = 0;
  private citiesAt = 0;

  constructor(
    private readonly state: State,
    private readonly clock: ServerClock,
    private readonly told: Told,
  ) {
    const build = document.documentElement.dataset["build"] ?? "";
    const heard = (at: number) => this.hear(at);
    this.stream = new Stream({ heard, frame: (frame) => this.receive(frame), anew: () => this.anew(), greeted: (fold, back) => this.greeted(fold, back), deployed: told.deployed }, clock, build);
  }

  /** Up to when what is shown is known to be all there is: the server's clock, ms; 0: not known. */
  get dataAt(): number {
    return this.fresh.at;
  }

  private get words(): Words {
    return words(this.state.view.lang);
  }

  /** Get what the view needs. `again`: the same view again, so that changes show. */
  async fetch(again: boolean): Promise<void> {
    window.clearTimeout(this.retry);
    window.clearTimeout(this.soon);
    this.soon = this.retry = 0;
    const news = this.news;
    this.loading?.abort();
    const mine = new AbortController();
    this.loading = mine;
    try {
      await this.findCity(mine.signal);
      const { city, view } = this.state;
      if (!city) throw new ApiError({ title: this.words.noCity, status: 404, detail: "", remedy: this.words.noCityRemedy });
      const figures = loadFigures(view, city, this.clock.steady(), this.state.figures, mine.signal);
      figures.catch(() => undefined); // the board's own failure is the one that is told
      const loaded = await load(view, city, this.state, mine.signal);
      if (mine.signal.aborted) return;
      Object.assign(this.state, loaded, { problem: null });
      this.failures = 0;
      this.loadedAt = this.clock.steady();
      if (shownInstant(view, city)) this.stream.close();
      else {
        this.clock.hear(Date.parse(loaded.board.at), true);
        this.fresh.fetched(Date.parse(loaded.board.at), news === this.news);
        this.stream.open(city.code);
      }
      if (!this.state.figures) this.told.draw(again); // the map first, on a wall that shows nothing yet
      this.state.figures = await figures.catch(() => null);
      if (mine.signal.aborted) return;
      this.told.loaded();
    } catch (error) {
      if (mine.signal.aborted) return;
      this.failed(error);
    }
    if (this.loading === mine) this.loading = null;
    this.told.draw(again);
    this.told.shown();
  }

  /** A replay shows what it holds: nothing that is under way is for it. */
  hold(): void {
    this.stream.close();
    this.loading?.abort();
    window.clearTimeout(this.soon);
    this.soon = 0;
  }

  private async findCity(signal: AbortSignal): Promise<void> {
    const { state } = this;
    if (!state.cities?.length || this.clock.steady() - this.citiesAt > CITIES_MS) {
      state.cities = (await getCities(signal)).cities;
      this.citiesAt = this.clock.steady();
    }
    const wanted = state.view.city;
    const city = state.cities.find(({ code }) => code === wanted) ?? null;
    if (wanted && !city && state.cities.length) {
      const known = state.cities.map(({ code, name }) => `${code} (${name})`).join(", ");
      throw new ApiError({ title: "", status: 404, detail: `city=${wanted}?`, remedy: known });
    }
    const next = city ?? state.cities[0] ?? null;
    if (next?.code === state.city?.code) return void (state.city = next);
    this.fresh.forget();
    Object.assign(state, { shapes: new Map(), board: null, around: [], units: null, cells: null, figures: null, city: next });
  }

  /** With numbers on the wall they stay, and the stream's state tells their age; else the problem is shown. */
  private failed(error: unknown): void {
    const known = error instanceof ApiError ? error.problem : { title: "", status: 0, detail: String(error), remedy: "" };
    if (!(error instanceof ApiError)) console.error(error);
    const permanent = known.status === 400 || (known.status === 404 && this.state.city !== null);
    if (!this.state.board || permanent) this.state.problem = known;
    if (known.status === 404 && !this.state.city) this.state.cities = null;
    const pause = permanent ? LATER_MS : (RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)] ?? LATER_MS);
    this.retry = window.setTimeout(() => void this.fetch(true), pause * (0.9 + Math.random() / 5));
  }

  private hear(at: number): void {
    this.fresh.hear(at);
    this.told.status();
  }

  /** The stream is open. What came between the numbers and it was missed. */
  private greeted(fold: number, back: boolean): void {
    if (back || (this.state.board && fold > this.state.board.fold)) this.anew();
  }

  /** Something may have been missed: what is shown is as old as it was until it has been fetched. */
  private anew(): void {
    this.fresh.owe();
    this.news += 1;
    void this.fetch(true);
  }

  /** Numbers from the stream: at once where they are what is shown, else by fetching the view again soon. */
  private receive(frame: Frame): void {
    const { state } = this;
    const { board, view } = state;
    if (!board || view.at || (frame.fold < board.fold && frame.at < board.at)) return;
    const direct = !view.area && view.by === "place" && state.levels.weather && frame.areas.some(({ level }) => level === board.level);
    if (direct && frame.areas.filter(({ level }) => level === board.level).length === board.areas.length) {
      state.board = { ...board, fold: frame.fold, at: frame.at, totals: frame.totals, areas: frame.areas.filter(({ level }) => level === board.level) };
      this.fresh.owe(Date.parse(frame.at)); // the lists beside them are still to come
      this.told.draw(true);
    } else this.fresh.owe();
    this.news += 1;
    if (!this.soon) this.soon = window.setTimeout(() => void this.fetch(true), Math.max(0, CALM_MS - (this.clock.steady() - this.loadedAt)));
  }

  /** Every second, and when the page is seen again. */
  tick(): void {
    const { state, clock } = this;
    const slept = clock.jumped() || clock.steady() - this.ticked > GAP_MS;
    if (slept && this.ticked) this.stream.reopen();
    this.ticked = clock.steady();
    const live = state.city && this.loadedAt && !shownInstant(state.view, state.city);
    const idle = clock.steady() - this.loadedAt;
    if (this.loadedAt && !live && !state.view.at && !this.loading && !this.retry && idle > CITIES_MS) void this.fetch(true);
    if (live && !this.loading && !this.retry && (slept || idle > (isAged(state) ? POLL_MS : REFRESH_MS))) void this.fetch(true);
    if (live && idle > 3 * REFRESH_MS) this.fresh.owe(); // windows slid on without it
    this.told.status();
  }
}
