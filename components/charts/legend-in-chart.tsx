// The legend of a chart that is shown: it follows the crosshair.
'use client';
import { createPortal } from 'react-dom';
import { useActiveTooltipDataPoints, useIsTooltipActive } from 'recharts';
import { ChartLegend } from './chart-legend.tsx';
import type { ChartUnit } from './scales.ts';
import type { Row, SeriesSpec } from './series.ts';

export interface LegendInChartProps {
  readonly series: readonly SeriesSpec[];
  readonly unit: ChartUnit;
  readonly rows: readonly Row[];
  readonly top: number;
  readonly into: HTMLElement;
}

/** Rendered inside the chart, which knows the crosshair, and shown outside of it. */
export function LegendInChart({ series, unit, rows, top, into }: LegendInChartProps) {
  const active = useIsTooltipActive();
  const points = useActiveTooltipDataPoints<Row>();
  const pointed = active ? points?.[0] : undefined;
  return createPortal(<ChartLegend series={series} unit={unit} row={pointed ?? rows.at(-1)} top={top} timeMs={pointed?.timeMs} />, into);
}
