// The result of a reclaim in words: all of it, a part, or a part that the group used again.
import { expect, it } from 'vitest';
import { reclaimWords } from './reclaim-words.ts';

const MIB = 2 ** 20;
const answer = { group: '/a', askedBytes: 64 * MIB, reclaimedBytes: 64 * MIB, complete: true, tookMs: 12 };

it('has what was asked, what was reclaimed, and how long it took', () => {
  expect(reclaimWords(answer)).toBe('Asked 64 MiB, reclaimed 64 MiB in 12.0 ms.');
  expect(reclaimWords({ ...answer, reclaimedBytes: 61.2 * MIB, complete: false })).toBe(
    'Asked 64 MiB, reclaimed 61.2 MiB in 12.0 ms. The kernel found no more.',
  );
  expect(reclaimWords({ ...answer, reclaimedBytes: 60 * MIB })).toContain('used new memory meanwhile');
});
