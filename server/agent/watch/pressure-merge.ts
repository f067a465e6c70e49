// Pressure signals come hundreds of times a second: the first of a second leaves at once, the rest are merged into one event with their count.
import type { PressureLevel } from '../../contract/events.ts';
import type { Clock } from '../sample/ticker.ts';

const WINDOW_MS = 1000;

export interface MergedPressure {
  readonly group: string;
  readonly level: PressureLevel;
  readonly count: number;
  /** When the last of the merged signals woke us, monotonic ms. */
  readonly wokeMs: number;
}

interface Window {
  readonly group: string;
  readonly level: PressureLevel;
  count: number;
  wokeMs: number;
  readonly cancel: () => void;
}

export class PressureMerge {
  readonly #clock: Clock;
  readonly #emit: (pressure: MergedPressure) => void;
  readonly #open = new Map<string, Window>();

  constructor(clock: Clock, emit: (pressure: MergedPressure) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  signalled(group: string, level: PressureLevel, count: number, wokeMs: number): void {
    const key = `${level} ${group}`;
    const open = this.#open.get(key);
    if (open) {
      open.count += count;
      open.wokeMs = wokeMs;
      return;
    }
    this.#emit({ group, level, count, wokeMs });
    this.#openWindow(key, group, level);
  }

  /** Tells what was merged so far, and waits for nothing any more. */
  flush(): void {
    for (const open of this.#open.values()) {
      open.cancel();
      this.#tell(open);
    }
    this.#open.clear();
  }

  #openWindow(key: string, group: string, level: PressureLevel): void {
    const cancel = this.#clock.after(WINDOW_MS, () => {
      const open = this.#open.get(key);
      this.#open.delete(key);
      if (open && this.#tell(open)) this.#openWindow(key, group, level);
    });
    this.#open.set(key, { group, level, count: 0, wokeMs: 0, cancel });
  }

  /** @returns whether there was anything to tell */
  #tell({ group, level, count, wokeMs }: Window): boolean {
    if (count > 0) this.#emit({ group, level, count, wokeMs });
    return count > 0;
  }
}
