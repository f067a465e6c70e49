// The growth up to a kill: the last stretch that only grew, and nothing where there is none.
import { expect, test } from 'vitest';
import { growthOf } from './growth.ts';

const MIB = 2 ** 20;
const each = (mib: readonly number[], stepMs = 1000) => mib.map((value, at) => [at * stepMs, value * MIB] as const);
const line = (from: number, to: number, count: number) => Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));

test.each([
  ['a steady leak', each(line(10, 100, 91)), { bytesPerSec: MIB, forMs: 90_000 }],
  ['flat before it', each([...line(50, 50, 30), ...line(52, 92, 21)]), { bytesPerSec: 2 * MIB, forMs: 21_000 }],
  ['small falls on the way', each([10, 30, 29, 50, 49, 70, 90]), { bytesPerSec: Math.round((80 / 6) * MIB), forMs: 6000 }],
  ['a deep fall before it', each([500, 500, 10, 20, 30, 40]), { bytesPerSec: 10 * MIB, forMs: 3000 }],
  ['read after the kill already', each([10, 20, 30, 40, 5]), { bytesPerSec: 10 * MIB, forMs: 3000 }],
  ['none', each(line(100, 100, 20)), undefined],
  ['hardly any', each(line(100, 103, 20)), undefined],
  ['too quick for the readings', each([10, 100]), undefined],
  ['one reading', each([10]), undefined],
  ['no reading', [], undefined],
  [
    'readings that are no numbers',
    [
      [0, 'max'],
      [1000, 'max'],
    ] as const,
    undefined,
  ],
])('%s', (_, points, growth) => {
  expect(growthOf(points)).toEqual(growth);
});
