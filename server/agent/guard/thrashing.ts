// Whether a group only waits for memory: by the kernel's measure of pressure (accounting/psi.rst), or, where a group has none, by its limit hits and
// pages read again from disk.
import { monotonicMs } from '../kernel/clock.ts';

/** What is read of a group each second. */
export interface StallCounters {
  /** `full total` of memory.pressure, µs in which all its tasks waited at the same time. */
  readonly stalledUsec?: number | undefined;
  /** memory.failcnt, or max of memory.events. */
  readonly limitHits?: number | undefined;
  /** Its memory is at its limit, whether hits are counted or not. */
  readonly isFull?: boolean | undefined;
  /** Pages that were read again soon after the kernel had reclaimed them. */
  readonly rereadPages?: number | undefined;
}

export interface Threshold {
  readonly percent: number;
  readonly seconds: number;
}

/** Without a measure of pressure: so many pages read again a second, while the limit is hit, are no progress. */
const REREAD_PER_SEC = 50;

interface Sample extends StallCounters {
  readonly atMs: number;
}

/** The last seconds of one group. */
export class Thrashing {
  readonly #samples: Sample[] = [];

  /** @returns whether it has thrashed for all of the last `seconds` */
  add(counters: StallCounters, { percent, seconds }: Threshold, atMs = monotonicMs()): boolean {
    const samples = this.#samples;
    samples.push({ ...counters, atMs });
    // One older than the span is kept, to measure all of it.
    while (samples[1] !== undefined && samples[1].atMs <= atMs - seconds * 1000) samples.shift();
    const [first] = samples;
    if (first === undefined || atMs - first.atMs < seconds * 1000) return false;
    const lastedMs = atMs - first.atMs;
    if (first.stalledUsec !== undefined && counters.stalledUsec !== undefined)
      return (counters.stalledUsec - first.stalledUsec) / 10 / lastedMs >= percent;
    return samples.every((sample, i) => {
      const before = samples[i - 1];
      if (before === undefined) return true;
      const hits = (sample.limitHits ?? 0) - (before.limitHits ?? 0);
      const reread = (sample.rereadPages ?? 0) - (before.rereadPages ?? 0);
      return (hits > 0 || sample.isFull === true) && reread / ((sample.atMs - before.atMs) / 1000) >= REREAD_PER_SEC;
    });
  }

  clear(): void {
    this.#samples.length = 0;
  }
}
