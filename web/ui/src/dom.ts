// Elements from data, and one way to bring the page to a new state: `morph` changes what differs and keeps the rest,
// so that focus, scroll and running transitions survive a new number.

export type Child = Node | string | number | false | null | undefined | Child[];
type Attributes = Record<string, string | number | boolean | null | undefined>;

export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : String(value));
  }
  append(made, children);
  return made;
}

function append(parent: Node, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child instanceof Node) parent.appendChild(child);
    else if (child !== false && child !== null && child !== undefined) parent.appendChild(document.createTextNode(String(child)));
  }
}

/** An element from trusted markup of our own (glyphs). */
export function svg(markup: string): SVGElement {
  const holder = document.createElement("template");
  holder.innerHTML = markup;
  return holder.content.firstElementChild as SVGElement;
}

/** Make `old` equal to `fresh`. `mark`: the change is news, so figures that differ show it. */
export function morph(old: Element, fresh: Element, mark = false): void {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const before = mark && old.classList.contains("n") ? old.textContent : null;
  children(old, fresh, mark);
  if (before !== null && before !== old.textContent) underline(old);
}

/** Bring the children of `parent` to those of `fresh`, matching by data-key where given, else by place and kind. */
export function children(parent: Element, fresh: Element, mark = false): void {
  const keyed = new Map<string, Element>();
  for (const child of parent.children) if (keyOf(child)) keyed.set(keyOf(child), child);
  let cursor: ChildNode | null = parent.firstChild;
  for (const next of [...fresh.childNodes]) {
    const key = keyOf(next);
    const match: ChildNode | null = key ? (keyed.get(key) ?? null) : cursor && !keyOf(cursor) && alike(cursor, next) ? cursor : null;
    if (!match) {
      parent.insertBefore(next, cursor);
      if (mark && key && next instanceof HTMLElement) enter(next);
      continue;
    }
    if (match === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(match, cursor);
    if (match instanceof Element) morph(match, next as Element, mark);
    else if (match.nodeValue !== next.nodeValue) match.nodeValue = next.nodeValue;
  }
  while (cursor) {
    const following: ChildNode | null = cursor.nextSibling;
    cursor.remove();
    cursor = following;
  }
}

const keyOf = (node: Node): string => (node instanceof HTMLElement ? (node.dataset["key"] ?? "") : "");

const alike = (one: Node, other: Node): boolean => one.nodeType === other.nodeType && one.nodeName === other.nodeName;

export const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A figure changed: it swaps at once, an underline fades. */
function underline(figure: Element): void {
  const from = { textDecorationLine: "underline", textDecorationColor: "currentColor" };
  const to = { textDecorationLine: "underline", textDecorationColor: calm() ? "currentColor" : "transparent" };
  figure.animate([from, to], { duration: 2000, easing: "ease-out" });
}

/** A new row slides in at its place. */
function enter(row: HTMLElement): void {
  if (!calm()) row.animate([{ opacity: 0, transform: "translateY(-50%)" }, { opacity: 1, transform: "none" }], { duration: 240, easing: "ease-out" });
}
