// From history to what a chart draws: series with a meaning, counters as rates, readings merged into buckets that all charts share.
import type { ReadingValue } from '../../server/contract/readings.ts';

/** One moment of the history: wall clock and the readings it has. */
export type HistoryPoint = { readonly timeMs: number } & Readonly<Record<string, ReadingValue | undefined>>;

/** A moment as it is drawn: null breaks the line. */
export type Row = { readonly timeMs: number } & Readonly<Record<string, number | null>>;

export interface SeriesSpec {
  /** Key in the rows. */
  readonly id: string;
  readonly label: string;
  /** In the legend, where room is short. */
  readonly short?: string;
  /** In the legend without its unit, which the series before it says. */
  readonly bare?: boolean;
  /** A CSS colour, by a token's name. */
  readonly color: string;
  /** none: only in the legend and the table. */
  readonly shape: 'line' | 'area' | 'step' | 'none';
  /** Drawn and in the table, but not in the legend, where many would crowd it. */
  readonly unnamed?: boolean;
  /** Thin and dashed. */
  readonly dashed?: boolean;
  /** Stands on top of the series before it that are stacked too. */
  readonly stacked?: boolean;
  /** The reading it comes from. */
  readonly reading: string;
  /** gauge: the value itself; rate: growth per second; both times `scale`. */
  readonly from: 'gauge' | 'rate';
  readonly scale?: number;
  /** A gauge is divided by this reading: a quota by its period. */
  readonly per?: string;
  /** What stands for a bucket of several moments: levels keep their highest, rates their mean, limits their last. */
  readonly merge: 'max' | 'mean' | 'last';
}

/**
 * The history as regular moments, one for each tick up to the last. A history says only what changed, and a value holds until
 * its next point: so moments in which nothing changed are filled with what held.
 */
export function momentsOf(points: readonly HistoryPoint[], intervalMs: number, fromMs: number): HistoryPoint[] {
  const last = points.at(-1);
  const first = points[0];
  if (!last || !first) return [];
  const moments: HistoryPoint[] = [];
  const count = Math.floor((last.timeMs - Math.max(first.timeMs, fromMs)) / intervalMs + 0.5);
  let at = 0;
  for (let back = count; back >= 0; back--) {
    const tickMs = last.timeMs - back * intervalMs;
    // Ticks wander a little: a point belongs to the moment that it is nearest to.
    while ((points[at + 1]?.timeMs ?? Number.POSITIVE_INFINITY) < tickMs + intervalMs / 2) at++;
    const point = points[at] ?? first;
    moments.push(point.timeMs > tickMs - intervalMs / 2 ? point : { ...point, timeMs: tickMs });
  }
  return moments;
}

/** The value of each series at each moment; "max" and what is absent are null. */
export function rowsOf(moments: readonly HistoryPoint[], specs: readonly SeriesSpec[]): Row[] {
  return moments.map((point, i) => {
    const row: Record<string, number | null> = {};
    for (const spec of specs) row[spec.id] = spec.from === 'gauge' ? level(point, spec) : rate(moments[i - 1], point, spec);
    return { ...row, timeMs: point.timeMs };
  });
}

function level(point: HistoryPoint, { reading, per, scale = 1 }: SeriesSpec): number | null {
  const value = point[reading];
  const by = per === undefined ? 1 : point[per];
  return typeof value === 'number' && value >= 0 && typeof by === 'number' && by > 0 ? (value / by) * scale : null;
}

function rate(before: HistoryPoint | undefined, now: HistoryPoint, { reading, scale = 1 }: SeriesSpec): number | null {
  const from = before?.[reading];
  const to = now[reading];
  if (!before || typeof from !== 'number' || typeof to !== 'number') return null;
  const seconds = (now.timeMs - before.timeMs) / 1000;
  // A counter that went down was reset, or belongs to another group under the same name.
  return seconds > 0 && to >= from ? ((to - from) / seconds) * scale : null;
}

/** A point each 3 pixels is as fine as a thin line shows. */
const PIXELS_PER_POINT = 3;

/** The bucket, a whole number of ticks, that gives a chart of this width no more points than it can show. */
export function bucketFor(rangeMs: number, widthPx: number, intervalMs: number): number {
  const points = Math.max(20, widthPx / PIXELS_PER_POINT);
  return Math.max(1, Math.ceil(rangeMs / intervalMs / points)) * intervalMs;
}

/** Merges rows into buckets aligned to the wall clock, so that they do not shimmer as time moves on; a bucket stands at its last row. */
export function bucketRows(rows: readonly Row[], specs: readonly SeriesSpec[], bucketMs: number): Row[] {
  const buckets: Row[] = [];
  let members: Row[] = [];
  let bucket = Number.NaN;
  const close = () => {
    const last = members.at(-1);
    if (last) buckets.push(members.length === 1 ? last : merged(members, specs, last.timeMs));
    members = [];
  };
  for (const row of rows) {
    const own = Math.ceil(row.timeMs / bucketMs);
    if (own !== bucket) close();
    bucket = own;
    members.push(row);
  }
  close();
  return buckets;
}

function merged(members: readonly Row[], specs: readonly SeriesSpec[], timeMs: number): Row {
  const row: Record<string, number | null> = {};
  for (const { id, merge } of specs) {
    const values = members.map((member) => member[id]).filter((value) => typeof value === 'number');
    row[id] = values.length === 0 ? null : mergeValues(values, merge);
  }
  return { ...row, timeMs };
}

function mergeValues(values: readonly number[], merge: SeriesSpec['merge']): number | null {
  if (merge === 'max') return Math.max(...values);
  if (merge === 'mean') return values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.at(-1) ?? null;
}
