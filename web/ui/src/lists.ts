// The side sheet: the list behind a number, page by page, and the story of one issue.

import { ApiError, getIssue, getIssues } from "./api";
import { nameOf } from "./format";
import type { Shell } from "./shell";
import { shapeOf, type Sheet, type State } from "./state";
import type { Issue, IssueStory } from "./types";
import { words } from "./words";

const PAGE = 50;

export class Lists {
  private opener: HTMLElement | null = null;

  constructor(
    private readonly state: State,
    private readonly shell: Shell,
    private readonly render: () => void,
  ) {
    const more = new IntersectionObserver((seen) => seen.some(({ isIntersecting }) => isIntersecting) && void this.more(), { root: shell.sheet, rootMargin: "400px" });
    new MutationObserver(() => {
      more.disconnect();
      const last = shell.sheet.querySelector("[data-more]");
      if (last) more.observe(last);
    }).observe(shell.sheet, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-more"] });
  }

  async openList(query: string, opener?: HTMLElement): Promise<void> {
    const asked = Object.fromEntries(new URLSearchParams(query));
    this.show({ query: asked, where: this.where(asked), net: opener?.dataset["net"] ? Number(opener.dataset["net"]) : null, issues: [], total: null, next: null, busy: false, story: null, problem: null }, opener);
    await this.more();
  }

  /** One issue: its story opens in the list that is open, else in a sheet of its own. */
  async openIssue(number: string, opener?: HTMLElement): Promise<void> {
    const { sheet } = this.state;
    if (sheet?.story?.number === number) {
      sheet.story = null;
      return this.render();
    }
    const inSheet = sheet?.issues.some((issue) => issue.number === number) ?? false;
    try {
      const story = await getIssue(number);
      if (inSheet && this.state.sheet === sheet && sheet) {
        sheet.story = story;
        return this.render();
      }
      const known = this.known(number) ?? bare(story);
      this.show({ query: {}, where: known.number, net: null, issues: [known], total: null, next: null, busy: false, story, problem: null }, opener);
    } catch (error) {
      this.show({ query: {}, where: number, net: null, issues: [], total: null, next: null, busy: false, story: null, problem: problemOf(error) }, opener);
    }
  }

  close(): void {
    if (!this.state.sheet) return;
    this.state.sheet = null;
    this.render();
    if (this.opener?.isConnected) this.opener.focus();
    this.opener = null;
  }

  private show(sheet: Sheet, opener?: HTMLElement): void {
    if (!this.state.sheet) this.opener = opener ?? null;
    this.state.sheet = sheet;
    this.render();
    this.shell.sheet.scrollTop = 0;
    this.shell.sheet.querySelector<HTMLElement>("[data-focus]")?.focus({ preventScroll: true });
  }

  private async more(): Promise<void> {
    const { sheet } = this.state;
    if (!sheet || sheet.busy || (sheet.total !== null && !sheet.next)) return;
    sheet.busy = true;
    try {
      const page = await getIssues({ ...sheet.query, limit: PAGE, after: sheet.next });
      sheet.issues = [...sheet.issues, ...page.issues];
      sheet.total = page.total;
      sheet.next = page.next;
    } catch (error) {
      sheet.problem = problemOf(error);
      sheet.next = null;
    }
    sheet.busy = false;
    if (this.state.sheet === sheet) this.render();
  }

  /** Whose issues a query asks for, in words. */
  private where(query: Record<string, string>): string {
    const { city, units, view } = this.state;
    const [level = "", code = ""] = (query["area"] ?? "").split(/:(.*)/su);
    if (query["area"]) {
      const shape = shapeOf(this.state, { level, code });
      return shape ? nameOf(shape, view.lang) || code : code;
    }
    const unit = query["unit"] && [...(units?.areas ?? []), ...(this.state.board?.areas ?? [])].find((row) => row.unit === query["unit"]);
    if (unit) return nameOf(unit, view.lang);
    return city ? nameOf(city, view.lang) : words(view.lang).whole;
  }

  private known(number: string): Issue | null {
    const at = [this.state.urgent, this.state.newest].flatMap((page) => page?.issues ?? []);
    return at.find((issue) => issue.number === number) ?? null;
  }
}

/** A story as a line of a list: what it lacks is unknown. */
const bare = (story: IssueStory): Issue => ({
  id: 0, number: story.number, state: story.state, state_name: story.state_name, category: story.category, red_line: false, unit: story.unit, area: story.area ?? null,
  reported_at: story.reported_at, notified_at: story.notified_at, deadline: story.deadline, fed_back_at: story.fed_back_at, rectified_at: story.rectified_at,
  lon: null, lat: null, address: story.address, overdue: story.deadline !== null && story.fed_back_at === null && Date.parse(story.deadline) < Date.now(), ordered: false, listed: false,
});

const problemOf = (error: unknown) => (error instanceof ApiError ? error.problem : { title: "", status: 0, detail: String(error), remedy: "" });

