// Numbers at the edges of what 64 bits, doubles and the kernel's formats hold.
import { expect, test } from 'vitest';
import { isUnlimitedOf32Bits, meaning, numberAt } from './numbers.ts';

test.each([
  ['12.50', 12.5],
  ['0.00', 0],
  ['100.', 100],
  ['-1.5', -1.5],
  ['-1', -1],
  ['-10', -10],
  ['-0', 0],
  [' 7\n', 7],
  ['\n7', 7],
  ['-', undefined],
  ['', undefined],
  ['.5', undefined],
  ['1.2.3', undefined],
  ['7kB', undefined],
  ['1e3', undefined],
  ['999999999999999', 999999999999999],
  ['1000000000000000', 1000000000000000],
  ['0000000000000000007', 7],
  ['9007199254740993', 9007199254740992],
  ['9223372036854775807', 2 ** 63],
  ['9223372036854775808', -(2 ** 63)],
  ['18446744073709543424', -8192],
  ['18446744073709551615', -1],
  ['18446744073709551616', undefined],
  ['-9223372036854775809', undefined],
  ['18446744110000000000.5', undefined],
  ['-9223372036854775809.5', undefined],
  ['1234567890123456.5', 1234567890123456.5],
  ['-0.00000000000000', 0],
])('the number at the start of %j is %j', (text, value) => {
  const bytes = Buffer.from(`${text}123`);
  expect(numberAt(bytes, 0, text.length)).toBe(value);
});

test.each([
  ['limit', -1, 'max'],
  ['limit', -4096, 'max'],
  ['limit', Number(9223372036854771712n), 'max'],
  ['limit', 2 ** 60, 2 ** 60],
  // No limit of a 32-bit kernel, and a real one of this.
  ['limit', 2 ** 43 - 4096, 2 ** 43 - 4096],
  ['limit', 2 ** 47 - 65536, 2 ** 47 - 65536],
  ['gauge', -8192, 0],
  ['counter', -1, 0],
  ['setting', -5, -5],
  ['counter', Number(9223372036854771712n), Number(9223372036854771712n)],
] as const)('in a %s, %d means %j', (kind, value, meant) => {
  expect(meaning(kind, value)).toBe(meant);
});

test.each([
  [2 ** 43 - 4096, true],
  [2 ** 49 - 2 ** 18, true],
  [2 ** 45 - 2 ** 23, true],
  [2 ** 43 - 8192 * 3, false],
  [2 ** 43, false],
  [2 ** 42 - 4096, false],
  [2 ** 45 - 4096, false],
  [2 ** 43 - 2 ** 31, false],
  [0, false],
])('on 32 bits %d is no limit: %j', (value, isNone) => {
  expect(isUnlimitedOf32Bits(value)).toBe(isNone);
});
