// Rates: the typed form, the exact text of a field, and the place on the slider.
import { describe, expect, it } from 'vitest';
import { formatRate, parseRate, placeOfRate, rateAtPlace, rateInput, rateText, rateTicks, stepRate } from './rate.ts';

describe('parseRate', () => {
  it.each([
    ['10 Mbit/s', 10_000_000],
    ['10M', 10_000_000],
    ['10mbit', 10_000_000],
    [' 1.5 Gbit ', 1_500_000_000],
    ['0,5 Mbps', 500_000],
    ['500 kbit/s', 500_000],
    ['64000', 64_000],
    ['64000 bit/s', 64_000],
    ['100G', 100_000_000_000],
    ['max', null],
    ['No limit', null],
  ])('%s', (text, rate) => {
    expect(parseRate(text)).toEqual({ rate });
  });

  it.each(['', 'fast', '-1', '10 apples', '1e6', '10 M M'])('refuses with how a rate is written: %j', (text) => {
    expect(parseRate(text)).toEqual({ fault: 'Enter a rate such as 10 Mbit/s or 500 kbit/s, or max.' });
  });

  it('distinguishes bits and bytes, and has bounds', () => {
    expect(parseRate('10 MB/s')).toHaveProperty('fault', expect.stringContaining('bits'));
    expect(parseRate('10MiB')).toHaveProperty('fault', expect.stringContaining('bits'));
    for (const text of ['999', '0', '101G']) expect(parseRate(text)).toEqual({ fault: 'Enter a rate from 1 kbit/s to 100 Gbit/s.' });
  });
});

it('a field shows exactly what it reads back', () => {
  for (const rate of [1000, 1001, 64_000, 1_234_567, 10_000_000, 1_500_000_000, 99_999_999_999, 100_000_000_000, null]) {
    expect(parseRate(rateInput(rate))).toEqual({ rate });
  }
  expect([10_000_000, 1_500_000, 64_000, 1_234_567].map(rateInput)).toEqual(['10 Mbit/s', '1.5 Mbit/s', '64 kbit/s', '1234.567 kbit/s']);
});

it('shows three digits', () => {
  expect([0, 850, 12_345, 999_900, 12_345_678, 1e9].map((rate) => Object.values(formatRate(rate)).join(' '))).toEqual([
    '0 bit/s',
    '850 bit/s',
    '12.3 kbit/s',
    '1.00 Mbit/s',
    '12.3 Mbit/s',
    '1.00 Gbit/s',
  ]);
  expect([null, 10_000_000].map(rateText)).toEqual(['no limit', '10 Mbit/s']);
});

describe('the slider', () => {
  it('converts in both directions', () => {
    for (const rate of [1000, 25_000, 10_000_000, 10_000_000_000, null]) expect(rateAtPlace(placeOfRate(rate))).toBe(rate);
    expect(rateAtPlace(-1)).toBe(1000);
    expect(placeOfRate(100_000_000_000)).toBeLessThan(placeOfRate(null));
  });

  it('stops at two digits when dragged', () => {
    for (let place = 0; place <= 1; place += 0.013) {
      const rate = rateAtPlace(place);
      if (rate !== null) expect(Number(rate.toPrecision(2))).toBe(rate);
    }
  });

  it('moves by keys, each stop once, to the ends', () => {
    expect(stepRate(10_000_000, 'up')).toBe(15_000_000);
    expect(stepRate(10_000_000, 'down')).toBe(7_000_000);
    expect(stepRate(10_000_000, 'page-up')).toBe(100_000_000);
    expect(stepRate(10_000_000, 'page-down')).toBe(1_000_000);
    expect(stepRate(1000, 'down')).toBe(1000);
    expect(stepRate(10_000_000_000, 'up')).toBeNull();
    expect(stepRate(null, 'down')).toBe(10_000_000_000);
    expect([stepRate(5_000_000, 'home'), stepRate(5_000_000, 'end')]).toEqual([1000, null]);
  });

  it('has a tick each decade', () => {
    expect(rateTicks.map(({ label }) => label)).toEqual(['1 k', '10 k', '100 k', '1 M', '10 M', '100 M', '1 G', '10 G']);
  });
});
