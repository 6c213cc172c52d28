// Checking by photo: keys mark the pair that is looked at and go on to the next; nothing is sent before S or the button.

/** What keys do on this page, if it is one: returns whether a key was taken. */
export function comparing(): ((event: KeyboardEvent) => boolean) | undefined {
  const form = document.querySelector<HTMLFormElement>("form[data-compare]");
  if (!form) return undefined;
  const pairs = [...form.querySelectorAll<HTMLElement>("[data-pair]")];
  let at = 0;
  const show = (): void => {
    pairs.forEach((pair, index) => pair.classList.toggle("at", index === at));
    pairs[at]?.scrollIntoView({ block: "center" });
    pairs[at]?.focus({ preventScroll: true });
  };
  const go = (step: number): void => {
    at = Math.max(0, Math.min(pairs.length - 1, at + step));
    show();
  };
  const mark = (verdict: string): void => {
    const radio = pairs[at]?.querySelector<HTMLInputElement>(`input[type="radio"][value="${verdict}"]`);
    if (radio) radio.checked = true;
    tell();
  };
  const tell = (): void => {
    const all = ["pass", "fail", ""].map((value) => form.querySelectorAll(`input[type="radio"][value="${value}"]:checked`).length);
    const out = form.querySelector<HTMLElement>("[data-tally]");
    const names = (out?.dataset["tally"] ?? "").split("|");
    if (out) out.textContent = all.map((n, index) => `${names[index]} ${n}`).join(" · ");
    for (const pair of pairs) {
      const note = pair.querySelector<HTMLInputElement>('input[name^="note-"]');
      const failed = pair.querySelector<HTMLInputElement>('input[value="fail"]')?.checked ?? false;
      if (note) note.required = failed;
      pair.dataset["verdict"] = pair.querySelector<HTMLInputElement>('input[type="radio"]:checked')?.value ?? "";
    }
  };
  form.addEventListener("change", tell);
  form.addEventListener("focusin", (event) => {
    const found = pairs.indexOf((event.target as HTMLElement).closest<HTMLElement>("[data-pair]") as HTMLElement);
    if (found >= 0 && found !== at) {
      at = found;
      pairs.forEach((pair, index) => pair.classList.toggle("at", index === at));
    }
  });
  tell();
  pairs[0]?.classList.add("at");
  return (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("dialog")) return false;
    if (target.matches('input[name^="note-"]')) {
      if (event.key !== "Enter") return false;
      event.preventDefault(); // not sent yet: on to the next
      go(1);
      return true;
    }
    if (target.closest('input:not([type="radio"]), textarea, select')) return false;
    const key = event.key.toLowerCase();
    if (key === "p") mark("pass");
    else if (key === "u") mark("");
    else if (key === "r") mark("fail");
    if (key === "p" || key === "j") go(1);
    else if (key === "k") go(-1);
    else if (key === "r") pairs[at]?.querySelector<HTMLInputElement>('input[name^="note-"]')?.focus();
    else if (key === "s") form.requestSubmit();
    else if (key !== "u") return false;
    event.preventDefault();
    return true;
  };
}
