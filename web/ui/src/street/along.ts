// What is taken along: checklists, own points, who was last where. Asked from the server, kept for flight mode.

import type { Named } from "../types";
import type { Along } from "../points/points";
import { getKept, putKept } from "./kept";

export interface Me {
  account: number;
  name: string;
  csrf: string;
}

export interface Standard extends Named {
  kind: string;
  clause: string;
  edition: string;
  category: string;
}

export interface PointAlong {
  mine: boolean;
  visits: number;
  last: string;
  units: number[]; // of its standards, rows of Taken.units, -1 none
  open: [number: string, category: string][];
}

interface Answer {
  me: Me;
  city: string;
  timezone: string;
  month: string;
  categories: (Named & { red_line: boolean })[];
  units: Named[];
  standards: Standard[];
  fields: string[];
  points: unknown[][];
}

export interface Taken extends Omit<Answer, "fields" | "points"> {
  walk: readonly string[];
  points: Map<string, PointAlong>;
  asked: string; // when
}

export class SignInNeeded extends Error {}

const WAIT_MS = 20_000;

/** Ask one thing of the server. Throws SignInNeeded, Refused or a network error. */
export async function ask<T>(path: string): Promise<T> {
  const answer = await fetch(`/api/v1/street${path}`, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(WAIT_MS) });
  if (answer.status === 401) throw new SignInNeeded();
  const body = (await answer.json()) as T & Said;
  if (answer.status === 403) throw new Refused(reason(body));
  if (!answer.ok) throw new Error(body.detail ?? answer.statusText);
  return body;
}

/** Of a refusal, what the server says. */
export interface Said {
  detail?: string;
  remedy?: string;
  zh?: string;
}

/** In the page's language, where the server knows it. */
export const reason = (said: Said): string => (document.documentElement.lang.startsWith("zh") && said.zh) || `${said.detail ?? ""} ${said.remedy ?? ""}`.trim();

export class Refused extends Error {}

export async function takeAlong(): Promise<Taken> {
  const answer = await ask<Answer>("");
  const asked = new Date().toISOString();
  const kept = await getKept<readonly string[]>("walk");
  await putKept("along", { answer, asked });
  return read(answer, asked, kept ?? []);
}

/** Work the walking order of the own points out anew: the server searches for a second. */
export async function askWalk(from: { lon: number; lat: number } | null): Promise<readonly string[]> {
  const { points } = await ask<{ points: string[] }>(from ? `/walk?lon=${from.lon}&lat=${from.lat}` : "/walk");
  await putKept("walk", points);
  return points;
}

export async function keptAlong(): Promise<Taken | null> {
  const kept = await getKept<{ answer: Answer; asked: string }>("along");
  return kept ? read(kept.answer, kept.asked, (await getKept<readonly string[]>("walk")) ?? []) : null;
}

function read(answer: Answer, asked: string, walk: readonly string[]): Taken {
  const at = (name: string): number => answer.fields.indexOf(name);
  const [code, mine, visits, last, units, open] = [at("code"), at("mine"), at("visits"), at("last"), at("units"), at("open")];
  const points = answer.points.map((row): [string, PointAlong] => [
    row[code] as string,
    { mine: row[mine] as boolean, visits: row[visits] as number, last: row[last] as string, units: row[units] as number[], open: row[open] as [string, string][] },
  ]);
  return { ...answer, points: new Map(points), asked, walk };
}

/** What the list of points filters by; `done`: points whose visit waits on this phone. */
export function alongOf(taken: Taken, done: ReadonlySet<string>): Along {
  return {
    mine: new Set([...taken.points].filter(([, point]) => point.mine).map(([code]) => code)),
    month: new Map([...taken.points].map(([code, point]) => [code, point.visits + (done.has(code) ? 1 : 0)])),
    walk: taken.walk.filter((code) => !done.has(code)),
  };
}
