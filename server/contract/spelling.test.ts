// Names byte for byte: every name has one spelling, it can be read, and it leads back.
import { describe, expect, test } from 'vitest';
import { escapeUnseen, hasEscapes, isSpelling, spell, unspell } from './spelling.ts';
import { visible } from './visible.mjs';

/** A text's bytes, a character for each. */
const bytes = (text: string) => Buffer.from(text).toString('latin1');

test.each([
  ['web', 'web'],
  [bytes('größe-群-🐋'), 'größe-群-🐋'],
  ['machine-qemu\\x2d1\\x2dname.scope', 'machine-qemu\\x2d1\\x2dname.scope'],
  ['a\\011b\\', 'a\\011b\\'],
  ['bad\xff', 'bad\\xff'],
  ['bad\\xff', 'bad\\x5cxff'],
  ['\\\xff', '\\\\xff'],
  ['\\x5c', '\\x5cx5c'],
  ['\\x5cxff', '\\x5cx5cxff'],
  ['a\tb\x1b\x7f', 'a\\x09b\\x1b\\x7f'],
  [bytes('a\u202eb'), 'a\\xe2\\x80\\xaeb'],
  [bytes('a\u009bb'), 'a\\xc2\\x9bb'],
  [bytes('a\ufffdb'), 'a\\xef\\xbf\\xbdb'],
  // A half of a character, an overlong slash, and a sequence that is cut off.
  ['\xed\xa0\x80', '\\xed\\xa0\\x80'],
  ['\xc0\xaf', '\\xc0\\xaf'],
  ['é\xe2\x80', '\\xe9\\xe2\\x80'],
  [bytes('/a/é\\xc3\\xa9'), '/a/é\\x5cxc3\\x5cxa9'],
])('the bytes %j are spelled %j, and back', (name, spelling) => {
  expect(spell(name)).toBe(spelling);
  expect(unspell(spelling)).toBe(name);
  expect(isSpelling(spelling)).toBe(true);
});

test('any bytes are restored from their spelling, and no two have the same', () => {
  const alphabet = ['\\', 'x', '5', 'c', 'f', '0', '\xff', '\xc3', '\xa9', '\t', 'é'];
  const seen = new Map<string, string>();
  const grow = (name: string, left: number): void => {
    const spelling = spell(name);
    expect(unspell(spelling)).toBe(name);
    expect(seen.get(spelling) ?? name).toBe(name);
    seen.set(spelling, name);
    if (left > 0) for (const next of alphabet) grow(name + next, left - 1);
  };
  for (const start of ['', '\\x', '\\x5']) grow(start, 3);
});

test.each(['é\\xc3\\xa9', 'a\\x41\\xc3\\xa9', 'a\\x5cb', 'a\tb', 'a\u202eb', 'a\ud800'])('%j is not a spelling', (text) => {
  expect(isSpelling(text)).toBe(false);
});

test('text with invisible characters becomes a spelling', () => {
  expect(escapeUnseen('a\tb\u202e\\xff')).toBe('a\\x09b\\xe2\\x80\\xae\\xff');
});

test('other backslashes in a name are not escapes', () => {
  expect(['web', 'größe', 'a\\x2db.service', 'a\\011'].some(hasEscapes)).toBe(false);
  expect(['a\\x09b', 'a\\xff', 'a\\x5cxff'].every(hasEscapes)).toBe(true);
});

describe('text of programs', () => {
  test.each([
    ['plain text, größe 群', 'plain text, größe 群'],
    ['\x1b[2Jall is well\r\x07', '^[[2Jall is well^M^G'],
    ['a\x7f\x00', 'a^?^@'],
    ['\u009b31m', '<U+009B>31m'],
    ['a\u202egnp.exe', 'a<U+202E>gnp.exe'],
    ['👨\u200d👩', '👨\u200d👩'],
    ['two\nlines\tand a tab', 'two^Jlines^Iand a tab'],
  ])('%j is shown as %j', (text, shown) => expect(visible(text)).toBe(shown));

  test('newline and tab may stay', () => expect(visible('a\n\tb\x1b', '\n\t')).toBe('a\n\tb^['));
});
