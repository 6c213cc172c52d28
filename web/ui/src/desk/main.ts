// The desk works without this script; with it, keys move through rows, choices act at once, and nothing typed is lost.

import "htmx.org";
import "./desk.css";
import "./admin.css";
import "./report.css";
import { choosing } from "./choose";
import { comparing } from "./compare";
import { reporting } from "./report";

const rows = (): HTMLTableRowElement[] => [...document.querySelectorAll<HTMLTableRowElement>("tr.row")];
let at = -1;

function go(step: number): void {
  const all = rows();
  if (!all.length) return;
  at = Math.max(0, Math.min(all.length - 1, at + step));
  all.forEach((row, index) => row.classList.toggle("at", index === at));
  all[at]?.scrollIntoView({ block: "nearest" });
}

/** How many are chosen, and what may be done with them all. */
function chosen(): void {
  const ticked = document.querySelectorAll<HTMLInputElement>('.rows input[name="issue"]:checked');
  const bar = document.querySelector<HTMLElement>(".bulk");
  if (!bar) return;
  bar.hidden = ticked.length === 0;
  const count = bar.querySelector("[data-count]");
  if (count) count.textContent = String(ticked.length);
  const legal = [...ticked].map((box) => new Set((box.dataset["moves"] ?? "").split(" ")));
  for (const button of bar.querySelectorAll<HTMLButtonElement>("button[data-move]")) {
    button.hidden = !legal.length || !legal.every((moves) => moves.has(button.dataset["move"] ?? ""));
  }
  const unlike = bar.querySelector<HTMLElement>("[data-unlike]");
  if (unlike) unlike.hidden = !legal.length || bar.querySelector("button[data-move]:not([hidden])") !== null;
}

function pressed(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (judged?.(event)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
  const key = event.key.toLowerCase();
  if (key === "/") {
    event.preventDefault();
    document.querySelector<HTMLInputElement>(".search")?.focus();
  } else if (key === "j") {
    const next = document.querySelector<HTMLAnchorElement>("a[data-next]");
    if (next) next.click();
    else go(1);
  } else if (key === "k") {
    const before = document.querySelector<HTMLAnchorElement>("a[data-before]");
    if (before) before.click();
    else go(-1);
  } else if (key === "x") rows()[at]?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
  else if (key === "enter" && !target.closest("a, button")) rows()[at]?.querySelector<HTMLAnchorElement>("a")?.click();
  else {
    const button = document.querySelector<HTMLButtonElement>(`button[data-key="${CSS.escape(key)}"]:not([hidden]):not([disabled])`);
    if (!button) return;
    event.preventDefault();
    button.click();
  }
}

/** What the button says of the form that it opens: `data-fill-NAME` is NAME's value, or the choice of that value. */
function fill(opener: HTMLElement, dialog: HTMLDialogElement): void {
  for (const { name, value } of opener.attributes) {
    if (!name.startsWith("data-fill-")) continue;
    for (const field of dialog.querySelectorAll<HTMLInputElement>(`[name="${CSS.escape(name.slice(10))}"]`)) {
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
  }
}

/** Without HTTPS there is no clipboard for scripts: then the text is marked, and the old command copies it. */
function copy(button: HTMLElement): void {
  const field = document.getElementById(button.dataset["copy"] ?? "");
  if (!(field instanceof HTMLInputElement)) return;
  field.select();
  const done = (): void => void (button.textContent = button.dataset["copied"] ?? "");
  if (navigator.clipboard) navigator.clipboard.writeText(field.value).then(done, () => document.execCommand("copy") && done());
  else if (document.execCommand("copy")) done();
}

/** A move that needs words or a date asks for them first. */
function clicked(event: MouseEvent): void {
  const target = event.target as Element;
  const opener = target.closest<HTMLElement>("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset["dialog"] ?? "");
  if (opener && dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    fill(opener, dialog);
    dialog.showModal();
    return;
  }
  const copier = target.closest<HTMLElement>("[data-copy]");
  if (copier) return copy(copier);
  const adder = target.closest<HTMLElement>("[data-again]"); // one more row like the last
  const last = adder?.previousElementSibling;
  if (adder && last) {
    const next = last.cloneNode(true) as HTMLElement;
    for (const field of next.querySelectorAll<HTMLInputElement>("input")) field.value = "";
    adder.before(next);
    next.querySelector<HTMLInputElement>("input")?.focus();
    return;
  }
  const closer = target.closest("[data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog")?.close();
    return;
  }
  const row = target.closest<HTMLTableRowElement>("tr.row");
  if (row && !target.closest("a, input, label, button")) row.querySelector<HTMLAnchorElement>("a")?.click();
}

// What was typed survives an expired session or a closed tab: kept for this tab until it was sent and answered.
const drafts = (form: HTMLFormElement): string => `draft ${location.pathname} ${form.id}`;

function keep(event: Event): void {
  const field = event.target as HTMLInputElement | HTMLTextAreaElement;
  const form = field.closest<HTMLFormElement>("form[data-draft]");
  if (!form || !form.id) return;
  const held = Object.fromEntries([...new FormData(form)].filter(([name, value]) => typeof value === "string" && !["csrf", "seq"].includes(name)));
  sessionStorage.setItem(drafts(form), JSON.stringify(held));
}

function restore(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft][id]")) {
    const held = sessionStorage.getItem(drafts(form));
    if (!held) continue;
    if (document.body.dataset["done"] === form.id) {
      sessionStorage.removeItem(drafts(form));
      continue;
    }
    for (const [name, value] of Object.entries(JSON.parse(held) as Record<string, string>)) {
      const field = form.elements.namedItem(name);
      if (!(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) continue;
      // what says so takes what was kept in any case: an id by which the same, sent again, is known
      if (field.dataset["keep"] !== undefined ? value : field.type !== "hidden" && !(field instanceof HTMLSelectElement) && !field.value) field.value = value;
    }
  }
}

document.addEventListener("keydown", pressed);
document.addEventListener("click", clicked);
document.addEventListener("input", keep);
document.addEventListener("change", (event) => {
  const target = event.target as HTMLElement;
  if (target.matches('input[name="every"]')) {
    for (const box of document.querySelectorAll<HTMLInputElement>('.rows input[name="issue"]')) box.checked = (target as HTMLInputElement).checked;
  }
  if (target.closest(".rows")) chosen();
  if (target.matches("form.filters select")) (target as HTMLSelectElement).form?.requestSubmit();
});
// One answer for one press: a second click on a slow line sends nothing.
document.addEventListener("submit", (event) => {
  const sure = (event.target as HTMLElement).dataset["sure"];
  if (sure && !window.confirm(sure)) {
    event.preventDefault();
    return;
  }
  const form = event.target as HTMLFormElement;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset["sent"]) return event.preventDefault();
  form.dataset["sent"] = "1";
  for (const busy of form.querySelectorAll<HTMLElement>("[data-busy]")) busy.hidden = false;
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
document.body.classList.add("scripted");
document.querySelector(".queues [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }); // a phone shows them in one line
restore();
reporting();
choosing();
chosen();
const judged = comparing();
// Opened from the wall for one move: its form stands open.
const wanted = new URLSearchParams(location.search).get("do");
const dialog = wanted ? document.getElementById(`dialog-${wanted}`) : document.querySelector("dialog[data-open]");
if (dialog instanceof HTMLDialogElement) dialog.showModal();
