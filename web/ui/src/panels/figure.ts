// A number on the wall: a button that opens the list it counts.

import { h } from "../dom";
import { count } from "../format";
import type { Board, City, Row } from "../types";
import type { Words } from "../words";

/** Which issues a row's numbers count, as a query of /api/v1/issues. */
export type Scope = Record<string, string>;

export function scopeOf(row: Pick<Row, "level" | "code" | "unit">, board: Pick<Board, "at" | "by"> & Partial<Pick<Board, "as">>, city: City): Scope {
  const scope: Scope = { city: city.code, at: board.at };
  if (board.as === "known") scope["as"] = board.as;
  if (row.unit) scope["unit"] = row.unit;
  else if (row.level !== city.levels[0]?.level) scope["area"] = `${row.level}:${row.code}`;
  return scope;
}

/** `from`: start of the window where it is not the city's reporting period. */
export function figure(value: number, state: string, scope: Scope, words: Words, extra: { from?: string; class?: string; still?: boolean } = {}): HTMLElement {
  const query = new URLSearchParams({ ...scope, state, ...(extra.from ? { from: extra.from } : {}) });
  return h(
    "button",
    {
      class: `n ${extra.class ?? ""}`.trim(), type: "button", "data-act": "list", "data-query": query.toString(), "data-net": extra.from ? value : null,
      "aria-label": words.openList(words.state[state] ?? state, count(value)), tabindex: extra.still ? -1 : null,
    },
    count(value),
  );
}

/** The start of the last `days` days before `at`, as the lists take it. */
export const daysBefore = (at: string, days: number): string => new Date(Date.parse(at) - days * 86_400_000 + 1000).toISOString();
