// Counters as in memory.events, and by how much they grow.
import { expect, test } from 'vitest';
import { triggerText } from '../observe/watch/pressure-triggers.ts';
import { countingFiles } from '../observe/watch/unified-watch.ts';
import { growth, parseCounters } from './notified-file.ts';

test.each([
  ['low 0\nhigh 12\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n', { low: 0, high: 12, max: 3, oom: 1, oom_kill: 1, oom_group_kill: 0 }],
  ['populated 1\nfrozen 0\n', { populated: 1, frozen: 0 }],
  ['max 2\n', { max: 2 }],
  ['', {}],
  ['max many\nhigh\nlow -1\n 7\nsome avg10=0.00\noom 4', { oom: 4 }],
])('%j', (text, counters) => {
  expect(parseCounters(text)).toEqual(counters);
});

test.each([
  [{ high: 1, max: 2 }, { high: 5, max: 2 }, { high: 4 }],
  [{}, { max: 1 }, { max: 1 }],
  [{ max: 9 }, { max: 2 }, {}],
  [{ max: 9 }, {}, {}],
])('from %j to %j', (before, now, grown) => {
  expect(growth(before, now)).toEqual(grown);
});

test.each([
  [['pids.max', 'pids.events', 'memory.events'], [{ name: 'pids.events', counts: { file: 'pids.max', orAbove: true } }]],
  [['pids.events', 'pids.events.local'], [{ name: 'pids.events.local', counts: { file: 'pids.max' } }]],
  [
    ['hugetlb.2MB.events', 'hugetlb.2MB.events.local', 'hugetlb.1GB.events', 'hugetlb.1GB.max'],
    [
      { name: 'hugetlb.2MB.events.local', counts: { file: 'hugetlb.2MB.max', orAbove: true } },
      { name: 'hugetlb.1GB.events', counts: { file: 'hugetlb.1GB.max', orAbove: true } },
    ],
  ],
  [['cgroup.events', 'misc.events'], []],
])('of %j', (names, counting) => {
  expect(countingFiles(names)).toEqual(counting);
});

test('a pressure trigger in the kernel’s format', () => {
  expect(triggerText({ of: 'some', percent: 15 }, 1_000_000)).toBe('some 150000 1000000');
  expect(triggerText({ of: 'full', percent: 40 }, 2_000_000)).toBe('full 800000 2000000');
});
