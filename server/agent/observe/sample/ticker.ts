// The steady tick: each one at its own multiple of the interval, never piling up, late ones counted.

import { type Clock, realClock } from '../../kernel/clock.ts';

/** A tick that begins later than this part of the interval counts as late. */
const LATE_PART = 0.1;

export class Ticker {
  readonly intervalMs: number;
  readonly #clock: Clock;
  readonly #work: () => Promise<void>;
  #started = 0;
  #number = 0;
  #cancel: (() => void) | undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  /** Ticks that began late, or that were left out because the one before was still running. */
  late = 0;

  /** @param work one tick; it may not throw: a failed reading is its own matter */
  constructor(intervalMs: number, work: () => Promise<void>, clock: Clock = realClock) {
    this.intervalMs = intervalMs;
    this.#work = work;
    this.#clock = clock;
  }

  start(): void {
    this.#started = this.#clock.now();
    this.#running = this.#run();
  }

  /** No tick begins any more. @returns once the one that may be running has ended */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    return this.#running;
  }

  async #run(): Promise<void> {
    const due = this.#started + this.#number * this.intervalMs;
    if (this.#clock.now() - due > this.intervalMs * LATE_PART) this.late++;
    await this.#work();
    if (this.#stopped) return;
    // The next multiple that has not passed: what was missed is left out, not caught up on.
    const passed = Math.floor((this.#clock.now() - this.#started) / this.intervalMs);
    const next = Math.max(this.#number + 1, passed + (passed > this.#number ? 1 : 0));
    this.late += next - this.#number - 1;
    this.#number = next;
    this.#cancel = this.#clock.after(Math.max(0, this.#started + next * this.intervalMs - this.#clock.now()), () => {
      this.#running = this.#run();
    });
  }
}
