// The charts of one group: one history, one time axis, one crosshair, events as flags.
'use client';
import { useMemo } from 'react';
import { cpusIn } from '../../../server/contract/cpu-list.ts';
import { useElementWidth } from '../../charts/element-width.ts';
import { flagsOf } from '../../charts/flags.ts';
import { frozenSpans } from '../../charts/frozen-spans.ts';
import { useInView, useOwnTask } from '../../charts/own-task.ts';
import { bucketFor, bucketRows, momentsOf, rowsOf } from '../../charts/series.ts';
import { ChartGrid, TimeChart, TWO_COLUMNS_FROM_PX } from '../../charts/time-chart.tsx';
import { type GroupLive, useConnection, useEvents, useHistory, useHost, useTick, useVersionOf } from '../../live/hooks.ts';
import { Toggle } from '../../ui/toggle.tsx';
import { useGroupType } from '../absent.ts';
import { absentReason, type ChartSpec, groupCharts, historyKeys } from './group-series.ts';
import { type Range, rangeFor, ranges } from './range.ts';

const AXIS_AND_MARGIN_PX = 64;
/** Flags nearer than this would cover each other. */
const FLAG_PX = 13;
/** The gap between the two columns, as in ChartGrid. */
const GAP_PX = 24;

const RANGE_WORD: Record<Range, string> = { '1m': '1 min', '3m': '3 min', '10m': '10 min' };

export interface GroupChartsProps {
  readonly live: GroupLive;
  /** Whether it has a network whose traffic is counted. */
  readonly routed: boolean;
  /** As in the URL. */
  readonly range: string | null;
  readonly onRange: (range: Range) => void;
}

export function GroupCharts({ live, routed, range, onRange }: GroupChartsProps) {
  const { entry } = live;
  const { path } = entry;
  const { ref, width: gridWidth } = useElementWidth<HTMLDivElement>();
  const width = gridWidth >= TWO_COLUMNS_FROM_PX ? Math.floor((gridWidth - GAP_PX) / 2) : gridWidth;
  const host = useHost();
  const { state } = useConnection();
  const versionOf = useVersionOf(entry);
  const type = useGroupType(entry, versionOf('memory') === 2 && !entry.controllers.includes('memory'));
  const charts = useMemo(
    () => groupCharts({ cpus: cpusIn(host?.cpuList ?? '0') ?? [0], routed, versionOf }),
    [host?.cpuList, routed, versionOf],
  );
  const shared = useShared(path, charts, range, Math.max(0, width - AXIS_AND_MARGIN_PX), host !== undefined);
  return (
    <div ref={ref}>
      <div className="mb-3 flex items-center justify-between">
        <h2 className="text-sm text-quiet">The last {RANGE_WORD[shared.range]}</h2>
        <fieldset aria-label="Time range" className="flex gap-0.5">
          {(Object.keys(ranges) as Range[]).map((key) => (
            <Toggle
              key={key}
              on={key === shared.range}
              onPress={() => onRange(key)}
              className="h-6 rounded-sm text-xs max-sm:h-9 max-sm:px-3"
            >
              {RANGE_WORD[key]}
            </Toggle>
          ))}
        </fieldset>
      </div>
      <ChartGrid stale={state === 'stale'}>
        {charts.map((chart, slot) => (
          <GroupChart key={chart.id} chart={chart} slot={slot} shared={shared} width={width} absent={absentReason(chart, entry, type)} />
        ))}
      </ChartGrid>
    </div>
  );
}

/** What all charts of the page share at one tick. */
function useShared(path: string, charts: readonly ChartSpec[], chosen: string | null, plotPx: number, ready: boolean) {
  const tick = useTick();
  const keys = useMemo(() => historyKeys(charts), [charts]);
  const { loading, error, points } = useHistory(path, keys);
  const events = useEvents({ group: path });
  const intervalMs = tick?.tick.intervalMs ?? 1000;
  const toMs = points.at(-1)?.timeMs ?? 0;
  const range = loading ? rangeFor(chosen, Number.POSITIVE_INFINITY) : rangeFor(chosen, toMs - (points[0]?.timeMs ?? 0));
  return useMemo(() => {
    const rangeMs = ranges[range];
    const fromMs = toMs - rangeMs;
    const moments = momentsOf(points, intervalMs, fromMs);
    return {
      range,
      moments,
      flags: flagsOf(events, fromMs, toMs, (FLAG_PX * rangeMs) / Math.max(plotPx, 100)),
      frozen: frozenSpans(moments),
      bucketMs: bucketFor(rangeMs, plotPx, intervalMs),
      fromMs,
      toMs,
      loading: !ready || (loading && points.length === 0),
      error,
    };
  }, [points, events, intervalMs, toMs, range, plotPx, ready, loading, error]);
}

interface GroupChartProps {
  readonly chart: ChartSpec;
  readonly slot: number;
  readonly shared: ReturnType<typeof useShared>;
  readonly width: number;
  readonly absent: string | undefined;
}

function GroupChart({ chart, slot, shared, width, absent }: GroupChartProps) {
  const { ref, inView } = useInView<HTMLElement>();
  const { moments, bucketMs, range: _, ...rest } = useOwnTask(shared, slot, inView);
  const rows = useMemo(() => bucketRows(rowsOf(moments, chart.series), chart.series, bucketMs), [moments, chart, bucketMs]);
  return <TimeChart {...chart} {...rest} ref={ref} rows={rows} width={width} absent={absent} />;
}
