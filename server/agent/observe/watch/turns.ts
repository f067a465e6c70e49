// Bounds how many events a second are made of signals that may come by the thousand: who has no turn yet waits, and merges meanwhile.
import type { Clock } from '../../kernel/clock.ts';

const SECOND_MS = 1000;

export class Turns {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  /** Turns of the last second: each is passed on to the next who waits. */
  readonly #taken = new Set<() => void>();
  readonly #perSec: number;

  constructor(clock: Clock, perSec: number) {
    this.#clock = clock;
    this.#perSec = perSec;
  }

  /** Calls `run` now, or as soon as fewer than `perSec` had a turn within a second; first come, first served. */
  take(run: () => void): void {
    if (this.#taken.size >= this.#perSec) {
      this.#waiting.add(run);
      return;
    }
    const cancel = this.#clock.after(SECOND_MS, () => {
      this.#taken.delete(cancel);
      const [next] = this.#waiting;
      if (!next) return;
      this.#waiting.delete(next);
      this.take(next);
    });
    this.#taken.add(cancel);
    run();
  }

  /** Cancels all timers; who waits gets no turn any more. */
  stop(): void {
    for (const cancel of this.#taken) cancel();
    this.#taken.clear();
    this.#waiting.clear();
  }
}
