// Kills by the log set against kills by the counters: each reported once, whoever speaks first, and a name only where the counter agrees.
import { beforeEach, expect, test } from 'vitest';
import { KillLedger } from './kill-ledger.ts';
import type { OomKill } from './oom-lines.ts';

const victim: OomKill = { sequence: 1, timeUsec: 1, pid: 7, comm: 'hog', rssBytes: 1024 };
const other: OomKill = { ...victim, sequence: 2, pid: 8 };

let ledger: KillLedger;

beforeEach(() => {
  ledger = new KillLedger();
  ledger.open('/a', 0);
});

test('what the log said is not reported again, in whichever order the counter comes', () => {
  ledger.reported('/a');
  ledger.counted('/a', 1);
  expect(ledger.overdue()).toEqual([]);
  ledger.counted('/a', 2);
  ledger.reported('/a');
  expect(ledger.overdue()).toEqual([]);
});

test('what only the counter knows is overdue, once', () => {
  ledger.reported('/a');
  ledger.counted('/a', 4);
  expect(ledger.overdue()).toEqual([{ group: '/a', count: 3 }]);
  expect(ledger.overdue()).toEqual([]);
  ledger.counted('/a', 5);
  expect(ledger.overdue()).toEqual([{ group: '/a', count: 1 }]);
});

test('a victim whose group was known is named once that group’s counter says so, however many ticks they are apart', () => {
  ledger.counted('/a', 0);
  ledger.counted('/b', 0);
  expect(ledger.expect('/a', victim)).toBe(true);
  expect(ledger.overdue()).toEqual([]);
  ledger.counted('/b', 1);
  expect(ledger.overdue()).toEqual([{ group: '/b', count: 1 }]);
  ledger.counted('/a', 1);
  expect(ledger.overdue()).toEqual([{ group: '/a', count: 1, victim }]);
  expect(ledger.overdue()).toEqual([]);
});

test('several kills take the names that are known to be theirs, in order, and the rest has none', () => {
  ledger.counted('/a', 0);
  ledger.expect('/a', victim);
  ledger.expect('/a', other);
  ledger.counted('/a', 3);
  expect(ledger.overdue()).toEqual([
    { group: '/a', count: 1, victim },
    { group: '/a', count: 1, victim: other },
    { group: '/a', count: 1 },
  ]);
});

test('a name that the counter does not bear out is forgotten', () => {
  ledger.counted('/a', 0);
  ledger.expect('/a', victim);
  for (let tick = 0; tick < 5; tick++) ledger.overdue();
  ledger.counted('/a', 1);
  expect(ledger.overdue()).toEqual([{ group: '/a', count: 1 }]);
});

test('where there is no counter, nobody waits for it', () => {
  expect(ledger.expect('/a', victim)).toBe(false);
  expect(ledger.expect('/unknown', victim)).toBe(false);
});

test('a victim that the kernel counts twice is one happening', () => {
  ledger.counted('/a', 0);
  ledger.expect('/a', victim);
  ledger.expect('/a', { ...victim, again: true });
  ledger.expect('/a', other);
  ledger.counted('/a', 3);
  expect(ledger.overdue().map(({ count, victim: who }) => [count, who?.pid])).toEqual([
    [1, 7],
    [1, 8],
  ]);
});

test('what waits for a counter is reported when its group goes', () => {
  ledger.counted('/a', 0);
  ledger.expect('/a', victim);
  expect(ledger.close('/a')).toEqual([{ group: '/a', count: 1, victim }]);
  expect(ledger.close('/a')).toEqual([]);
});

test('kills from before the agent met a group are not its news', () => {
  ledger.open('/old', 40);
  ledger.counted('/old', 40);
  ledger.counted('/met', 5);
  expect(ledger.overdue()).toEqual([]);
  ledger.counted('/met', 6);
  expect(ledger.overdue()).toEqual([{ group: '/met', count: 1 }]);
});

test('a group made anew starts from nothing', () => {
  ledger.reported('/a');
  ledger.counted('/a', 1);
  ledger.close('/a');
  ledger.open('/a', 0);
  ledger.counted('/a', 1);
  expect(ledger.overdue()).toEqual([{ group: '/a', count: 1 }]);
});

test('opening twice, and telling of a group that is closed, changes nothing', () => {
  ledger.reported('/a');
  ledger.open('/a', 0);
  ledger.counted('/a', 1);
  ledger.close('/b');
  ledger.reported('/b');
  expect(ledger.overdue()).toEqual([]);
});
