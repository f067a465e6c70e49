// The acts that were done lately, by the keys of their callers: one that is repeated after its answer was lost is not done again.
import { createHash } from 'node:crypto';
import type { Outcome } from '../../contract/call-key.ts';
import type { CallName } from '../../contract/calls.ts';
import { type Problem, ProblemError } from '../../contract/problems.ts';
import type { ActionJournal, JournaledCall } from '../state/action-journal.ts';

/** A caller repeats within seconds, and the page asks for ten minutes. */
const MOST = 1000;
const KEPT_MS = 15 * 60_000;
/** A longer answer is not journalled, which is for actions: after a restart it is known only that the act was done. */
const LONGEST_ANSWER = 4096;

export interface Act {
  readonly key: string;
  readonly call: CallName;
  readonly params: unknown;
  /** Who asked. */
  readonly by: string;
}

interface Known extends Outcome {
  /** Of the call, its parameters and its caller. */
  readonly content: string;
  /** Absent for an act of an earlier agent. */
  readonly result?: Promise<unknown>;
  readonly atMs?: number;
}

/** What a caller reads back takes no place of an act. */
const MOST_ASKED = 1000;

const contentOf = ({ call, params, by }: Act) =>
  createHash('sha256')
    .update(JSON.stringify([call, params, by]))
    .digest('base64');

export class DoneCalls {
  readonly #journal: Pick<ActionJournal, 'noteCall'>;
  /** Oldest first. */
  readonly #known = new Map<string, Known>();
  /** Keys that were asked about before their acts arrived. Oldest first. */
  readonly #asked = new Set<string>();

  constructor(journal: Pick<ActionJournal, 'noteCall' | 'earlierCalls'>) {
    this.#journal = journal;
    for (const { key, ...known } of journal.earlierCalls())
      this.#keep(key, known.state === 'running' ? { ...known, state: 'unknown' } : known);
  }

  /**
   * Does an act, or gives what it answered the first time, also while that is under way.
   * @throws ProblemError other_call for a key that another act has; unknown_outcome if an earlier agent ended while it was under way
   */
  once(act: Act, work: () => Promise<unknown>): Promise<unknown> {
    const content = contentOf(act);
    const known = this.#known.get(act.key);
    if (known) return again(known, content, act.key);
    if (this.#asked.has(act.key))
      return refuse('conflict', 'It was asked whether this act was done before it arrived, and answered that it was not: make it anew.');
    this.#journal.noteCall({ key: act.key, content, state: 'running' });
    const result = work();
    this.#keep(act.key, { state: 'running', content, result });
    const ended = (outcome: Outcome) => {
      this.#keep(act.key, { ...outcome, content, result });
      this.#journal.noteCall({ key: act.key, content, ...brief(outcome) });
    };
    result.then(
      (answer) => ended({ state: 'done', answer }),
      (error: unknown) => ended({ state: 'refused', problem: problemOf(error) }),
    );
    return result;
  }

  /** What became of an act. One that has not arrived is refused from now on, so that `none` stays true. */
  outcome(key: string): Outcome {
    const known = this.#known.get(key);
    if (!known) {
      this.#asked.delete(key);
      this.#asked.add(key);
      for (const oldest of this.#asked) if (this.#asked.size > MOST_ASKED) this.#asked.delete(oldest);
      return { state: 'none' };
    }
    const { state, answer, problem } = known;
    return { state, ...(answer === undefined ? {} : { answer }), ...(problem === undefined ? {} : { problem }) };
  }

  #keep(key: string, known: Known): void {
    this.#known.delete(key);
    const nowMs = performance.now();
    this.#known.set(key, { ...known, atMs: nowMs });
    for (const [oldest, { state, atMs = nowMs }] of this.#known) {
      if (this.#known.size <= MOST && nowMs - atMs < KEPT_MS) return;
      if (state !== 'running') this.#known.delete(oldest);
    }
  }
}

function again({ state, content, answer, problem, result }: Known, asked: string, key: string): Promise<unknown> {
  if (content !== asked)
    return refuse(
      'other_call',
      `Another call was made with the key ${key}: make a new key for each act, and repeat it only with the same content.`,
    );
  if (result) return result;
  if (state === 'refused' && problem) return Promise.reject(ProblemError.from(problem));
  if (state === 'done' && answer !== undefined) return Promise.resolve(answer);
  if (state === 'done')
    return refuse('unknown_outcome', 'It was done. Its answer was too long, or too private, to keep over the restart of cgdeck.');
  return refuse('unknown_outcome', 'cgdeck ended while this was under way: it is unknown whether it was done. Look before you do it anew.');
}

function refuse(code: 'other_call' | 'conflict' | 'unknown_outcome', detail: string): Promise<never> {
  return Promise.reject(new ProblemError(code, detail));
}

function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return new ProblemError('unknown_outcome', 'The agent failed by an internal error while this was under way; see its log.').problem;
}

/** Without an answer that is too long for the journal, or has an environment, which may hold secrets. */
function brief({ answer, ...outcome }: Outcome): Omit<JournaledCall, 'key' | 'content'> {
  let isPrivate = false;
  const text = JSON.stringify(answer, (name, value) => {
    isPrivate ||= name === 'env';
    return value;
  });
  const isKept = text !== undefined && text.length <= LONGEST_ANSWER && !isPrivate;
  return { ...outcome, ...(isKept ? { answer } : {}) };
}
