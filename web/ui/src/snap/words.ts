// The words come with the page, in its language; parts in braces are filled here.

const said = JSON.parse(document.getElementById("sayings")?.textContent ?? "{}") as Record<string, string>;

export function say(name: string, given: Record<string, string | number> = {}): string {
  return (said[name] ?? "").replace(/\{(\w+)\}/g, (_, key: string) => String(given[key] ?? ""));
}
