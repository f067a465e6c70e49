// The charts of one group: one history, one time axis, one crosshair, events as flags.
'use client';
import { useMemo } from 'react';
import { useElementWidth } from '../../charts/element-width.ts';
import { flagsOf } from '../../charts/flags.ts';
import { frozenSpans } from '../../charts/frozen-spans.ts';
import { bucketFor, bucketRows, momentsOf, rowsOf } from '../../charts/series.ts';
import { ChartGrid, TimeChart } from '../../charts/time-chart.tsx';
import { type GroupLive, useConnection, useEvents, useHistory, useHost, useTick } from '../../live/hooks.ts';
import { absentReason, groupCharts, historyKeys } from './group-series.ts';

export const ranges = { '1m': 60_000, '3m': 180_000, '10m': 600_000 } as const;
export type Range = keyof typeof ranges;

const AXIS_AND_MARGIN_PX = 64;
/** Flags nearer than this would cover each other. */
const FLAG_PX = 13;
/** The grid's gap between its two columns, and the width from which it has two; as in ChartGrid. */
const GAP_PX = 24;
const TWO_COLUMNS_FROM_PX = 680;

export function GroupCharts({ live, range }: { readonly live: GroupLive; readonly range: Range }) {
  const { path, controllers } = live.entry;
  const { ref, width: gridWidth } = useElementWidth<HTMLDivElement>();
  const width = gridWidth >= TWO_COLUMNS_FROM_PX ? Math.floor((gridWidth - GAP_PX) / 2) : gridWidth;
  const cpus = useHost()?.cpus ?? 1;
  const { state } = useConnection();
  const tick = useTick();
  const charts = useMemo(() => groupCharts(cpus), [cpus]);
  const keys = useMemo(() => historyKeys(charts), [charts]);
  const { loading, error, points } = useHistory(path, keys);
  const events = useEvents({ group: path });

  const rangeMs = ranges[range];
  const intervalMs = tick?.tick.intervalMs ?? 1000;
  const toMs = points.at(-1)?.timeMs ?? tick?.timeMs ?? 0;
  const fromMs = toMs - rangeMs;
  const plotPx = Math.max(0, width - AXIS_AND_MARGIN_PX);
  const moments = useMemo(() => momentsOf(points, intervalMs, toMs - rangeMs), [points, intervalMs, toMs, rangeMs]);
  const bucketMs = bucketFor(rangeMs, plotPx, intervalMs);
  const drawn = useMemo(
    () => charts.map((chart) => ({ chart, rows: bucketRows(rowsOf(moments, chart.series), chart.series, bucketMs) })),
    [charts, moments, bucketMs],
  );
  const flags = useMemo(
    () => flagsOf(events, toMs - rangeMs, toMs, (FLAG_PX * rangeMs) / Math.max(plotPx, 100)),
    [events, toMs, rangeMs, plotPx],
  );
  const frozen = useMemo(() => frozenSpans(moments), [moments]);
  return (
    <div ref={ref}>
      <ChartGrid twoColumns={gridWidth >= TWO_COLUMNS_FROM_PX} stale={state === 'stale'}>
        {drawn.map(({ chart, rows }) => (
          <TimeChart
            key={chart.id}
            title={chart.title}
            about={chart.about}
            unit={chart.unit}
            series={chart.series}
            least={chart.least}
            rows={rows}
            fromMs={fromMs}
            toMs={toMs}
            flags={flags}
            frozen={frozen}
            width={width}
            loading={loading && points.length === 0}
            error={error}
            absent={absentReason(chart, controllers, path === '/')}
          />
        ))}
      </ChartGrid>
    </div>
  );
}
