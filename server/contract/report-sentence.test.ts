// The sentence of a report: what is known, and a clause less for what is not.
import { expect, test } from 'vitest';
import type { HoldFacts } from './guards.ts';
import { decisionSentence, type ReportFacts, reportSentence } from './report-sentence.ts';
import { reportText } from './report-text.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const least: ReportFacts = {
  id: 7,
  kind: 'kill',
  time: 0,
  group: '/docker/web',
  count: 1,
  events: [7],
  host: 'h',
  victims: [],
  limits: [],
  history: [],
  before: [],
  actions: [],
};
const web = { pid: 1, comm: 'web' };
const counter = (usageBytes: number, limitBytes: number | 'max') => ({ usageBytes, limitBytes, failcnt: 1 });
const whole: ReportFacts = {
  ...least,
  victims: [web],
  limitGroup: '/docker/web',
  kernel: { lines: [], memory: counter(512 * MIB, 512 * MIB) },
  growth: { bytesPerSec: 4 * MIB, forMs: 90_000 },
  charged: { usage: 512 * MIB, anonymous: 476 * MIB, file: 0, reclaimable: 0, group: '/docker/web', from: 'kernel log' },
};

test.each<[string, string, ReportFacts]>([
  [
    'everything',
    'web was killed because /docker/web reached its own limit of 512 MiB; it grew by 4 MiB a second for 90 s; 93 % was anonymous memory; nothing could be reclaimed.',
    whole,
  ],
  ['nothing', 'A process in /docker/web was killed because memory ran out, and the kernel’s log does not say whose.', least],
  [
    'counted only',
    '3 processes in /docker/web were killed because memory ran out, and the kernel’s log does not say whose.',
    { ...least, count: 3 },
  ],
  [
    'one of two named',
    'web and another process in /docker/web were killed because memory ran out, and the kernel’s log does not say whose.',
    { ...least, count: 2, victims: [web] },
  ],
  [
    'a storm',
    'web and 1,299 other processes in /docker/web were killed because memory ran out, and the kernel’s log does not say whose.',
    { ...least, count: 1300, victims: [web] },
  ],
  [
    'an ancestor’s limit, from readings',
    'web was killed because /docker, which /docker/web is in, reached its limit of 1 GiB.',
    { ...least, victims: [web], limitGroup: '/docker', limits: [{ group: '/docker', limitBytes: GIB }] },
  ],
  [
    'an unknown limit',
    'web was killed because /docker/web reached its own limit.',
    { ...least, victims: [web], limitGroup: '/docker/web' },
  ],
  [
    'the limit with swap',
    'web was killed because /docker/web reached its own limit of 1 GiB of memory and swap.',
    {
      ...least,
      victims: [web],
      limitGroup: '/docker/web',
      kernel: { lines: [], memory: counter(512 * MIB, 2 * GIB), memsw: counter(GIB, GIB) },
    },
  ],
  ['the machine', 'web was killed because the machine had no memory left.', { ...least, victims: [web], limitGroup: '/' }],
  [
    'some nodes',
    'web was killed because the memory nodes 0-1, to which it was bound, had no memory left.',
    { ...least, victims: [web], limitGroup: '/', nodes: '0-1' },
  ],
  [
    'a mixture, and cache that was left',
    'A process in /docker/web was killed because memory ran out, and the kernel’s log does not say whose; 100 MiB of cache were left.',
    {
      ...least,
      charged: {
        usage: 500 * MIB,
        anonymous: 240 * MIB,
        file: 100 * MIB,
        shmem: 160 * MIB,
        reclaimable: 100 * MIB,
        group: '/docker/web',
        from: 'kernel log',
      },
    },
  ],
  [
    'readings of the tick before say nothing of what could be reclaimed at the kill',
    'A process in /docker/web was killed because memory ran out, and the kernel’s log does not say whose; 100 % was shared memory.',
    { ...least, charged: { usage: 100 * MIB, shmem: 100 * MIB, reclaimable: 0, group: '/docker/web', from: 'readings' } },
  ],
  [
    'a name that would act on a terminal',
    'a^[[2J in /docker/web was killed because memory ran out, and the kernel’s log does not say whose.',
    { ...least, victims: [{ pid: 1, comm: 'a\u001b[2J' }] },
  ],
  ['a catch', '/docker/web was caught by its guard.', { ...least, kind: 'catch', count: 0 }],
  [
    'a catch before its limit',
    '/docker/web was caught by its guard before it reached its limit of 512 MiB.',
    { ...least, kind: 'catch', count: 0, limits: [{ group: '/docker/web', limitBytes: 512 * MIB }] },
  ],
])('%s', (_, sentence, facts) => {
  expect(reportSentence(facts)).toBe(sentence);
});

test.each<[string, string, Partial<NonNullable<ReportFacts['decisions']>[number]>, number]>([
  ['by a person', 'ann decided after 12 s: Done.', { by: 'ann', afterMs: 12_000 }, 300_000],
  ['by its steps at the deadline', 'Without a decision for 5 min, its guard decided: Done.', { by: 'guard', afterMs: 300_000 }, 300_000],
  ['by its steps at once', 'Its guard decided: Done.', { by: 'guard', afterMs: 1 }, 0],
  ['since the machine has memory again', 'Its guard decided: Done.', { by: 'guard', do: 'recovered', afterMs: 9000 }, 300_000],
  ['by no one', 'Done.', {}, 300_000],
])('a decision %s', (_, sentence, more, deadlineMs) => {
  const facts: HoldFacts = {
    ...{ time: 0, state: 'frozen' as const, usageBytes: 1, kinds: {}, processes: [], processCount: 1 },
    limit: { value: 'max', group: '/' },
  };
  const decision = { time: 1, do: 'raise', outcome: 'continues', sentence: 'Done.', ...more } as const;
  expect(decisionSentence({ hold: { reason: 'line', pattern: '/a', facts, deadlineMs }, decisions: [decision] })).toBe(sentence);
});

test('the text for a ticket begins with the sentence, has no part of which nothing is known, and nothing that acts on a terminal', () => {
  const text = reportText({ ...least, sentence: 'A process was killed.', victims: [{ pid: 1, comm: '\u001b[2J' }] });
  expect(text).toMatch(/^A process was killed\.\n/);
  expect(text).toContain('^[[2J');
  expect(text).not.toMatch(/Limits|Kernel log|Memory|Processes before/);
});
