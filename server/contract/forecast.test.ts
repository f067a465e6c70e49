// Which limit a growing group meets first, and when.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demandBytes, forecastOf, roundedSeconds } from './forecast.ts';
import type { Readings } from './readings.ts';

const v1 = (usage: number, limit: number | 'max', more: Readings = {}): Readings => ({
  'memory.usage_in_bytes': usage,
  'memory.limit_in_bytes': limit,
  ...more,
});
const v2 = (usage: number, max: number | 'max', high: number | 'max' = 'max', more: Readings = {}): Readings => ({
  'memory.current': usage,
  'memory.max': max,
  'memory.high': high,
  ...more,
});

function forecast(all: Record<string, Readings>, growth: Record<string, number>, path = '/a/b') {
  return forecastOf(
    path,
    (at) => all[at],
    (at) => growth[at],
  );
}

describe('forecastOf', () => {
  it('is headroom by growth', () => {
    expect(forecast({ '/a/b': v1(400, 1000) }, { '/a/b': 10 })).toEqual({
      limitGroup: '/a/b',
      file: 'memory.limit_in_bytes',
      secondsLeft: 60,
      headroomBytes: 600,
      bytesPerSec: 10,
    });
  });

  it('is nothing without a trend, without a limit, when frozen, and a day ahead', () => {
    expect(forecast({ '/a/b': v1(400, 1000) }, {})).toBeUndefined();
    expect(forecast({ '/a/b': v1(400, 'max') }, { '/a/b': 10 })).toBeUndefined();
    expect(forecast({ '/a/b': v1(400, 1000, { 'freezer.state': 'FROZEN' }) }, { '/a/b': 10 })).toBeUndefined();
    expect(forecast({ '/a/b': v2(400, 1000, 'max', { 'cgroup.events:frozen': 1 }) }, { '/a/b': 10 })).toBeUndefined();
    expect(forecast({ '/a/b': v1(0, 86_400) }, { '/a/b': 1 })).toBeUndefined();
  });

  it('counts the ancestor whose limit comes first, by the growth of all below it', () => {
    const all = { '/a/b': v1(0, 500), '/a': v1(900, 1000) };
    expect(forecast(all, { '/a/b': 10 })).toMatchObject({ limitGroup: '/a', secondsLeft: 10 });
    expect(forecast(all, { '/a/b': 10, '/a': 20 })).toMatchObject({ limitGroup: '/a', secondsLeft: 5, bytesPerSec: 20 });
    expect(forecast(all, { '/a/b': 10, '/a': 1 })).toMatchObject({ limitGroup: '/a/b', secondsLeft: 50 });
  });

  it('meets memory.high before memory.max, and memory.max once it is over memory.high', () => {
    expect(forecast({ '/a/b': v2(400, 1000, 500) }, { '/a/b': 10 })).toMatchObject({ file: 'memory.high', secondsLeft: 10 });
    expect(forecast({ '/a/b': v2(600, 1000, 500) }, { '/a/b': 10 })).toMatchObject({ file: 'memory.max', secondsLeft: 40 });
  });

  it('counts memory and swap together where v1 limits them together', () => {
    const swap = { 'memory.memsw.usage_in_bytes': 900, 'memory.memsw.limit_in_bytes': 1000 };
    expect(forecast({ '/a/b': v1(400, 1000, swap) }, { '/a/b': 10 })).toMatchObject({
      file: 'memory.memsw.limit_in_bytes',
      secondsLeft: 10,
    });
  });

  it('counts what can be reclaimed as headroom', () => {
    const cache = { 'memory.stat:total_inactive_file': 200, 'memory.stat:total_active_file': 100 };
    expect(forecast({ '/a/b': v1(900, 1000, cache) }, { '/a/b': 10 })).toMatchObject({ headroomBytes: 400, secondsLeft: 40 });
  });

  it('ends at the machine’s memory', () => {
    const machine = { 'meminfo:MemTotal': 1000, 'meminfo:MemAvailable': 300, 'memory.usage_in_bytes': 990 };
    expect(forecast({ '/': machine, '/a/b': v1(5, 'max') }, { '/a/b': 10 })).toEqual({
      limitGroup: '/',
      secondsLeft: 30,
      headroomBytes: 300,
      bytesPerSec: 10,
    });
    expect(forecast({ '/': machine }, { '/': 10 }, '/')).toMatchObject({ limitGroup: '/', secondsLeft: 30 });
    expect(demandBytes(machine)).toBe(700);
  });

  it('is never negative and always a number', () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 2 ** 50 }), fc.constant('max' as const));
    const amount = fc.integer({ min: 0, max: 2 ** 50 });
    const rate = fc.double({ min: Number.MIN_VALUE, max: 1e15, noNaN: true });
    fc.assert(
      fc.property(amount, size, size, amount, rate, (usage, max, high, cache, growth) => {
        const found = forecast({ '/a/b': v2(usage, max, high, { 'memory.stat:inactive_file': cache }) }, { '/a/b': growth });
        if (!found) return;
        expect(found.secondsLeft >= 0 && Number.isFinite(found.secondsLeft)).toBe(true);
        expect(found.headroomBytes).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('roundedSeconds', () => {
  it.each([
    [0.4, 0],
    [19.9, 19],
    [42, 40],
    [119, 115],
    [130, 120],
    [1000, 900],
    [8000, 7200],
  ])('%d is %d', (seconds, rounded) => expect(roundedSeconds(seconds)).toBe(rounded));
});
