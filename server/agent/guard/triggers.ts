// The conditions of guards that no single signal of the kernel reports: thrashing, growth towards the limit, and a machine short of memory. Looked at
// once a second, for the groups whose plans name them.

import { limitHits } from '../../contract/derive.ts';
import type { GuardPlan, HoldReason } from '../../contract/guards.ts';
import { measureOf } from '../../contract/quantities.ts';
import type { Readings } from '../../contract/readings.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import { textIfThere } from '../kernel/text-if-there.ts';
import { type MachineMemory, MachineShortage } from './machine-shortage.ts';
import { type StallCounters, Thrashing } from './thrashing.ts';

export interface TriggersParts {
  readonly layout: Layout;
  readonly readings: (group: string) => Readings | undefined;
  readonly machine: () => MachineMemory;
  /** Seconds until the group meets its limit at its present growth; undefined without a trend. */
  readonly secondsLeft: (group: string) => number | undefined;
}

export interface ArmedGroup {
  readonly group: string;
  readonly plan: GuardPlan;
}

export interface HeldGroup {
  readonly group: string;
  readonly reason: HoldReason;
  /** CLOCK_MONOTONIC, ms. */
  readonly sinceMonoMs: number;
}

export interface Verdict {
  readonly hold: readonly { readonly group: string; readonly reason: HoldReason }[];
  /** The machine has recovered: this one continues. */
  readonly thaw: string | undefined;
}

/** Of v1's limit: some kernels do not count all hits (6.18 those of memory and swap together). */
const FULL_PART = 15 / 16;

export class Triggers {
  readonly #parts: TriggersParts;
  readonly #thrashing = new Map<string, Thrashing>();
  readonly #shortage = new MachineShortage();
  #usage = new Map<string, number>();

  constructor(parts: TriggersParts) {
    this.#parts = parts;
  }

  look(armed: readonly ArmedGroup[], held: readonly HeldGroup[], nowMs: number): Verdict {
    const hold: { group: string; reason: HoldReason }[] = [];
    for (const { group, plan } of armed) {
      if (plan.thrashing && this.#thrashes(group, plan.thrashing, nowMs)) hold.push({ group, reason: 'thrashing' });
      else if (plan.growth && (this.#parts.secondsLeft(group) ?? Number.POSITIVE_INFINITY) <= plan.growth.seconds)
        hold.push({ group, reason: 'growth' });
    }
    const bySize = armed.filter(({ plan, group }) => plan.machine && !hold.some((one) => one.group === group));
    const forMachine = held.filter(({ reason }) => reason === 'machine');
    if (bySize.length === 0 && forMachine.length === 0) return { hold, thaw: undefined };
    const state = this.#shortage.judge(this.#parts.machine(), nowMs);
    const next = state === 'short' ? this.#mostUseful(bySize) : undefined;
    if (next !== undefined) hold.push({ group: next, reason: 'machine' });
    this.#usage = new Map(bySize.map(({ group }) => [group, this.#usageOf(group)]));
    const [oldest] = [...forMachine].sort((a, b) => a.sinceMonoMs - b.sinceMonoMs);
    return { hold, thaw: state === 'well' ? oldest?.group : undefined };
  }

  /** It was held, or is no longer guarded: what was measured before is old. */
  forget(group: string): void {
    this.#thrashing.delete(group);
  }

  #thrashes(group: string, threshold: { readonly percent: number; readonly seconds: number }, nowMs: number): boolean {
    let thrashing = this.#thrashing.get(group);
    if (!thrashing) {
      thrashing = new Thrashing();
      this.#thrashing.set(group, thrashing);
    }
    return thrashing.add(this.#countersOf(group), threshold, nowMs);
  }

  #countersOf(group: string): StallCounters {
    const { layout, readings } = this.#parts;
    const now = readings(group) ?? {};
    const path = layout.unified && `${layout.dir(layout.unified, group)}/memory.pressure`;
    const [, stalled] = /^full .*\btotal=(\d+)$/m.exec((path && textIfThere(path)) ?? '') ?? [];
    const hits = limitHits(now) ?? 0;
    // It never counts for a group of v1 whose tasks are not in the v2 tree as well.
    if (stalled !== undefined && stalled !== '0') return { stalledUsec: Number(stalled) };
    return { limitHits: hits, ...this.#reread(group, Number(measureOf('memory-usage', now) ?? 0)) };
  }

  /** Major faults are of mapped files and swap only; refaults count what is read by system calls as well, where the kernel counts them. */
  #reread(group: string, usageBytes: number): StallCounters {
    const { layout } = this.#parts;
    const hierarchy = layout.ofController('memory') ?? layout.unified;
    const stat = (hierarchy && textIfThere(`${layout.dir(hierarchy, group)}/memory.stat`)) ?? '';
    const count = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
    const prefix = hierarchy?.version === 1 ? 'total_' : '';
    const refaults = count(`${prefix}workingset_refault_anon`) + count(`${prefix}workingset_refault_file`);
    // Absent on v2, whose hits are counted.
    const limit = count('hierarchical_memory_limit');
    return { rereadPages: Math.max(count(`${prefix}pgmajfault`), refaults), isFull: limit > 0 && usageBytes >= limit * FULL_PART };
  }

  /** Lowest priority first; of these the one that grew most since the last look, then the largest. */
  #mostUseful(groups: readonly ArmedGroup[]): string | undefined {
    const ranked = groups.map(({ group, plan }) => {
      const usage = this.#usageOf(group);
      return { group, priority: plan.machine?.priority ?? 0, growth: usage - (this.#usage.get(group) ?? usage), usage };
    });
    ranked.sort((a, b) => a.priority - b.priority || b.growth - a.growth || b.usage - a.usage);
    return ranked[0]?.group;
  }

  #usageOf(group: string): number {
    return Number(measureOf('memory-usage', this.#parts.readings(group) ?? {}) ?? 0);
  }
}
