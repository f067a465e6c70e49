// The result of a reclaim, in a sentence.
import type { CallAnswer } from '../../../server/contract/calls.ts';
import { durationText } from '../../../server/contract/units.ts';
import { sizeText } from './size-text.ts';

export function reclaimWords({ askedBytes, reclaimedBytes, complete, tookMs }: CallAnswer<'reclaim'>): string {
  const result = `Asked ${sizeText(askedBytes)}, reclaimed ${sizeText(reclaimedBytes)} in ${durationText(tookMs)}.`;
  if (!complete) return `${result} The kernel found no more.`;
  // Usage fell by less than was reclaimed: the group has used new memory meanwhile.
  return reclaimedBytes < askedBytes ? `${result} The group used new memory meanwhile.` : result;
}
