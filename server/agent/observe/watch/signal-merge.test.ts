// Hundreds of pressure signals, with a test clock.
import { beforeEach, expect, test } from 'vitest';
import { HeldClock } from '../../fixtures/held-clock.ts';
import { SignalMerge } from './signal-merge.ts';
import { Turns } from './turns.ts';

interface Signal {
  readonly group: string;
  readonly what: string;
  readonly count: number;
  readonly wokeMs: number;
}

let clock: HeldClock;
let merge: SignalMerge<Signal>;
let emitted: [atMs: number, what: string, count: number, wokeMs: number][];

function start(perSec: number): void {
  clock = new HeldClock();
  emitted = [];
  merge = new SignalMerge({
    clock,
    turns: new Turns(clock, perSec),
    add: (before, next) => ({ ...next, count: before.count + next.count }),
    emit: ({ group, what, count, wokeMs }) => void emitted.push([clock.now(), `${group} ${what}`, count, wokeMs]),
  });
}

const signalled = (group: string, what: string, count: number, wokeMs: number) => merge.signalled(what, { group, what, count, wokeMs });

beforeEach(() => start(100));

test('the first is passed on at once, those of the following second as one, with the last one’s time', async () => {
  signalled('/a', 'low', 3, 10);
  expect(emitted).toEqual([[0, '/a low', 3, 10]]);
  await clock.move(400);
  signalled('/a', 'low', 2, 11);
  signalled('/a', 'low', 5, 12);
  await clock.move(599);
  expect(emitted).toHaveLength(1);
  await clock.move(1);
  expect(emitted[1]).toEqual([1000, '/a low', 7, 12]);
});

test('without a pause, one a second, and no count is lost', async () => {
  for (let ms = 0; ms < 5000; ms += 10) {
    signalled('/a', 'critical', 1, ms);
    await clock.move(10);
  }
  expect(emitted.map(([at]) => at)).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
  expect(emitted.reduce((sum, [, , count]) => sum + count, 0)).toBe(500);
});

test('after a quiet second the next is passed on at once, and no timer is left', async () => {
  signalled('/a', 'low', 1, 1);
  await clock.move(1500);
  expect(clock.next).toBeUndefined();
  signalled('/a', 'low', 1, 2);
  expect(emitted).toEqual([
    [0, '/a low', 1, 1],
    [1500, '/a low', 1, 2],
  ]);
});

test('each group and level is merged separately', async () => {
  signalled('/a', 'low', 1, 1);
  signalled('/a', 'medium', 1, 1);
  signalled('/a b', 'low', 1, 1);
  signalled('/a', 'low', 1, 2);
  await clock.move(1000);
  expect(emitted.map(([, what, count]) => `${what} ${count}`)).toEqual(['/a low 1', '/a medium 1', '/a b low 1', '/a low 1']);
});

test('flush passes on what was merged, of one group or of all', async () => {
  for (const group of ['/a', '/b', '/c /a']) {
    signalled(group, 'low', 1, 1);
    signalled(group, 'low', 4, 9);
  }
  merge.flush('/a');
  expect(emitted.slice(3)).toEqual([[0, '/a low', 4, 9]]);
  merge.flush();
  expect(emitted.slice(4).map(([, what]) => what)).toEqual(['/b low', '/c /a low']);
  await clock.move(5000);
  expect(emitted).toHaveLength(6);
});

test('more groups than turns: so many a second and no more, each in its turn, and no count is lost', async () => {
  start(5);
  for (let ms = 0; ms < 10_000; ms += 100) {
    for (let group = 0; group < 20; group++) signalled(`/g${group}`, 'low', 1, ms);
    await clock.move(100);
  }
  for (let second = 0; second < 10; second++)
    expect(emitted.filter(([at]) => at > second * 1000 && at <= (second + 1) * 1000).length).toBeLessThanOrEqual(5);
  merge.flush();
  for (let group = 0; group < 20; group++) {
    const own = emitted.filter(([, what]) => what === `/g${group} low`);
    expect(own.reduce((sum, [, , count]) => sum + count, 0)).toBe(100);
    expect(own.length).toBeGreaterThanOrEqual(3);
  }
});
