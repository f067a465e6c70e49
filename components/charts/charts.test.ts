// What charts show: rates, buckets that keep peaks, axes that fit, flags that merge.
import { describe, expect, it } from 'vitest';
import type { Event } from '../../server/contract/events.ts';
import type { HistoryPoint } from '../live/history.ts';
import { flagsOf } from './flags.ts';
import { frozenSpans } from './frozen-spans.ts';
import { quantityOf, tickText, timeTicks, valueAxis } from './scales.ts';
import { bucketFor, bucketRows, momentsOf, type Row, rowsOf, type SeriesSpec } from './series.ts';

const usage: SeriesSpec = { id: 'usage', label: 'Usage', color: '', shape: 'area', reading: 'u', from: 'gauge', merge: 'max' };
const hard: SeriesSpec = { id: 'hard', label: 'Hard', color: '', shape: 'step', reading: 'h', from: 'gauge', merge: 'last' };
const cpu: SeriesSpec = { id: 'cpu', label: 'CPU', color: '', shape: 'line', reading: 'c', from: 'rate', scale: 1e-7, merge: 'mean' };
const MIB = 2 ** 20;

describe('momentsOf', () => {
  it('fills in ticks in which nothing changed', () => {
    const points: HistoryPoint[] = [
      { timeMs: 1000, u: 1 },
      { timeMs: 5010, u: 2 },
      { timeMs: 6000, u: 3 },
    ];
    expect(momentsOf(points, 1000, 0).map(({ timeMs, u }) => [timeMs, u])).toEqual([
      [1000, 1],
      [2000, 1],
      [3000, 1],
      [4000, 1],
      [5010, 2],
      [6000, 3],
    ]);
  });

  it('begins where the axis does, with the value at that time', () => {
    const points: HistoryPoint[] = [
      { timeMs: 1000, u: 1 },
      { timeMs: 100_000, u: 2 },
    ];
    expect(momentsOf(points, 1000, 97_000).map(({ timeMs, u }) => [timeMs, u])).toEqual([
      [97_000, 1],
      [98_000, 1],
      [99_000, 1],
      [100_000, 2],
    ]);
    expect(momentsOf([], 1000, 0)).toEqual([]);
  });

  it('gives a late or early tick its own moment, once', () => {
    const points: HistoryPoint[] = [0, 1080, 1960, 3020, 4000].map((timeMs, u) => ({ timeMs, u }));
    expect(momentsOf(points, 1000, 0)).toEqual(points);
  });
});

describe('rowsOf', () => {
  it('takes gauges as they are and leaves out "max" and absent values', () => {
    expect(
      rowsOf(
        [
          { timeMs: 1000, u: 5, h: 'max' },
          { timeMs: 2000, h: 7 },
        ],
        [usage, hard],
      ),
    ).toEqual([
      { timeMs: 1000, usage: 5, hard: null },
      { timeMs: 2000, usage: null, hard: 7 },
    ]);
  });

  it('makes rates of counters, but not across a reset', () => {
    const points: HistoryPoint[] = [0, 1e9, 3e9, 0, 5e8].map((c, i) => ({ timeMs: i * 1000, c }));
    expect(rowsOf(points, [cpu]).map((row) => row.cpu)).toEqual([null, 100, 200, null, 50]);
  });

  it('divides a quota by its period, and leaves out one that is not set', () => {
    const quota: SeriesSpec = { ...hard, id: 'quota', reading: 'q', per: 'p', scale: 100 };
    const points: HistoryPoint[] = [
      { timeMs: 1, q: 150_000, p: 100_000 },
      { timeMs: 2, q: -1, p: 100_000 },
      { timeMs: 3, q: 'max', p: 100_000 },
      { timeMs: 4, q: 5 },
    ];
    expect(rowsOf(points, [quota]).map((row) => row.quota)).toEqual([150, null, null, null]);
  });

  it('an idle counter is a rate of 0, not a hole', () => {
    const points: HistoryPoint[] = [
      { timeMs: 0, c: 1e9 },
      { timeMs: 4000, c: 2e9 },
    ];
    expect(rowsOf(momentsOf(points, 1000, 0), [cpu]).map((row) => row.cpu)).toEqual([null, 0, 0, 0, 100]);
  });
});

describe('bucketRows', () => {
  const rows: Row[] = Array.from({ length: 600 }, (_, i) => ({
    timeMs: 1_000_000_400 + i * 1000,
    usage: i === 301 ? 900 : i,
    hard: i < 300 ? 10 : 20,
    cpu: i % 2 === 0 ? 0 : 100,
  }));

  it('keeps a level’s peak, a rate’s mean and a limit’s last value', () => {
    const buckets = bucketRows(rows, [usage, hard, cpu], 2000);
    expect(buckets).toHaveLength(300);
    expect(Math.max(...buckets.map((row) => row.usage ?? 0))).toBe(900);
    expect(buckets[100]?.cpu).toBe(50);
    expect(buckets.at(-1)).toMatchObject({ hard: 20, timeMs: rows.at(-1)?.timeMs });
  });

  it('stays the same for the past when time moves on', () => {
    const moments = (skip: number) => bucketRows(rows.slice(skip), [usage], 2000).slice(-200);
    expect(moments(3)).toEqual(moments(0));
  });

  it('leaves the rows alone where each is its own bucket', () => {
    expect(bucketRows(rows, [usage, hard, cpu], 1000)).toEqual(rows);
  });
});

it('bucketFor gives no more points than the width shows, in whole ticks', () => {
  expect(bucketFor(600_000, 480, 1000)).toBe(4000);
  expect(bucketFor(600_000, 1900, 1000)).toBe(1000);
  expect(bucketFor(60_000, 480, 1000)).toBe(1000);
  expect(bucketFor(600_000, 480, 100)).toBe(3800);
  expect(bucketFor(600_000, 0, 1000)).toBe(30_000);
});

describe('valueAxis', () => {
  const at = (values: Partial<Record<'usage' | 'hard', number>>): Row[] => [{ timeMs: 1, usage: null, hard: null, ...values }];

  it('includes a near limit, and leaves out one that would flatten the values', () => {
    expect(valueAxis(at({ usage: 100 * MIB, hard: 256 * MIB }), [usage, hard], 'bytes', MIB).top).toBeGreaterThanOrEqual(256 * MIB);
    expect(valueAxis(at({ usage: 100 * MIB, hard: 4096 * MIB }), [usage, hard], 'bytes', MIB).top).toBeLessThan(256 * MIB);
  });

  it('has round ticks from 0 to the top', () => {
    expect(valueAxis(at({ usage: 100 * MIB }), [usage], 'bytes', MIB).ticks.map((tick) => tick / MIB)).toEqual([0, 32, 64, 96, 128]);
    expect(valueAxis(at({ usage: 61 }), [usage], 'percent', 10).ticks).toEqual([0, 20, 40, 60, 80]);
    expect(valueAxis(at({ usage: 2 }), [usage], 'count', 1).ticks).toEqual([0, 1, 2, 3]);
  });

  it('adds up what is stacked', () => {
    const [a, b] = [
      { ...usage, id: 'a', stacked: true },
      { ...usage, id: 'b', stacked: true },
    ];
    expect(valueAxis([{ timeMs: 1, a: 90, b: 80 }], [a, b], 'percent', 10).top).toBe(200);
  });

  it('is never empty', () => {
    expect(valueAxis([], [usage, hard], 'bytes', MIB).top).toBeGreaterThan(0);
  });
});

it('labels have their unit', () => {
  expect(tickText(64 * MIB, 'bytes')).toBe('64 MiB');
  expect(tickText(0, 'bytes')).toBe('0');
  expect(tickText(50, 'percent')).toBe('50 %');
  expect(quantityOf(1.5 * MIB, 'bytesPerSec')).toEqual({ figure: '1.50', unit: 'MiB/s' });
  expect(quantityOf(0.25, 'perSec')).toEqual({ figure: '0.3', unit: '/s' });
});

it('time ticks are at round times and have room', () => {
  const ticks = timeTicks(1_000_000, 1_600_000, 460);
  expect(ticks).toEqual([1_080_000, 1_200_000, 1_320_000, 1_440_000, 1_560_000]);
  expect(timeTicks(1_000_000, 1_060_000, 460).length).toBeLessThanOrEqual(7);
  expect(timeTicks(1_000_000, 1_565_000, 460).at(-1), 'its text would be cut').toBe(1_440_000);
});

describe('flagsOf', () => {
  const pressure = (id: number, time: number, level: 'low' | 'critical' = 'low'): Event => ({
    id,
    time,
    group: '/a',
    kind: 'pressure',
    level,
    count: 1,
  });
  const kill: Event = { id: 9, time: 5200, group: '/a', kind: 'oom_kill', count: 1 };

  it('merges neighbours into one flag, which shows the gravest', () => {
    const flags = flagsOf(
      [pressure(1, 1000), pressure(2, 5000, 'critical'), kill, pressure(10, 5400), pressure(11, 9000)],
      0,
      10_000,
      2000,
    );
    expect(flags.map(({ timeMs, tone, events, line }) => [timeMs, tone, events.length, line])).toEqual([
      [1000, 'pressure', 1, false],
      [5200, 'oom', 3, true],
      [9000, 'pressure', 1, false],
    ]);
  });

  it('leaves out what is not on the axis', () => {
    expect(flagsOf([pressure(1, 10), kill], 100, 5000, 1000)).toEqual([]);
  });
});

it('frozenSpans finds when it was frozen, up to now', () => {
  const states = ['THAWED', 'FREEZING', 'FROZEN', 'FROZEN', 'THAWED', 'FROZEN'];
  const moments: HistoryPoint[] = states.map((state, i) => ({ timeMs: i, 'freezer.state': state }));
  expect(frozenSpans(moments)).toEqual([
    { fromMs: 2, toMs: 4 },
    { fromMs: 5, toMs: 5 },
  ]);
  expect(frozenSpans([])).toEqual([]);
  const unified = [0, 0, 1, 1, 0, 1].map((frozen, i): HistoryPoint => ({ timeMs: i, 'cgroup.events:frozen': frozen }));
  expect(frozenSpans(unified)).toEqual(frozenSpans(moments));
});
