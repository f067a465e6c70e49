// From history to a chart’s rows: series with a meaning, counters as rates, readings merged into buckets that all charts share.
import type { HistoryPoint } from '../live/history.ts';

/** One row of a chart: null breaks the line. */
export type Row = { readonly timeMs: number } & Readonly<Record<string, number | null>>;

export interface SeriesSpec {
  /** Key in the rows. */
  readonly id: string;
  readonly label: string;
  /** Its short name in the legend. */
  readonly short?: string;
  /** In the legend without its unit, which the series before it has. */
  readonly bare?: boolean;
  /** A CSS colour, by the name of a token. */
  readonly color: string;
  /** none: only in the legend and the table. */
  readonly shape: 'line' | 'area' | 'step' | 'none';
  /** In the chart and the table, but not in the legend, where many would crowd it. */
  readonly unnamed?: boolean;
  /** Thin and dashed. */
  readonly dashed?: boolean;
  /** Stacked on top of the stacked series before it. */
  readonly stacked?: boolean;
  /** The key of its reading. */
  readonly reading: string;
  /** gauge: the value itself; rate: growth per second; both times `scale`. */
  readonly from: 'gauge' | 'rate';
  readonly scale?: number;
  /** A gauge is divided by this reading: a quota by its period. */
  readonly per?: string;
  /** The value of a bucket of several moments: levels have their highest, rates their mean, limits their last. */
  readonly merge: 'max' | 'mean' | 'last';
}

/**
 * The history as regular moments, one for each tick up to the last. A history has only changes, and a value is valid until
 * its next point: moments without a change are filled with the last value.
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
    // Ticks are a little early or late: a point belongs to the nearest moment.
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
  // A counter that went down was reset, or belongs to another group with the same name.
  return seconds > 0 && to >= from ? ((to - from) / seconds) * scale : null;
}

/** A point for every 3 pixels is as fine as a thin line shows. */
const PIXELS_PER_POINT = 3;

/** The bucket, a whole number of ticks, that gives a chart of this width no more points than it can show. */
export function bucketFor(rangeMs: number, widthPx: number, intervalMs: number): number {
  const points = Math.max(20, widthPx / PIXELS_PER_POINT);
  return Math.max(1, Math.ceil(rangeMs / intervalMs / points)) * intervalMs;
}

/** Merges rows into buckets aligned to the wall clock, so that they do not flicker as time goes on; a bucket has the time of its last row. */
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
