// Which groups are guarded, by the plans of guards.json: arms each as soon as its limits allow it, and has the held ones decided.
import type { CallAnswer, CallParams } from '../../contract/calls.ts';
import { groupState, memoryUsage } from '../../contract/derive.ts';
import type { GuardedGroup } from '../../contract/guards.ts';
import { isWithin } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { keysOf } from '../../contract/quantities.ts';
import type { ActParts } from '../act/act-parts.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Choices, Outcome } from './choices.ts';
import type { CaughtGroup, Guard } from './guard.ts';
import { lineOf, ownLimitOf } from './guard-lines.ts';
import type { GuardPlans, MatchedPlan } from './guard-plans.ts';
import { type FactsParts, holdFacts, limitOf } from './hold-facts.ts';
import { Holds } from './holds.ts';

/** The file, limits and members are looked at this often. */
const LOOK_MS = 1000;
/** A paused guard is armed again below this part of its line. */
const CALM_PART = 0.8;
/** A held group that is seen thawed so long after it was stopped was thawed by others. */
const SETTLED_MS = 1500;

export interface GuardsParts extends ActParts, Pick<FactsParts, 'processes'> {
  readonly guard: Guard;
  readonly plans: GuardPlans;
  readonly choices: Choices;
  readonly clock: Clock;
}

/** Whose values a line depends on. */
const LIMITS = new Set(keysOf('memory-hard-limit'));

interface Guarded extends MatchedPlan {
  state: GuardedGroup['state'];
  sentence: string | undefined;
  /** The line when it was armed, by the limits as they were without the guard. */
  limit: number | undefined;
  /** A limit of the group or of one above it was written. */
  isChanged: boolean;
}

export class Guards {
  readonly #parts: GuardsParts;
  readonly #groups = new Map<string, Guarded>();
  /** Groups that no plan matches, so that each is matched once. */
  #unmatched = new Set<string>();
  readonly #holds: Holds;
  #cancel: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;
  #due = false;

  constructor(parts: GuardsParts) {
    this.#parts = parts;
    this.#holds = new Holds({
      ...parts,
      factsOf: (group) => holdFacts(parts, parts.io.group(group), this.#limitsOf(group)),
      ended: (group, outcome, choice) => this.#ended(group, outcome === 'continues' && (choice === 'thaw' || choice === 'dropLimit')),
    });
    parts.guard.onCaught((caught) => this.#caught(caught));
  }

  /** Takes over what an earlier agent left, and arms what the plans name. @returns what could not be restored, a sentence each */
  async start(): Promise<string[]> {
    const { guard, plans } = this.#parts;
    plans.reload();
    const recovered = await guard.recover((group) => {
      const matched = plans.match(group);
      if (matched) this.#groups.set(group, { ...matched, state: 'armed', sentence: undefined, limit: undefined, isChanged: false });
      return matched !== undefined;
    });
    for (const { group, outcome } of recovered) if (outcome !== 'continued') this.#groups.delete(group);
    await this.#look();
    this.#again();
    return recovered.flatMap(({ sentence }) => sentence ?? []);
  }

  /** Removes all guards: without an agent, no group stays throttled or frozen. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#looking;
    this.#holds.close();
    await this.#parts.guard.stop();
  }

  /** The group was removed. */
  forget(group: string): void {
    this.#holds.overtaken(group, 'gone', 'The group was removed.');
    this.#groups.delete(group);
    this.#unmatched.delete(group);
  }

  view(): CallAnswer<'guards'> {
    const { plans, guard } = this.#parts;
    const groups = [...this.#groups].map(([group, { pattern, state, sentence }]) => {
      const lineBytes = guard.recordOf(group)?.freezeAtBytes;
      return { group, pattern, state, ...(lineBytes === undefined ? {} : { lineBytes }), ...(sentence === undefined ? {} : { sentence }) };
    });
    return { guards: plans.guards, groups, ...(plans.problem === undefined ? {} : { problem: plans.problem }) };
  }

  async set({ pattern, plan }: CallParams<'setGuard'>, by: string): Promise<CallAnswer<'guards'>> {
    const { journal, plans, io, reach } = this.#parts;
    if (isExact(pattern)) {
      io.group(pattern);
      reach.mayWrite(pattern);
    }
    await journal.record({ by, action: 'set a guard', group: pattern, facts: { plan } }, () => plans.set(pattern, plan));
    return this.#applied();
  }

  async remove({ pattern }: CallParams<'removeGuard'>, by: string): Promise<CallAnswer<'guards'>> {
    const { journal, plans } = this.#parts;
    await journal.record({ by, action: 'remove a guard', group: pattern, safer: true }, () => plans.set(pattern, undefined));
    return this.#applied();
  }

  /** The group was made. */
  added(group: string): void {
    this.#consider(group);
    if (this.#groups.has(group)) this.#soon();
  }

  /** A control file of a group was written, by whomever. */
  written(group: string, file: string): void {
    if (!LIMITS.has(file)) return;
    for (const [path, guarded] of this.#groups) {
      if (!isWithin(path, group)) continue;
      guarded.isChanged = true;
      this.#soon();
    }
  }

  holds(): CallAnswer<'holds'> {
    return { holds: this.#holds.all() };
  }

  decide({ hold, choice }: CallParams<'decide'>, by: string): Promise<Outcome> {
    return this.#holds.decide(hold, choice, by);
  }

  async #applied(): Promise<CallAnswer<'guards'>> {
    await this.#rematch();
    await this.#lookNow();
    return this.view();
  }

  #again(): void {
    if (this.#stopped) return;
    this.#cancel = this.#parts.clock.after(LOOK_MS, () => void this.#lookNow().then(() => this.#again()));
  }

  /** A new group may grow at once. */
  #soon(): void {
    if (this.#due) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      void this.#lookNow();
    });
  }

  #lookNow(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  async #look(): Promise<void> {
    if (this.#stopped) return;
    const { plans, observer } = this.#parts;
    if (plans.reload()) await this.#rematch();
    if (Object.keys(plans.guards).length === 0 && this.#groups.size === 0) return;
    for (const { path } of observer.tree.all()) this.#consider(path);
    for (const [group, guarded] of this.#groups) await this.#update(group, guarded).catch(() => undefined);
  }

  #consider(group: string): void {
    if (this.#groups.has(group) || this.#unmatched.has(group) || group === '/') return;
    const matched = this.#parts.plans.match(group);
    if (matched) this.#groups.set(group, { ...matched, state: 'waiting', sentence: undefined, limit: undefined, isChanged: false });
    else this.#unmatched.add(group);
  }

  /** The plans changed: guards that no plan wants are removed, others get their new plan. */
  async #rematch(): Promise<void> {
    const { guard, plans } = this.#parts;
    this.#unmatched = new Set();
    for (const [group, { plan }] of this.#groups) {
      const matched = plans.match(group);
      if (matched && JSON.stringify(matched.plan) === JSON.stringify(plan)) continue;
      if (guard.recordOf(group)) await guard.disarm(group).catch(() => undefined);
      this.#holds.overtaken(group, 'continues', 'The guard was changed or removed, and the group continues.');
      if (matched) this.#groups.set(group, { ...matched, state: 'waiting', sentence: undefined, limit: undefined, isChanged: false });
      else this.#groups.delete(group);
    }
  }

  async #update(group: string, guarded: Guarded): Promise<void> {
    const { guard, observer } = this.#parts;
    const record = guard.recordOf(group);
    if (guarded.state === 'held') return this.#updateHeld(group);
    if (guarded.state === 'armed' && record) {
      if (!guarded.isChanged) return;
      // The line follows the limits.
      guarded.isChanged = false;
      const limit = this.#limitNow(group);
      if (limit === (guarded.limit ?? record.freezeAtBytes)) return;
      await guard.disarm(group);
    }
    if (guarded.state === 'paused') {
      const usage = memoryUsage(observer.readings(group) ?? {}) ?? 0;
      const limit = this.#limitNow(group);
      if (typeof limit === 'string' || usage > limit * CALM_PART) return;
    }
    if (!guard.recordOf(group)) await this.#arm(group, guarded);
  }

  async #updateHeld(group: string): Promise<void> {
    const { guard, processes, observer, io } = this.#parts;
    const [hold] = this.#holds.all().filter((one) => one.group === group);
    if (!hold) return;
    if (processes.membersWithin(group).length === 0) {
      await guard.resume(group);
      this.#holds.overtaken(group, 'gone', 'All its processes have ended.');
      return;
    }
    const { readings } = observer.view(io.group(group), true);
    if (groupState(readings) !== 'thawed') {
      if (hold.facts.state === 'frozen') this.#holds.stopped(group);
      return;
    }
    if (Date.now() - hold.since < SETTLED_MS) return;
    await guard.disarm(group);
    this.#holds.overtaken(group, 'continues', 'It was thawed by another program, and continues without its guard.');
    this.#ended(group, true);
  }

  async #arm(group: string, guarded: Guarded): Promise<void> {
    const { guard, reach } = this.#parts;
    const { line } = guarded.plan;
    const wait = (sentence: string) => Object.assign(guarded, { state: 'waiting', sentence } as const);
    if (line === undefined) return;
    try {
      reach.mayWrite(group);
      const limit = this.#limitNow(group);
      if (typeof limit === 'string') return void wait(limit);
      await guard.arm(group, { freezeAtBytes: limit });
      // Not if it was caught meanwhile.
      Object.assign(guarded, { limit, sentence: undefined, ...(this.#holds.isOpen(group) ? {} : { state: 'armed' }) });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      wait(error.problem.detail);
    }
  }

  /** The line by the limits as they are now, without the guard; or why there is none. */
  #limitNow(group: string): number | string {
    const { observer, io } = this.#parts;
    const plan = this.#groups.get(group)?.plan;
    if (plan?.line === undefined) return 'It has no line.';
    const { readings } = observer.view(io.group(group), true);
    const version = readings['memory.limit_in_bytes'] === undefined ? 2 : 1;
    return lineOf(plan.line, limitOf(observer, group, readings, this.#ownLimit(group, readings)), version);
  }

  /** The group's own limit without its guard; undefined where what it reads is its own. */
  #ownLimit(group: string, readings: Readonly<Record<string, unknown>>): number | undefined {
    const record = this.#parts.guard.recordOf(group);
    if (!record) return undefined;
    const now = readings[record.version === 1 ? 'memory.limit_in_bytes' : 'memory.max'];
    const ours = record.ours[record.version === 1 ? 'memory.limit_in_bytes' : 'memory.max'] ?? [];
    return ours.includes(String(now)) ? ownLimitOf(record) : undefined;
  }

  #limitsOf(group: string): { lineBytes: number | undefined; ownBytes: number | undefined } {
    const record = this.#parts.guard.recordOf(group);
    return { lineBytes: record?.freezeAtBytes, ownBytes: record && ownLimitOf(record) };
  }

  #caught({ group, reason, state, wokeMs }: CaughtGroup): void {
    const guarded = this.#groups.get(group);
    if (!guarded) return;
    if (this.#holds.isOpen(group)) {
      if (state === 'frozen') this.#holds.stopped(group);
      return;
    }
    guarded.state = 'held';
    this.#holds.opened({ group, pattern: guarded.pattern, reason: reason === 'found' ? 'found' : 'line' }, guarded.plan, wokeMs);
  }

  #ended(group: string, paused: boolean): void {
    const guarded = this.#groups.get(group);
    if (!guarded) return;
    if (paused) guarded.sentence = 'It continues without its guard, which is armed again when it uses much less.';
    guarded.state = paused ? 'paused' : 'armed';
    // Its limits may be others now.
    guarded.limit = undefined;
    guarded.isChanged = true;
  }
}

function isExact(pattern: string): boolean {
  return !/[*?[{(!+@\\]/.test(pattern);
}
