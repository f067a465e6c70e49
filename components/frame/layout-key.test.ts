// Keys of other layouts and of CapsLock, as browsers report them.
import { expect, test } from 'vitest';
import { layoutKey } from './layout-key.ts';

test.each([
  ['f', 'KeyF', false, 'f'],
  ['F', 'KeyF', true, 'F'],
  // CapsLock, and with Shift.
  ['F', 'KeyF', false, 'f'],
  ['g', 'KeyG', true, 'G'],
  // Russian, Greek, Hebrew.
  ['а', 'KeyF', false, 'f'],
  ['А', 'KeyF', true, 'F'],
  ['А', 'KeyF', false, 'f'],
  ['φ', 'KeyF', false, 'f'],
  ['כ', 'KeyF', false, 'f'],
  ['Process', 'KeyF', false, 'f'],
  // Latin layouts: the letter on the key counts, not its place.
  ['y', 'KeyZ', false, 'y'],
  ['j', 'KeyC', false, 'j'],
  ['ö', 'Semicolon', false, 'ö'],
  ['é', 'Digit2', false, 'é'],
  ['ő', 'KeyQ', false, 'ő'],
  ['б', 'Comma', false, 'б'],
  ['/', 'Digit7', true, '/'],
  ['?', 'Minus', true, '?'],
  ['Enter', 'Enter', false, 'Enter'],
  ['ArrowDown', 'ArrowDown', true, 'ArrowDown'],
  ['Dead', 'KeyE', false, 'Dead'],
])('%s at %s, Shift %s, is %s', (key, code, shiftKey, found) => {
  expect(layoutKey({ key, code, shiftKey })).toBe(found);
});
