// What a report is about, with what must be taken at once: a moment later the victim is reaped, its group removed, and readings are those of afterwards.

import { victimsOf } from '../../../contract/event-facts.ts';
import type { Event } from '../../../contract/events.ts';
import { isWithin, lineage } from '../../../contract/paths.ts';
import type { Readings } from '../../../contract/readings.ts';
import type { Report, ReportDecision, ReportVictim } from '../../../contract/reports.ts';
import type { Observer } from '../observer.ts';
import type { OomBlocks, RawBlock } from '../watch/oom-blocks.ts';
import type { ProcessNotes } from '../watch/process-notes.ts';

export interface Witnesses {
  readonly observer: Pick<Observer, 'past'>;
  readonly blocks: OomBlocks;
  readonly notes: ProcessNotes;
}

export interface Occasion {
  readonly kind: Report['kind'];
  /** The first, and all that were merged with it. */
  readonly first: Event;
  readonly events: Event[];
  readonly group: string;
  /** "/" for the machine. */
  readonly limitGroup: string | undefined;
  /** Of the group and its ancestors: its number in the history, and its readings then. */
  readonly past: ReadonlyMap<string, { readonly gid: number; readonly readings: Readings }>;
  readonly victims: ReportVictim[];
  raw: RawBlock | undefined;
  /** Of a catch. */
  readonly decisions: ReportDecision[];
}

const MOST_VICTIMS = 64;

export function begin(parts: Witnesses, kind: Report['kind'], event: Event, limitGroup: string | undefined): Occasion {
  // Of a time at which cgdeck did not run it knows nothing.
  const past = lineage(event.group).flatMap((path) => {
    const found = event.late ? undefined : parts.observer.past(path);
    return found ? [[path, { gid: found.gid, readings: { ...found.readings } }] as const] : [];
  });
  const occasion = {
    kind,
    first: event,
    events: [],
    group: event.group,
    limitGroup,
    past: new Map(past),
    victims: [],
    raw: undefined,
    decisions: [],
  };
  witness(parts, occasion, event);
  return occasion;
}

/** Adds an event to what a report is about. */
export function witness({ blocks, notes }: Witnesses, occasion: Occasion, event: Event): void {
  occasion.events.push(event);
  for (const victim of victimsOf(event)) {
    // The first kill's; of the others it is forgotten.
    const raw = blocks.of(victim.pid);
    occasion.raw ??= raw;
    if (occasion.victims.length >= MOST_VICTIMS) continue;
    const note = event.late ? undefined : notes.of(victim.pid, victim.comm);
    occasion.victims.push({
      ...victim,
      ...(note?.command === undefined ? {} : { command: note.command }),
      ...(note === undefined ? {} : { uid: note.uid }),
      ...(note && event.time > note.startedAtMs ? { ageMs: Math.round(event.time - note.startedAtMs) } : {}),
    });
  }
}

/** The group whose limit was reached: the kill's own or an ancestor. */
export function limitGroupOf(event: Event): string | undefined {
  if (event.kind !== 'oom_kill' || event.limitGroup === undefined) return undefined;
  return event.limitGroup === '/' || isWithin(event.group, event.limitGroup) ? event.limitGroup : undefined;
}
