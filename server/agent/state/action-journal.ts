// The journal of users' actions: who, when and what, written before the action is done, and how it ended, written after.
import { join } from 'node:path';
import { ProblemError } from '../../contract/problems.ts';
import { AppendLog, logFiles, readJsonLines } from './append-log.ts';
import { StateFaults } from './state-faults.ts';

const ROTATE_BYTES = 8 * 1024 * 1024;
/** Older files. */
const KEPT = 1;

export interface Action {
  readonly by: string;
  readonly action: string;
  readonly group: string;
  readonly facts?: Record<string, unknown>;
  /** Freeze, thaw, kill, stop, remove: done even while the journal cannot be written, since they may stop the program that fills the disk. */
  readonly safer?: boolean;
}

export class ActionJournal {
  readonly #path: string;
  readonly #log: AppendLog;
  #number = 0;

  constructor(stateDir: string, faults = new StateFaults()) {
    this.#path = join(stateDir, 'journal.ndjson');
    for (const path of logFiles(this.#path, KEPT)) readJsonLines(path, 'those actions are lost.', faults);
    this.#log = new AppendLog({
      path: this.#path,
      keep: KEPT,
      rotateBytes: ROTATE_BYTES,
      head: (lost) => (lost === 0 ? [] : [JSON.stringify({ time: Date.now(), phase: 'lost', lines: lost })]),
      what: 'The journal of actions',
      cost: 'Meanwhile only freeze, thaw, kill, stop and remove are done, and recorded in memory; all other actions are refused.',
      faults,
    });
  }

  /** Records an action, does it, and records how it ended. An action that cannot be recorded is refused, unless it is `safer`. @param outcome the part of the result to record */
  async record<T>({ safer, ...action }: Action, act: () => T | Promise<T>, outcome?: (result: T) => unknown): Promise<T> {
    const number = ++this.#number;
    const asked = JSON.stringify({ number, time: Date.now(), phase: 'asked', ...action });
    if (safer) this.#log.append(asked);
    else if (!this.#log.appendNow(asked)) {
      throw new ProblemError(
        'busy',
        `Nothing was done: the journal of actions cannot be written. Free disk space for ${this.#path}, then try again. Freeze, thaw, kill, stop and remove work meanwhile.`,
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
