// Search in output, and what a copy of all of it has.
import { describe, expect, test } from 'vitest';
import { copiedWords, findLines, partsOf, stepTo } from './find.ts';
import { linesOf } from './lines.ts';

const lines = linesOf([{ time: 1, stream: 'out', text: 'one\nError: two\nthree error\nfour' }]);

describe('finding', () => {
  test.each([
    ['error', [1, 2]],
    ['ERROR:', [1]],
    ['nothing', []],
    ['', []],
    ['.', []],
  ])('%j is in lines %j', (wanted, found) => {
    expect(findLines(lines, wanted)).toEqual(found);
  });

  test('a hundred thousand lines are searched, not those on the screen', () => {
    const text = Array.from({ length: 100_000 }, (_, i) => `line ${i}`).join('\n');
    expect(findLines(linesOf([{ time: 1, stream: 'out', text }]), 'line 4321')).toEqual([
      4321,
      ...Array.from({ length: 10 }, (_, i) => 43_210 + i),
    ]);
  });

  test.each([
    ['an error, an Error', 'error', ['an ', 'error', ', an ', 'Error', '']],
    ['aaa', 'aa', ['', 'aa', 'a']],
    ['nothing', 'x', ['nothing']],
    ['İx', 'x', ['İx']],
    ['text', '', ['text']],
  ])('%j has parts by %j', (text, wanted, parts) => {
    expect(partsOf(text, wanted)).toEqual(parts);
  });

  test.each([
    [undefined, 1, 9],
    [undefined, -1, 9],
    [5, 1, 9],
    [9, 1, 2],
    [2, -1, 9],
    [7, -1, 5],
  ] as const)('from %j by %i is %i', (at, step, to) => {
    expect(stepTo([2, 5, 9], at, step)).toBe(to);
    expect(stepTo([], at, step)).toBeUndefined();
  });
});

test.each([
  [{ bytes: 10, keptBytes: 10, overwritten: false }, 'All of it is copied.'],
  [{ bytes: 10, keptBytes: 10, overwritten: true }, 'All that is kept is copied; the program wrote more than that.'],
  [{ bytes: 2 ** 20, keptBytes: 5 * 2 ** 20, overwritten: true }, 'The last 1.00 MiB of 5.00 MiB are copied: Download has all of it.'],
])('%j: %s', (kept, words) => {
  expect(copiedWords(kept)).toBe(words);
});
