// A held group in a sentence, and how it ended.
import { expect, test } from 'vitest';
import type { HoldFacts } from '../../server/contract/guards.ts';
import { endWords, heldFacts, thenWords } from './held-words.ts';

const MIB = 2 ** 20;
const facts: HoldFacts = {
  time: 0,
  state: 'frozen',
  usageBytes: 60 * MIB,
  limit: { value: 64 * MIB, group: '/web' },
  kinds: { reclaimableBytes: 0 },
  bytesPerSec: 2 * MIB,
  processes: [],
  processCount: 1,
};

test.each([
  [facts, 'Met its line: 60.0 MiB of its 64.0 MiB, grew by 2.00 MiB/s, nothing can be reclaimed'],
  [
    { ...facts, limit: { value: 64 * MIB, group: '/' } },
    'Met its line: 60.0 MiB of /’s 64.0 MiB, grew by 2.00 MiB/s, nothing can be reclaimed',
  ],
  [
    { ...facts, limit: { value: 'max' as const, group: '/' }, kinds: { reclaimableBytes: 5 * MIB } },
    'Met its line: 60.0 MiB in use, no limit, grew by 2.00 MiB/s, 5.00 MiB can be reclaimed',
  ],
])('%#', (known, words) => {
  expect(heldFacts({ group: '/web', reason: 'line', facts: known })).toBe(words);
});

test('who decided, and what; or the guard, or neither', () => {
  expect(endWords({ by: 'ann', sentence: 'Killed 1 process.' })).toBe('ann: Killed 1 process.');
  expect(endWords({ by: 'guard', sentence: 'Killed 1 process.' })).toBe('No person decided in time, so its guard did. Killed 1 process.');
  expect(endWords({ sentence: 'The group was removed.' })).toBe('The group was removed.');
});

test('what comes then', () => {
  expect([thenWords({}), thenWords({ next: 'reclaim memory' })]).toEqual(['Then its guard decides', 'Then: reclaim memory']);
});
