// What the tape shows of the log: pressure on one group comes every second, and becomes one row for as long as it lasts.
import { type Event, pressureLevels } from '../../server/contract/events.ts';

/** Pressure that comes again within this time goes on. */
const PAUSE_MS = 5000;

export interface TapeEntry {
  /** What happened; of a stretch of pressure its strongest event, with the counts of all of that level added up. */
  readonly event: Event;
  /** Stays the same while a stretch goes on. */
  readonly key: number;
  /** When the stretch was last felt; absent for a single event. */
  readonly untilMs?: number;
}

type Pressure = Extract<Event, { kind: 'pressure' }>;

interface Stretch {
  readonly place: number;
  readonly key: number;
  strongest: Pressure;
  untilMs: number;
}

function stronger(before: Pressure, next: Pressure): Pressure {
  const rank = (event: Pressure) => pressureLevels.indexOf(event.level);
  if (rank(next) === rank(before)) return { ...before, count: before.count + next.count };
  return rank(next) > rank(before) ? { ...next, id: before.id, time: before.time } : before;
}

/**
 * One entry an event, newest first; a stretch of pressure stands where it began, so that rows do not dance while it goes on.
 * @param events oldest first
 */
export function tapeOf(events: readonly Event[]): TapeEntry[] {
  const entries: TapeEntry[] = [];
  const stretches = new Map<string, Stretch>();
  for (const event of events) {
    if (event.kind !== 'pressure') {
      entries.push({ event, key: event.id });
      continue;
    }
    const open = stretches.get(event.group);
    if (open && event.time - open.untilMs <= PAUSE_MS) {
      open.strongest = stronger(open.strongest, event);
      open.untilMs = event.time;
      entries[open.place] = { event: open.strongest, key: open.key, untilMs: open.untilMs };
      continue;
    }
    stretches.set(event.group, { place: entries.length, key: event.id, strongest: event, untilMs: event.time });
    entries.push({ event, key: event.id });
  }
  return entries.reverse();
}
