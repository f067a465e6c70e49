// Events as flags on the time axis: neighbours become one flag that shows the gravest of them and their number.
import type { Event, EventKind } from '../../server/contract/events.ts';

/** The look of a flag: its colour’s meaning, and a shape that goes with it. */
export type FlagTone = 'oom' | 'pressure' | 'frozen' | 'limit' | 'life';

export interface Flag {
  /** The time of the gravest event. */
  readonly timeMs: number;
  readonly tone: FlagTone;
  readonly events: readonly Event[];
  /** Whether a line goes up through the chart: only for events that changed the group. */
  readonly line: boolean;
}

/** Gravest last. */
const TONE: Record<EventKind, FlagTone> = {
  move: 'life',
  pressure: 'pressure',
  threshold: 'pressure',
  forecast: 'pressure',
  empty: 'life',
  create: 'life',
  remove: 'life',
  write: 'limit',
  launch: 'life',
  restart: 'life',
  thaw: 'frozen',
  freeze: 'frozen',
  exit: 'life',
  kill: 'life',
  hold: 'oom',
  decision: 'life',
  oom: 'oom',
  oom_kill: 'oom',
};
const GRAVITY = Object.keys(TONE);

/** Events that change nothing about the group. */
const TOUCHES: ReadonlySet<EventKind> = new Set(['pressure', 'threshold', 'forecast', 'move']);

const PRESSURE_ORDER = { low: 0, medium: 0.3, critical: 0.6 } as const;

function gravity(event: Event): number {
  const base = GRAVITY.indexOf(event.kind);
  return event.kind === 'pressure' ? base + PRESSURE_ORDER[event.level] : base;
}

/** @param events oldest first; @param apartMs flags nearer than this become one */
export function flagsOf(events: readonly Event[], fromMs: number, toMs: number, apartMs: number): Flag[] {
  const groups: Event[][] = [];
  for (const event of events) {
    if (event.time < fromMs || event.time > toMs) continue;
    const last = groups.at(-1);
    if (last?.[0] && event.time - last[0].time < apartMs) last.push(event);
    else groups.push([event]);
  }
  return groups.flatMap((members) => {
    const gravest = members.reduce<Event | undefined>((most, event) => (most && gravity(most) >= gravity(event) ? most : event), undefined);
    return gravest ? [{ timeMs: gravest.time, tone: TONE[gravest.kind], events: members, line: !TOUCHES.has(gravest.kind) }] : [];
  });
}
