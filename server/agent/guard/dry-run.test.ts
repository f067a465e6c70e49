// A dry run: when a guard would have held a group, by what it used.
import { expect, test } from 'vitest';
import { GuardPlan } from '../../contract/guards.ts';
import { type PastSecond, pastSeconds, wouldHold } from './dry-run.ts';

const MIB = 2 ** 20;
const past = (usage: readonly number[], reclaimable = 0): PastSecond[] =>
  usage.map((mib, i) => ({ time: i * 1000, usageBytes: mib * MIB, reclaimableBytes: reclaimable * MIB }));
const line = GuardPlan.parse({ line: '90M' });

test('once for each time that it comes up to its line', () => {
  const seconds = past([50, 80, 91, 95, 92, 60, 93, 40]);
  expect(wouldHold(seconds, line, 90 * MIB, 100 * MIB).map(({ time }) => time)).toEqual([2000, 6000]);
});

test('not for what could have been reclaimed', () => {
  expect(wouldHold(past([95, 96, 97], 40), line, 90 * MIB, 100 * MIB)).toEqual([]);
});

test('by growth, before the limit is met', () => {
  const plan = GuardPlan.parse({ growth: { seconds: 20 } });
  const [first, ...others] = wouldHold(past(Array.from({ length: 60 }, (_, i) => 10 + i * 2)), plan, undefined, 130 * MIB);
  expect([first?.reason, others]).toEqual(['growth', []]);
  expect((130 * MIB - (first?.usageBytes ?? 0)) / (2 * MIB)).toBeGreaterThan(15);
  expect(wouldHold(past(Array.from({ length: 60 }, () => 120)), plan, undefined, 130 * MIB)).toEqual([]);
});

test('without history, line and growth: never', () => {
  expect(wouldHold([], line, 90 * MIB, 100 * MIB)).toEqual([]);
  expect(wouldHold(past([99]), GuardPlan.parse({ machine: {} }), undefined, Number.POSITIVE_INFINITY)).toEqual([]);
});

test('a kill at its own limit between two readings counts, once', () => {
  const seconds = past([60, 10, 95, 10, 60, 10]).map((one, i) => (i === 1 || i === 3 ? { ...one, killed: true } : one));
  expect(wouldHold(seconds, line, 90 * MIB, 100 * MIB).map(({ time }) => time)).toEqual([1000, 2000]);
});

test('such a kill is one of which the limit was hit in the same second', () => {
  const series = (reading: string, values: readonly number[]) => ({
    reading,
    points: values.map((value, i): [number, number] => [i * 1000, value]),
  });
  const history = [
    series('memory.usage_in_bytes', [1, 2, 3, 4]),
    series('memory.oom_control:oom_kill', [5, 6, 6, 7]),
    series('memory.failcnt', [9, 10, 10, 10]),
  ];
  expect(pastSeconds(() => history).map(({ killed }) => killed)).toEqual([undefined, true, undefined, undefined]);
});
