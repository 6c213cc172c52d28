// Hands on the time line: drag, keys on the slider, its switches. Reads the page, moves the replay.

import type { State } from "../state";
import type { View } from "../view";
import { PACES, type Replay } from "./replay";

export class Control {
  private dragged: HTMLElement | null = null;

  constructor(
    host: HTMLElement,
    private readonly state: State,
    private readonly replay: Replay,
    private readonly go: (change: Partial<View>) => void,
  ) {
    host.addEventListener("pointerdown", (event) => this.take(event));
    host.addEventListener("pointermove", (event) => this.dragged && this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) host.addEventListener(end, () => (this.dragged = null));
    host.addEventListener("keydown", (event) => this.press(event));
    host.addEventListener("click", (event) => this.click(event));
    host.addEventListener("change", (event) => this.choose(event));
  }

  private take(event: PointerEvent): void {
    const track = (event.target as Element).closest<HTMLElement>("[data-track]");
    if (!track || event.button) return;
    this.dragged = track;
    track.setPointerCapture(event.pointerId);
    track.focus({ preventScroll: true });
    event.preventDefault();
    this.drag(event);
  }

  private drag(event: PointerEvent): void {
    const row = this.dragged?.querySelector(".row")?.getBoundingClientRect();
    const steps = Number(this.dragged?.dataset["track"]);
    if (!row || !steps) return;
    const step = Math.min(steps, Math.max(0, Math.floor(((event.clientX - row.left) / row.width) * steps)));
    if (step !== (this.state.replay.step ?? steps) || this.state.replay.playing) this.replay.to(step);
  }

  private press(event: KeyboardEvent): void {
    if (!(event.target as Element).closest("[data-track]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = this.state.replay.film?.length ?? 0;
    const far = Math.max(1, Math.round(steps / 10));
    const moves: Record<string, () => void> = {
      ArrowLeft: () => this.replay.by(-1), ArrowDown: () => this.replay.by(-1), ArrowRight: () => this.replay.by(1), ArrowUp: () => this.replay.by(1),
      PageDown: () => this.replay.by(-far), PageUp: () => this.replay.by(far), Home: () => this.replay.to(0), End: () => this.replay.to(steps),
      " ": () => this.play(), Enter: () => this.play(),
    };
    const move = moves[event.key];
    if (!move) return;
    move();
    event.preventDefault();
    event.stopPropagation();
  }

  private play(): void {
    this.replay.toggle();
    this.state.view = { ...this.state.view, play: this.state.replay.playing };
  }

  private click(event: MouseEvent): void {
    const { act, value = "" } = (event.target as Element).closest<HTMLElement>("[data-act]")?.dataset ?? {};
    if (act === "play") this.play();
    else if (act === "now") this.go({ at: null, play: false });
    else if (act === "days") this.go({ range: value });
    else if (act === "as") this.go({ as: value === "known" ? "known" : "looked" });
    else if (act === "pace") this.state.replay.pace = Math.min(PACES.length - 1, Number(value));
    else return;
    if (act === "pace") this.replay.redraw();
    event.stopPropagation();
  }

  /** One of the two days of a range of one's own. */
  private choose(event: Event): void {
    const host = (event.currentTarget as Element) ?? null;
    const day = (name: string) => host?.querySelector<HTMLInputElement>(`[data-day="${name}"]`)?.value ?? "";
    const [from, to] = [day("from"), day("to")].sort();
    if (from && to) this.go({ range: `${from}..${to}` });
  }
}
