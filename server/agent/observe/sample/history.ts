// The last ten minutes of each group's readings, in memory, or what of them fits: only changes are kept, so an idle group costs next to nothing.
// Times are kept on the monotonic clock and converted to the wall clock when read, so setting that clock does not break the order.
import type { Change } from '../../../contract/frame.ts';
import { hasHistory, type ReadingValue } from '../../../contract/readings.ts';
import { Steps } from './steps.ts';

const KEPT_MS = 600_000;
/** Where more changes than fit, less of the past is kept, of all groups alike; reports show the last minute. */
const AT_MOST_BYTES = 64 * 2 ** 20;
const LEAST_KEPT_MS = 60_000;
/** All groups are trimmed once in this time, some at each tick. */
const TRIM_MS = 10_000;
/** What is kept shrinks at once to what fits, and grows by this much in a round. */
const REGROWTH = 1.1;

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
  readonly #atMostBytes: number;
  /** By group, and by the number of the key. */
  readonly #groups = new Map<number, (Steps | undefined)[]>();
  /** Numbers of keys; -1: not kept. */
  readonly #numbers = new Map<string, number>();
  readonly #keys: string[] = [];
  /** In this round of trims: where it is, what it found, and when it was called. */
  #round = this.#groups.entries();
  #bytes = 0;
  #trimmedMs = Number.NEGATIVE_INFINITY;
  #keptMs = KEPT_MS;

  constructor(atMostBytes = AT_MOST_BYTES) {
    this.#atMostBytes = atMostBytes;
  }

  /** Adds one tick's changes. */
  add(monoMs: number, changes: readonly Change[]): void {
    for (const [gid, key, value] of changes) {
      const number = this.#numberOf(key);
      if (number < 0) continue;
      let readings = this.#groups.get(gid);
      if (!readings) {
        readings = [];
        this.#groups.set(gid, readings);
      }
      const steps = readings[number];
      if (steps) steps.push(monoMs, value);
      else readings[number] = new Steps(monoMs, value);
    }
  }

  /** Drops what is too old, of some groups at a time; call it at each tick. */
  trim(monoMs: number): void {
    const share = Math.min(1, (monoMs - this.#trimmedMs) / TRIM_MS);
    this.#trimmedMs = monoMs;
    for (let left = Math.ceil(this.#groups.size * share); left > 0; left--) {
      const { value: next, done } = this.#round.next();
      if (done) {
        this.#endRound();
        break;
      }
      for (const steps of next[1]) {
        steps?.trim(monoMs - this.#keptMs);
        this.#bytes += steps?.bytes ?? 0;
      }
    }
  }

  #endRound(): void {
    const fits = this.#bytes > 0 ? (this.#keptMs * this.#atMostBytes) / this.#bytes : KEPT_MS;
    this.#keptMs = Math.max(LEAST_KEPT_MS, Math.min(KEPT_MS, fits, this.#keptMs * REGROWTH));
    this.#bytes = 0;
    this.#round = this.#groups.entries();
  }

  /** About how much memory it takes. */
  get bytes(): number {
    return [...this.#groups.values()].flat().reduce((sum, steps) => sum + (steps?.bytes ?? 0), 0);
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
    for (const [number, steps] of (this.#groups.get(gid) ?? []).entries()) {
      const reading = this.#keys[number] ?? '';
      if (!steps || (query.readings && !query.readings.includes(reading))) continue;
      const points = query.step === undefined ? changesBetween(steps, from, to) : atEachStep(steps, from, to, query.step * 1000);
      found.push({ reading, points: points.map(([monoMs, value]) => [Math.round(monoMs + aheadMs), value]) });
    }
    return found;
  }

  #numberOf(key: string): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = hasHistory(key) ? this.#keys.push(key) - 1 : -1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}

function changesBetween(steps: Steps, from: number, to: number): [number, ReadingValue][] {
  const points: [number, ReadingValue][] = [];
  for (let i = 0; i < steps.length; i++) {
    const time = steps.timeAt(i);
    const value = steps.valueAt(i);
    // The value at `from` begins there.
    if (time > to || steps.timeAt(i + 1) <= from || value === null) continue;
    points.push([Math.max(time, from), value]);
  }
  return points;
}

function atEachStep(steps: Steps, from: number, to: number, stepMs: number): [number, ReadingValue][] {
  const points: [number, ReadingValue][] = [];
  let i = -1;
  for (let time = Math.max(from, steps.timeAt(0)); time <= to; time += stepMs) {
    while (steps.timeAt(i + 1) <= time) i++;
    const value = steps.valueAt(i);
    if (value !== null) points.push([time, value]);
  }
  return points;
}
