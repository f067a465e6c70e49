// What is plotted in a chart. Recharts is imported in this folder only, and loaded once there is a chart.
'use client';
import { memo, type Ref, useMemo } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, Tooltip, XAxis, YAxis } from 'recharts';
import type { Problem } from '../../server/contract/problems.ts';
import { EventFlags, FrozenSpans, type Span } from './event-flags.tsx';
import type { Flag } from './flags.ts';
import { LegendInChart } from './legend-in-chart.tsx';
import { CHART_HEIGHT, type ChartUnit, tickText, timeTicks, timeTickText, valueAxis } from './scales.ts';
import type { Row, SeriesSpec } from './series.ts';

export interface TimeChartProps {
  readonly title: string;
  /** Quiet words after the title: the unit or the source. */
  readonly about?: string;
  readonly unit: ChartUnit;
  readonly series: readonly SeriesSpec[];
  /** Already merged to fit the width. */
  readonly rows: readonly Row[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly flags: readonly Flag[];
  readonly frozen: readonly Span[];
  /** The top of the value axis for a chart of zeros. */
  readonly least: number;
  readonly width: number;
  readonly loading: boolean;
  readonly error?: Problem | undefined;
  /** Why there is no chart, such as a controller that is not mounted. */
  readonly absent?: string | undefined;
  readonly ref?: Ref<HTMLElement>;
}

export type PlotProps = TimeChartProps & { readonly legendAt: HTMLElement };

const MARGIN = { top: 6, right: 8, bottom: 0, left: 0 };
const AXIS_WIDTH = 56;
const TICK = { fontSize: 10.5, fill: 'var(--color-quiet)' };
/** All charts with this id share the crosshair. */
const SYNC_ID = 'group';

export const Plot = memo(function Plot({ legendAt, ...props }: PlotProps) {
  const { unit, series, rows, fromMs, toMs, flags, frozen, least, width, title } = props;
  const axis = useMemo(() => valueAxis(rows, series, unit, least), [rows, series, unit, least]);
  const inView = series.filter(
    ({ shape, id }) =>
      shape === 'line' || shape === 'area' || (shape === 'step' && rows.some((row) => (row[id] ?? Number.POSITIVE_INFINITY) <= axis.top)),
  );
  return (
    <ComposedChart
      width={width}
      height={CHART_HEIGHT}
      data={rows as Row[]}
      margin={MARGIN}
      syncId={SYNC_ID}
      syncMethod="index"
      title={title}
      className="[&_*]:outline-none"
    >
      <CartesianGrid vertical={false} stroke="var(--color-line)" />
      <XAxis
        dataKey="timeMs"
        type="number"
        scale="time"
        domain={[fromMs, toMs]}
        allowDataOverflow
        height={20}
        ticks={timeTicks(fromMs, toMs, width - AXIS_WIDTH)}
        tickFormatter={(time: number) => timeTickText(time, toMs - fromMs)}
        tick={TICK}
        tickLine={false}
        axisLine={{ stroke: 'var(--color-line-strong)', strokeOpacity: 0.5 }}
        interval={0}
        minTickGap={0}
      />
      <YAxis
        width={AXIS_WIDTH}
        type="number"
        domain={[0, axis.top]}
        ticks={axis.ticks as number[]}
        allowDataOverflow
        tickFormatter={(value: number) => tickText(value, unit)}
        tick={TICK}
        tickLine={false}
        axisLine={false}
        interval={0}
      />
      <FrozenSpans spans={frozen} />
      {inView.map((spec) => seriesShape(spec))}
      <EventFlags flags={flags} />
      <Tooltip
        content={() => null}
        isAnimationActive={false}
        cursor={{ stroke: 'var(--color-text)', strokeOpacity: 0.55, strokeWidth: 1 }}
      />
      <LegendInChart series={series} unit={unit} rows={rows} top={axis.top} into={legendAt} />
    </ComposedChart>
  );
});

function seriesShape({ id, color, shape, dashed = false, stacked = false, label }: SeriesSpec) {
  const common = {
    dataKey: id,
    name: label,
    stroke: color,
    strokeWidth: shape === 'step' ? 1.5 : 1.4,
    isAnimationActive: false,
    connectNulls: false,
    activeDot: shape === 'step' ? false : { r: 2.5, strokeWidth: 0, fill: color },
    ...(dashed ? { strokeDasharray: '4 3' } : {}),
  } as const;
  if (shape === 'area') {
    return (
      <Area
        key={id}
        {...common}
        type="linear"
        dot={false}
        fill={color}
        fillOpacity={stacked ? 0.4 : 0.16}
        {...(stacked ? { stackId: 'all', strokeWidth: 1 } : {})}
      />
    );
  }
  return <Line key={id} {...common} type={shape === 'step' ? 'stepAfter' : 'linear'} dot={false} />;
}
