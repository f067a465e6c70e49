// One group as the page knows it: the present sample, the one before it for rates, and a minute of memory and CPU.

import { cpuPercent, type GroupState, groupState, memoryUsage, type Sample } from '../../server/contract/derive.ts';
import { demandBytes } from '../../server/contract/forecast.ts';
import type { GroupEntry } from '../../server/contract/frame.ts';
import type { Readings, SomeReadings } from '../../server/contract/readings.ts';
import { Trend } from '../../server/contract/trend.ts';

/** What a view gets; a new object whenever anything in it changed. */
export interface GroupLive {
  readonly entry: GroupEntry;
  readonly now: Sample;
  /** Absent for a group with one sample, and after it was recreated: then there are no rates. */
  readonly before?: Sample;
  readonly readings: Readings;
  readonly state: GroupState;
  /** Wall-clock ms of the frame. */
  readonly atMs: number;
}

/** A sample a second for a minute at the default interval. */
export const SPARK_SAMPLES = 60;

export interface SparkSample {
  readonly monoMs: number;
  readonly memoryBytes: number;
  readonly cpuPercent: number;
  /** What the group needs (forecast.ts). */
  readonly demandBytes: number;
}

/** The last samples of one group's memory (bytes) and CPU (percent of one CPU), with the monotonic ms each was taken at; NaN where unknown. */
export class Spark {
  readonly #memory = new Float64Array(SPARK_SAMPLES);
  readonly #cpu = new Float64Array(SPARK_SAMPLES);
  readonly #at = new Float64Array(SPARK_SAMPLES);
  /** Of what the group needs, for forecasts. */
  readonly demand = new Trend();
  #head = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  push(monoMs: number, memoryBytes: number, cpu: number, demand = Number.NaN): void {
    this.demand.add(monoMs, demand);
    this.#put(monoMs, memoryBytes, cpu);
  }

  #put(monoMs: number, memoryBytes: number, cpu: number): void {
    this.#memory[this.#head] = memoryBytes;
    this.#cpu[this.#head] = cpu;
    this.#at[this.#head] = monoMs;
    this.#head = (this.#head + 1) % SPARK_SAMPLES;
    this.#count = Math.min(this.#count + 1, SPARK_SAMPLES);
  }

  /** Adds older samples before those that are there. */
  prepend(older: readonly SparkSample[]): void {
    const own = Array.from({ length: this.#count }, (_, i) => {
      const at = this.#place(i);
      return { monoMs: this.#at[at] ?? 0, memoryBytes: this.#memory[at] ?? Number.NaN, cpuPercent: this.#cpu[at] ?? Number.NaN };
    });
    const firstMs = own[0]?.monoMs ?? Number.POSITIVE_INFINITY;
    this.#empty();
    for (const sample of [...older.filter(({ monoMs }) => monoMs < firstMs), ...own])
      this.#put(sample.monoMs, sample.memoryBytes, sample.cpuPercent);
    this.demand.prepend(older.map(({ monoMs, demandBytes }) => ({ monoMs, value: demandBytes })));
  }

  clear(): void {
    this.demand.clear();
    this.#empty();
  }

  #empty(): void {
    this.#head = 0;
    this.#count = 0;
  }

  /** Oldest first. */
  values(of: 'memory' | 'cpu'): number[] {
    const ring = of === 'memory' ? this.#memory : this.#cpu;
    return Array.from({ length: this.#count }, (_, i) => ring[this.#place(i)] ?? Number.NaN);
  }

  /** Bytes per second over the last `windowMs`: steadier than the difference of two ticks. Undefined with only one sample. */
  growthPerSec(windowMs = 5000): number | undefined {
    if (this.#count < 2) return undefined;
    const last = this.#place(this.#count - 1);
    const nowMs = this.#at[last] ?? 0;
    let from = this.#count - 2;
    while (from > 0 && nowMs - (this.#at[this.#place(from)] ?? 0) < windowMs) from--;
    const first = this.#place(from);
    const seconds = (nowMs - (this.#at[first] ?? 0)) / 1000;
    const growth = ((this.#memory[last] ?? Number.NaN) - (this.#memory[first] ?? Number.NaN)) / seconds;
    return Number.isFinite(growth) ? growth : undefined;
  }

  #place(index: number): number {
    return (this.#head - this.#count + index + 2 * SPARK_SAMPLES) % SPARK_SAMPLES;
  }
}

export interface Clocks {
  readonly monoMs: number;
  readonly timeMs: number;
  /** Monotonic ms of the frame before; until then the last readings were valid. Absent after the clock restarted. */
  readonly beforeMonoMs?: number | undefined;
}

/** The next view of a group; the sample before is kept only for the same group (inode). */
export function advance(last: GroupLive | undefined, entry: GroupEntry, readings: Readings, clocks: Clocks): GroupLive {
  const { monoMs, timeMs, beforeMonoMs } = clocks;
  const live = { entry, now: { readings, monoMs, inode: entry.inode }, readings, state: groupState(readings), atMs: timeMs };
  if (!last || beforeMonoMs === undefined || last.now.inode !== entry.inode) return live;
  return { ...live, before: { ...last.now, monoMs: beforeMonoMs } };
}

export function pushSpark(spark: Spark, live: GroupLive): void {
  spark.push(live.now.monoMs, usageBytes(live.readings), cpuPercent(live.before, live.now) ?? Number.NaN, demandBytes(live.readings));
}

/** NaN where the group's memory is not counted. */
export function usageBytes(readings: SomeReadings): number {
  return memoryUsage(readings) ?? Number.NaN;
}
