// The events of this group, newest first, with the time to the millisecond and the latency of the kernel’s signal.
'use client';
import Link from 'next/link';
import { eventName, eventSentence, wholeSeconds } from '../../../server/contract/event-words.ts';
import { durationText } from '../../../server/contract/units.ts';
import { EventGlyph } from '../../events/event-glyph.tsx';
import { eventsHref } from '../../frame/links.ts';
import { withStretches } from '../../frame/tape.ts';
import { useEvents, useEventsLoaded } from '../../live/hooks.ts';
import { LinkButton } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Moment } from '../../ui/moment.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';

const SHOWN = 200;
/** How many events are read: a stretch of pressure uses many of them for one row. */
const LOOKED_AT = 1000;

export function EventsTab({ path }: { readonly path: string }) {
  const events = useEvents({ group: path, limit: LOOKED_AT });
  const rows = withStretches(events, ['pressure', 'threshold']).slice(-SHOWN).reverse();
  const loaded = useEventsLoaded();
  if (events.length === 0 && !loaded) return <Skeleton className="h-40" />;
  if (events.length === 0) {
    return (
      // The page has the machine's newest events: on a busy one none of them may be of this group.
      <EmptyState title="No recent events" actions={<LinkButton href={eventsHref(path)}>Earlier events</LinkButton>}>
        Changed limits, freezes, pressure, kills and exits of this group appear here when the kernel reports them.
      </EmptyState>
    );
  }
  return (
    <div>
      <ol className="divide-y divide-line text-sm">
        {rows.map(({ event, key, untilMs }) => {
          const repeated = untilMs !== undefined && event.kind !== 'oom';
          return (
            <li
              key={key}
              className="grid grid-cols-[16px_auto_minmax(0,1fr)] items-center gap-x-3 py-1.5 sm:grid-cols-[16px_96px_128px_minmax(0,1fr)_auto]"
            >
              <EventGlyph event={event} />
              <Moment at={event.time} withMs className="text-quiet" />
              <span className={cx('truncate font-medium', event.kind.startsWith('oom') && 'text-hard')}>{eventName(event)}</span>
              <span className="min-w-0 break-words max-sm:col-span-2 max-sm:col-start-2 sm:truncate" title={eventSentence(event)}>
                {eventSentence(event)}
                {repeated && `, for ${wholeSeconds(untilMs - event.time)}`}
                {'by' in event && event.by !== undefined && <span className="text-quiet"> by {event.by}</span>}
              </span>
              <span className="text-xs whitespace-nowrap text-quiet max-sm:hidden">
                {event.latencyMs === undefined || repeated ? event.late && 'found later' : durationText(event.latencyMs)}
              </span>
            </li>
          );
        })}
      </ol>
      <p className="mt-2 text-xs text-quiet">
        The newest {rows.length}.{' '}
        <Link href={eventsHref(path)} className="underline hover:text-text">
          All, with filters
        </Link>
      </p>
    </div>
  );
}
