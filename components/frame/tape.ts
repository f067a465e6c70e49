// Rows of the tape and of the list: repeated pressure on one group, hits of one limit, and kills in one group become one row for as long as they last.

import { firstIdOf, victimsOf } from '../../server/contract/event-facts.ts';
import { pressureLevels } from '../../server/contract/event-kinds.ts';
import type { Event, EventKind } from '../../server/contract/events.ts';
import { weightiest } from '../live/event-weight.ts';

/** Events no further apart than this belong to one stretch. */
const PAUSE_MS = 5000;

export interface TapeEntry {
  /** The event; for a stretch its strongest one, with the counts of all that are as strong added up. */
  readonly event: Event;
  /** Stays the same while a stretch continues. */
  readonly key: number;
  /** Time of the stretch’s last event; absent for a single event. */
  readonly untilMs?: number;
}

type Lasting = Extract<Event, { kind: (typeof LASTING)[number] }>;

interface Stretch {
  readonly place: number;
  readonly key: number;
  strongest: Lasting;
  untilMs: number;
}

/** What a stretch is identified by; undefined for a kind that has none. */
function stretchOf(event: Event): string | undefined {
  if (event.kind === 'pressure') return `${event.group} ${event.resource ?? 'memory'}`;
  if (event.kind === 'oom_kill') return `${event.group} kills`;
  return event.kind === 'threshold' ? `${event.group} ${event.file}` : undefined;
}

export const LASTING = ['pressure', 'threshold', 'oom_kill'] as const satisfies readonly EventKind[];

function isLasting(event: Event, kinds: readonly EventKind[]): event is Lasting {
  return kinds.includes(event.kind) && stretchOf(event) !== undefined;
}

function strength(event: Lasting): number {
  return event.kind === 'pressure' ? pressureLevels.indexOf(event.level) : 0;
}

function stronger(before: Lasting, next: Lasting): Lasting {
  if (before.kind === 'oom_kill') {
    const [victim, ...others] = [...victimsOf(before), ...victimsOf(next)];
    return { ...before, count: before.count + next.count, ...(victim && { victim, victims: [victim, ...others] }) };
  }
  if (strength(next) === strength(before)) return { ...before, count: before.count + next.count };
  return strength(next) > strength(before) ? { ...next, id: before.id, time: before.time } : before;
}

/** How many events are read: a stretch of pressure uses many of them for one row. */
const READ = { newest: 600, before: 600 };

/**
 * The tape's rows, newest first. Half of them are the newest; the others are the gravest before them, so that a kill stays while hundreds of groups come and go.
 * @param rows at most so many
 */
export function tapeOf(events: readonly Event[], rows: number): TapeEntry[] {
  const newest = Math.ceil(rows / 2);
  return weightiest(withStretches(weightiest(events, READ), LASTING), { newest, before: rows - newest }).toReversed();
}

/**
 * One row for each event or stretch. A stretch is placed by its first event, so that rows keep their order.
 * @param events oldest first, as the rows
 * @param kinds those whose repetitions become one row
 */
export function withStretches(events: readonly Event[], kinds: readonly (typeof LASTING)[number][]): TapeEntry[] {
  const entries: TapeEntry[] = [];
  const stretches = new Map<string, Stretch>();
  for (const event of events) {
    if (!isLasting(event, kinds)) {
      const untilMs = event.kind === 'oom' ? event.untilMs : undefined;
      entries.push({ event, key: firstIdOf(event), ...(untilMs === undefined ? {} : { untilMs }) });
      continue;
    }
    const stretch = stretchOf(event) ?? '';
    const open = stretches.get(stretch);
    if (open && event.time - open.untilMs <= PAUSE_MS) {
      open.strongest = stronger(open.strongest, event);
      open.untilMs = event.time;
      entries[open.place] = { event: open.strongest, key: open.key, untilMs: open.untilMs };
      continue;
    }
    stretches.set(stretch, { place: entries.length, key: event.id, strongest: event, untilMs: event.time });
    entries.push({ event, key: event.id });
  }
  return entries;
}
