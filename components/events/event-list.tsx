// The list of events, newest first; while one reads in it or points at it, it does not move, and shows how many are new.
'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp, ChevronRight } from 'lucide-react';
import { memo, useEffect, useRef, useState } from 'react';
import { firstIdOf } from '../../server/contract/event-facts.ts';
import { eventName, eventSentence, gapSentence, wholeSeconds } from '../../server/contract/event-words.ts';
import type { Event } from '../../server/contract/events.ts';
import { formatDuration } from '../../server/contract/units.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { Figure } from '../ui/figure.tsx';
import { Moment } from '../ui/moment.tsx';
import { dayOf, dayWords } from '../ui/moment-words.ts';
import { PathText } from '../ui/path-text.tsx';
import { type DayRow, withDays } from './days.ts';
import { EventDetails } from './event-details.tsx';
import type { Row } from './event-filter.ts';
import { EventGlyph } from './event-glyph.tsx';

interface RowProps {
  readonly event: Event;
  readonly untilMs: number | undefined;
  readonly open: boolean;
  readonly onOpen: (id: number | undefined) => void;
  readonly onGroup: (group: string) => void;
}

const EventRow = memo(function EventRow({ event, untilMs, open, onOpen, onGroup }: RowProps) {
  const repeated = untilMs !== undefined && event.kind !== 'oom';
  const grave = event.kind === 'oom' || event.kind === 'oom_kill';
  return (
    <div className={cx('border-b border-line/60', open && 'bg-hover')}>
      <button
        type="button"
        aria-expanded={open}
        onClick={() => onOpen(open ? undefined : firstIdOf(event))}
        className="grid h-9 w-full grid-cols-[64px_16px_132px_minmax(80px,1fr)_minmax(0,1.6fr)_72px_16px] items-center gap-x-3 px-4 text-left text-sm -outline-offset-2 hover:bg-hover max-md:h-auto max-md:grid-cols-[16px_minmax(0,1fr)_auto] max-md:px-3 max-md:py-2"
      >
        <Moment at={event.time} className="text-quiet max-md:col-start-3 max-md:row-start-1" />
        <EventGlyph event={event} className="max-md:col-start-1 max-md:row-start-1" />
        <span className={cx('truncate font-medium max-md:col-start-2 max-md:row-start-1', grave && 'text-hard')}>
          {eventName(event)}
          {event.late === true && <Badge className="ml-2 font-normal">late</Badge>}
        </span>
        <PathText path={event.group} className="max-md:col-span-2 max-md:col-start-2 max-md:row-start-2" />
        <span className="truncate text-quiet max-md:col-span-2 max-md:col-start-2 max-md:row-start-3 max-md:text-xs">
          {eventSentence(event)}
          {repeated && `, for ${wholeSeconds(untilMs - event.time)}`}
        </span>
        <span className="text-right text-quiet max-md:hidden">
          {event.latencyMs !== undefined && !repeated && <Figure quantity={formatDuration(event.latencyMs)} digits={4} unit={2} />}
        </span>
        <ChevronRight
          aria-hidden
          className={cx('size-4 text-quiet transition-transform duration-100 max-md:hidden', open && 'rotate-90')}
        />
      </button>
      {open && <EventDetails event={event} untilMs={untilMs} onGroup={onGroup} onClose={() => onOpen(undefined)} />}
    </div>
  );
});

function isEvent(row: DayRow): row is Extract<Row, { event: Event }> {
  return 'event' in row;
}

function rowId(row: Row): number {
  return isEvent(row) ? firstIdOf(row.event) : row.gap.to;
}

function keyOf(row: DayRow | undefined): string | number {
  if (!row) return 'older';
  if ('day' in row) return dayOf(row.day);
  return isEvent(row) ? rowId(row) : `gap ${row.gap.to} ${row.gap.kinds[0]}`;
}

export interface EventListProps {
  /** Newest last. */
  readonly rows: readonly Row[];
  /** The machine's clock. */
  readonly nowMs: number;
  readonly open: number | undefined;
  readonly onOpen: (id: number | undefined) => void;
  readonly onGroup: (group: string) => void;
  /** Undefined: there are no older ones. */
  readonly onOlder: (() => void) | undefined;
  readonly loadingOlder: boolean;
}

export function EventList({ rows, nowMs, open, onOpen, onGroup, onOlder, loadingOlder }: EventListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(true);
  const [pointed, setPointed] = useState(false);
  // A row must not move away from the eye or from under the pointer.
  const still = !top || pointed || open !== undefined;
  // Ids only grow: meanwhile newer events than this wait, and shown ones grow in their rows.
  const [heldId, setHeldId] = useState<number>();
  const newestId = rows.filter(isEvent).map(rowId).at(-1);
  useEffect(() => setHeldId((held) => (still ? (held ?? newestId) : undefined)), [still, newestId]);
  const shown = heldId === undefined ? rows : rows.filter((row) => rowId(row) <= heldId);
  const waiting = rows.length - shown.length;
  const lines = withDays(shown, nowMs);
  const virtual = useVirtualizer({
    count: lines.length + 1,
    getScrollElement: () => scroller.current,
    estimateSize: () => 37,
    getItemKey: (index) => keyOf(lines[lines.length - 1 - index]),
    overscan: 10,
  });
  return (
    <div className="relative min-h-0 flex-1" onPointerEnter={() => setPointed(true)} onPointerLeave={() => setPointed(false)}>
      {waiting > 0 && (
        <div className="pointer-events-none absolute inset-x-0 top-1.5 z-10 flex justify-end pr-28 max-md:justify-center max-md:pr-0">
          <Button
            icon={ArrowUp}
            variant="primary"
            size="sm"
            className="pointer-events-auto"
            onClick={() => {
              setHeldId(newestId);
              scroller.current?.scrollTo({ top: 0 });
            }}
          >
            {waiting.toLocaleString('en')} new
          </Button>
        </div>
      )}
      <section
        ref={scroller}
        aria-label="Events, newest first"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        onScroll={(event) => setTop(event.currentTarget.scrollTop < 8)}
        className="relative h-full overflow-y-auto -outline-offset-2"
      >
        <div className="relative w-full" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = lines[lines.length - 1 - item.index];
            return (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                className="absolute top-0 left-0 w-full"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {row && isEvent(row) ? (
                  <EventRow event={row.event} untilMs={row.untilMs} open={open === rowId(row)} onOpen={onOpen} onGroup={onGroup} />
                ) : row && 'day' in row ? (
                  <h2 className="border-b border-line bg-surface px-4 pt-3 pb-1 text-xs font-medium text-quiet max-md:px-3">
                    {dayWords(row.day)}
                  </h2>
                ) : row ? (
                  <p className="border-b border-line/60 px-4 py-2 text-sm text-quiet max-md:px-3">
                    {row.gap.unloaded ? 'Of the events before these, only the gravest are loaded.' : gapSentence(row.gap)}
                  </p>
                ) : (
                  <div className="flex h-14 items-center justify-center">
                    {onOlder ? (
                      <Button size="sm" variant="quiet" pending={loadingOlder} onClick={onOlder}>
                        Load older events
                      </Button>
                    ) : (
                      <span className="text-sm text-quiet">The log starts here.</span>
                    )}
                  </div>
                )}
              </div>
            );
          })}
        </div>
      </section>
    </div>
  );
}
