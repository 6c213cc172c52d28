// The server's time, and how old what is shown is by it. The machine's own clock may be wrong, be set, or sleep.

const JUMP_MS = 3_000; // the wall clock and the steady one part by more than this only in a sleep or when one is set
const KEPT = 8; // samples: the one that was least delayed on its way counts
const LATE_MS = 2_000; // a sample further behind than this means that the server's clock was set back

export class ServerClock {
  private slept = 0;
  private parted = Date.now() - performance.now();
  private offsets: number[] = []; // server's ms − steady ms
  private sure = false;

  /** Milliseconds that pass whatever is done to the clock; what was slept through counts, too. */
  steady(): number {
    return performance.now() + this.slept;
  }

  /** The server's time now, ms since 1970; before it ever told, the machine's. */
  now(): number {
    return this.offsets.length ? Math.max(...this.offsets) + this.steady() : Date.now();
  }

  /** The server says that it is `server` now. `rough`: to the second, by way of a longer answer. */
  hear(server: number, rough = false): void {
    if (!Number.isFinite(server) || (rough && this.sure)) return;
    const offset = server - this.steady();
    if ((!this.sure && !rough) || offset < Math.max(...this.offsets) - LATE_MS) this.offsets = [];
    this.sure ||= !rough;
    this.offsets = [...this.offsets.slice(1 - KEPT), offset];
  }

  /** Whether the machine slept or its clock was set since this was last asked. A sleep is taken as time passed. */
  jumped(): boolean {
    const parted = Date.now() - performance.now();
    const by = parted - this.parted;
    this.parted = parted;
    if (by > JUMP_MS) this.slept += by;
    return Math.abs(by) > JUMP_MS;
  }
}

/** Up to which instant of the server what is shown is known to be all there is. */
export class Freshness {
  private told = 0; // the server knew of nothing more than it had sent, up to this instant
  private owed = Infinity; // of something later than this the view has not been fetched yet

  /** ms since 1970; 0: nothing is known yet. */
  get at(): number {
    return Math.min(this.told, this.owed);
  }

  /** The server says that all it knows up to `at` has been sent. */
  hear(at: number): void {
    if (Number.isFinite(at)) this.told = at;
  }

  /** Something changed at `at`, or may have changed since what is shown: it is owed until it is fetched. */
  owe(at = this.at): void {
    this.owed = Math.min(this.owed, at);
  }

  /** The view was fetched and shows all there was at `at`. `met`: all that was heard of before it was asked for. */
  fetched(at: number, met: boolean): void {
    this.owed = met ? Infinity : Math.max(this.owed, at);
    this.told = Math.max(this.told, at);
  }

  /** Another city, or the server's clock was set back: what was known is of no use. */
  forget(): void {
    [this.told, this.owed] = [0, Infinity];
  }
}
