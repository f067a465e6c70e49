// Merges signals that may come hundreds of times a second: the first is passed on at once, those of the following second as one.
import type { Clock } from '../../kernel/clock.ts';
import type { Turns } from './turns.ts';

const WINDOW_MS = 1000;

export interface SignalMergeOptions<S> {
  readonly clock: Clock;
  readonly turns: Turns;
  /** Makes one of two. */
  readonly add: (before: S, next: S) => S;
  readonly emit: (signal: S) => void;
}

interface Window<S> {
  readonly group: string;
  /** What waits; undefined while there is nothing. */
  signal: S | undefined;
  cancel: () => void;
}

export class SignalMerge<S extends { readonly group: string }> {
  readonly #options: SignalMergeOptions<S>;
  readonly #open = new Map<string, Window<S>>();

  constructor(options: SignalMergeOptions<S>) {
    this.#options = options;
  }

  /** @param what which signals of the group are merged with it */
  signalled(what: string, signal: S): void {
    const key = `${what} ${signal.group}`;
    const open = this.#open.get(key);
    if (open) {
      open.signal = open.signal ? this.#options.add(open.signal, signal) : signal;
      return;
    }
    const window = { group: signal.group, signal, cancel: () => {} };
    this.#open.set(key, window);
    this.#pass(key, window);
  }

  /** Passes on what was merged so far, of one group or of all, and cancels its timers. */
  flush(group?: string): void {
    for (const [key, window] of this.#open) {
      if (group !== undefined && group !== window.group) continue;
      window.cancel();
      this.#open.delete(key);
      this.#emit(window);
    }
  }

  #pass(key: string, window: Window<S>): void {
    this.#options.turns.take(() => {
      if (this.#open.get(key) !== window) return;
      this.#emit(window);
      window.cancel = this.#options.clock.after(WINDOW_MS, () => {
        if (window.signal) this.#pass(key, window);
        else this.#open.delete(key);
      });
    });
  }

  #emit(window: Window<S>): void {
    const { signal } = window;
    window.signal = undefined;
    if (signal) this.#options.emit(signal);
  }
}
