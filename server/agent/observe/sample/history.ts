// The last ten minutes of each group's readings, in memory: only changes are kept, so an idle group costs nothing.
// Times are kept on the monotonic clock and converted to the wall clock when read, so setting that clock does not break the order.
import type { Change } from '../../../contract/frame.ts';
import { hasHistory, type ReadingValue } from '../../../contract/readings.ts';

const KEPT_MS = 600_000;

/** A reading over time: `values[i]` holds from `times[i]` until the next. */
class Steps {
  readonly times: number[] = [];
  readonly values: (ReadingValue | null)[] = [];

  push(timeMs: number, value: ReadingValue | null): void {
    this.times.push(timeMs);
    this.values.push(value);
  }

  /** Drops what ended before `fromMs`; the value at that moment is kept. */
  trim(fromMs: number): void {
    let dropped = 0;
    while (dropped + 1 < this.times.length && (this.times[dropped + 1] ?? 0) <= fromMs) dropped++;
    if (dropped === 0) return;
    this.times.splice(0, dropped);
    this.values.splice(0, dropped);
  }
}

/** One moment on both clocks, in ms. */
export interface Moment {
  readonly timeMs: number;
  readonly monoMs: number;
}

export interface Series {
  readonly reading: string;
  /** Wall clock in ms, and the value from then on. */
  readonly points: [number, ReadingValue][];
}

/** Wall clock in ms. */
export interface HistoryQuery {
  readonly readings?: readonly string[] | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Seconds. */
  readonly step?: number | undefined;
}

export class History {
  readonly #groups = new Map<number, Map<string, Steps>>();
  readonly #wanted = new Map<string, boolean>();

  /** Adds one tick's changes. */
  add(monoMs: number, changes: readonly Change[]): void {
    for (const [gid, key, value] of changes) {
      if (!this.#isWanted(key)) continue;
      let readings = this.#groups.get(gid);
      if (!readings) {
        readings = new Map();
        this.#groups.set(gid, readings);
      }
      let steps = readings.get(key);
      if (!steps) {
        steps = new Steps();
        readings.set(key, steps);
      }
      steps.push(monoMs, value);
    }
  }

  /** Drops what is older than ten minutes; call it now and then. */
  trim(monoMs: number): void {
    for (const readings of this.#groups.values()) for (const steps of readings.values()) steps.trim(monoMs - KEPT_MS);
  }

  remove(gid: number): void {
    this.#groups.delete(gid);
  }

  /** Series of one group; unknown readings are left out, and there are no points while a reading is absent. */
  query(gid: number, query: HistoryQuery, now: Moment): Series[] {
    const aheadMs = now.timeMs - now.monoMs;
    const from = Math.max((query.from ?? 0) - aheadMs, now.monoMs - KEPT_MS);
    const to = Math.min((query.to ?? now.timeMs) - aheadMs, now.monoMs);
    const found: Series[] = [];
    for (const [reading, steps] of this.#groups.get(gid) ?? []) {
      if (query.readings && !query.readings.includes(reading)) continue;
      const points = query.step === undefined ? changesBetween(steps, from, to) : atEachStep(steps, from, to, query.step * 1000);
      found.push({ reading, points: points.map(([monoMs, value]) => [Math.round(monoMs + aheadMs), value]) });
    }
    return found;
  }

  #isWanted(key: string): boolean {
    let wanted = this.#wanted.get(key);
    if (wanted === undefined) {
      wanted = hasHistory(key);
      this.#wanted.set(key, wanted);
    }
    return wanted;
  }
}

function changesBetween(steps: Steps, from: number, to: number): [number, ReadingValue][] {
  const points: [number, ReadingValue][] = [];
  for (let i = 0; i < steps.times.length; i++) {
    const time = steps.times[i] ?? 0;
    const next = steps.times[i + 1] ?? Number.POSITIVE_INFINITY;
    const value = steps.values[i];
    // The value at `from` begins there.
    if (time > to || next <= from || value === null || value === undefined) continue;
    points.push([Math.max(time, from), value]);
  }
  return points;
}

function atEachStep(steps: Steps, from: number, to: number, stepMs: number): [number, ReadingValue][] {
  const points: [number, ReadingValue][] = [];
  let i = -1;
  for (let time = Math.max(from, steps.times[0] ?? to); time <= to; time += stepMs) {
    while ((steps.times[i + 1] ?? Number.POSITIVE_INFINITY) <= time) i++;
    const value = steps.values[i];
    if (value !== null && value !== undefined) points.push([time, value]);
  }
  return points;
}
