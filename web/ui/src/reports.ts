// The report of what is on view, as a file: chosen, made by the server, fetched with its progress, saved.

import { address } from "./api";
import type { State } from "./state";
import type { Problem } from "./types";

const BEAT_MS = 500;

export class Reports {
  private stop: AbortController | null = null;

  constructor(
    private readonly state: State,
    private readonly render: () => void,
  ) {}

  /** Open or close the choice; with a format, make that file. */
  async act(format: string): Promise<void> {
    if (format) return this.make(format);
    if (this.state.making) return this.close();
    this.state.making = { format: null, started: 0, share: null, problem: null };
    this.render();
  }

  close(): void {
    this.stop?.abort();
    this.state.making = null;
    this.render();
  }

  private async make(format: string): Promise<void> {
    const { board, city, view } = this.state;
    if (!board || !city || this.state.making?.format) return;
    this.stop = new AbortController();
    const making = { format, started: Date.now(), share: null as number | null, problem: null as Problem | null };
    this.state.making = making;
    const beat = window.setInterval(this.render, BEAT_MS);
    this.render();
    try {
      const { level, parent, by, at } = board;
      const answer = await fetch(address("report/grid", { city: city.code, level, parent, by, at, lang: view.lang, format }), { signal: this.stop.signal });
      if (!answer.ok) throw (await answer.json()) as Problem;
      save(await received(answer, (share) => (making.share = share)), nameOf(answer) ?? `report.${format}`);
      if (this.state.making === making) this.state.making = null;
    } catch (error) {
      if (this.stop.signal.aborted) return;
      const known = error && typeof error === "object" && "detail" in error;
      this.state.making = { ...making, format: null, problem: known ? (error as Problem) : { title: "", status: 0, detail: "", remedy: "" } };
    } finally {
      window.clearInterval(beat);
      this.render();
    }
  }
}

async function received(answer: Response, heard: (share: number) => void): Promise<Blob> {
  const all = Number(answer.headers.get("Content-Length"));
  const reader = answer.body?.getReader();
  if (!reader) return answer.blob();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    size += part.value.length;
    if (all) heard(size / all);
  }
  return new Blob(parts, { type: answer.headers.get("Content-Type") ?? "" });
}

/** The name that the server gave the file (RFC 6266: the encoded form goes first). */
function nameOf(answer: Response): string | null {
  const said = answer.headers.get("Content-Disposition") ?? "";
  const encoded = /filename\*=UTF-8''([^;]+)/u.exec(said)?.[1];
  return encoded ? decodeURIComponent(encoded) : (/filename="?([^";]+)"?/u.exec(said)?.[1] ?? null);
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
