// On a slow line a page can be read before its script has come. What is pressed meanwhile and needs the script is held,
// and done once it stands. A plain script, first in the head: nothing can be pressed before it. Plain forms go as ever.

export {};
{
  const NEEDS: Record<string, string> = {
    click: "[data-dialog], [data-copy]",
    submit: "form[data-sure]", // asks before it sends
    change: "form.filters select, .rows input",
  };
  const TYPED = "input:not([type=checkbox]), textarea, select, dialog";
  const held: Event[] = [];

  const hold = (event: Event): void => {
    const target = event.target as Element;
    const key = event instanceof KeyboardEvent ? event : null;
    if (key ? key.key.length > 1 || key.key === " " || key.ctrlKey || key.metaKey || key.altKey || target.closest(TYPED) : !target.closest(NEEDS[event.type] ?? "")) return;
    if (event.type !== "change") event.preventDefault(); // a tick stays, and is told again
    if (event.type !== "change" && event.type !== "keydown") event.stopImmediatePropagation();
    if (event.type === "click") held.splice(0, held.length, ...held.filter(({ type }) => type !== "click")); // the last one is meant
    held.push(event);
    document.documentElement.classList.add("held");
  };

  const again = (event: Event): void => {
    const target = event.target as HTMLElement;
    if (event instanceof KeyboardEvent) target.dispatchEvent(new KeyboardEvent("keydown", { key: event.key, bubbles: true, cancelable: true }));
    else if (event instanceof SubmitEvent) (target as HTMLFormElement).requestSubmit(event.submitter as HTMLElement | null);
    else if (event.type === "change") target.dispatchEvent(new Event("change", { bubbles: true }));
    else target.closest<HTMLElement>(NEEDS["click"] ?? "")?.click();
  };

  const types = [...Object.keys(NEEDS), "keydown"];
  for (const type of types) document.addEventListener(type, hold, true);
  // Modules run before this, whether they came or not.
  document.addEventListener("DOMContentLoaded", () => {
    for (const type of types) document.removeEventListener(type, hold, true);
    document.documentElement.classList.remove("held");
    held.forEach(again);
  });
}
