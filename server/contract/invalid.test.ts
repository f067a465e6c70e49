// The sentences for refused data, one table.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { invalidSentence } from './invalid.ts';

const Thing = z.strictObject({
  name: z.string().min(2).max(4),
  count: z.int().min(0).default(1),
  list: z.array(z.string()).max(2).default([]),
  table: z.record(z.string().regex(/^[a-z]+$/, 'a lower-case word'), z.union([z.string(), z.number()])).default({}),
});

test.each([
  [undefined, 'The body wants an object, got nothing.'],
  [{}, 'name: wants a text, got nothing.'],
  [{ name: 'a' }, 'name: wants at least 2 characters, got "a".'],
  [{ name: 'x'.repeat(99) }, 'name: wants at most 4 characters, got a text of 99 characters.'],
  [{ name: 'ab', count: -1 }, 'count: wants at least 0, got -1.'],
  [{ name: 'ab', count: 1.5 }, 'count: wants a whole number, got 1.5.'],
  [{ name: 'ab', count: Number.POSITIVE_INFINITY }, 'count: wants a number, got Infinity.'],
  [{ name: 'ab', list: ['a', 7] }, 'list[1]: wants a text, got 7.'],
  [{ name: 'ab', list: ['a', 'b', 'c'] }, 'list: wants at most 2 items, got a list of 3.'],
  [{ name: 'ab', table: { a: null } }, 'table.a: wants a text or a number, got null.'],
  [{ name: 'ab', table: { 'A.b': 1 } }, 'table["A.b"]: has a key that is not a lower-case word.'],
  [{ name: 'ab', nmae: 1 }, 'The body has the unknown field "nmae".'],
  [
    { count: null, list: null, table: null },
    'name: wants a text, got nothing; count: wants a number, got null; list: wants a list, got null; and 1 more.',
  ],
])('%j', (data, sentence) => {
  const { error } = Thing.safeParse(data);
  expect(error && invalidSentence(error, 'The body', data)).toBe(sentence);
});

const Either = z.union([z.strictObject({ group: z.string() }), z.strictObject({ pid: z.int(), signal: z.string().optional() })]);

test.each([
  [{ group: '/a', pid: 1 }, 'The body has fields that exclude each other: leave out "pid", or else "group".'],
  [{ group: '/a', pid: 1, signal: 'TERM' }, 'The body has fields that exclude each other: leave out "pid" and "signal", or else "group".'],
  [{ group: '/a', pid: 1, gruop: 2 }, 'The body has the unknown field "gruop".'],
  [{ pid: 1, gruop: 2 }, 'The body has the unknown field "gruop".'],
])('of two forms: %j', (data, sentence) => {
  const { error } = Either.safeParse(data);
  expect(error && invalidSentence(error, 'The body', data)).toBe(sentence);
});
