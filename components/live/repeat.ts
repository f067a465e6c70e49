// An act whose answer is lost: repeated with its key, which does nothing twice, and after a while only asked about; meanwhile it is unknown whether it was done.
import type { Outcome } from '../../server/contract/call-key.ts';
import { ProblemError } from '../../server/contract/problems.ts';

/** An act of which it is unknown whether it was done: from the loss of its answer until it is known. */
export interface Unsure {
  readonly key: string;
  /** What was asked, such as "POST /freeze". */
  readonly what: string;
}

const unsure = new Map<string, Unsure>();
const listeners = new Set<(all: readonly Unsure[]) => void>();

/** Calls back with all acts of which it is unknown whether they were done, whenever that changes. */
export function whenUnsure(listener: (all: readonly Unsure[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(): void {
  for (const listener of listeners) listener([...unsure.values()]);
}

/** For so long an act is repeated; a person would not expect it to be done later. */
const REPEAT_FOR_MS = 10_000;
/** For so long it is asked about. */
const ASK_FOR_MS = 600_000;
const FIRST_WAIT_MS = 300;
const LAST_WAIT_MS = 3000;

/** Random, also where the page has no secure context. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export interface Repeatable {
  readonly what: string;
  /** Makes the request with the key. @throws ProblemError answer_lost if it may have been carried out */
  readonly act: (key: string) => Promise<unknown>;
  readonly outcome: (key: string) => Promise<Outcome>;
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

const isLost = (error: unknown) => error instanceof ProblemError && error.problem.code === 'answer_lost';
const isAway = (error: unknown) => isLost(error) || (error instanceof ProblemError && error.problem.code === 'agent_unavailable');

/** @throws ProblemError the act's refusal; conflict if it turns out that it was not done; unknown_outcome if nothing answers for minutes */
export async function actOnce({ what, act, outcome, now = () => performance.now(), sleep = wait }: Repeatable): Promise<unknown> {
  const key = newKey();
  try {
    return await act(key);
  } catch (error) {
    if (!isLost(error)) throw error;
  }
  unsure.set(key, { key, what });
  changed();
  try {
    const lostMs = now();
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LAST_WAIT_MS)) {
      await sleep(waitMs);
      const sinceMs = now() - lostMs;
      if (sinceMs > ASK_FOR_MS) throw stillUnknown();
      try {
        if (sinceMs <= REPEAT_FOR_MS) return await act(key);
        const known = resultOf(await outcome(key));
        if (known) return known.answer;
      } catch (error) {
        if (!isAway(error)) throw error;
      }
    }
  } finally {
    unsure.delete(key);
    changed();
  }
}

/** @returns undefined while it is under way */
function resultOf({ state, answer, problem }: Outcome): { answer: unknown } | undefined {
  if (state === 'running') return undefined;
  if (state === 'done') return { answer };
  if (state === 'refused' && problem) throw ProblemError.from(problem);
  if (state === 'none') throw new ProblemError('conflict', 'It was not done: the request has never reached cgdeck. Try again.');
  throw stillUnknown();
}

function stillUnknown(): ProblemError {
  return new ProblemError(
    'unknown_outcome',
    'The answer was lost, and cgdeck cannot say whether it was done. Look before you do it again.',
  );
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
