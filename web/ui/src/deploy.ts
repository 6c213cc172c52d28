// A new version serves: the page loads itself anew once nobody uses it, only when the new page can be had, never in a loop.

const IDLE_MS = 60_000;
const SPREAD_MS = 5_000; // a hall of walls does not come all at once
const AGAIN_MS = 60_000; // until a version that could not be had is tried again
const ONCE_MS = 600_000; // a page that was loaded anew and still is not the version served waits so long
const KEY = "weathermap.loaded";

export class Deploy {
  private wanted: { build: string; what: string } | null = null;
  private from = 0;
  private touched = -Infinity;
  private trying = false;

  constructor(
    private readonly steady: () => number,
    private readonly busy: () => boolean,
  ) {
    for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
      window.addEventListener(kind, () => (this.touched = this.steady()), { passive: true, capture: true });
    }
  }

  want(build: string, what: string): void {
    if (this.wanted?.build === build && this.wanted.what === what) return;
    this.wanted = { build, what };
    this.from = this.steady() + Math.random() * SPREAD_MS;
  }

  /** To be called every second or so. */
  check(): void {
    const now = this.steady();
    if (!this.wanted || this.trying || now < this.from || now - this.touched < IDLE_MS || this.busy()) return;
    const { build, what } = this.wanted;
    this.from = now + AGAIN_MS;
    if (lately(`${build} ${what}`)) return;
    this.trying = true;
    void canBeHad(build)
      .then((can) => {
        if (!can || this.busy()) return;
        note(`${build} ${what}`);
        location.reload();
      })
      .finally(() => (this.trying = false));
  }
}

/** Whether the page and all that it names is served in that version; it then lies in the browser's cache. */
async function canBeHad(build: string): Promise<boolean> {
  try {
    const answer = await fetch(location.href, { cache: "no-cache", headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || page.documentElement.dataset["build"] !== build) return false;
    const files = [...page.querySelectorAll("script[src], link[href]")].map((part) => part.getAttribute("src") ?? part.getAttribute("href") ?? "");
    const asked = files.filter((file) => file.startsWith("/")).map(async (file) => {
      const found = await fetch(file);
      await found.blob();
      return found.ok;
    });
    return (await Promise.all(asked)).every(Boolean);
  } catch {
    return false;
  }
}

function lately(what: string): boolean {
  try {
    const [at, before] = JSON.parse(sessionStorage.getItem(KEY) ?? "[0, null]") as [number, string | null];
    return before === what && Math.abs(Date.now() - at) < ONCE_MS;
  } catch {
    return false;
  }
}

function note(what: string): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([Date.now(), what]));
  } catch {
    // a browser that stores nothing: the spread and the wait still hold
  }
}
