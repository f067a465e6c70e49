// Which events a person wants to see, as in the URL: `?kinds=oom,oom_kill&group=/cgdeck/web&range=1h&from=…&to=…&open=5012`.

import { firstIdOf, lastTimeOf } from '../../server/contract/event-facts.ts';
import { eventKinds } from '../../server/contract/event-kinds.ts';
import type { Event, EventGap, EventKind } from '../../server/contract/events.ts';
import { isWithin } from '../../server/contract/paths.ts';
import { searchOf } from '../frame/links.ts';
import { droppableKinds } from '../live/event-weight.ts';

export const ranges = {
  '10m': { label: 'Last 10 minutes', ms: 600_000 },
  '1h': { label: 'Last hour', ms: 3_600_000 },
  '6h': { label: 'Last 6 hours', ms: 21_600_000 },
  all: { label: 'Everything loaded', ms: undefined },
} as const;
export type Range = keyof typeof ranges;

export interface EventView {
  /** Empty: all kinds. */
  readonly kinds: ReadonlySet<EventKind>;
  /** A group and those below it; empty: all groups. Text that is no path matches anywhere in a path. */
  readonly group: string;
  readonly range: Range;
  /** The chosen part of the timeline, wall-clock ms. */
  readonly span: { readonly fromMs: number; readonly toMs: number } | undefined;
  /** The event whose row is open. */
  readonly open: number | undefined;
}

function rangeIn(text: string | null): Range | undefined {
  return (Object.keys(ranges) as Range[]).find((range) => range === text);
}

export function viewFromSearch(search: URLSearchParams): EventView {
  const asked = (search.get('kinds') ?? '').split(',');
  const fromMs = Number(search.get('from'));
  const toMs = Number(search.get('to'));
  const open = Number(search.get('open'));
  return {
    kinds: new Set(eventKinds.filter((kind) => asked.includes(kind))),
    group: search.get('group') ?? '',
    range: rangeIn(search.get('range')) ?? '1h',
    span: fromMs > 0 && toMs > fromMs ? { fromMs, toMs } : undefined,
    open: open > 0 ? open : undefined,
  };
}

export function viewToSearch({ kinds, group, range, span, open }: EventView): string {
  return searchOf({
    kinds: [...kinds].join(','),
    group,
    range: range === '1h' ? undefined : range,
    from: span && Math.round(span.fromMs),
    to: span && Math.round(span.toMs),
    open,
  });
}

function ofGroup(event: Event, group: string): boolean {
  if (group === '') return true;
  return group.startsWith('/') && group !== '/'
    ? isWithin(event.group, group.replace(/\/$/, '')) || event.group.startsWith(group)
    : event.group.includes(group);
}

/** Events of the group and the range, of every kind: for the timeline and the counts. */
export function inView(events: readonly Event[], { group, range }: EventView, nowMs: number): readonly Event[] {
  const length = ranges[range].ms;
  const fromMs = length === undefined ? Number.NEGATIVE_INFINITY : nowMs - length;
  return events.filter((event) => lastTimeOf(event) >= fromMs && ofGroup(event, group));
}

/** Of those, the events in the list. */
export function listed(events: readonly Event[], { kinds, span }: EventView): readonly Event[] {
  return events.filter(
    (event) => (kinds.size === 0 || kinds.has(event.kind)) && (!span || (lastTimeOf(event) >= span.fromMs && event.time < span.toMs)),
  );
}

/** `untilMs`: the last time of an event that lasts or repeats. */
export type EventRow = { readonly event: Event; readonly untilMs?: number };
/** `unloaded`: in the log, but not on this page. */
export type ListGap = EventGap & { readonly unloaded?: true };
export type Row = EventRow | { readonly gap: ListGap };

/** The gaps, with the part of the log of which this page has kept only the gravest events. */
export function withUnloaded(gaps: readonly EventGap[], droppedId: number): readonly ListGap[] {
  if (droppedId === 0) return gaps;
  const dropped: ListGap = { from: 1, to: droppedId, kinds: droppableKinds, unloaded: true };
  return [...gaps, dropped].sort((a, b) => a.to - b.to);
}

/**
 * The list with the gaps in its range, oldest first; each comes before the first event after it.
 * @param all every loaded event: a gap before the range is left out
 */
export function withGaps(
  list: readonly EventRow[],
  gaps: readonly ListGap[],
  all: readonly Event[],
  view: EventView,
  nowMs: number,
): Row[] {
  const fromMs = nowMs - (ranges[view.range].ms ?? Number.POSITIVE_INFINITY);
  const oldest = all.find(({ time }) => time >= fromMs);
  const first = oldest ? firstIdOf(oldest) : all.length > 0 ? Number.POSITIVE_INFINITY : 0;
  const left = gaps.filter(({ to, kinds }) => to >= first - 1 && (view.kinds.size === 0 || kinds.some((kind) => view.kinds.has(kind))));
  let next = 0;
  const rows = list.flatMap((row): Row[] => {
    const from = next;
    while ((left[next]?.to ?? Number.POSITIVE_INFINITY) < firstIdOf(row.event)) next++;
    return [...left.slice(from, next).map((gap) => ({ gap })), row];
  });
  return [...rows, ...left.slice(next).map((gap) => ({ gap }))];
}

export function countKinds(events: readonly Event[]): Map<EventKind, number> {
  const counts = new Map<EventKind, number>();
  for (const { kind } of events) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
