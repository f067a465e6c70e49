// Kills in the log and in the counters: each is reported once, in whichever order they come, with a name only if the counter agrees.
import { beforeEach, expect, test } from 'vitest';
import { type CountedKill, KillCounts } from './kill-counts.ts';
import type { OomKill } from './oom-lines.ts';

const victim: OomKill = { sequence: 1, timeUsec: 1, pid: 7, comm: 'hog', rssBytes: 1024 };
const other: OomKill = { ...victim, sequence: 2, pid: 8 };

let nowMs: number;
let kills: KillCounts;

beforeEach(() => {
  nowMs = 0;
  kills = new KillCounts(() => nowMs);
  kills.open('/a', 0);
});

/** At the next tick. */
function overdue(): CountedKill[] {
  nowMs += 1000;
  return kills.overdue();
}

test('a kill of the log is not reported again, whether its counter grew before or after', () => {
  kills.reported('/a');
  kills.counted('/a', 1);
  expect(overdue()).toEqual([]);
  kills.counted('/a', 2);
  kills.reported('/a');
  expect(overdue()).toEqual([]);
});

test('a kill that only the counter has is overdue, once', () => {
  kills.reported('/a');
  kills.counted('/a', 4);
  expect(overdue()).toEqual([{ group: '/a', count: 3 }]);
  expect(overdue()).toEqual([]);
  kills.counted('/a', 5);
  expect(overdue()).toEqual([{ group: '/a', count: 1 }]);
});

test('a victim that waits is reported when its group’s counter grows, some ticks later too', () => {
  kills.counted('/a', 0);
  kills.counted('/b', 0);
  expect(kills.expect('/a', victim)).toBe(true);
  expect(overdue()).toEqual([]);
  kills.counted('/b', 1);
  expect(overdue()).toEqual([{ group: '/b', count: 1 }]);
  kills.counted('/a', 1);
  expect(overdue()).toEqual([{ group: '/a', count: 1, victim }]);
  expect(overdue()).toEqual([]);
});

test('on a machine with quick ticks the log has half a second to name a kill', () => {
  kills.counted('/a', 0);
  kills.counted('/a', 2);
  for (nowMs = 100; nowMs < 500; nowMs += 100) expect(kills.overdue()).toEqual([]);
  kills.reported('/a');
  kills.expect('/a', victim);
  expect(kills.overdue()).toEqual([{ group: '/a', count: 1, victim }]);
  expect(overdue()).toEqual([]);
});

test('several kills get the waiting names in order; the rest have none', () => {
  kills.counted('/a', 0);
  kills.expect('/a', victim);
  kills.expect('/a', other);
  kills.counted('/a', 3);
  expect(overdue()).toEqual([
    { group: '/a', count: 1, victim },
    { group: '/a', count: 1, victim: other },
    { group: '/a', count: 1 },
  ]);
});

test('a name is dropped if the counter does not grow', () => {
  kills.counted('/a', 0);
  kills.expect('/a', victim);
  for (let tick = 0; tick < 5; tick++) overdue();
  kills.counted('/a', 1);
  expect(overdue()).toEqual([{ group: '/a', count: 1 }]);
});

test('without a counter no victim waits', () => {
  expect(kills.expect('/a', victim)).toBe(false);
  expect(kills.expect('/unknown', victim)).toBe(false);
});

test('a victim that the kernel counts twice is one kill', () => {
  kills.counted('/a', 0);
  kills.expect('/a', victim);
  kills.expect('/a', { ...victim, again: true });
  kills.expect('/a', other);
  kills.counted('/a', 3);
  expect(overdue().map(({ count, victim: who }) => [count, who?.pid])).toEqual([
    [1, 7],
    [1, 8],
  ]);
});

test('a victim that waits is reported when its group is removed', () => {
  kills.counted('/a', 0);
  kills.expect('/a', victim);
  expect(kills.close('/a')).toEqual([{ group: '/a', count: 1, victim }]);
  expect(kills.close('/a')).toEqual([]);
});

test('kills that wait for the log are reported when their group is removed', () => {
  kills.counted('/a', 0);
  kills.expect('/a', victim);
  kills.counted('/a', 3);
  expect(kills.close('/a')).toEqual([
    { group: '/a', count: 1, victim },
    { group: '/a', count: 2 },
  ]);
});

test('kills from before the agent found the group are not reported', () => {
  kills.open('/old', 40);
  kills.counted('/old', 40);
  kills.counted('/met', 5);
  expect(overdue()).toEqual([]);
  kills.counted('/met', 6);
  expect(overdue()).toEqual([{ group: '/met', count: 1 }]);
});

test('a group made again starts at 0', () => {
  kills.reported('/a');
  kills.counted('/a', 1);
  kills.close('/a');
  kills.open('/a', 0);
  kills.counted('/a', 1);
  expect(overdue()).toEqual([{ group: '/a', count: 1 }]);
});

test('opening twice, and reporting a kill of a closed group, changes nothing', () => {
  kills.reported('/a');
  kills.open('/a', 0);
  kills.counted('/a', 1);
  kills.close('/b');
  kills.reported('/b');
  expect(overdue()).toEqual([]);
});
