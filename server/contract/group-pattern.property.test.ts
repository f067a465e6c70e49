// Any text that is taken as a pattern is stored, and must not end the process that reads it.
import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { groupMatcher, patternFault } from './group-pattern.ts';

const piece = oneof(
  constantFrom('*', '**', '?', '[', ']', '{', '}', '(', ')', '!', '+(', '@(', '|', ',', '\\', '/', '..', '^', '$', '[[:'),
  string(),
);
const text = array(piece, { maxLength: 24 }).map((pieces) => `/${pieces.join('')}`.slice(0, 512));

test('no text that is taken makes a matcher that throws', () => {
  assert(
    property(text, text, (pattern, group) => {
      if (patternFault(pattern) === undefined) expect(typeof groupMatcher([pattern])(group)).toBe('boolean');
    }),
    { numRuns: 3000 },
  );
});
