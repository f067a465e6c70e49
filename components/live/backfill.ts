// Fills a group’s sparkline from the agent’s history, so that a row has its last minute when it appears.
import type { CallAnswer } from '../../server/contract/calls.ts';
import { demandBytes, demandKeys } from '../../server/contract/forecast.ts';
import { keysOf, measureOf } from '../../server/contract/quantities.ts';
import { type GroupLive, SPARK_SAMPLES, type SparkSample, usageBytes } from './group-live.ts';
import { joinSeries } from './history.ts';

/** Of both versions: the history has those of the group’s. */
const KEYS = [...keysOf('cpu-usage'), ...demandKeys];
/** One percent of a CPU for a millisecond, in µs. */
const USEC_PER_PERCENT_MS = 10;

type Fetch = (params: { group: string; reading: string[]; from: number }) => Promise<CallAnswer<'history'>>;

/** Samples before `first`, one an interval, oldest first; none from before the group existed. */
export function samplesBefore(
  series: CallAnswer<'history'>['series'],
  first: Pick<GroupLive, 'atMs' | 'now'>,
  intervalMs: number,
): SparkSample[] {
  const rows = joinSeries(series).filter(({ timeMs }) => timeMs < first.atMs);
  const samples: SparkSample[] = [];
  let next = 0;
  let row: (typeof rows)[number] | undefined;
  let cpuBefore: number | undefined;
  for (let back = SPARK_SAMPLES; back > 0; back--) {
    const atMs = first.atMs - back * intervalMs;
    for (; (rows[next]?.timeMs ?? Number.POSITIVE_INFINITY) <= atMs; next++) row = rows[next];
    if (!row) continue;
    const cpu = measureOf('cpu-usage', row);
    const usec = typeof cpu === 'number' ? cpu : undefined;
    samples.push({
      monoMs: first.now.monoMs - back * intervalMs,
      memoryBytes: usageBytes(row),
      demandBytes: demandBytes(row) ?? Number.NaN,
      cpuPercent:
        usec === undefined || cpuBefore === undefined || usec < cpuBefore
          ? Number.NaN
          : (usec - cpuBefore) / (intervalMs * USEC_PER_PERCENT_MS),
    });
    cpuBefore = usec;
  }
  return samples;
}

/** Requests at a time, the latest first: those are for the rows on the screen. */
const AT_ONCE = 3;

export class Backfill {
  readonly #fetch: Fetch;
  readonly #nowMs: () => number;
  readonly #done: (path: string, series: CallAnswer<'history'>['series']) => void;
  readonly #asked = new Set<string>();
  readonly #queue: string[] = [];
  #running = 0;

  /** @param nowMs the agent's clock: the browser's may be set otherwise */
  constructor(fetch: Fetch, nowMs: () => number, done: (path: string, series: CallAnswer<'history'>['series']) => void) {
    this.#fetch = fetch;
    this.#nowMs = nowMs;
    this.#done = done;
  }

  /** @returns cancels the request while it has not been sent */
  want(path: string): () => void {
    if (this.#asked.has(path) || this.#queue.includes(path)) return () => {};
    this.#queue.push(path);
    this.#next();
    return () => {
      const place = this.#queue.indexOf(path);
      if (place >= 0) this.#queue.splice(place, 1);
    };
  }

  #next(): void {
    if (this.#running >= AT_ONCE) return;
    const path = this.#queue.pop();
    if (path === undefined) return;
    this.#asked.add(path);
    this.#running++;
    this.#fetch({ group: path, reading: [...KEYS], from: this.#nowMs() - (SPARK_SAMPLES + 5) * 1000 })
      .then(
        ({ series }) => this.#done(path, series),
        () => {
          // Without history the line starts now.
        },
      )
      .finally(() => {
        this.#running--;
        this.#next();
      });
  }
}
