// What the panels are called.

import { nameOf } from "../format";
import type { State } from "../state";
import type { Words } from "../words";
import { levelInfo, listed } from "./list";
import type { Panel } from "./slots";

export function titles(state: State, words: Words): (panel: Panel) => string {
  return (panel) => {
    switch (panel) {
      case "areas": {
        const board = listed(state)?.board;
        const level = levelInfo(state, board?.level ?? null);
        return state.units ? words.units : level ? nameOf(level, state.view.lang) : (board?.level ?? "");
      }
      case "urgent":
        return words.state[state.urgent?.state ?? "open"] ?? "";
      default:
        return words.panel[panel] ?? panel;
    }
  };
}
