// The density of events over time. Drag over it to see only that part; below it, for screen readers, a table.
'use client';
import { type PointerEvent, useMemo, useRef, useState } from 'react';
import type { EventTone } from '../../server/contract/event-words.ts';
import type { Event } from '../../server/contract/events.ts';
import { formatClock } from '../../server/contract/units.ts';
import { cx } from '../ui/classes.ts';
import { type Bin, binWords, densityBins, timeTicks, tones } from './density.ts';
import type { EventView } from './event-filter.ts';

const BINS = 120;
const HEIGHT = 64;

const TONE: Record<EventTone, { readonly fill: string; readonly words: string }> = {
  oom: { fill: 'bg-oom', words: 'out of memory' },
  pressure: { fill: 'bg-pressure-medium', words: 'pressure' },
  frozen: { fill: 'bg-frozen-fill', words: 'freeze, thaw' },
  act: { fill: 'bg-quiet', words: 'actions' },
  life: { fill: 'bg-line-strong/50', words: 'groups and processes' },
};

export interface TimelineProps {
  readonly events: readonly Event[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly span: EventView['span'];
  readonly onSpan: (span: EventView['span']) => void;
}

function Bar({ bin, highest }: { readonly bin: Bin; readonly highest: number }) {
  // The square root keeps one kill visible beside a storm of pressure.
  const height = bin.total === 0 ? 0 : Math.max(3, Math.sqrt(bin.total / highest) * HEIGHT);
  return (
    <div className="flex min-w-0 flex-1 flex-col-reverse overflow-hidden rounded-t-[1px]" style={{ height }}>
      {tones.map(
        (tone) =>
          bin.counts[tone] > 0 && <div key={tone} className={cx('min-h-0.5', TONE[tone].fill)} style={{ flexGrow: bin.counts[tone] }} />,
      )}
    </div>
  );
}

export function Timeline({ events, fromMs, toMs, span, onSpan }: TimelineProps) {
  const bins = useMemo(() => densityBins(events, fromMs, toMs, BINS), [events, fromMs, toMs]);
  const highest = Math.max(1, ...bins.map(({ total }) => total));
  const area = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ startMs: number; endMs: number }>();
  const [over, setOver] = useState<number>();
  const share = (ms: number) => `${(100 * (ms - fromMs)) / (toMs - fromMs)}%`;
  const at = (event: PointerEvent) => {
    const box = area.current?.getBoundingClientRect();
    const part = box ? Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) : 0;
    return fromMs + part * (toMs - fromMs);
  };
  const binAt = (ms: number) => bins[Math.min(BINS - 1, Math.floor((BINS * (ms - fromMs)) / (toMs - fromMs)))];
  const down = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    setDrag({ startMs: at(event), endMs: at(event) });
  };
  const move = (event: PointerEvent) => {
    setOver(at(event));
    if (drag) setDrag({ ...drag, endMs: at(event) });
  };
  const up = () => {
    if (!drag) return;
    const [first, last] = [binAt(Math.min(drag.startMs, drag.endMs)), binAt(Math.max(drag.startMs, drag.endMs))];
    setDrag(undefined);
    if (first && last) onSpan({ fromMs: first.fromMs, toMs: last.toMs });
  };
  const marked = drag ? { fromMs: Math.min(drag.startMs, drag.endMs), toMs: Math.max(drag.startMs, drag.endMs) } : span;
  const pointed = over === undefined ? undefined : binAt(over);
  return (
    <figure className="px-4 pt-3 max-sm:px-3">
      <div
        ref={area}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerLeave={() => setOver(undefined)}
        className="relative cursor-crosshair touch-pan-y select-none"
        style={{ height: HEIGHT }}
      >
        <div aria-hidden className="flex h-full items-end gap-px border-b border-line-strong/60">
          {bins.map((bin) => (
            <Bar key={bin.fromMs} bin={bin} highest={highest} />
          ))}
        </div>
        {marked && (
          <div
            className="pointer-events-none absolute inset-y-0 border-x border-text bg-text/10"
            style={{ left: share(marked.fromMs), right: `calc(100% - ${share(marked.toMs)})` }}
          />
        )}
        {over !== undefined && !drag && (
          <div className="pointer-events-none absolute inset-y-0 w-px bg-line-strong" style={{ left: share(over) }} />
        )}
      </div>
      <div aria-hidden className="relative h-5 overflow-hidden text-2xs text-quiet">
        {timeTicks(fromMs, toMs, 8).map((ms) => (
          <span key={ms} className="absolute top-1 -translate-x-1/2 whitespace-nowrap" style={{ left: share(ms) }}>
            {formatClock(ms).slice(0, toMs - fromMs < 300_000 ? 8 : 5)}
          </span>
        ))}
      </div>
      <figcaption className="flex h-5 items-center text-xs text-quiet max-sm:sr-only">
        {pointed ? (
          <>
            {formatClock(pointed.fromMs)} to {formatClock(pointed.toMs)}: {pointed.total === 0 ? 'nothing' : binWords(pointed)}
          </>
        ) : span ? (
          <>
            Only {formatClock(span.fromMs)} to {formatClock(span.toMs)}
            <button type="button" onClick={() => onSpan(undefined)} className="ml-2 rounded-sm text-text underline underline-offset-2">
              Show all of it
            </button>
          </>
        ) : (
          <span className="flex flex-wrap gap-x-4 overflow-hidden">
            {tones.map((tone) => (
              <span key={tone} className="flex items-center gap-1.5 whitespace-nowrap">
                <span aria-hidden className={cx('size-2 rounded-[2px]', TONE[tone].fill)} />
                {TONE[tone].words}
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <div className="sr-only">
        <table>
          <caption>Events over time</caption>
          <tbody>
            {bins.map(
              (bin) =>
                bin.total > 0 && (
                  <tr key={bin.fromMs}>
                    <th scope="row">{formatClock(bin.fromMs)}</th>
                    <td>{binWords(bin)}</td>
                  </tr>
                ),
            )}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
