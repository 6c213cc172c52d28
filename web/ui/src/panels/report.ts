// The button for the report of what is on view, its choice of formats and how far the file has come.

import { h } from "../dom";
import type { State } from "../state";
import type { Words } from "../words";

export function reportButton(state: State, words: Words): HTMLElement | null {
  const { making, levels, board } = state;
  if (!board || !levels.shown) return null;
  const open = making !== null && !making.format;
  const button = h("button", { type: "button", "data-act": "report", "data-value": "", "aria-expanded": String(open), title: words.reportTitle }, words.report);
  return h("div", { class: "report" }, button, open && choice(state, words), making?.format ? h("p", { class: "making", role: "status" }, progress(making.started, making.share, words)) : null);
}

function choice({ making }: State, words: Words): HTMLElement {
  const formats = Object.entries(words.reportFormats).map(([format, text]) => h("li", {}, h("button", { type: "button", "data-act": "report", "data-value": format }, text)));
  const problem = making?.problem;
  const said = problem && h("li", { role: "alert", class: "alert" }, problem.detail ? `${problem.detail} ${problem.remedy}` : (words.offline[0] ?? ""));
  return h("ul", {}, said, formats);
}

const progress = (started: number, share: number | null, words: Words): string =>
  share === null ? words.reportMaking(Math.round((Date.now() - started) / 1000)) : words.reportComing(Math.floor(share * 100));
