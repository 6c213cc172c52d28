// Sending what waits: photos first, then what names them, one after the other. Every answer that may be lost can be
// asked for again: the server knows each thing by the id that this phone gave it.

import { ask, reason, Refused, SignInNeeded, type Me, type Said } from "./along";
import { shrink, slowLine } from "../photos/shrink";
import { allItems, allPhotos, changeItem, changePhoto, dropPhoto, getPhoto, type Conflict, type Item, type Photo } from "./kept";

export type Standing = "idle" | "sending" | "offline" | "sign-in" | "other" | "refused";

const [FIRST_MS, LONGEST_MS] = [3_000, 60_000];
const LARGEST = 24e6; // bytes: the server takes no more
const WAIT_MS = { photo: 90_000, json: 30_000 };

interface Answered {
  status: number; // 0: no answer
  body: Record<string, unknown>;
}

export class Sync {
  standing: Standing = "idle";
  me: Me | null = null;
  private running = false;
  private again = false;
  private pause = FIRST_MS;
  private timer = 0;

  private arrived = false; // something of this run

  /** `changed`: the standing; `through`: something arrived, and nothing waits any more. */
  constructor(
    private readonly changed: () => void,
    private readonly through: () => void,
  ) {
    window.addEventListener("online", () => this.soon());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.soon());
  }

  /** Now, or once the present run is through. */
  soon(): void {
    this.pause = FIRST_MS;
    window.clearTimeout(this.timer);
    void this.run();
  }

  private async run(): Promise<void> {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    try {
      if (navigator.locks) await navigator.locks.request("weathermap-street", () => this.send()); // one tab at a time
      else await this.send();
    } finally {
      this.running = false;
    }
    if (this.again) {
      this.again = false;
      return this.run();
    }
    if (this.standing === "offline") {
      this.timer = window.setTimeout(() => void this.run(), this.pause);
      this.pause = Math.min(LONGEST_MS, this.pause * 2);
    }
  }

  private stand(standing: Standing): void {
    this.standing = standing;
    this.changed();
  }

  private async send(): Promise<void> {
    await restart();
    try {
      this.me = await ask<Me>("/me");
    } catch (error) {
      return this.stand(error instanceof SignInNeeded ? "sign-in" : error instanceof Refused ? "refused" : "offline");
    }
    const { account } = this.me;
    this.stand("sending");
    for (const photo of await allPhotos()) {
      if (photo.state !== "waiting" || photo.account !== account) continue;
      if (!(await this.sendPhoto(photo))) return;
    }
    for (const item of await allItems()) {
      if (item.state !== "waiting" || item.account !== account) continue;
      if (!(await this.sendItem(item))) return;
    }
    await this.sortedElsewhere(account);
    const others = [...(await allPhotos()), ...(await allItems())].some((one) => one.state === "waiting" && one.account !== account);
    this.stand(others ? "other" : "idle");
    if (this.arrived) this.through();
    this.arrived = false;
  }

  /** What was sorted at the desk meanwhile is no longer unsorted here. */
  private async sortedElsewhere(account: number): Promise<void> {
    const mine = (await allPhotos()).filter((photo) => photo.state === "sent" && !photo.owner && photo.account === account);
    if (!mine.length) return;
    const answer = await ask<{ photos: { key: string }[] }>("/photos").catch(() => null);
    const loose = new Set(answer?.photos.map(({ key }) => key));
    for (const { key } of answer ? mine : []) if (!loose.has(key)) await dropPhoto(key);
  }

  /** Whether to go on with the next. */
  private async sendPhoto(photo: Photo): Promise<boolean> {
    if (!photo.blob) return true;
    await changePhoto(photo.key, { state: "sending" });
    const form = new FormData();
    form.set("key", photo.key);
    form.set("at", photo.at);
    if (photo.lon !== null) form.set("lon", String(photo.lon));
    if (photo.lat !== null) form.set("lat", String(photo.lat));
    if (photo.covers?.length) form.set("covers", JSON.stringify(photo.covers));
    // The original as long as the line carries it; else a smaller one, with what the camera wrote of place and time.
    const spare = photo.blob.size > LARGEST || slowLine() || (photo.tried ?? 0) > 0;
    form.set("photo", spare ? await shrink(photo.blob) : photo.blob, "photo");
    const answer = await this.post("/photos", form, WAIT_MS.photo);
    if (answer.status === 200) await changePhoto(photo.key, { state: "sent", why: "" });
    else if (final(answer.status)) await changePhoto(photo.key, { state: "refused", why: said(answer) });
    else {
      const late = answer.status === 0 && navigator.onLine; // on its way too long, most likely
      await changePhoto(photo.key, { state: "waiting", tried: (photo.tried ?? 0) + (late ? 1 : 0) });
      return this.halt(answer);
    }
    return true;
  }

  private async sendItem(item: Item): Promise<boolean> {
    const photos = await Promise.all(item.photos.map(getPhoto));
    if (photos.some((photo) => photo && (photo.state === "waiting" || photo.state === "sending"))) return true; // the next run
    const good = new Set(photos.filter((photo) => photo?.state === "sent").map((photo) => photo?.key ?? ""));
    await changeItem(item.key, { state: "sending" });
    const answer = await this.post(item.kind === "visit" ? "/visits" : "/issues", JSON.stringify(only(item.body, good)), WAIT_MS.json);
    if (answer.status === 200) {
      this.arrived = true;
      const numbers = Object.values((answer.body["issues"] ?? {}) as Record<string, string>);
      const lost = photos.filter((photo) => photo?.state === "refused").length;
      await changeItem(item.key, { state: "sent", sent: new Date().toISOString(), why: lost ? `${lost}` : "", conflict: null, numbers, draft: null });
      for (const photo of photos) if (photo?.state === "sent") await changePhoto(photo.key, { blob: null }); // the server has both
    } else if (answer.status === 409) {
      const conflict = answer.body as unknown as Conflict;
      const missing = conflict.conflict === "missing" && (await this.sendAgain(conflict.photos ?? []));
      await changeItem(item.key, { state: missing ? "waiting" : "conflict", why: said(answer), conflict: missing ? null : conflict });
      this.again ||= missing;
    } else if (final(answer.status)) await changeItem(item.key, { state: "refused", why: said(answer) });
    else {
      await changeItem(item.key, { state: "waiting" });
      return this.halt(answer);
    }
    return true;
  }

  /** The server lost photos that it had (a restored backup): those that the phone still holds go again. */
  private async sendAgain(keys: readonly string[]): Promise<boolean> {
    let all = keys.length > 0;
    for (const key of keys) {
      const photo = await getPhoto(key);
      if (photo?.blob) await changePhoto(key, { state: "waiting" });
      else all = false;
    }
    return all;
  }

  private halt({ status }: Answered): boolean {
    this.stand(status === 401 ? "sign-in" : "offline");
    return false;
  }

  private async post(path: string, body: FormData | string, wait: number): Promise<Answered> {
    const answer = await this.postOnce(path, body, wait);
    if (answer.status !== 403) return answer;
    const before = this.me?.csrf; // signed in anew meanwhile: the session's word is another
    this.me = await ask<Me>("/me").catch(() => this.me);
    return this.me?.csrf === before ? answer : this.postOnce(path, body, wait);
  }

  private async postOnce(path: string, body: FormData | string, wait: number): Promise<Answered> {
    const headers: Record<string, string> = { Accept: "application/json", "X-CSRF-Token": this.me?.csrf ?? "" };
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    try {
      const answer = await fetch(`/api/v1/street${path}`, { method: "POST", body, headers, signal: AbortSignal.timeout(wait) });
      const ours = /\bjson\b/u.test(answer.headers.get("content-type") ?? ""); // else a proxy answers: ask again
      if (!ours) return { status: 0, body: {} };
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    } catch {
      return { status: 0, body: {} };
    }
  }
}

/** An answer that asking again will not change. */
const final = (status: number): boolean => status >= 400 && status < 500 && ![401, 408, 429].includes(status);

const said = ({ body }: Answered): string => reason(body as Said);

/** What was on its way when the page ended: whether it arrived is for the server to say. */
async function restart(): Promise<void> {
  for (const photo of await allPhotos()) if (photo.state === "sending") await changePhoto(photo.key, { state: "waiting" });
  for (const item of await allItems()) if (item.state === "sending") await changeItem(item.key, { state: "waiting" });
}

/** A body that names only photos which the server has. */
function only(value: unknown, good: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => only(one, good));
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, name === "photos" ? (one as string[]).filter((key) => good.has(key)) : only(one, good)]));
}
