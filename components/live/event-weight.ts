// Which events may be left out first where not all can be shown or kept: many come in bursts, and a kill must not disappear behind them.

import { eventKinds } from '../../server/contract/event-kinds.ts';
import type { Event, EventKind } from '../../server/contract/events.ts';

/** Nothing outweighs these: something was killed, or stands still and waits for a decision. */
const GRAVEST = 2;

const weights: Partial<Record<EventKind, number>> = {
  ...{ oom: GRAVEST, oom_kill: GRAVEST, hold: GRAVEST, decision: GRAVEST },
  ...{ pressure: 1, threshold: 1, forecast: 1, freeze: 1, thaw: 1, kill: 1 },
};

/** The kinds of which some may be missing among older events. */
export const droppableKinds = eventKinds.filter((kind) => weights[kind] !== GRAVEST);

export interface Share {
  /** So many of the newest, whatever they are. */
  readonly newest: number;
  /** So many of those before them: the gravest, and among equals the newest. */
  readonly before: number;
}

/** @param items oldest first, as is the answer @returns the same array if all of it fits */
export function weightiest<T extends { readonly event: Event } | Event>(items: readonly T[], { newest, before }: Share): readonly T[] {
  if (items.length <= newest + before) return items;
  const begin = items.length - newest;
  const chosen = new Set<number>();
  for (let weight = GRAVEST; weight >= 0; weight--) {
    for (let i = begin - 1; i >= 0 && chosen.size < before; i--) if (weightOf(items[i]) === weight) chosen.add(i);
  }
  return items.filter((_, i) => i >= begin || chosen.has(i));
}

function weightOf(item: { readonly event: Event } | Event | undefined): number {
  if (!item) return 0;
  return weights['kind' in item ? item.kind : item.event.kind] ?? 0;
}
