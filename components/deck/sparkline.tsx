// The last minute of a group as a line: one path of sixty points, rendered with each tick for the rows on the screen.
'use client';
import { useSpark } from '../live/hooks.ts';
import { cx } from '../ui/classes.ts';
import { HEIGHT, LEAST_CPU, leastSpan, sparkPath, WIDTH } from './spark-path.ts';

export function Sparkline({ path, of }: { readonly path: string; readonly of: 'memory' | 'cpu' }) {
  const values = useSpark(path)?.values(of) ?? [];
  const line = of === 'memory' ? sparkPath(values, leastSpan(values), false) : sparkPath(values, LEAST_CPU, true);
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      className={cx('h-5 w-full overflow-visible', of === 'memory' ? 'text-usage' : 'text-series-1')}
    >
      <path d={line} fill="none" stroke="currentColor" strokeWidth={1.25} vectorEffect="non-scaling-stroke" strokeLinejoin="round" />
    </svg>
  );
}
