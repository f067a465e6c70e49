// Every group has its turn once in the time, however the ticks fall.
import { expect, test } from 'vitest';
import { EachInTurn } from './each-in-turn.ts';

const GIDS = Array.from({ length: 1000 }, (_, gid) => gid + 1);

/** How often each group has its turn in ticks at these times; the first tick is not counted. */
function turnsAt(times: readonly number[]): number[] {
  const turns = new EachInTurn(10_000);
  const [first = 0, ...rest] = times;
  expect(GIDS.every(turns.next(first))).toBe(true);
  const counts = GIDS.map(() => 0);
  for (const time of rest) {
    const isTurn = turns.next(time);
    GIDS.forEach((gid, at) => {
      if (isTurn(gid)) counts[at] = (counts[at] ?? 0) + 1;
    });
  }
  return counts;
}

test.each([
  ['ticks of a second', Array.from({ length: 11 }, (_, i) => 5000 + i * 1000)],
  ['ticks of 100 ms', Array.from({ length: 101 }, (_, i) => i * 100)],
  ['ticks at any time', [0, 17, 390, 391, 2500, 2599, 2600, 8111, 9999, 10_000]],
  ['one tick', [123_456, 133_456]],
])('%s', (_, times) => {
  expect(new Set(turnsAt(times))).toEqual(new Set([1]));
});

test('after more than the time, all have it', () => {
  expect(new Set(turnsAt([0, 25_000]))).toEqual(new Set([1]));
});

test('a second is a tenth of the groups', () => {
  expect(turnsAt([0, 1000]).filter((count) => count === 1)).toHaveLength(GIDS.length / 10);
});
