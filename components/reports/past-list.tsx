// What happened before a kill, newest first: events of the group and of those it is in, and what people asked for.
'use client';
import { useState } from 'react';
import { eventName, eventSentence } from '../../server/contract/event-words.ts';
import type { Event } from '../../server/contract/events.ts';
import type { Report, ReportAction } from '../../server/contract/reports.ts';
import { visible } from '../../server/contract/visible.mjs';
import { EventGlyph } from '../events/event-glyph.tsx';
import { Button } from '../ui/button.tsx';
import { wholeMoment } from '../ui/moment-words.ts';
import { PathText } from '../ui/path-text.tsx';
import { beforeOf } from './words.ts';

const SHOWN = 10;
/** An action that was done is an event, too: of one that was refused there is none. */
const AGAIN_MS = 2000;

type Item = { readonly time: number; readonly event: Event } | { readonly time: number; readonly action: ReportAction };

export function PastList({ report }: { readonly report: Report }) {
  const [all, setAll] = useState(false);
  const { before, actions, time } = report;
  const others = actions.filter(
    (action) =>
      action.refused !== undefined ||
      !before.some(
        (event) => 'by' in event && event.by === action.by && event.group === action.group && Math.abs(event.time - action.time) < AGAIN_MS,
      ),
  );
  const items: Item[] = [
    ...before.map((event) => ({ time: event.time, event })),
    ...others.map((action) => ({ time: action.time, action })),
  ];
  items.sort((a, b) => b.time - a.time);
  if (items.length === 0) return <p className="text-sm text-quiet">Nothing in the ten minutes before.</p>;
  return (
    <>
      <ol className="divide-y divide-line/60 border-t border-line">
        {items.slice(0, all ? undefined : SHOWN).map((item) => (
          <li
            key={'event' in item ? item.event.id : `${item.time} ${item.action.action}`}
            className="grid grid-cols-[16px_minmax(0,1fr)_auto] gap-x-2 py-1.5 text-sm"
          >
            {'event' in item ? (
              <>
                <EventGlyph event={item.event} />
                <span className="min-w-0 [overflow-wrap:anywhere]">
                  {eventName(item.event)} <span className="text-quiet">{eventSentence(item.event)}</span>
                  {item.event.group !== report.group && <PathText path={item.event.group} className="block text-quiet" />}
                </span>
              </>
            ) : (
              <>
                <span aria-hidden className="mt-1 ml-1 size-2 rounded-full bg-quiet" />
                <span className="min-w-0 [overflow-wrap:anywhere]">
                  {item.action.action}{' '}
                  <span className="text-quiet">
                    by {visible(item.action.by)}
                    {item.action.refused !== undefined && `, refused: ${visible(item.action.refused)}`}
                  </span>
                </span>
              </>
            )}
            <time className="text-xs text-quiet" dateTime={new Date(item.time).toISOString()} title={wholeMoment(item.time)}>
              {beforeOf(item.time, time)}
            </time>
          </li>
        ))}
      </ol>
      {items.length > SHOWN && (
        <Button size="sm" variant="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer' : `All ${items.length}`}
        </Button>
      )}
    </>
  );
}
