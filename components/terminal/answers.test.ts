// Answers and keys, as xterm sends both.
import { expect, test } from 'vitest';
import { isAnswer } from './answers.ts';

test.each([
  ['device attributes', '\x1b[?1;2c'],
  ['secondary device attributes', '\x1b[>0;276;0c'],
  ['status', '\x1b[0n'],
  ['cursor position', '\x1b[12;40R'],
  ['cursor position with a page', '\x1b[?12;40R'],
  ['a mode', '\x1b[?2004;1$y'],
  ['a mode of ANSI', '\x1b[4;2$y'],
  ['the window’s size', '\x1b[8;24;80t'],
  ['a setting', '\x1bP1$r0m\x1b\\'],
  ['a colour', '\x1b]10;rgb:ffff/ffff/ffff\x1b\\'],
  ['the focus', '\x1b[I'],
  ['the loss of it', '\x1b[O'],
])('%s is an answer', (_, text) => {
  expect(isAnswer(text)).toBe(true);
});

test.each([
  ['a letter', 'c'],
  ['a line', 'echo 1;2c\r'],
  ['an arrow', '\x1b[A'],
  ['an arrow with a modifier', '\x1b[1;5A'],
  ['an arrow of an application', '\x1bOA'],
  ['F1', '\x1bOP'],
  ['F5 with a modifier', '\x1b[15;2~'],
  ['Delete', '\x1b[3~'],
  ['Shift and Tab', '\x1b[Z'],
  ['Alt and a letter', '\x1bc'],
  ['Escape', '\x1b'],
  ['a paste', '\x1b[200~\x1b[0n\x1b[201~'],
  ['the mouse', '\x1b[<0;3;4M'],
])('%s is typed', (_, text) => {
  expect(isAnswer(text)).toBe(false);
});
