// The pids of our own processes that may be restarted: none of them may be acted on.
import type { Reach } from './kernel/reach.ts';

export class OwnProcesses {
  readonly #reach: Reach;
  readonly #changed: () => void;
  readonly #pids = new Map<'web' | 'watchdog', number>();

  constructor(reach: Reach, changed: () => void) {
    this.#reach = reach;
    this.#changed = changed;
  }

  /** It was started, or restarted. */
  started(name: 'web' | 'watchdog', pid: number): void {
    const before = this.#pids.get(name);
    if (before !== undefined) this.#reach.unprotect(before);
    this.#pids.set(name, pid);
    this.#reach.protect(pid);
    this.#changed();
  }
}
