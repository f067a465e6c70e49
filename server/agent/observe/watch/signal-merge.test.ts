// Hundreds of pressure signals, with a test clock.
import { beforeEach, expect, test } from 'vitest';
import { HeldClock } from '../../fixtures/held-clock.ts';
import { SignalMerge } from './signal-merge.ts';

let clock: HeldClock;
let merge: SignalMerge<string>;
let emitted: [atMs: number, what: string, count: number, wokeMs: number][];

beforeEach(() => {
  clock = new HeldClock();
  emitted = [];
  merge = new SignalMerge(clock, ({ group, what, count, wokeMs }) => emitted.push([clock.now(), `${group} ${what}`, count, wokeMs]));
});

test('the first is passed on at once, those of the following second as one, with the last one’s time', async () => {
  merge.signalled('/a', 'low', 3, 10);
  expect(emitted).toEqual([[0, '/a low', 3, 10]]);
  await clock.move(400);
  merge.signalled('/a', 'low', 2, 11);
  merge.signalled('/a', 'low', 5, 12);
  await clock.move(599);
  expect(emitted).toHaveLength(1);
  await clock.move(1);
  expect(emitted[1]).toEqual([1000, '/a low', 7, 12]);
});

test('without a pause, one a second, and no count is lost', async () => {
  for (let ms = 0; ms < 5000; ms += 10) {
    merge.signalled('/a', 'critical', 1, ms);
    await clock.move(10);
  }
  expect(emitted.map(([at]) => at)).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
  expect(emitted.reduce((sum, [, , count]) => sum + count, 0)).toBe(500);
});

test('after a quiet second the next is passed on at once, and no timer is left', async () => {
  merge.signalled('/a', 'low', 1, 1);
  await clock.move(1000);
  expect(clock.next).toBeUndefined();
  await clock.move(500);
  merge.signalled('/a', 'low', 1, 2);
  expect(emitted).toEqual([
    [0, '/a low', 1, 1],
    [1500, '/a low', 1, 2],
  ]);
});

test('each group and level is merged separately', async () => {
  merge.signalled('/a', 'low', 1, 1);
  merge.signalled('/a', 'medium', 1, 1);
  merge.signalled('/a b', 'low', 1, 1);
  merge.signalled('/a', 'low', 1, 2);
  await clock.move(1000);
  expect(emitted.map(([, what, count]) => `${what} ${count}`)).toEqual(['/a low 1', '/a medium 1', '/a b low 1', '/a low 1']);
});

test('flush passes on what was merged, and leaves no timer', async () => {
  merge.signalled('/a', 'low', 1, 1);
  merge.signalled('/a', 'low', 4, 9);
  merge.signalled('/b', 'low', 1, 1);
  merge.flush();
  expect(emitted.map(([, what, count]) => `${what} ${count}`)).toEqual(['/a low 1', '/b low 1', '/a low 4']);
  expect(clock.next).toBeUndefined();
});
