// Recent trouble of each group, from events: the strongest recent pressure and the last time out of memory.

import { lastTimeOf } from '../../server/contract/event-facts.ts';
import { type PressureLevel, pressureLevels } from '../../server/contract/event-kinds.ts';
import type { Event } from '../../server/contract/events.ts';

/** An event colours its group for this long. */
export const RECENT_MS = 60_000;

export interface Trouble {
  /** Wall-clock ms of the last pressure event of each level. */
  readonly pressure: Readonly<Partial<Record<PressureLevel, number>>>;
  /** Wall-clock ms of the last oom or oom_kill. */
  readonly oomMs?: number;
}

const NONE: Trouble = { pressure: {} };

/** With more, those that are long over are forgotten: a kill may be reported after its group was removed. */
const MANY = 1000;

export class Troubles {
  readonly #byGroup = new Map<string, Trouble>();

  of(path: string): Trouble {
    return this.#byGroup.get(path) ?? NONE;
  }

  /** Of how many groups there was trouble. */
  get size(): number {
    return this.#byGroup.size;
  }

  note(event: Event): void {
    const known = this.of(event.group);
    switch (event.kind) {
      case 'pressure':
        // Only memory’s: it colours the memory bar.
        if (event.resource !== undefined) break;
        this.#byGroup.set(event.group, {
          ...known,
          pressure: { ...known.pressure, [event.level]: Math.max(event.time, known.pressure[event.level] ?? 0) },
        });
        break;
      case 'oom':
      case 'oom_kill':
        this.#byGroup.set(event.group, { ...known, oomMs: Math.max(lastTimeOf(event), known.oomMs ?? 0) });
        break;
      case 'create':
      case 'remove':
        if ((known.oomMs ?? 0) <= event.time) this.#byGroup.delete(event.group);
        break;
      default:
        break;
    }
    if (this.#byGroup.size > MANY) this.#forget(event.time);
  }

  #forget(nowMs: number): void {
    for (const [group, trouble] of this.#byGroup)
      if (!recentlyOom(trouble, nowMs) && !recentPressure(trouble, nowMs)) this.#byGroup.delete(group);
  }
}

/** The strongest recent level. */
export function recentPressure(trouble: Trouble, nowMs: number): PressureLevel | undefined {
  return pressureLevels.findLast((level) => nowMs - (trouble.pressure[level] ?? Number.NEGATIVE_INFINITY) < RECENT_MS);
}

export function recentlyOom(trouble: Trouble, nowMs: number): boolean {
  return nowMs - (trouble.oomMs ?? Number.NEGATIVE_INFINITY) < RECENT_MS;
}
