// The last minute of a group as a light line: a path of sixty points, drawn anew with each tick for the rows on screen only.
'use client';
import { SPARK_SAMPLES } from '../live/group-live.ts';
import { useSpark } from '../live/hooks.ts';
import { cx } from '../ui/classes.ts';

const WIDTH = 80;
const HEIGHT = 20;

/**
 * The path of a line over the values, newest at the right edge; gaps where a value is not known.
 * @param least the smallest span of the vertical axis: below it a line is flat, so that noise is not drawn as a mountain
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

/** Flat under 2 % of the level, or under 1 MiB. */
function leastSpan(values: readonly number[]): number {
  return Math.max(1 << 20, 0.02 * (values.at(-1) ?? 0));
}

/** A quarter of one CPU fills the height at least: under it the line stays low. */
const LEAST_CPU = 25;

export function Sparkline({ path, of, className }: { readonly path: string; readonly of: 'memory' | 'cpu'; readonly className?: string }) {
  const values = useSpark(path)?.values(of) ?? [];
  const line = of === 'memory' ? sparkPath(values, leastSpan(values), false) : sparkPath(values, LEAST_CPU, true);
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className={cx('h-5 w-full overflow-visible', of === 'memory' ? 'text-usage' : 'text-series-1', className)}
    >
      <path d={line} fill="none" stroke="currentColor" strokeWidth={1.25} vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
}
