// The journal of users' actions: who, when and what, written before the action is done, and how it ended, written after.
import { join } from 'node:path';
import { z } from 'zod';
import { Outcome } from '../../contract/call-key.ts';
import { ProblemError } from '../../contract/problems.ts';
import { AppendLog, logFiles, readJsonLines } from './append-log.ts';
import { StateFaults } from './state-faults.ts';

const ROTATE_BYTES = 8 * 1024 * 1024;
/** Older files. */
const KEPT = 1;
/** Actions kept in memory, for reports of what was done before. */
const RECENT = 1000;
/** Lines of calls with keys that are taken over from an earlier agent. */
const EARLIER = 2000;

const CallLine = Outcome.extend({ phase: z.literal('call'), key: z.string(), content: z.string() }).transform(
  ({ phase: _, ...call }) => call,
);

export interface Action {
  readonly by: string;
  readonly action: string;
  readonly group: string;
  readonly facts?: Record<string, unknown>;
  /** Freeze, thaw, kill, stop, remove: done even while the journal cannot be written, since they may stop the program that fills the disk. */
  readonly safer?: boolean;
}

/** An action of the past, and the reason if it was refused. */
export interface PastAction extends Omit<Action, 'safer'> {
  readonly time: number;
  refused?: string;
}

/** A call with a key, as it began or ended. */
export interface JournaledCall extends Outcome {
  readonly key: string;
  readonly content: string;
}

export class ActionJournal {
  readonly #path: string;
  readonly #log: AppendLog;
  #number = 0;
  readonly #recent: PastAction[] = [];
  #earlier: readonly JournaledCall[] = [];

  constructor(stateDir: string, faults = new StateFaults()) {
    this.#path = join(stateDir, 'journal.ndjson');
    const lines = logFiles(this.#path, KEPT).flatMap((path) => readJsonLines(path, 'those actions are lost.', faults));
    this.#earlier = lines.flatMap((line) => CallLine.safeParse(line).data ?? []).slice(-EARLIER);
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

  /** Actions on these groups since a time, oldest first, as far as they are in memory: those of this run. */
  since(timeMs: number, groups: ReadonlySet<string>): readonly PastAction[] {
    return this.#recent.filter(({ time, group }) => time >= timeMs && groups.has(group));
  }

  /** Records an action, does it, and records how it ended. An action that cannot be recorded is refused, unless it is `safer`. @param outcome the part of the result to record */
  async record<T>({ safer, ...action }: Action, act: () => T | Promise<T>, outcome?: (result: T) => unknown): Promise<T> {
    const number = ++this.#number;
    const past: PastAction = { ...action, time: Date.now() };
    const asked = JSON.stringify({ number, time: past.time, phase: 'asked', ...action });
    this.#recent.push(past);
    if (this.#recent.length > RECENT) this.#recent.shift();
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
      past.refused = error instanceof Error ? error.message : String(error);
      end({ phase: 'refused', reason: past.refused });
      throw error;
    }
  }

  /** Calls with keys of earlier agents, oldest first; the last of a key is how it ended. Given once, and not kept. */
  earlierCalls(): readonly JournaledCall[] {
    const earlier = this.#earlier;
    this.#earlier = [];
    return earlier;
  }

  /** Records that a call with a key begins or has ended. */
  noteCall(call: JournaledCall): void {
    this.#log.append(JSON.stringify({ time: Date.now(), phase: 'call', ...call }));
  }

  close(): void {
    this.#log.close();
  }
}
