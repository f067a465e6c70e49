// A chart: series over the shared time axis, with a crosshair that all charts of a page share.
'use client';
import { useState } from 'react';
import { createPortal } from 'react-dom';
import { cx } from '../ui/classes.ts';
import { later } from '../ui/later.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ChartLegend } from './chart-legend.tsx';
import { ChartTable } from './chart-table.tsx';
import type { PlotProps, TimeChartProps } from './plot.tsx';
import { CHART_HEIGHT } from './scales.ts';

/** The legend without values, and the plot's place. */
function PlotWaiting({ legendAt, series, unit }: PlotProps) {
  return (
    <>
      {createPortal(<ChartLegend series={series} unit={unit} row={undefined} top={undefined} />, legendAt)}
      <Skeleton className="h-full opacity-50" />
    </>
  );
}

const Plot = later<PlotProps>(async () => (await import('./plot.tsx')).Plot, { Waiting: PlotWaiting });

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

/** A page at least this wide shows charts side by side; the class below must match. */
export const TWO_COLUMNS_FROM_PX = 680;

/** Charts that share an axis, in the page’s container; neighbours share their rows, so that plots stay level when a legend wraps. */
export function ChartGrid({ children, stale }: { readonly children: React.ReactNode; readonly stale: boolean }) {
  return <div className={cx('-mb-5 grid grid-cols-1 gap-x-[24px] @min-[680px]:grid-cols-2', stale && 'stale')}>{children}</div>;
}
