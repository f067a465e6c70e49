// The minute before a kill: usage, its anonymous part, and the limit.
'use client';
import { useMemo } from 'react';
import { keysOf, type Quantity } from '../../server/contract/quantities.ts';
import type { Report } from '../../server/contract/reports.ts';
import { useElementWidth } from '../charts/element-width.ts';
import { rowsOf, type SeriesSpec } from '../charts/series.ts';
import { TimeChart } from '../charts/time-chart.tsx';
import { joinSeries } from '../live/history.ts';

const LEAST_BYTES = 2 ** 20;
/** A chart of one moment shows nothing. */
const LEAST_MS = 2000;

export function ReportHistory({ report }: { readonly report: Report }) {
  const { time, history, limitGroup, group } = report;
  const { ref, width } = useElementWidth<HTMLDivElement>();
  const shown = history.find((one) => one.group === limitGroup) ?? history[0];
  const chart = useMemo(() => {
    const readings = new Set(shown?.series.map(({ reading }) => reading));
    const spec = (quantity: Quantity, rest: Omit<SeriesSpec, 'reading' | 'from' | 'merge' | 'id'>): SeriesSpec[] =>
      keysOf(quantity)
        .filter((reading) => readings.has(reading))
        .map((reading) => ({ ...rest, id: quantity, reading, from: 'gauge', merge: 'max' }));
    const series = [
      ...spec('memory-usage', { label: 'Usage', shape: 'area', color: 'var(--color-usage)' }),
      ...spec('memory-anonymous', { label: 'Anonymous', shape: 'line', color: 'var(--color-series-1)', dashed: true }),
      ...spec('memory-hard-limit', { label: 'Limit', shape: 'step', color: 'var(--color-hard)' }),
    ];
    const moments = joinSeries(shown?.series ?? []);
    const last = moments.at(-1);
    // A value is valid until the next one: the last until the kill.
    return { series, rows: rowsOf(last ? [...moments, { ...last, timeMs: time }] : [], series) };
  }, [shown, time]);
  const fromMs = Math.min(chart.rows[0]?.timeMs ?? time, time - LEAST_MS);
  return (
    <div ref={ref} className="grid min-w-0 grid-rows-[auto_auto_auto]">
      <TimeChart
        title="The minute before"
        {...(shown && shown.group !== group ? { about: shown.group } : {})}
        unit="bytes"
        series={chart.series}
        rows={chart.rows}
        fromMs={fromMs}
        toMs={time}
        flags={[]}
        frozen={[]}
        least={LEAST_BYTES}
        width={width}
        loading={false}
      />
    </div>
  );
}
