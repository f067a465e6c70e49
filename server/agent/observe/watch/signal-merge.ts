// Merges signals that may come hundreds of times a second: the first is passed on at once, those of the following second as one, with their count.
import type { Clock } from '../../kernel/clock.ts';

const WINDOW_MS = 1000;

/** `What`: the kinds of signals that are merged separately. */
export interface MergedSignal<What extends string> {
  readonly group: string;
  readonly what: What;
  readonly count: number;
  /** When the last of the merged signals woke us, monotonic ms. */
  readonly wokeMs: number;
}

interface Window<What extends string> {
  readonly group: string;
  readonly what: What;
  count: number;
  wokeMs: number;
  readonly cancel: () => void;
}

export class SignalMerge<What extends string> {
  readonly #clock: Clock;
  readonly #emit: (signal: MergedSignal<What>) => void;
  readonly #open = new Map<string, Window<What>>();

  constructor(clock: Clock, emit: (signal: MergedSignal<What>) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  signalled(group: string, what: What, count: number, wokeMs: number): void {
    const key = `${what} ${group}`;
    const open = this.#open.get(key);
    if (open) {
      open.count += count;
      open.wokeMs = wokeMs;
      return;
    }
    this.#emit({ group, what, count, wokeMs });
    this.#openWindow(key, group, what);
  }

  /** Passes on what was merged so far, and cancels all timers. */
  flush(): void {
    for (const open of this.#open.values()) {
      open.cancel();
      this.#passOn(open);
    }
    this.#open.clear();
  }

  #openWindow(key: string, group: string, what: What): void {
    const cancel = this.#clock.after(WINDOW_MS, () => {
      const open = this.#open.get(key);
      this.#open.delete(key);
      if (open && this.#passOn(open)) this.#openWindow(key, group, what);
    });
    this.#open.set(key, { group, what, count: 0, wokeMs: 0, cancel });
  }

  /** @returns whether there was anything to pass on */
  #passOn({ group, what, count, wokeMs }: Window<What>): boolean {
    if (count > 0) this.#emit({ group, what, count, wokeMs });
    return count > 0;
  }
}
