// Which groups are held now: by the stream’s events at once, and by the agent’s own list, which is right about all that happened before it was asked for.

import { firstIdOf } from '../../server/contract/event-facts.ts';
import type { Event } from '../../server/contract/events.ts';
import { suggestedLimit } from '../../server/contract/guard-facts.ts';
import type { Hold } from '../../server/contract/guards.ts';

type HoldEvent = Extract<Event, { kind: 'hold' }>;
export type DecisionEvent = Extract<Event, { kind: 'decision' }>;

/** The agent’s list, and the newest event that was known when it was asked for. */
export interface Listed {
  readonly lastId: number;
  readonly holds: readonly Hold[];
}

/** A held group as the panel shows it. */
export interface HeldGroup extends Pick<Hold, 'id' | 'group' | 'reason' | 'since' | 'decidesAt' | 'facts' | 'tried'> {
  readonly pattern: string;
  /** Not known before the agent’s list arrives. */
  readonly next?: string;
  readonly suggestedBytes: number;
  readonly reclaim?: Hold['reclaim'];
  /** How it ended. */
  readonly end?: DecisionEvent;
}

/** An end is shown for so long. */
export const END_SHOWN_MS = 12_000;

const isHold = (event: Event): event is HoldEvent => event.kind === 'hold';
const isDecision = (event: Event): event is DecisionEvent => event.kind === 'decision';

function endOf({ outcome }: DecisionEvent): boolean {
  return outcome !== 'held' && outcome !== 'refused';
}

/**
 * @param events oldest first
 * @param now the agent’s wall clock, ms
 * @returns oldest first
 */
export function heldGroups(events: readonly Event[], listed: Listed | undefined, now: number): HeldGroup[] {
  const decisions = events.filter(isDecision);
  const ends = new Map(decisions.filter(endOf).map((event) => [event.hold, event]));
  const held = new Map<number, HeldGroup>();
  for (const event of events.filter(isHold)) {
    const id = firstIdOf(event);
    const { group, reason, pattern, time: since, decidesAt, facts } = event;
    held.set(id, {
      ...held.get(id),
      id,
      group,
      reason,
      pattern,
      since,
      decidesAt,
      facts,
      suggestedBytes: suggestedLimit(facts),
      tried: triedIn(decisions, id),
    });
  }
  for (const hold of listed?.holds ?? []) held.set(hold.id, { ...hold, tried: longer(hold.tried, held.get(hold.id)?.tried) });
  const open = new Set(listed?.holds.map(({ id }) => id));
  return [...held.values()]
    .flatMap((one) => {
      const end = ends.get(one.id);
      if (end) return now > 0 && now - end.time < END_SHOWN_MS ? [{ ...one, end }] : [];
      return listed && (open.has(one.id) || one.id > listed.lastId) ? [one] : [];
    })
    .sort((a, b) => a.since - b.since || a.id - b.id);
}

function triedIn(decisions: readonly DecisionEvent[], id: number): Hold['tried'] {
  return decisions
    .filter((one) => one.hold === id && !endOf(one))
    .map(({ time, do: what, outcome, sentence, by = '' }) => ({ time, do: what, outcome, sentence, by }));
}

function longer<T>(a: readonly T[], b: readonly T[] = []): T[] {
  return [...(a.length >= b.length ? a : b)];
}

/** "4:32", "1:02:03", "0:00" when the time is over. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const pad = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}
