// The tick: at multiples of the interval, never two at once; late and skipped ones are counted.

import { type Clock, realClock } from '../../kernel/clock.ts';

/** A tick counts as late after this part of the interval. */
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
  /** Ticks that began late, or were skipped because the one before was still running. */
  late = 0;

  /** @param work one tick; it must not throw */
  constructor(intervalMs: number, work: () => Promise<void>, clock: Clock = realClock) {
    this.intervalMs = intervalMs;
    this.#work = work;
    this.#clock = clock;
  }

  start(): void {
    this.#started = this.#clock.now();
    this.#running = this.#run();
  }

  /** Starts no more ticks. @returns once a running one has ended */
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
    // The next multiple that has not passed: missed ticks are skipped, not made up for.
    const passed = Math.floor((this.#clock.now() - this.#started) / this.intervalMs);
    const next = Math.max(this.#number + 1, passed + (passed > this.#number ? 1 : 0));
    this.late += next - this.#number - 1;
    this.#number = next;
    this.#cancel = this.#clock.after(Math.max(0, this.#started + next * this.intervalMs - this.#clock.now()), () => {
      this.#running = this.#run();
    });
  }
}
