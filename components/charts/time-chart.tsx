// A chart: series over the shared time axis, with a crosshair that all charts of a page share. Recharts is imported in this folder only.
'use client';
import { memo, type Ref, useMemo, useState } from 'react';
import { Area, CartesianGrid, ComposedChart, Line, Tooltip, XAxis, YAxis } from 'recharts';
import type { Problem } from '../../server/contract/problems.ts';
import { cx } from '../ui/classes.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { ChartLegend, LegendInChart } from './chart-legend.tsx';
import { ChartTable } from './chart-table.tsx';
import { EventFlags, FrozenSpans, type Span } from './event-flags.tsx';
import type { Flag } from './flags.ts';
import { type ChartUnit, tickText, timeTicks, timeTickText, valueAxis } from './scales.ts';
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

export const CHART_HEIGHT = 152;
const MARGIN = { top: 6, right: 8, bottom: 0, left: 0 };
const AXIS_WIDTH = 56;
const TICK = { fontSize: 10.5, fill: 'var(--color-quiet)' };
/** All charts with this id share the crosshair. */
const SYNC_ID = 'group';

export function TimeChart(props: TimeChartProps) {
  const { title, about, unit, series, rows, width, loading, error, absent } = props;
  const [asTable, setAsTable] = useState(false);
  const [legendAt, setLegendAt] = useState<HTMLDivElement | null>(null);
  const ready = !loading && absent === undefined && rows.length > 0 && width > 0;
  return (
    <figure ref={props.ref} className="row-span-3 grid min-w-0 grid-rows-subgrid" aria-label={title}>
      <figcaption className="flex h-6 items-center gap-2">
        <span className="font-medium">{title}</span>
        {about !== undefined && <span className="truncate text-xs text-quiet max-sm:hidden">{about}</span>}
        <button
          type="button"
          aria-pressed={asTable}
          className="ml-auto rounded-sm px-1.5 text-xs text-quiet hover:bg-hover hover:text-text aria-pressed:text-text"
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'Chart' : 'Table'}
          <span className="sr-only"> of {title}</span>
        </button>
      </figcaption>
      <div ref={setLegendAt} className="relative min-h-5">
        {!ready && <ChartLegend series={series} unit={unit} row={undefined} top={undefined} />}
      </div>
      <div className="relative mt-1 mb-5" style={{ height: CHART_HEIGHT }}>
        {ready && !asTable && legendAt && <Plot {...props} legendAt={legendAt} />}
        {ready && <ChartTable title={title} unit={unit} series={series} rows={rows} visible={asTable} />}
        {!ready && <Instead loading={loading || width === 0} error={error} absent={absent} />}
      </div>
    </figure>
  );
}

function Instead({ loading, error, absent }: Pick<TimeChartProps, 'loading' | 'error' | 'absent'>) {
  if (absent === undefined && loading) return <Skeleton className="h-full opacity-50" />;
  return (
    <div
      className="flex h-full items-center justify-center rounded-md border border-dashed border-line px-6 text-center text-sm text-quiet"
      role={error ? 'alert' : undefined}
    >
      {absent ?? error?.detail ?? 'No readings yet: the first come with the next tick.'}
    </div>
  );
}

const Plot = memo(function Plot({ legendAt, ...props }: TimeChartProps & { readonly legendAt: HTMLElement }) {
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

/** A page at least this wide shows charts side by side; the class below must match. */
export const TWO_COLUMNS_FROM_PX = 680;

/** Charts that share an axis, in the page’s container; neighbours share their rows, so that plots stay level when a legend wraps. */
export function ChartGrid({ children, stale }: { readonly children: React.ReactNode; readonly stale: boolean }) {
  return <div className={cx('-mb-5 grid grid-cols-1 gap-x-[24px] @min-[680px]:grid-cols-2', stale && 'stale')}>{children}</div>;
}
