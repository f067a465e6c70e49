// The groups that plans match: arms the guard of each as soon as its limits allow it, and again when they change.
import type { GuardedGroup, GuardPlan } from '../../contract/guards.ts';
import { isWithin } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { keysOf, measureOf, type Quantity } from '../../contract/quantities.ts';
import { MAX } from '../../contract/units.ts';
import type { ActParts } from '../act/act-parts.ts';
import type { GroupProcesses } from '../act/processes.ts';
import { monotonicMs } from '../kernel/clock.ts';
import { KeyedQueue } from '../kernel/keyed-queue.ts';
import type { Guard } from './guard.ts';
import { type Lines, lineOf, linesOf, memswLineOf, ownLimitOf } from './guard-lines.ts';
import type { GuardPlans, MatchedPlan } from './guard-plans.ts';
import type { GuardRecord } from './guard-record.ts';
import { limitOf } from './hold-facts.ts';
import { LIMIT, MEMSW } from './v1-mechanism.ts';
import { vitalAmong } from './vital.ts';

/** A paused guard is armed again below this part of its line; one without a line after so long. */
const CALM_PART = 0.8;
const PAUSE_MS = 60_000;
/** Groups that are changed at the same time, which share writes of the disk; not all, which would keep other work from threads. */
const AT_ONCE = 64;
/** Whose values a line depends on. */
const LIMITS = new Set([...keysOf('memory-hard-limit'), ...keysOf('memsw-limit')]);

export interface GuardedGroupsParts extends Pick<ActParts, 'io' | 'observer' | 'reach'> {
  readonly processes: GroupProcesses;
  readonly guard: Guard;
  readonly plans: GuardPlans;
}

interface Guarded extends MatchedPlan {
  state: GuardedGroup['state'];
  sentence: string | undefined;
  /** The lines by the plan and the limits as they were when it was armed; undefined since it was released. */
  lines: Lines | undefined;
  /** A limit of the group or of one above it was written. */
  isChanged: boolean;
  pausedAtMs: number;
}

export class GuardedGroups {
  readonly #parts: GuardedGroupsParts;
  readonly #groups = new Map<string, Guarded>();
  /** A launch arms its guard while all are looked at. */
  readonly #turns = new KeyedQueue();
  /** Groups that no plan matches, so that each is matched once. */
  #unmatched = new Set<string>();

  constructor(parts: GuardedGroupsParts) {
    this.#parts = parts;
  }

  get(group: string): Readonly<Guarded> | undefined {
    return this.#groups.get(group);
  }

  inState(state: GuardedGroup['state']): { group: string; plan: Guarded['plan'] }[] {
    return [...this.#groups].flatMap(([group, one]) => (one.state === state ? [{ group, plan: one.plan }] : []));
  }

  view(): GuardedGroup[] {
    const { guard, plans } = this.#parts;
    return [...this.#groups].map(([group, { pattern, plan, state, sentence }]) => {
      const record = guard.recordOf(group);
      const ownBytes = record && ownLimitOf(record);
      return {
        group,
        pattern,
        state,
        ...(record === undefined ? {} : { lineBytes: record.freezeAtBytes, memswLineBytes: record.memswBytes }),
        ...(ownBytes === undefined ? {} : { ownLimit: Number.isFinite(ownBytes) ? ownBytes : MAX }),
        ...(sentence === undefined ? {} : { sentence }),
        ...(plans.guards[pattern] === undefined ? { plan } : {}),
      };
    });
  }

  /** @returns whether a plan matches */
  consider(group: string, state: GuardedGroup['state'] = 'waiting'): boolean {
    if (this.#groups.has(group)) return true;
    if (this.#unmatched.has(group) || group === '/') return false;
    const matched = this.#parts.plans.match(group);
    if (!matched) {
      this.#unmatched.add(group);
      return false;
    }
    this.#groups.set(group, { ...matched, state, sentence: undefined, lines: undefined, isChanged: false, pausedAtMs: 0 });
    return true;
  }

  forget(group: string): void {
    this.#groups.delete(group);
    this.#unmatched.delete(group);
  }

  /** A control file of a group was written, by whomever. @returns whether lines depend on it */
  written(group: string, file: string): boolean {
    if (!LIMITS.has(file)) return false;
    let depends = false;
    for (const [path, guarded] of this.#groups) {
      if (!isWithin(path, group)) continue;
      guarded.isChanged = true;
      depends = true;
    }
    return depends;
  }

  held(group: string): void {
    const guarded = this.#groups.get(group);
    if (guarded) guarded.state = 'held';
  }

  /** It continues: with its guard, or without it until it uses much less. */
  continues(group: string, isPaused: boolean): void {
    const guarded = this.#groups.get(group);
    if (!guarded) return;
    guarded.state = isPaused ? 'paused' : 'armed';
    guarded.sentence = isPaused ? 'It continues without its guard, which is armed again when the group is calm.' : undefined;
    guarded.pausedAtMs = monotonicMs();
    // What a release raised stays until the plan or a limit changes.
    // By the limits as the decision left them: what is written from now on, also before the next look, moves them.
    guarded.lines = isPaused ? undefined : this.#linesIfThere(group, guarded.plan);
    guarded.isChanged = true;
  }

  /** The plans changed. @returns the groups whose guard was removed or is another now; their guards are disarmed */
  async rematch(): Promise<string[]> {
    const { guard, plans } = this.#parts;
    this.#unmatched = new Set();
    const changed: string[] = [];
    await atOnce([...this.#groups], AT_ONCE, async ([group, { plan }]) => {
      const matched = plans.match(group);
      if (matched && JSON.stringify(matched.plan) === JSON.stringify(plan)) return;
      changed.push(group);
      this.#groups.delete(group);
      await this.#turns.take(group, async () => {
        if (guard.recordOf(group)) await guard.disarm(group).catch(() => undefined);
      });
      this.consider(group);
    });
    return changed;
  }

  async updateAll(): Promise<void> {
    await atOnce([...this.#groups.keys()], AT_ONCE, (group) => this.update(group));
  }

  /** Arms it if it waits, and moves its lines if limits changed. */
  update(group: string): Promise<void> {
    return this.#turns.take(group, async () => {
      const guarded = this.#groups.get(group);
      if (!guarded || guarded.state === 'held') return;
      try {
        await this.#update(group, guarded);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        Object.assign(guarded, { state: 'waiting', sentence: error.problem.detail });
      }
    });
  }

  async #update(group: string, guarded: Guarded): Promise<void> {
    const { guard } = this.#parts;
    const record = guard.recordOf(group);
    if (guarded.state === 'armed' && record) {
      if (!guarded.isChanged) return;
      guarded.isChanged = false;
      const lines = this.linesNow(group, guarded.plan);
      guarded.lines ??= lines;
      const isSame = lines.freezeAtBytes === guarded.lines.freezeAtBytes && lines.memswBytes === guarded.lines.memswBytes;
      if (isSame && !this.#isOverwritten(record)) return;
      // Until its new lines are applied.
      guarded.state = 'waiting';
      await guard.disarm(group);
    }
    if (guarded.state === 'paused' && !this.#isCalm(group, guarded)) return;
    if (!guard.recordOf(group)) await this.#arm(group, guarded);
  }

  /** Undefined for a group that was removed meanwhile. */
  #linesIfThere(group: string, plan: Guarded['plan']): Lines | undefined {
    try {
      return this.linesNow(group, plan);
    } catch {
      return undefined;
    }
  }

  /** Others wrote a limit: on v1 over the guard's line, on v2 another one of its own. */
  #isOverwritten({ group, version, before, ours, memswBytes }: GuardRecord): boolean {
    const { observer, io } = this.#parts;
    const { readings } = observer.view(io.group(group), true);
    const isOther = (file: string) => ours[file]?.includes(String(readings[file])) === false;
    if (version === 2) return isOther('memory.max') && before['memory.max'] !== String(readings['memory.max']);
    return isOther(LIMIT) || (memswBytes !== undefined && isOther(MEMSW));
  }

  #isCalm(group: string, { plan, pausedAtMs }: Guarded): boolean {
    const { freezeAtBytes, memswBytes } = this.linesNow(group, plan);
    if (freezeAtBytes === undefined && memswBytes === undefined) return monotonicMs() - pausedAtMs > PAUSE_MS;
    const readings = this.#parts.observer.readings(group) ?? {};
    const isBelow = (usage: Quantity, line = Number.POSITIVE_INFINITY) => Number(measureOf(usage, readings) ?? 0) < line * CALM_PART;
    return isBelow('memory-usage', freezeAtBytes) && isBelow('memsw-usage', memswBytes);
  }

  async #arm(group: string, guarded: Guarded): Promise<void> {
    const { guard, reach, processes } = this.#parts;
    const { thrashing, growth, machine } = guarded.plan;
    reach.mayWrite(group);
    const vital = vitalAmong(processes.membersWithin(group));
    const lines = this.linesNow(group, guarded.plan);
    const hasLine = lines.freezeAtBytes !== undefined || lines.memswBytes !== undefined;
    const why = vital === undefined ? lines.why.join(' ') : `It contains ${vital}, which the machine lives by, so it is never held.`;
    const sentence = why === '' ? undefined : why;
    if (vital !== undefined || !(hasLine || thrashing || growth || machine)) {
      Object.assign(guarded, { state: 'waiting', sentence });
      return;
    }
    await guard.arm(group, hasLine ? lines : undefined, guarded.pattern);
    // Not if it was caught meanwhile.
    const isHeld = this.#groups.get(group)?.state === 'held';
    Object.assign(guarded, { lines, sentence, ...(isHeld ? {} : { state: 'armed' }) });
  }

  /** The lines by the limits as they are now, without the guard. */
  linesNow(group: string, { line, memswLine }: GuardPlan): Lines {
    const { observer, io } = this.#parts;
    const { readings } = observer.view(io.group(group), true);
    const version = readings[LIMIT] === undefined ? 2 : 1;
    const recordOf = (path: string) => this.#parts.guard.recordOf(path);
    const limit = limitOf(observer, group, readings, recordOf);
    const memsw = readings[MEMSW] === undefined ? undefined : limitOf(observer, group, readings, recordOf, 'memsw-limit');
    return linesOf({
      line: line === undefined ? undefined : lineOf(line, limit, version),
      memsw: memswLine === undefined ? undefined : memswLineOf(memswLine, memsw, version),
    });
  }
}

async function atOnce<T>(all: readonly T[], most: number, work: (one: T) => Promise<void>): Promise<void> {
  const left = all.values();
  await Promise.all(
    Array.from({ length: most }, async () => {
      for (const one of left) await work(one);
    }),
  );
}
