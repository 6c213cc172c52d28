// What the phone keeps: photos, what waits to be sent, forms under way, and what it took along. One IndexedDB, so that a
// reload, a new version of the page or a dead battery loses nothing.

import type { Patch } from "../photos/cover";
import { openDB, type DBSchema, type IDBPDatabase } from "idb";

export type State = "waiting" | "sending" | "sent" | "conflict" | "refused";

export interface Photo {
  key: string;
  account: number;
  blob: Blob | null; // the original; null once the server has it
  thumb: Blob | null;
  at: string;
  lon: number | null;
  lat: number | null;
  accuracy: number | null;
  owner: string; // key of the item or form that it belongs to, '' while unsorted
  word: string;
  covers?: readonly Patch[]; // what others are not shown
  tried?: number; // how often it did not get through
  state: State;
  why: string;
}

export interface Conflict {
  conflict: "meanwhile" | "elsewhere" | "missing";
  detail: string;
  remedy: string;
  last?: string;
  visits?: { at: string; by: string; fails: number; issues: string[] }[];
  photos?: string[];
}

export interface Item {
  key: string;
  account: number;
  kind: "visit" | "issue";
  point: string;
  title: string;
  made: string;
  body: Record<string, unknown>;
  photos: string[];
  state: State;
  why: string;
  conflict: Conflict | null;
  sent: string | null;
  numbers: string[];
  draft: Draft | null; // the form that it was made from, to mend it
}

export interface Fail {
  key: string;
  category: string;
  note: string;
  photos: string[];
  known: string; // number of an issue that is open already
}

export interface Draft {
  key: string;
  account: number;
  point: string;
  kind: "patrol" | "full";
  started: string;
  results: Record<string, { result: "pass" | "fail" | "na"; fail?: Fail }>;
  note: string;
  photos: string[];
}

interface Kept extends DBSchema {
  photos: { key: string; value: Photo };
  items: { key: string; value: Item };
  drafts: { key: string; value: Draft };
  along: { key: string; value: unknown };
}

let opened: Promise<IDBPDatabase<Kept>> | null = null;

const db = (): Promise<IDBPDatabase<Kept>> =>
  (opened ??= openDB<Kept>("weathermap-street", 1, {
    upgrade(made) {
      made.createObjectStore("photos", { keyPath: "key" });
      made.createObjectStore("items", { keyPath: "key" });
      made.createObjectStore("drafts", { keyPath: "point" });
      made.createObjectStore("along");
    },
    terminated() {
      opened = null;
    },
  }));

const heard = new Set<() => void>();

/** Be told after every change. */
export const onChange = (listener: () => void): void => void heard.add(listener);

const tell = (): void => heard.forEach((listener) => listener());

export const allPhotos = async (): Promise<Photo[]> => (await (await db()).getAll("photos")).sort((a, b) => a.at.localeCompare(b.at));
export const allItems = async (): Promise<Item[]> => (await (await db()).getAll("items")).sort((a, b) => a.made.localeCompare(b.made));
export const getPhoto = async (key: string): Promise<Photo | undefined> => (await db()).get("photos", key);
export const getDraft = async (point: string): Promise<Draft | undefined> => (await db()).get("drafts", point);
export const allDrafts = async (): Promise<Draft[]> => (await db()).getAll("drafts");
export const getKept = async <T>(name: string): Promise<T | undefined> => (await (await db()).get("along", name)) as T | undefined;

/** Throws QuotaExceededError when the phone is full: then nothing of it is stored, and everything else stays. */
export async function putPhoto(photo: Photo): Promise<void> {
  await (await db()).put("photos", photo);
  tell();
}

/** Change what is kept of a photo, if it is still kept: in one step, for the phone's position may come at any time. */
export async function changePhoto(key: string, change: Partial<Photo>): Promise<void> {
  const made = (await db()).transaction("photos", "readwrite");
  const photo = await made.store.get(key);
  if (photo) await made.store.put({ ...photo, ...change });
  await made.done;
  tell();
}

export async function changeItem(key: string, change: Partial<Item>): Promise<void> {
  const made = (await db()).transaction("items", "readwrite");
  const item = await made.store.get(key);
  if (item) await made.store.put({ ...item, ...change });
  await made.done;
  tell();
}

export async function putDraft(draft: Draft): Promise<void> {
  await (await db()).put("drafts", draft);
}

export async function putKept(name: string, value: unknown): Promise<void> {
  await (await db()).put("along", value, name);
}

export async function dropKept(): Promise<void> {
  await (await db()).clear("along");
}

/** An item into the queue with its photos; its form goes in the same transaction. */
export async function enqueue(item: Item): Promise<void> {
  const change = (await db()).transaction(["photos", "items", "drafts"], "readwrite");
  for (const key of item.photos) {
    const photo = await change.objectStore("photos").get(key);
    if (photo) await change.objectStore("photos").put({ ...photo, owner: item.key });
  }
  await change.objectStore("items").put(item);
  if (item.kind === "visit") await change.objectStore("drafts").delete(item.point);
  await change.done;
  tell();
}

/** Take an item out; what of its photos nobody else has becomes unsorted again, or goes with it. */
export async function drop(item: Item, photosToo: boolean): Promise<void> {
  const change = (await db()).transaction(["photos", "items"], "readwrite");
  for (const key of item.photos) {
    const photo = await change.objectStore("photos").get(key);
    if (!photo) continue;
    if (photosToo) await change.objectStore("photos").delete(key);
    else await change.objectStore("photos").put({ ...photo, owner: "" });
  }
  await change.objectStore("items").delete(item.key);
  await change.done;
  tell();
}

export async function dropPhoto(key: string): Promise<void> {
  await (await db()).delete("photos", key);
  tell();
}

export async function dropDraft(point: string): Promise<void> {
  await (await db()).delete("drafts", point);
  tell();
}

export const isFull = (error: unknown): boolean => error instanceof DOMException && (error.name === "QuotaExceededError" || error.name === "AbortError");
