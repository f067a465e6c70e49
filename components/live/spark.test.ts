// The ring behind a sparkline: sixty samples, growth over a window, and older samples added before.
import { describe, expect, it } from 'vitest';
import { samplesBefore } from './backfill.ts';
import { SPARK_SAMPLES, Spark } from './group-live.ts';

describe('Spark', () => {
  it('keeps the last sixty, oldest first', () => {
    const spark = new Spark();
    for (let i = 0; i < 75; i++) spark.push(i * 1000, i, i);
    const values = spark.values('memory');
    expect(values).toHaveLength(SPARK_SAMPLES);
    expect(values[0]).toBe(15);
    expect(values.at(-1)).toBe(74);
  });

  it('takes growth over five seconds, not over one tick', () => {
    const spark = new Spark();
    for (const [i, bytes] of [0, 100, 50, 150, 100, 200, 150].entries()) spark.push(i * 1000, bytes, 0);
    expect(spark.growthPerSec()).toBe((150 - 100) / 5);
  });

  it('has no growth from one sample, or across an absent reading', () => {
    const spark = new Spark();
    spark.push(0, 100, 0);
    expect(spark.growthPerSec()).toBeUndefined();
    spark.push(1000, Number.NaN, 0);
    expect(spark.growthPerSec()).toBeUndefined();
  });

  it('has the trend of what the group needs, with the past added, and none after it was recreated', () => {
    const spark = new Spark();
    for (let i = 0; i < 5; i++) spark.push(i * 1000, 0, 0, i * 100);
    expect(spark.demand.growthPerSec).toBeUndefined();
    spark.prepend(
      Array.from({ length: 20 }, (_, i) => ({
        ...{ monoMs: (i - 20) * 1000, memoryBytes: 0, cpuPercent: 0 },
        demandBytes: (i - 20) * 100,
      })),
    );
    expect(spark.demand.growthPerSec).toBeCloseTo(100);
    spark.clear();
    expect(spark.demand.growthPerSec).toBeUndefined();
  });

  it('adds the past once, before what it has', () => {
    const spark = new Spark();
    spark.push(10_000, 10, 1);
    spark.push(11_000, 11, 1);
    spark.prepend([8, 9, 10].map((i) => ({ monoMs: i * 1000, memoryBytes: i, cpuPercent: 0, demandBytes: i })));
    expect(spark.values('memory')).toEqual([8, 9, 10, 11]);
  });
});

describe('samplesBefore', () => {
  const first = { atMs: 100_000, now: { readings: {}, monoMs: 5_000_000, inode: 1 } };

  it('makes one sample an interval from points that are only changes', () => {
    const series = [
      {
        reading: 'memory.usage_in_bytes',
        points: [
          [96_500, 10],
          [98_500, 30],
        ] as [number, number][],
      },
      {
        reading: 'cpuacct.usage',
        points: [
          [96_500, 0],
          [98_500, 5e8],
        ] as [number, number][],
      },
    ];
    const samples = samplesBefore(series, first, 1000);
    expect(samples.map(({ memoryBytes }) => memoryBytes)).toEqual([10, 10, 30]);
    expect(samples.map(({ monoMs }) => monoMs)).toEqual([4_997_000, 4_998_000, 4_999_000]);
    expect(samples.map(({ cpuPercent }) => cpuPercent)).toEqual([Number.NaN, 0, 50]);
  });

  it('uses v2’s own names and units', () => {
    const series = [
      {
        reading: 'memory.current',
        points: [
          [96_500, 10],
          [98_500, 30],
        ] as [number, number][],
      },
      {
        reading: 'cpu.stat:usage_usec',
        points: [
          [96_500, 0],
          [98_500, 500_000],
        ] as [number, number][],
      },
    ];
    const samples = samplesBefore(series, first, 1000);
    expect(samples.map(({ memoryBytes }) => memoryBytes)).toEqual([10, 10, 30]);
    expect(samples.map(({ cpuPercent }) => cpuPercent)).toEqual([Number.NaN, 0, 50]);
  });

  it('has nothing for a group without history', () => {
    expect(samplesBefore([], first, 1000)).toEqual([]);
  });
});
