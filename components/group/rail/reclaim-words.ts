// What came of a reclaim, in a sentence.
import type { CallAnswer } from '../../../server/contract/calls.ts';
import { formatDuration } from '../../../server/contract/units.ts';
import { sizeText } from './size-text.ts';

export function reclaimWords({ askedBytes, reclaimedBytes, complete, tookMs }: CallAnswer<'reclaim'>): string {
  const { figure, unit } = formatDuration(tookMs);
  const said = `Asked ${sizeText(askedBytes)}, got ${sizeText(reclaimedBytes)} in ${figure} ${unit}.`;
  if (!complete) return `${said} The kernel found no more to give back.`;
  // Usage fell by less than the kernel gave back: the group has taken memory meanwhile.
  return reclaimedBytes < askedBytes ? `${said} The group took memory meanwhile.` : said;
}
