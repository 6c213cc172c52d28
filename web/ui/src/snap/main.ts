// Citizens' pages. They send and show without this script; with it the place is found, and nothing is lost on a bad line.

import "./snap.css";
import { drawCard } from "./card";
import { Form } from "./form";

document.documentElement.classList.add("scripted");
const form = document.getElementById("snap");
if (form instanceof HTMLFormElement) new Form(form);

const card = document.getElementById("card");
if (card) void drawCard(card).catch(() => undefined); // the plain code stays

const copy = document.getElementById("copy");
const url = document.querySelector<HTMLInputElement>(".url");
copy?.addEventListener("click", () => {
  url?.select();
  const done = navigator.clipboard ? navigator.clipboard.writeText(url?.value ?? "").then(() => true, () => false) : Promise.resolve(document.execCommand("copy"));
  void done.then((good) => good && (copy.textContent = copy.dataset["done"] ?? ""));
});

// One answer for one press.
for (const once of document.querySelectorAll<HTMLFormElement>("form[data-once]")) {
  once.addEventListener("submit", (event) => {
    if (once.dataset["sent"]) return event.preventDefault();
    once.dataset["sent"] = "1";
  });
}
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
