// Some signals come hundreds of times a second: the first of a second leaves at once, the rest are merged into one with their count.
import type { Clock } from '../../kernel/clock.ts';

const WINDOW_MS = 1000;

/** `What`: that which is signalled of a group, a text of its own for each thing that is told apart. */
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

  /** Tells what was merged so far, and waits for nothing any more. */
  flush(): void {
    for (const open of this.#open.values()) {
      open.cancel();
      this.#tell(open);
    }
    this.#open.clear();
  }

  #openWindow(key: string, group: string, what: What): void {
    const cancel = this.#clock.after(WINDOW_MS, () => {
      const open = this.#open.get(key);
      this.#open.delete(key);
      if (open && this.#tell(open)) this.#openWindow(key, group, what);
    });
    this.#open.set(key, { group, what, count: 0, wokeMs: 0, cancel });
  }

  /** @returns whether there was anything to tell */
  #tell({ group, what, count, wokeMs }: Window<What>): boolean {
    if (count > 0) this.#emit({ group, what, count, wokeMs });
    return count > 0;
  }
}
