// The last ten minutes of each group's readings, in memory: a value is kept when it changes, so an idle group costs nothing.
// Kept by the monotonic clock, and handed out by the wall clock: setting that clock moves all points along with it.
import type { Change } from '../../../contract/frame.ts';
import { hasHistory, type ReadingValue } from '../../../contract/readings.ts';

const KEPT_MS = 600_000;

/** A reading over time, as steps: it has `values[i]` from `times[i]` until the next. */
class Steps {
  readonly times: number[] = [];
  readonly values: (ReadingValue | null)[] = [];

  push(timeMs: number, value: ReadingValue | null): void {
    this.times.push(timeMs);
    this.values.push(value);
  }

  /** Forgets what ended before `fromMs`; the step in force at that moment stays. */
  trim(fromMs: number): void {
    let gone = 0;
    while (gone + 1 < this.times.length && (this.times[gone + 1] ?? 0) <= fromMs) gone++;
    if (gone === 0) return;
    this.times.splice(0, gone);
    this.values.splice(0, gone);
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

  /** Notes one tick's changes. */
  note(monoMs: number, changes: readonly Change[]): void {
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

  /** To be called now and then, not at every tick: forgets what is older than ten minutes. */
  trim(monoMs: number): void {
    for (const readings of this.#groups.values()) for (const steps of readings.values()) steps.trim(monoMs - KEPT_MS);
  }

  remove(gid: number): void {
    this.#groups.delete(gid);
  }

  /** Series of one group; a reading that is asked for and was never seen is left out, an absent stretch has no points. */
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
    // The step in force at `from` counts from there.
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
