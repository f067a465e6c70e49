// The tape at the right: the latest events, newest first. Folded it shows their glyphs only.
'use client';
import { PanelRightClose, PanelRightOpen } from 'lucide-react';
import Link from 'next/link';
import { memo, useMemo } from 'react';
import { eventName, eventSentence, wholeSeconds } from '../../server/contract/event-words.ts';
import type { Event } from '../../server/contract/events.ts';
import { formatClock } from '../../server/contract/units.ts';
import { EventGlyph } from '../events/event-glyph.tsx';
import { useEvents, useEventsLoaded } from '../live/hooks.ts';
import { IconButton } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { Moment } from '../ui/moment.tsx';
import { momentWords } from '../ui/moment-words.ts';
import { PathText } from '../ui/path-text.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { eventsHref, groupHref } from './links.ts';
import { tapeOf } from './tape.ts';
import { useMedia } from './use-media.ts';
import { useRemembered } from './use-remembered.ts';

const SHOWN = 80;
const SHOWN_FOLDED = 40;

interface TapeRowProps {
  readonly event: Event;
  readonly untilMs: number | undefined;
}

const TapeRow = memo(function TapeRow({ event, untilMs }: TapeRowProps) {
  return (
    <li>
      <Link
        href={groupHref(event.group)}
        prefetch={false}
        className="grid grid-cols-[16px_minmax(0,1fr)_auto] gap-x-2 px-3 py-1.5 -outline-offset-2 hover:bg-hover"
      >
        <EventGlyph event={event} className="mt-px" />
        <span className={cx('truncate text-sm font-medium', (event.kind === 'oom' || event.kind === 'oom_kill') && 'text-hard')}>
          {eventName(event)}
        </span>
        <Moment at={event.time} className="text-xs text-quiet">
          {momentWords(event.time, Date.now())}
          {untilMs !== undefined && <span className="sr-only"> until {formatClock(untilMs)}</span>}
        </Moment>
        <PathText path={event.group} className="col-span-2 col-start-2" />
        <span className="col-span-2 col-start-2 line-clamp-2 break-words text-xs text-quiet">
          {eventSentence(event)}
          {untilMs !== undefined && event.kind !== 'oom' && `, for ${wholeSeconds(untilMs - event.time)}`}
        </span>
      </Link>
    </li>
  );
});

function Waiting() {
  return (
    <div className="space-y-4 px-3 py-2">
      {[0, 1, 2, 3].map((row) => (
        <div key={row} className="space-y-1.5">
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-3 w-40" />
        </div>
      ))}
    </div>
  );
}

export function EventTape() {
  const wide = useMedia('(min-width: 1240px)', true);
  const [chosen, remember] = useRemembered('cgdeck-tape', ['auto', 'open', 'folded'], 'auto');
  const folded = chosen === 'folded' || (chosen === 'auto' && !wide);
  const events = useEvents();
  const loaded = useEventsLoaded();
  const shown = useMemo(() => tapeOf(events, folded ? SHOWN_FOLDED : SHOWN), [events, folded]);
  return (
    <aside
      aria-label="Latest events"
      className={cx(
        'col-start-3 row-start-2 hidden min-h-0 flex-col border-l border-line bg-raised md:flex',
        folded ? 'w-10' : 'w-(--tape-width)',
      )}
    >
      <div className={cx('flex h-10 shrink-0 items-center border-b border-line', folded ? 'justify-center' : 'pr-1 pl-3')}>
        {!folded && (
          <Link href={eventsHref()} className="mr-auto text-sm font-medium hover:underline">
            Events
          </Link>
        )}
        <IconButton
          icon={folded ? PanelRightOpen : PanelRightClose}
          size="sm"
          label={folded ? 'Unfold the events' : 'Fold the events'}
          aria-expanded={!folded}
          onClick={() => remember(folded ? 'open' : 'folded')}
        />
      </div>
      {folded ? (
        <div aria-hidden className="flex min-h-0 flex-1 flex-col items-center gap-2 overflow-hidden pt-3">
          {shown.map(({ event, key }) => (
            <EventGlyph key={key} event={event} />
          ))}
        </div>
      ) : (
        <div className="relative min-h-0 flex-1 overflow-y-auto">
          {shown.length > 0 && (
            <ol className="divide-y divide-line/70">
              {shown.map(({ event, key, untilMs }) => (
                <TapeRow key={key} event={event} untilMs={untilMs} />
              ))}
            </ol>
          )}
          {shown.length === 0 &&
            (loaded ? (
              <p className="px-3 py-3 text-sm text-quiet">
                No events yet. Changed limits, freezes, pressure and kills appear here when the kernel reports them.
              </p>
            ) : (
              <Waiting />
            ))}
        </div>
      )}
    </aside>
  );
}
