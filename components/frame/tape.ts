// What the tape shows of the log: pressure on one group and limits that are met come every second, and become one row for as long as that lasts.
import { type Event, pressureLevels } from '../../server/contract/events.ts';

/** What comes again within this time goes on. */
const PAUSE_MS = 5000;

export interface TapeEntry {
  /** What happened; of a stretch its strongest event, with the counts of all that are as strong added up. */
  readonly event: Event;
  /** Stays the same while a stretch goes on. */
  readonly key: number;
  /** When the stretch was last felt; absent for a single event. */
  readonly untilMs?: number;
}

type Lasting = Extract<Event, { kind: 'pressure' | 'threshold' }>;

interface Stretch {
  readonly place: number;
  readonly key: number;
  strongest: Lasting;
  untilMs: number;
}

/** What goes on is told apart by group and by what it is; undefined for what happens once. */
function stretchOf(event: Event): string | undefined {
  if (event.kind === 'pressure') return `${event.group} ${event.resource ?? 'memory'}`;
  return event.kind === 'threshold' ? `${event.group} ${event.file}` : undefined;
}

function isLasting(event: Event): event is Lasting {
  return stretchOf(event) !== undefined;
}

function strength(event: Lasting): number {
  return event.kind === 'pressure' ? pressureLevels.indexOf(event.level) : 0;
}

function stronger(before: Lasting, next: Lasting): Lasting {
  if (strength(next) === strength(before)) return { ...before, count: before.count + next.count };
  return strength(next) > strength(before) ? { ...next, id: before.id, time: before.time } : before;
}

/**
 * One entry an event, newest first; a stretch stands where it began, so that rows do not dance while it goes on.
 * @param events oldest first
 */
export function tapeOf(events: readonly Event[]): TapeEntry[] {
  const entries: TapeEntry[] = [];
  const stretches = new Map<string, Stretch>();
  for (const event of events) {
    if (!isLasting(event)) {
      entries.push({ event, key: event.id });
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
  return entries.reverse();
}
