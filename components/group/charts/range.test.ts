// The range that a page opens with.
import { expect, it } from 'vitest';
import { rangeFor } from './range.ts';

it('takes the chosen one, else the shortest that includes all that is known', () => {
  expect(rangeFor('3m', 5_000)).toBe('3m');
  expect(rangeFor(null, 5_000)).toBe('1m');
  expect(rangeFor('2h', 100_000)).toBe('3m');
  expect(rangeFor(null, 590_000)).toBe('10m');
});
