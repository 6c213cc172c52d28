// The API: one function a question. A failure is an ApiError that carries the server's problem+json.

import type { FilmAnswer } from "./replay/film";
import type { IssueTiles } from "./map/marks";
import type { Ahead, AreaShape, Board, By, Changes, City, IssuePage, IssueStory, OrderPage, Parts, PointRow, PointsAnswer, PointStory, Problem, Ranking, Reasons, Trend } from "./types";

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

export type Query = Record<string, string | number | null | undefined>;

export function address(path: string, query: Query): string {
  const kept = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(kept.map(([key, value]) => [key, String(value)])).toString();
  return `/api/v1/${path}${text && `?${text}`}`;
}

const WAIT_MS = 20_000; // a line that only seems open must not hold a view for ever

async function get<T>(path: string, query: Query, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  const limit = AbortSignal.timeout(WAIT_MS);
  try {
    answer = await fetch(address(path, query), { headers: { Accept: "application/json" }, signal: signal ? AbortSignal.any([signal, limit]) : limit });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({ title: "offline", status: 0, detail: "", remedy: "" });
  }
  const ours = /\bjson\b/u.test(answer.headers.get("content-type") ?? ""); // else a proxy answers, or a page of another server
  const body = ours ? await answer.json().catch(() => null) : null;
  if (signal?.aborted) throw new DOMException("aborted", "AbortError");
  if (answer.ok && body !== null) return body as T;
  throw new ApiError(said(answer, (body ?? {}) as Partial<Problem>, body !== null));
}

/** A stranger's answer is no answer of the map server's, whatever its status: to be asked again. */
function said(answer: Response, body: Partial<Problem>, ours: boolean): Problem {
  if (!ours) return { title: "", status: 502, detail: "", remedy: "" };
  return {
    title: body.title ?? answer.statusText,
    status: answer.status,
    detail: body.detail ?? "",
    remedy: body.remedy ?? "",
  };
}

export interface BoardQuery {
  city: string;
  level: string;
  parent: string | null;
  by: By;
  at: string | null;
  as?: "known" | null;
  from?: string; // start of the window of its flows; without it the city's reporting period
}

export const getCities = (signal?: AbortSignal) => get<{ cities: City[] }>("cities", {}, signal);

export const getBoard = (query: BoardQuery, signal?: AbortSignal) => get<Board>("weather", { ...query }, signal);

export const getAreas = (city: string, level: string, version: number, signal?: AbortSignal) =>
  get<{ areas: AreaShape[] }>("areas", { city, level, version }, signal);

export const getIssues = (query: Query, signal?: AbortSignal) => get<IssuePage>("issues", query, signal);

export const getIssue = (number: string, signal?: AbortSignal) =>
  get<IssueStory>(`issues/${encodeURIComponent(number)}`, {}, signal);

export const getPoints = (city: string, signal?: AbortSignal) => get<PointsAnswer>("points", { city }, signal);

export const getPoint = (city: string, code: string, signal?: AbortSignal) =>
  get<PointStory>(`points/${encodeURIComponent(code)}`, { city }, signal);

export const getOrders = (query: Query, signal?: AbortSignal) => get<OrderPage>("orders", query, signal);

export const getTrend = (query: Query, signal?: AbortSignal) => get<Trend>("trend", query, signal);

export const getParts = (query: Query, signal?: AbortSignal) => get<Parts>("breakdown", query, signal);

export const getRanking = (query: Query, signal?: AbortSignal) => get<Ranking>("ranking", query, signal);

export const getChanges = (query: Query, signal?: AbortSignal) => get<Changes>("changes", query, signal);

export const getReasons = (query: Query, signal?: AbortSignal) => get<Reasons>("why", query, signal);

/** The declared points of what is looked at, each as an object. */
export async function getPointsWithin(query: Query, signal?: AbortSignal): Promise<{ points: PointRow[]; kinds: PointsAnswer["kinds"] }> {
  const { fields, points, kinds } = await get<PointsAnswer>("points", query, signal);
  return { points: points.map((row) => Object.fromEntries(fields.map((name, at) => [name, row[at]])) as unknown as PointRow), kinds };
}

/** The present version of the issue tiles; null when it cannot be had. */
export async function getIssueTiles(city: string, signal?: AbortSignal): Promise<IssueTiles | null> {
  const answer = await fetch(`/tiles/${encodeURIComponent(city)}/staff/open.json`, { signal: signal ?? null }).catch(() => null);
  if (!answer?.ok) return null;
  const { tiles, edition } = (await answer.json()) as { tiles: string[]; edition: number };
  return { url: tiles[0] ?? "", made: edition * 1000 };
}

export const getFilm = (query: Query, signal?: AbortSignal) => get<FilmAnswer>("playback", query, signal);

export const getAhead = (query: Query, signal?: AbortSignal) => get<Ahead>("ahead", query, signal);
