// A trend is found in growth with noise and outliers, at its rate, and in nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Trend } from './trend.ts';

const MIB = 2 ** 20;

function trendOf(values: readonly number[], everyMs = 1000): Trend {
  const trend = new Trend();
  for (const [i, value] of values.entries()) trend.add(5_000_000 + i * everyMs, value);
  return trend;
}

const minute = (of: (second: number) => number) => Array.from({ length: 60 }, (_, i) => of(i));
/** From -1 to 1, for each second. */
const noise = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 60, maxLength: 60 });
const base = fc.integer({ min: 0, max: 2 ** 40 });
const rate = fc.integer({ min: 4096, max: 1024 * MIB });

describe('Trend', () => {
  it('finds the rate of growth with noise', () => {
    fc.assert(
      fc.property(base, rate, noise, (from, perSec, noises) => {
        const growth = trendOf(minute((i) => from + perSec * (i + (noises[i] ?? 0)))).growthPerSec ?? 0;
        expect(growth).toBeGreaterThan(perSec * 0.9);
        expect(growth).toBeLessThan(perSec * 1.1);
      }),
    );
  });

  it('is not turned by outliers, as many as one in ten', () => {
    const outliers = fc.uniqueArray(fc.integer({ min: 0, max: 54 }), { maxLength: 6 });
    const height = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(base, rate, outliers, height, (from, perSec, out, high) => {
        const growth = trendOf(minute((i) => from + perSec * (out.includes(i) ? high : i))).growthPerSec;
        if (growth !== undefined) expect(Math.abs(growth / perSec - 1)).toBeLessThan(0.5);
      }),
    );
  });

  it('is silent for a constant with any noise', () => {
    fc.assert(
      fc.property(base, rate, noise, (from, size, noises) => {
        expect(trendOf(minute((i) => from + size * (noises[i] ?? 0))).growthPerSec).toBeUndefined();
      }),
      // Chance alone makes a trend of one in some thousand minutes.
      { seed: 1 },
    );
  });

  it('is silent for a sawtooth at each of its moments', () => {
    const tooth = fc.integer({ min: 2, max: 50 });
    fc.assert(
      fc.property(base, rate, tooth, fc.nat(60), (from, perSec, length, phase) => {
        expect(trendOf(minute((i) => from + perSec * ((i + phase) % length))).growthPerSec).toBeUndefined();
      }),
    );
  });

  it('is silent for a step up or down, whenever it was', () => {
    fc.assert(
      fc.property(base, rate, fc.nat(60), fc.boolean(), (from, size, when, up) => {
        expect(trendOf(minute((i) => from + (i < when === up ? 0 : size))).growthPerSec).toBeUndefined();
      }),
    );
  });

  it('is silent where memory shrinks', () => {
    fc.assert(
      fc.property(rate, noise, (perSec, noises) => {
        expect(trendOf(minute((i) => perSec * (100 - i + (noises[i] ?? 0)))).growthPerSec).toBeUndefined();
      }),
    );
  });

  it('gives a finite number over zero or nothing for any values at any times', () => {
    const sample = fc.tuple(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.double());
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 200 }), (samples) => {
        const trend = new Trend();
        let atMs = 0;
        for (const [laterMs, value] of samples) {
          atMs += laterMs;
          trend.add(atMs, value);
          const growth = trend.growthPerSec;
          if (growth !== undefined) expect(growth > 0 && Number.isFinite(growth)).toBe(true);
        }
      }),
    );
  });
});

describe('a trend begins and ends', () => {
  const growing = (seconds: number) => Array.from({ length: seconds }, (_, i) => i * MIB);

  it('needs ten seconds of data', () => {
    expect(trendOf(growing(10)).growthPerSec).toBeUndefined();
    expect(trendOf(growing(11)).growthPerSec).toBe(MIB);
  });

  it('finds a growth that began twelve seconds ago, also after a slow one', () => {
    for (const slow of [0, 1024]) {
      const values = minute((i) => i * slow + Math.max(0, i - 47) * MIB);
      expect(trendOf(values).growthPerSec).toBeCloseTo(MIB + slow, -5);
    }
  });

  it('has ended some seconds after the growth', () => {
    const values = minute((i) => Math.min(i, 49) * MIB);
    expect(trendOf(values).growthPerSec).toBeUndefined();
  });

  it('has ended when memory was freed', () => {
    const values = minute((i) => (i < 54 ? i : i - 54) * MIB);
    expect(trendOf(values).growthPerSec).toBeUndefined();
  });

  it('keeps a sample a second however fast they come, and works at slower intervals', () => {
    expect(trendOf(growing(600), 100).growthPerSec).toBeCloseTo(10 * MIB);
    expect(trendOf(growing(12), 5000).growthPerSec).toBeCloseTo(MIB / 5);
  });

  it('takes older samples later', () => {
    const trend = trendOf(growing(5));
    trend.prepend(Array.from({ length: 20 }, (_, i) => ({ monoMs: 5_000_000 - (20 - i) * 1000, value: (i - 20) * MIB })));
    expect(trend.growthPerSec).toBeCloseTo(MIB);
  });
});
