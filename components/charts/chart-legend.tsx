// A chart’s legend, which is also its readout: each series’ value under the crosshair, or now.
'use client';
import { formatClock } from '../../server/contract/units.ts';
import { cx } from '../ui/classes.ts';
import { Figure } from '../ui/figure.tsx';
import { type ChartUnit, quantityOf } from './scales.ts';
import type { Row, SeriesSpec } from './series.ts';

export interface ChartLegendProps {
  readonly series: readonly SeriesSpec[];
  readonly unit: ChartUnit;
  readonly row: Row | undefined;
  /** The top of the value axis; a limit above it is not in the chart, and marked so. */
  readonly top: number | undefined;
  /** The time of the values while the crosshair is on. */
  readonly timeMs?: number | undefined;
}

const UNIT_ROOM: Record<ChartUnit, number> = { bytes: 2.6, bytesPerSec: 4.4, bitsPerSec: 5.4, percent: 1.4, count: 1, perSec: 2 };

export function ChartLegend({ series, unit, row, top, timeMs }: ChartLegendProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-2.5 text-xs leading-5">
      {series
        .filter((spec) => isNamed(spec, row))
        .map((spec) => {
          const value = row?.[spec.id];
          const above = typeof value === 'number' && top !== undefined && value > top;
          return (
            <span key={spec.id} className="inline-flex items-center gap-1 whitespace-nowrap">
              <Swatch spec={spec} />
              <span className="text-quiet">{spec.short ?? spec.label}</span>
              <Figure
                quantity={typeof value === 'number' ? quantityOf(value, unit) : undefined}
                digits={3.4}
                unit={spec.bare ? 0 : UNIT_ROOM[unit]}
              />
              {above && (
                <span className="-ml-1 text-quiet" title="Above the chart">
                  ↑
                </span>
              )}
            </span>
          );
        })}
      <span className={cx('absolute -top-[22px] right-[48px] bg-raised pl-1 text-quiet', timeMs === undefined && 'hidden')}>
        {formatClock(timeMs ?? 0)}
      </span>
    </div>
  );
}

/** A limit that is not set is left out of the legend. */
function isNamed({ unnamed, shape, id }: SeriesSpec, row: Row | undefined): boolean {
  return !unnamed && !(shape === 'step' && row !== undefined && typeof row[id] !== 'number');
}

function Swatch({ spec: { color, shape, dashed } }: { readonly spec: SeriesSpec }) {
  if (shape === 'none') return null;
  return (
    <svg aria-hidden="true" viewBox="0 0 12 8" className="h-2 w-3 shrink-0">
      {shape === 'area' && <rect width={12} height={8} rx={1.5} fill={color} fillOpacity={0.85} />}
      {(shape === 'line' || shape === 'step') && (
        <path
          d={shape === 'step' ? 'M0 6.5h6v-5h6' : 'M0 4h12'}
          stroke={color}
          strokeWidth={1.8}
          fill="none"
          {...(dashed ? { strokeDasharray: '3 2' } : {})}
        />
      )}
    </svg>
  );
}
