// The path of a sparkline: sixty values as a line, with gaps for unknown ones.
import { SPARK_SAMPLES } from '../live/group-live.ts';

export const WIDTH = 80;
export const HEIGHT = 20;

/**
 * The path of a line over the values, newest at the right edge; gaps for unknown values.
 * @param least the smallest span of the vertical axis, so that noise stays a flat line
 */
export function sparkPath(values: readonly number[], least: number, fromZero: boolean): string {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length < 2) return '';
  const highest = Math.max(...known);
  const lowest = fromZero ? 0 : Math.min(...known);
  const span = Math.max(highest - lowest, least);
  const bottom = fromZero ? 0 : Math.max(0, (highest + lowest - span) / 2);
  let path = '';
  let pen = 'M';
  values.forEach((value, i) => {
    if (Number.isNaN(value)) {
      pen = 'M';
      return;
    }
    const x = WIDTH - ((values.length - 1 - i) * WIDTH) / (SPARK_SAMPLES - 1);
    const y = HEIGHT - 1.5 - ((value - bottom) / span) * (HEIGHT - 3);
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
  });
  return path;
}

/** Flat under 2 % of the last known level, or under 1 MiB. */
export function leastSpan(values: readonly number[]): number {
  return Math.max(1 << 20, 0.02 * (values.findLast((value) => !Number.isNaN(value)) ?? 0));
}

/** The height is a quarter of one CPU at least, so that a small load is a low line. */
export const LEAST_CPU = 25;
