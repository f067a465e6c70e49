// A hold that waits for a decision, and what of it is on disk.
import type { CallAnswer } from '../../contract/calls.ts';
import type { GuardPlan, Hold, HoldFacts } from '../../contract/guards.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { Watched } from '../act/reclaim.ts';
import type { StoredHold } from './hold-store.ts';

export interface OpenHold {
  hold: Hold;
  readonly plan: GuardPlan;
  readonly decidesAtMonoMs: number;
  /** CLOCK_MONOTONIC, as the deadline: the wall clock may be set. */
  readonly sinceMonoMs: number;
  /** Of the deadline. */
  readonly cancel: () => void;
  /** Ends the reclaim that goes on. */
  reclaiming?: AbortController | undefined;
  /** Whether it was reported that all its tasks have stopped. */
  isStopped: boolean;
}

export function storedOf({ decidesAtMonoMs, sinceMonoMs, hold }: OpenHold): Omit<StoredHold, 'boot'> {
  const { facts, next: _, suggestedBytes: __, reclaim: ___, ...kept } = hold;
  return { ...kept, decidesAtMonoMs, sinceMonoMs, ...(facts.bytesPerSec === undefined ? {} : { bytesPerSec: facts.bytesPerSec }) };
}

/** What is known now, with how it grew until it was held: it does not grow any more. */
export function withGrowth(now: HoldFacts, { bytesPerSec, secondsLeft }: HoldFacts): HoldFacts {
  return { ...now, ...(bytesPerSec === undefined ? {} : { bytesPerSec }), ...(secondsLeft === undefined ? {} : { secondsLeft }) };
}

/** The hold shows how much was reclaimed so far. */
export function watchReclaim(open: OpenHold, by: string): Watched {
  const controller = new AbortController();
  open.reclaiming = controller;
  return {
    signal: controller.signal,
    progress: (reclaimedBytes, askedBytes) => {
      open.hold = { ...open.hold, reclaim: { askedBytes, reclaimedBytes, by } };
    },
  };
}

export function endReclaim(open: OpenHold): void {
  open.reclaiming = undefined;
  const { reclaim: _, ...hold } = open.hold;
  open.hold = hold;
}

/** @throws ProblemError conflict where nothing is being reclaimed */
export function cancelReclaim({ hold, reclaiming }: OpenHold): CallAnswer<'cancelReclaim'> {
  const { id, group, reclaim } = hold;
  if (!reclaiming || !reclaim) throw new ProblemError('conflict', `Nothing is being reclaimed of ${group}.`, { file: group });
  reclaiming.abort();
  return { hold: id, askedBytes: reclaim.askedBytes, reclaimedBytes: reclaim.reclaimedBytes };
}
