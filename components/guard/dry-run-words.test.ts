// What a guard would have done, in words.
import { expect, test } from 'vitest';
import { GuardPlan } from '../../server/contract/guards.ts';
import { type DryRun, dryRunWords, untriedWords, wouldHoldWords } from './dry-run-words.ts';

const MIB = 2 ** 20;
const NOW = 1_000_000_000;
const line = GuardPlan.parse({ line: '90%' });
const growth = GuardPlan.parse({ growth: { seconds: 30 } });
const thrashing = GuardPlan.parse({ thrashing: {} });
const none: DryRun = { group: '/web', since: NOW - 600_000, lineBytes: 90 * MIB, would: [] };
const once: DryRun = { ...none, would: [{ time: NOW - 1000, reason: 'line', usageBytes: 91 * MIB }] };

test.each<[DryRun, GuardPlan, string]>([
  [once, line, 'In the last 10 min it would have been held 1 time. Its line would be at 90.0 MiB.'],
  [none, line, 'In the last 10 min, it would not have been held. Its line would be at 90.0 MiB.'],
  [{ ...none, since: NOW - 5000 }, line, 'In the last 5 s, which is short, it would not have been held. Its line would be at 90.0 MiB.'],
  [{ group: '/web', since: NOW, would: [], sentence: 'No limit applies to it.' }, line, 'No limit applies to it.'],
  [none, thrashing, 'Neither waiting for memory nor the machine’s memory can be tried over the past.'],
])('%#', (run, plan, words) => {
  expect(dryRunWords(run, plan, NOW)).toBe(words);
});

test('why, for each time', () => {
  expect(wouldHoldWords({ time: NOW, reason: 'line', usageBytes: 91 * MIB }, once, line)).toBe(
    'at 91.0 MiB, it met its line of 90.0 MiB (90%)',
  );
  expect(wouldHoldWords({ time: NOW, reason: 'growth', usageBytes: 50 * MIB }, once, growth)).toBe(
    'at 50.0 MiB, its limit was less than 30 s away',
  );
});

test('what could not be tried', () => {
  expect(untriedWords(line)).toBeUndefined();
  expect(untriedWords(GuardPlan.parse({ line: '90%', thrashing: {}, machine: {} }))).toBe(
    'Not tried: waiting for memory and the machine’s memory.',
  );
});
