// What is said of a reclaim: all of it, a part, and a part that the group itself took back.
import { expect, it } from 'vitest';
import { reclaimWords } from './reclaim-words.ts';

const MIB = 2 ** 20;
const answer = { group: '/a', askedBytes: 64 * MIB, reclaimedBytes: 64 * MIB, complete: true, tookMs: 12 };

it('says what was asked, what was got, and how long it took', () => {
  expect(reclaimWords(answer)).toBe('Asked 64 MiB, got 64 MiB in 12.0 ms.');
  expect(reclaimWords({ ...answer, reclaimedBytes: 61.2 * MIB, complete: false })).toBe(
    'Asked 64 MiB, got 61.2 MiB in 12.0 ms. The kernel found no more to give back.',
  );
  expect(reclaimWords({ ...answer, reclaimedBytes: 60 * MIB })).toContain('took memory meanwhile');
});
