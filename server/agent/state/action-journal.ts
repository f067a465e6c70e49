// The journal of what people asked for: who, when, what, old and new, written before it is done and closed with how it ended.
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError } from '../../contract/problems.ts';
import { isDiskFault } from './disk-fault.ts';

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
  /** The last line was not taken whole: the next one starts anew. */
  #torn = false;

  constructor(stateDir: string) {
    this.#path = join(stateDir, 'journal.ndjson');
    this.#fd = openSync(this.#path, 'a', 0o600);
  }

  /** Notes an action, does it, and notes how it ended. What cannot be noted is not done. `outcome` picks what of the result is worth keeping. */
  async record<T>(action: Action, act: () => Promise<T>, outcome?: (result: T) => unknown): Promise<T> {
    const number = ++this.#number;
    this.#ask({ number, time: Date.now(), phase: 'asked', ...action });
    try {
      const result = await act();
      this.#end({ number, time: Date.now(), phase: 'done', outcome: outcome?.(result) });
      return result;
    } catch (error) {
      this.#end({ number, time: Date.now(), phase: 'refused', reason: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #ask(entry: Record<string, unknown>): void {
    try {
      this.#write(entry);
    } catch (cause) {
      if (!isDiskFault(cause)) throw cause;
      const errno = (cause as NodeJS.ErrnoException).code;
      throw new ProblemError(
        'busy',
        `Nothing was done: the journal of actions cannot be written (${errno}). Make room for ${this.#path}, then try again.`,
        { errno, file: this.#path, cause },
      );
    }
  }

  /** What was done is done: that its end cannot be noted changes nothing. */
  #end(entry: Record<string, unknown>): void {
    try {
      this.#write(entry);
    } catch (error) {
      if (!isDiskFault(error)) throw error;
    }
  }

  #write(entry: Record<string, unknown>): void {
    const bytes = Buffer.from(`${this.#torn ? '\n' : ''}${JSON.stringify(entry)}\n`);
    this.#torn = true;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    this.#torn = false;
    if (fstatSync(this.#fd).size < ROTATE_BYTES) return;
    closeSync(this.#fd);
    renameSync(this.#path, `${this.#path}.1`);
    this.#fd = openSync(this.#path, 'a', 0o600);
  }
}
