// The journal of what people asked for: who, when, what, old and new, written before it is done and closed with how it ended.
import { join } from 'node:path';
import { ProblemError } from '../../contract/problems.ts';
import { AppendLog } from './append-log.ts';
import { StateFaults } from './state-faults.ts';

const ROTATE_BYTES = 8 * 1024 * 1024;

export interface Action {
  readonly by: string;
  readonly action: string;
  readonly group: string;
  readonly facts?: Record<string, unknown>;
  /** Freeze, thaw, kill, stop, remove: done even while the journal cannot be written, as it may be what fills the disk that is to be stopped. */
  readonly safer?: boolean;
}

export class ActionJournal {
  readonly #path: string;
  readonly #log: AppendLog;
  #number = 0;

  constructor(stateDir: string, faults = new StateFaults()) {
    this.#path = join(stateDir, 'journal.ndjson');
    this.#log = new AppendLog({
      path: this.#path,
      keep: 1,
      rotateBytes: ROTATE_BYTES,
      head: (lost) => (lost === 0 ? [] : [JSON.stringify({ time: Date.now(), phase: 'lost', lines: lost })]),
      what: 'The journal of actions',
      cost: 'Until it can, only freeze, thaw, kill, stop and remove are done, and wait in memory to be written; everything else is refused.',
      faults,
    });
  }

  /** Writes an action down, does it, and writes how it ended. What cannot be written is not done, unless it makes things safer. `outcome` picks what of the result is kept. */
  async record<T>({ safer, ...action }: Action, act: () => T | Promise<T>, outcome?: (result: T) => unknown): Promise<T> {
    const number = ++this.#number;
    const asked = JSON.stringify({ number, time: Date.now(), phase: 'asked', ...action });
    if (safer) this.#log.append(asked);
    else if (!this.#log.appendNow(asked)) {
      throw new ProblemError(
        'busy',
        `Nothing was done: the journal of actions cannot be written. Make room for ${this.#path}, then try again. Freeze, thaw, kill, stop and remove work meanwhile.`,
        { file: this.#path },
      );
    }
    const end = (how: Record<string, unknown>) => this.#log.append(JSON.stringify({ number, time: Date.now(), ...how }));
    try {
      const result = await act();
      end({ phase: 'done', outcome: outcome?.(result) });
      return result;
    } catch (error) {
      end({ phase: 'refused', reason: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  close(): void {
    this.#log.close();
  }
}
