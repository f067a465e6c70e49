// What follows from an event: its victims, its first version, when it last happened.
import type { Event, NewEvent, Victim } from './events.ts';

/** The processes that were killed, as far as the kernel log names them. */
export function victimsOf(event: Event | NewEvent): readonly Victim[] {
  if (event.kind !== 'oom_kill') return [];
  return event.victims ?? (event.victim ? [event.victim] : []);
}

/** The id of an event's first version: the same for all versions of an event that grows. */
export function firstIdOf(event: Event): number {
  return ((event.kind === 'oom' || event.kind === 'hold') && event.replaces) || event.id;
}

/** When it last happened, as `time`. */
export function lastTimeOf(event: Event): number {
  return (event.kind === 'oom' && event.untilMs) || event.time;
}

/** @param events oldest first @returns them without those that a later one replaces */
export function newestVersions(events: readonly Event[]): Event[] {
  const newest = new Map(events.map((event) => [firstIdOf(event), event.id]));
  return events.filter((event) => newest.get(firstIdOf(event)) === event.id);
}
