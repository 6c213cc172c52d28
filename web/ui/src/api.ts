// The API: one function a question. A failure is an ApiError that carries the server's problem+json.

import type { AreaShape, Board, By, Changes, City, IssuePage, IssueStory, OrderPage, PointsAnswer, PointStory, Problem } from "./types";

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

async function get<T>(path: string, query: Query, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(address(path, query), { headers: { Accept: "application/json" }, signal: signal ?? null });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({ title: "offline", status: 0, detail: "", remedy: "" });
  }
  if (answer.ok) return (await answer.json()) as T;
  const body = (await answer.json().catch(() => ({}))) as Partial<Problem>;
  throw new ApiError({
    title: body.title ?? answer.statusText,
    status: answer.status,
    detail: body.detail ?? "",
    remedy: body.remedy ?? "",
  });
}

export interface BoardQuery {
  city: string;
  level: string;
  parent: string | null;
  by: By;
  at: string | null;
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

export const getChanges = (query: Query, signal?: AbortSignal) => get<Changes>("changes", query, signal);
