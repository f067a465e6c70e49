// The journal of what people asked for: who, when, what, old and new, written before it is done and closed with how it ended.
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const ROTATE_BYTES = 8 * 1024 * 1024;

export interface Action {
  readonly by: string;
  readonly action: string;
  readonly group: string;
  readonly facts?: Record<string, unknown>;
}

export class ActionJournal {
  readonly #path: string;
  #fd: number;
  #number = 0;

  constructor(stateDir: string) {
    this.#path = join(stateDir, 'journal.ndjson');
    this.#fd = openSync(this.#path, 'a', 0o600);
  }

  /** Notes an action, does it, and notes how it ended. What cannot be noted is not done. `outcome` picks what of the result is worth keeping. */
  async record<T>(action: Action, act: () => Promise<T>, outcome?: (result: T) => unknown): Promise<T> {
    const number = ++this.#number;
    this.#write({ number, time: Date.now(), phase: 'asked', ...action });
    try {
      const result = await act();
      this.#write({ number, time: Date.now(), phase: 'done', outcome: outcome?.(result) });
      return result;
    } catch (error) {
      this.#write({ number, time: Date.now(), phase: 'refused', reason: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(entry: Record<string, unknown>): void {
    writeSync(this.#fd, `${JSON.stringify(entry)}\n`);
    if (fstatSync(this.#fd).size < ROTATE_BYTES) return;
    closeSync(this.#fd);
    renameSync(this.#path, `${this.#path}.1`);
    this.#fd = openSync(this.#path, 'a', 0o600);
  }
}
