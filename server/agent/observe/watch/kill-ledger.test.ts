// Kills by the log set against kills by the counters: each told once, whoever speaks first.
import { beforeEach, expect, test } from 'vitest';
import type { OomKill } from './kernel-log.ts';
import { KillLedger } from './kill-ledger.ts';

const victim: OomKill = { sequence: 1, timeUsec: 1, pid: 7, comm: 'hog' };

let ledger: KillLedger;

beforeEach(() => {
  ledger = new KillLedger();
  ledger.open('/a', 0);
});

test('what the log told is not told again, in whichever order the counter comes', () => {
  ledger.told('/a');
  ledger.counted('/a', 1);
  expect(ledger.overdue()).toEqual([]);
  ledger.counted('/a', 2);
  ledger.told('/a');
  expect(ledger.overdue()).toEqual([]);
});

test('what only the counter knows is overdue, once', () => {
  ledger.told('/a');
  ledger.counted('/a', 4);
  expect(ledger.overdue()).toEqual([{ group: '/a', count: 3 }]);
  expect(ledger.overdue()).toEqual([]);
  ledger.counted('/a', 5);
  expect(ledger.overdue()).toEqual([{ group: '/a', count: 1 }]);
});

test('a name without a group goes to the one kill that has none', () => {
  ledger.nameless(victim);
  ledger.counted('/a', 1);
  expect(ledger.overdue()).toEqual([{ group: '/a', count: 1, victim }]);
});

test('several kills take no single name, and a name that fits nothing is forgotten', () => {
  ledger.nameless(victim);
  ledger.counted('/a', 2);
  expect(ledger.overdue()).toEqual([{ group: '/a', count: 2 }]);
  ledger.counted('/a', 3);
  expect(ledger.overdue()).toEqual([{ group: '/a', count: 1 }]);
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
  ledger.told('/a');
  ledger.counted('/a', 1);
  ledger.close('/a');
  ledger.open('/a', 0);
  ledger.counted('/a', 1);
  expect(ledger.overdue()).toEqual([{ group: '/a', count: 1 }]);
});

test('opening twice, and telling of a group that is closed, changes nothing', () => {
  ledger.told('/a');
  ledger.open('/a', 0);
  ledger.counted('/a', 1);
  ledger.close('/b');
  ledger.told('/b');
  expect(ledger.overdue()).toEqual([]);
});
