// The token bucket for a rate, and which rates are refused.
import { expect, test } from 'vitest';
import { ProblemError } from '../../../contract/problems.ts';
import { checkedRates, rateCommand, tokenBucket } from './rates.ts';

test.each([
  ['the slowest: two frames at once, four may wait', 1_000, 3_028, 3_028 + 6_056],
  ['1 Mbit/s', 1_000_000, 3_028, 3_028 + 6_250],
  ['10 Mbit/s: what passes in 4 ms, and 50 ms may wait', 10_000_000, 5_000, 5_000 + 62_500],
  ['1 Gbit/s', 1_000_000_000, 500_000, 500_000 + 6_250_000],
  ['the fastest: what may wait is bounded', 100_000_000_000, 50_000_000, 50_000_000 + 33_554_432],
])('%s', (_, rateBitsPerSec, burstBytes, limitBytes) => {
  expect(tokenBucket(rateBitsPerSec)).toEqual({ rateBitsPerSec, burstBytes, limitBytes });
});

test('writes the commands for tc', () => {
  expect(rateCommand('eth0', 8_000_000)).toBe('qdisc replace dev eth0 root tbf rate 8000000bit burst 4000b limit 54000b');
  expect(rateCommand('eth0', undefined)).toBe('qdisc del dev eth0 root');
});

test('accepts rates from 1 kbit/s to 100 Gbit/s, and none', () => {
  for (const rates of [{}, { egressBitsPerSec: 1_000 }, { egressBitsPerSec: 100_000_000_000, ingressBitsPerSec: 5 * 10 ** 9 }])
    expect(checkedRates(rates)).toEqual(rates);
});

test.each([
  [{ egressBitsPerSec: 0 }],
  [{ ingressBitsPerSec: -1 }],
  [{ egressBitsPerSec: '1M' }],
  [{ bitsPerSec: 5_000 }],
  [null],
  [{ egressBitsPerSec: Infinity }],
])('%j is refused', (rates) => {
  expect(() => checkedRates(rates)).toThrow(ProblemError);
});
