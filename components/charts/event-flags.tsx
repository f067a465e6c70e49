// Events on the time axis: a shape for each meaning, a thin line up where the event changed the group, and frozen times hatched.
'use client';
import { useId } from 'react';
import { usePlotArea, useXAxisScale } from 'recharts';
import type { Flag, FlagTone } from './flags.ts';

const COLOR: Record<FlagTone, string> = {
  oom: 'var(--color-oom)',
  pressure: 'var(--color-pressure-medium)',
  frozen: 'var(--color-frozen)',
  limit: 'var(--color-text)',
  life: 'var(--color-quiet)',
};

/** Around 0,0; the axis is at y 0. */
const SHAPE: Record<FlagTone, React.ReactNode> = {
  oom: <path d="M-2-5h4l3 3v4l-3 3h-4l-3-3v-4z" />,
  pressure: <path d="M0-4.5 4.5 3.5h-9z" />,
  frozen: <path d="M0-5v10M-4.3-2.5l8.6 5M-4.3 2.5l8.6-5" strokeWidth={1.5} fill="none" />,
  limit: <path d="M-4.5 3.5h4.5v-7h4.5" strokeWidth={1.8} fill="none" />,
  life: <circle r={2.6} />,
};

export function EventFlags({ flags }: { readonly flags: readonly Flag[] }) {
  const x = useXAxisScale();
  const area = usePlotArea();
  if (!x || !area) return null;
  const floor = area.y + area.height;
  return (
    <g>
      {flags.map(({ timeMs, tone, line, events }) => {
        const at = x(timeMs);
        if (at === undefined || at < area.x || at > area.x + area.width) return null;
        return (
          <g key={events[0]?.id ?? timeMs} stroke={COLOR[tone]} fill={COLOR[tone]} strokeWidth={0}>
            {line && (
              <line
                x1={at}
                x2={at}
                y1={area.y}
                y2={floor}
                strokeWidth={1}
                strokeOpacity={tone === 'oom' ? 0.7 : 0.38}
                strokeDasharray={tone === 'oom' ? undefined : '2 3'}
              />
            )}
            <g transform={`translate(${at.toFixed(1)} ${floor})`}>
              <circle r={6} fill="var(--color-raised)" />
              {SHAPE[tone]}
              <title>{titleOf(events)}</title>
            </g>
          </g>
        );
      })}
    </g>
  );
}

function titleOf(events: Flag['events']): string {
  const counts = new Map<string, number>();
  for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count > 1 ? `${kind.replace('_', ' ')} ×${count}` : kind.replace('_', ' '))).join(', ');
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export function FrozenSpans({ spans }: { readonly spans: readonly Span[] }) {
  const id = useId();
  const x = useXAxisScale();
  const area = usePlotArea();
  if (!x || !area || spans.length === 0) return null;
  const end = area.x + area.width;
  return (
    <g>
      <pattern id={id} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width={6} height={6} fill="var(--color-frozen)" fillOpacity={0.06} />
        <line x1={0} x2={0} y1={0} y2={6} stroke="var(--color-frozen)" strokeOpacity={0.4} strokeWidth={1.5} />
      </pattern>
      {spans.map(({ fromMs, toMs }) => {
        const from = Math.max(area.x, x(fromMs) ?? area.x);
        const to = Math.min(end, x(toMs) ?? end);
        return to > from ? <rect key={fromMs} x={from} y={area.y} width={to - from} height={area.height} fill={`url(#${id})`} /> : null;
      })}
    </g>
  );
}
