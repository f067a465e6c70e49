// Quantiles and the table.
import { expect, test } from 'vitest';
import { quantile, table } from './figure.ts';

test.each([
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.5, 2],
  [[7], 0.99, 7],
  [Array.from({ length: 100 }, (_, i) => i + 1), 0.99, 99],
  [Array.from({ length: 200 }, (_, i) => i + 1), 0.99, 198],
])('of %j, %d: %d', (values, part, expected) => {
  expect(quantile(values, part)).toBe(expected);
});

test('refuses to take a quantile of nothing', () => {
  expect(() => quantile([], 0.5)).toThrow('nothing');
});

test('the table names its columns and marks missed targets', () => {
  const text = table([
    { name: 'a', cgdeck: '1.00 ms', comparedWith: 'C: 1.00 ms', ratio: '1.00', target: 'at most 1.5', met: true },
    { name: 'longer', cgdeck: '9.00 ms', comparedWith: 'nothing', target: 'under 5 ms', met: false },
  ]);
  expect(text.split('\n')).toEqual([
    'figure  cgdeck   compared with  ratio  target',
    'a       1.00 ms  C: 1.00 ms     1.00   at most 1.5  met',
    'longer  9.00 ms  nothing               under 5 ms   MISSED',
  ]);
});
