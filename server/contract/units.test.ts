// Sizes as people and the kernel write them, and figures as the screen shows them.
import { describe, expect, test } from 'vitest';
import { exactSize, formatBytes, formatClock, formatCount, formatDuration, formatPercent, parseSize, type Quantity } from './units.ts';

const KIB = 1024;
const MIB = KIB * KIB;
const GIB = KIB * MIB;

test.each([
  [0, 0],
  ['0', 0],
  ['4096', 4096],
  ['64k', 64 * KIB],
  ['64M', 64 * MIB],
  ['64MiB', 64 * MIB],
  ['64mib', 64 * MIB],
  ['64MB', 64 * MIB],
  ['4096B', 4096],
  ['1G', GIB],
  ['2T', 2048 * GIB],
  ['007', 7],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ['max', 'max'],
  ['-1', 'max'],
  ['9223372036854771712', 'max'],
  ['9223372036854710272', 'max'],
  ['9223372036854775807', 'max'],
  ['9007199254740992', 9007199254740992],
  ['9000T', 9000 * 1024 * GIB],
  ['64P', 65536 * 1024 * GIB],
  ['1E', 2 ** 60],
  ['9E', 'max'],
  [Number('9223372036854771712'), undefined],
  [-1, undefined],
  [0.5, undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  ['', undefined],
  [' ', undefined],
  [' 64M', undefined],
  ['64M\n', undefined],
  ['1e99', undefined],
  ['64 M', 64 * MIB],
  ['0.5G', GIB / 2],
  ['63.5 MiB', 63.5 * MIB],
  ['63.5\u00a0MiB', 63.5 * MIB],
  ['0.98 KiB', 1003],
  ['1.5G', 1.5 * GIB],
  ['1,5G', 1.5 * GIB],
  ['1,50 GiB', 1.5 * GIB],
  ['1.024M', Math.floor(1.024 * MIB)],
  ['100 MB', 100 * MIB],
  ['999 B', 999],
  ['8191.5P', 8191.5 * 2 ** 50],
  ['1,024M', undefined],
  ['1,024,000', undefined],
  ['1.5', undefined],
  ['1.5 B', undefined],
  ['.5G', undefined],
  ['1.G', undefined],
  ['1..5G', undefined],
  ['64  M', undefined],
  ['64 M iB', undefined],
  ['-2', undefined],
  ['+1', undefined],
  ['0x10', undefined],
  ['64Z', undefined],
  ['64iB', 64],
  ['MAX', undefined],
  ['Infinity', undefined],
  ['6４M', undefined],
  ['12345678901234567890', undefined],
])('parseSize(%j) is %j', (input, bytes) => {
  expect(parseSize(input)).toBe(bytes);
});

test.each([
  ['9223372036854771712', 'max'],
  ['9223372036854710272', 'max'],
  ['9223372019674906624', 'max'],
  ['9223372019674906623', 9223372019674906623n],
  ['9007199254740993', 9007199254740993n],
  ['8191P', 8191n << 50n],
  ['64M', 67108864n],
  [64, 64n],
  [2 ** 53, undefined],
])('exactSize(%j) is %s, to the last digit', (input, bytes) => {
  expect(exactSize(input)).toBe(bytes);
});

const text = ({ figure, unit }: Quantity) => (unit === '' ? figure : `${figure} ${unit}`);

describe('figures', () => {
  test.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '0.98 KiB'],
    [1023, '1.00 KiB'],
    [1024, '1.00 KiB'],
    [1536, '1.50 KiB'],
    [10.25 * KIB, '10.3 KiB'],
    [9.996 * KIB, '10.0 KiB'],
    [99.96 * KIB, '100 KiB'],
    [999.4 * KIB, '999 KiB'],
    [999.5 * KIB, '0.98 MiB'],
    [1023 * MIB, '1.00 GiB'],
    [64 * MIB, '64.0 MiB'],
    [24 * GIB, '24.0 GiB'],
    [Number.MAX_SAFE_INTEGER, '8.00 PiB'],
    [-1536, '−1.50 KiB'],
    ['max', 'max'],
  ] as const)('formatBytes(%j) is %s', (bytes, shown) => {
    expect(text(formatBytes(bytes))).toBe(shown);
  });

  test.each([
    [0, '0'],
    [7, '7'],
    [999, '999'],
    [999.4, '999'],
    [1000, '1.00 k'],
    [15_300, '15.3 k'],
    [999_499, '999 k'],
    [999_500, '1.00 M'],
    [1.2345e13, '12.3 T'],
  ])('formatCount(%j) is %s', (count, shown) => {
    expect(text(formatCount(count))).toBe(shown);
  });

  test.each([
    [0, '0.0 %'],
    [9.96, '10.0 %'],
    [99.94, '99.9 %'],
    [99.96, '100 %'],
    [200.4, '200 %'],
  ])('formatPercent(%j) is %s', (percent, shown) => {
    expect(text(formatPercent(percent))).toBe(shown);
  });

  test.each([
    [0, '0 µs'],
    [0.25, '250 µs'],
    [0.9999, '1.00 ms'],
    [1, '1.00 ms'],
    [999.4, '999 ms'],
    [999.7, '1.00 s'],
    [1000, '1.00 s'],
    [59_990, '1.00 min'],
    [90_000, '1.50 min'],
    [3_600_000, '1.00 h'],
    [86_400_000, '1.00 d'],
    [864_000_000, '10.0 d'],
  ])('formatDuration(%j) is %s', (ms, shown) => {
    expect(text(formatDuration(ms))).toBe(shown);
  });

  test('no figure is wider than its column', () => {
    for (let value = 0.001; value < 1e15; value *= 1.00137) {
      expect(formatBytes(value).figure.length, `${value} bytes`).toBeLessThanOrEqual(4);
      expect(formatCount(value).figure.length, `${value} of a count`).toBeLessThanOrEqual(4);
      if (value < 1e9) expect(formatDuration(value).figure.length, `${value} ms`).toBeLessThanOrEqual(4);
    }
  });

  test('a clock has two digits each, and milliseconds only if asked', () => {
    const time = new Date(2026, 0, 2, 3, 4, 5, 6).getTime();
    expect(formatClock(time)).toBe('03:04:05');
    expect(formatClock(time, true)).toBe('03:04:05.006');
  });
});
