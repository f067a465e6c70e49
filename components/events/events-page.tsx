// The events page: density over time, and the events, filtered by kind, group and time; the URL has the filter.
'use client';
import { Search, X } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import { eventKinds } from '../../server/contract/event-kinds.ts';
import { kindWords } from '../../server/contract/event-words.ts';
import type { EventKind } from '../../server/contract/events.ts';
import { reportsHref } from '../frame/links.ts';
import { withStretches } from '../frame/tape.ts';
import { useBusy } from '../frame/use-action.ts';
import { useUrlView } from '../frame/use-url-view.ts';
import { useDroppedId, useEventGaps, useEvents, useEventsLoaded, useTick } from '../live/hooks.ts';
import { live } from '../live/store.ts';
import { Button, IconButton, LinkButton } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { cx } from '../ui/classes.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { BareInput } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import { countKinds, inView, listed, type Range, ranges, viewFromSearch, viewToSearch, withGaps, withUnloaded } from './event-filter.ts';
import { EventList } from './event-list.tsx';
import { EventsWaiting, TimelineWaiting } from './events-loading.tsx';
import { Timeline } from './timeline.tsx';

const RANGES = Object.entries(ranges).map(([value, { label }]) => ({ value: value as Range, label }));

/** The timeline moves in steps, not with every tick. */
const STEP_MS = 5000;

function useOlder() {
  const [loading, busy] = useBusy();
  const [more, setMore] = useState(true);
  const load = () => void busy(true, async () => setMore(await live.events.loadOlder()));
  return { loading, load: more ? load : undefined };
}

export function EventsPage() {
  const [view, change] = useUrlView('/events', viewFromSearch, viewToSearch);
  const all = useEvents();
  const loaded = useEventsLoaded();
  const tick = useTick();
  const older = useOlder();
  const newestMs = Math.max(tick?.timeMs ?? 0, all.at(-1)?.time ?? 0);
  const known = newestMs > 0;
  const nowMs = Math.ceil(newestMs / STEP_MS) * STEP_MS;
  const events = useMemo(() => inView(all, view, nowMs), [all, view, nowMs]);
  const counts = useMemo(() => countKinds(events), [events]);
  const chosen = useMemo(() => (view.kinds.size === 0 ? events : events.filter(({ kind }) => view.kinds.has(kind))), [events, view]);
  // A kill has its victim: each keeps its row.
  const list = useMemo(() => withStretches(listed(chosen, view), ['pressure', 'threshold']), [chosen, view]);
  const missing = useEventGaps();
  const droppedId = useDroppedId();
  const gaps = useMemo(() => withUnloaded(missing, droppedId), [missing, droppedId]);
  const rows = useMemo(() => withGaps(list, gaps, all, view, nowMs), [list, gaps, all, view, nowMs]);
  const length = ranges[view.range].ms;
  const fromMs = length === undefined ? (events[0]?.time ?? nowMs - 60_000) : nowMs - length;
  const setKind = (kind: EventKind) => {
    const kinds = new Set(view.kinds);
    if (!kinds.delete(kind)) kinds.add(kind);
    change({ kinds, open: undefined });
  };
  const onOpen = useCallback((open: number | undefined) => change({ open }), [change]);
  const onGroup = useCallback((group: string) => change({ group, open: undefined }), [change]);
  const filtered = view.kinds.size > 0 || view.group !== '' || view.span !== undefined;
  return (
    <div className="flex h-full flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-2 px-4 pt-3 max-sm:px-3">
        <h1 className="text-lg font-semibold">Events</h1>
        <LinkButton href={reportsHref(view.group.startsWith('/') ? view.group : undefined)} size="sm" variant="quiet" className="mr-auto">
          OOM reports
        </LinkButton>
        <div className="relative w-64 max-sm:order-1 max-sm:w-full">
          <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-quiet max-sm:top-3" />
          <BareInput
            value={view.group}
            onChange={(group) => change({ group, open: undefined })}
            label="Filter by group"
            placeholder="Group, such as /cgdeck/web"
            className="pr-8 pl-8"
          />
          {view.group !== '' && (
            <IconButton
              icon={X}
              size="sm"
              label="All groups"
              onClick={() => change({ group: '' })}
              className="absolute top-1 right-1 max-sm:top-2"
            />
          )}
        </div>
        <Select
          label="How far back"
          options={RANGES}
          value={view.range}
          onChange={(range) => change({ range, span: undefined })}
          className="w-44"
        />
      </div>
      {known ? (
        <Timeline events={chosen} fromMs={fromMs} toMs={nowMs} span={view.span} onSpan={(span) => change({ span, open: undefined })} />
      ) : (
        <TimelineWaiting />
      )}
      <fieldset className="flex min-w-0 shrink-0 items-center gap-1.5 border-b border-line px-4 py-2 max-sm:overflow-x-auto max-sm:px-3 sm:flex-wrap">
        <legend className="sr-only">Kinds</legend>
        {eventKinds.map((kind) => (
          <Chip
            key={kind}
            help={kindWords[kind].help}
            on={view.kinds.has(kind)}
            onPress={() => setKind(kind)}
            className={cx(
              'px-2',
              !view.kinds.has(kind) && 'border-line-strong/40',
              !counts.has(kind) && !view.kinds.has(kind) && 'text-quiet',
            )}
          >
            {kindWords[kind].name}
            <span className="text-xs text-quiet">{loaded ? (counts.get(kind) ?? 0).toLocaleString('en') : '–'}</span>
          </Chip>
        ))}
        {filtered && (
          <Button
            icon={X}
            variant="quiet"
            size="sm"
            onClick={() => change({ kinds: new Set(), group: '', span: undefined, open: undefined })}
          >
            Show all
          </Button>
        )}
      </fieldset>
      {rows.length > 0 ? (
        <EventList
          nowMs={nowMs}
          rows={rows}
          open={view.open}
          onOpen={onOpen}
          onGroup={onGroup}
          onOlder={older.load}
          loadingOlder={older.loading === true}
        />
      ) : loaded ? (
        <EmptyState
          title={filtered ? 'No event matches' : 'No events in this time'}
          actions={
            older.load && (
              <Button pending={older.loading} onClick={older.load}>
                Load older events
              </Button>
            )
          }
        >
          {filtered
            ? 'Choose other kinds, another group or a longer time.'
            : 'Limits, freezes, pressure, kills, launches and exits appear here when the kernel reports them.'}
        </EmptyState>
      ) : (
        <EventsWaiting />
      )}
    </div>
  );
}
