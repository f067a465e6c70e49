// A held group in a sentence: why it was stopped, and with what; and how it ended.

import { raisedOf } from '../../server/contract/guard-facts.ts';
import type { HoldReason } from '../../server/contract/guards.ts';
import { bytesText } from '../../server/contract/units.ts';
import type { DecisionEvent, HeldGroup } from './held.ts';

/** Shorter than in an event: the panel shows that it was stopped. */
const WHY: Record<HoldReason, string> = {
  line: 'Met its line',
  memsw: 'Met its line with swap',
  thrashing: 'Only waited for memory',
  growth: 'Grew towards its limit',
  machine: 'The machine ran short',
  found: 'Held since before a restart',
};

/** "Met its line: 57.6 MiB of its 64.0 MiB, grew by 23.8 MiB/s, nothing can be reclaimed". */
export function heldFacts({ group, reason, facts }: Pick<HeldGroup, 'group' | 'reason' | 'facts'>): string {
  const { bytesPerSec, kinds } = facts;
  const { usageBytes, limit } = raisedOf(facts);
  const used = bytesText(usageBytes);
  const of =
    limit.value === 'max'
      ? `${used} in use, no limit`
      : `${used} of ${limit.group === group ? 'its' : `${limit.group}’s`} ${bytesText(limit.value)}`;
  const { reclaimableBytes } = kinds;
  return [
    `${WHY[reason]}: ${of}`,
    ...(bytesPerSec === undefined ? [] : [`grew by ${bytesText(bytesPerSec)}/s`]),
    ...(reclaimableBytes === undefined
      ? []
      : [reclaimableBytes < usageBytes / 100 ? 'nothing can be reclaimed' : `${bytesText(reclaimableBytes)} can be reclaimed`]),
  ].join(', ');
}

/** "operator (browser 3f2a): Continues with a limit of 128 MiB." */
export function endWords({ by, sentence }: Pick<DecisionEvent, 'by' | 'sentence'>): string {
  if (by === undefined) return sentence;
  return by === 'guard' ? `No person decided in time, so its guard did. ${sentence}` : `${by}: ${sentence}`;
}

/** What is done when the time is over. */
export function thenWords({ next }: Pick<HeldGroup, 'next'>): string {
  return next === undefined ? 'Then its guard decides' : `Then: ${next}`;
}
