// What may be a login link’s token.
import { expect, test } from 'vitest';
import { isLinkToken } from './odd-link.ts';

test.each([
  ['Zm9v-bar_baz', true],
  ['a.b~c!', true],
  ['50%', false],
  ['%25', false],
  ['two words', false],
  ['', false],
])('%s: %s', (text, is) => {
  expect(isLinkToken(text)).toBe(is);
});
