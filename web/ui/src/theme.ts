// Colours of the dark wall and of the light street (design system, "Colour"). Weather colours mean weather and nothing else.

import type { Sky } from "./types";

export interface Theme {
  ground: string;
  sea: string;
  shallows: { step: string; line: string }[]; // from the open sea to the coast
  land: string; // neighbours'
  border: string; // between neighbours
  ink: string;
  ink2: string;
  ink3: string;
  alert: string;
  bolt: string; // outline of a red line
  focus: string;
  fill: Record<Sky, string>;
  on: Record<Sky, string>; // ink on the fill
  none: string; // no data
}

export const DARK: Theme = {
  ground: "#0F1417",
  sea: "#0B161D",
  shallows: [
    { step: "#0E1A22", line: "#14232C" },
    { step: "#111E27", line: "#172730" },
    { step: "#14232C", line: "#1A2B35" },
    { step: "#172730", line: "#1D2F3A" },
  ],
  land: "#20292E",
  border: "#465258",
  ink: "#F1EEE7",
  ink2: "#B4BCBF",
  ink3: "#8C979B",
  alert: "#FF7A59",
  bolt: "#FFE9A8",
  focus: "#F1EEE7",
  fill: { sunny: "#E9B949", cloudy: "#B3C2C9", overcast: "#77858E", rain: "#2A78C8", unvisited: "#232B30" },
  on: { sunny: "#14191C", cloudy: "#14191C", overcast: "#0B0F11", rain: "#FFFFFF", unvisited: "#F1EEE7" },
  none: "#2B3439",
};

/** Street and desk: white ground, borders drawn, the same meanings. */
export const LIGHT: Theme = {
  ground: "#FFFFFF",
  sea: "#E9EEF0",
  shallows: [
    { step: "#ECF0F2", line: "#DFE6E9" },
    { step: "#EFF3F4", line: "#E2E8EB" },
    { step: "#F2F5F6", line: "#E5EAED" },
    { step: "#F5F7F8", line: "#E8EDEF" },
  ],
  land: "#F1F0EB",
  border: "#B5B3AA",
  ink: "#0B0F11",
  ink2: "#3A4347",
  ink3: "#667177",
  alert: "#B8341B",
  bolt: "#14191C",
  focus: "#14191C",
  fill: { sunny: "#F2C14E", cloudy: "#DCE4E7", overcast: "#94A1A9", rain: "#2A78C8", unvisited: "#FAFAF7" },
  on: { sunny: "#14191C", cloudy: "#14191C", overcast: "#0B0F11", rain: "#FFFFFF", unvisited: "#14191C" },
  none: "#FFFFFF",
};

export const SKIES: readonly Sky[] = ["sunny", "cloudy", "overcast", "rain", "unvisited"];
const RANK: Record<Sky, number> = { sunny: 0, cloudy: 1, overcast: 2, unvisited: 3, rain: 4 };

/** Order of lists: the worst weather first, then what is overdue, then what is open. */
export function worstFirst<T extends { weather: Sky | null; overdue: number; open: number; code: string }>(rows: readonly T[]): T[] {
  const rank = (row: T) => (row.weather ? RANK[row.weather] : -1);
  return [...rows].sort((a, b) => rank(b) - rank(a) || b.overdue - a.overdue || b.open - a.open || a.code.localeCompare(b.code));
}
