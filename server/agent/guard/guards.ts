// Guards: what plans name is armed, what is held is decided, and what an earlier agent held goes on.
import type { CallAnswer, CallParams } from '../../contract/calls.ts';
import { groupState } from '../../contract/derive.ts';
import type { Event } from '../../contract/events.ts';
import { literalPart } from '../../contract/group-pattern.ts';
import type { HoldReason } from '../../contract/guards.ts';
import type { ActParts } from '../act/act-parts.ts';
import { type Clock, monotonicMs } from '../kernel/clock.ts';
import type { Choices, Outcome } from './choices.ts';
import { dryRun } from './dry-run.ts';
import type { CaughtGroup } from './guard-options.ts';
import { GuardedGroups, type GuardedGroupsParts } from './guarded-groups.ts';
import { holdFacts } from './hold-facts.ts';
import type { HoldStore, StoredHold } from './hold-store.ts';
import { Holds } from './holds.ts';
import { Triggers, type TriggersParts } from './triggers.ts';

/** Plans, limits and held groups are looked at this often. */
const LOOK_MS = 1000;
/** A held group that is seen thawed so long after it was stopped was thawed by others. */
const SETTLED_MS = 1500;

export interface GuardsParts extends ActParts, GuardedGroupsParts, Pick<TriggersParts, 'machine' | 'secondsLeft'> {
  readonly choices: Choices;
  readonly clock: Clock;
  readonly store: HoldStore;
}

export class Guards {
  readonly #parts: GuardsParts;
  readonly #groups: GuardedGroups;
  readonly #holds: Holds;
  readonly #triggers: Triggers;
  /** What an earlier agent held. */
  readonly #before = new Map<string, StoredHold>();
  /** Why a group is held that is held on request. */
  readonly #reasons = new Map<string, HoldReason>();
  #cancel: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;
  #due = false;

  constructor(parts: GuardsParts) {
    this.#parts = parts;
    this.#groups = new GuardedGroups(parts);
    this.#holds = new Holds({
      ...parts,
      factsOf: (group) => holdFacts(parts, parts.io.group(group)),
      resume: (group) => parts.guard.resume(group),
      ended: (group, outcome, choice) =>
        this.#groups.continues(group, outcome === 'continues' && (choice === 'thaw' || choice === 'dropLimit' || choice === 'none')),
    });
    this.#triggers = new Triggers({ ...parts, readings: (group) => parts.observer.readings(group) });
    parts.guard.onCaught((caught) => this.#caught(caught));
    parts.guard.onThawed((group) => void this.#between(group, () => this.#thawedByOthers(group)));
  }

  /** Takes over what an earlier agent left, and arms what the plans name. @returns what could not be restored, a sentence each */
  async start(): Promise<string[]> {
    const { guard, plans, store } = this.#parts;
    plans.reload();
    for (const hold of store.load()) this.#before.set(hold.group, hold);
    const recovered = await guard.recover((group) => this.#groups.consider(group, 'armed'));
    const ended = new Map(recovered.map(({ group, outcome }) => [group, outcome]));
    for (const [group, before] of this.#before)
      if (!this.#holds.isOpen(group)) this.#holds.lost(before, (ended.get(group) ?? 'gone') === 'gone' ? 'gone' : 'continues');
    this.#before.clear();
    for (const { group, outcome } of recovered) if (outcome !== 'continued') this.#groups.forget(group);
    this.#considerAll();
    await this.#lookNow();
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

  view(): CallAnswer<'guards'> {
    const { plans } = this.#parts;
    return { guards: plans.guards, groups: this.#groups.view(), ...(plans.problem === undefined ? {} : { problem: plans.problem }) };
  }

  /** @throws ProblemError protected, for one group that cgdeck does not manage, which may still be to be made; changed */
  async set({ pattern, plan, replaces }: CallParams<'setGuard'>, by: string): Promise<CallAnswer<'guards'>> {
    const { journal, plans, reach } = this.#parts;
    if (literalPart(pattern) === pattern) reach.mayWrite(pattern);
    await journal.record({ by, action: 'set a guard', group: pattern, facts: { plan } }, () => plans.set(pattern, plan, replaces));
    return this.#applied();
  }

  async remove({ pattern, replaces }: CallParams<'removeGuard'>, by: string): Promise<CallAnswer<'guards'>> {
    const { journal, plans } = this.#parts;
    await journal.record({ by, action: 'remove a guard', group: pattern, safer: true }, () => plans.set(pattern, undefined, replaces));
    return this.#applied();
  }

  try = ({ group, plan }: CallParams<'tryGuard'>): CallAnswer<'tryGuard'> =>
    dryRun(this.#parts, this.#parts.io.group(group), plan, this.#groups.linesNow(group, plan));

  holds = (): CallAnswer<'holds'> => ({ holds: this.#holds.all() });

  decide = ({ hold, choice }: CallParams<'decide'>, by: string): Promise<Outcome> => this.#holds.decide(hold, choice, by);

  cancelReclaim = ({ hold }: CallParams<'cancelReclaim'>, by: string): Promise<CallAnswer<'cancelReclaim'>> =>
    this.#holds.cancelReclaim(hold, by);

  /** The group was made. */
  added(group: string): void {
    if (this.#groups.consider(group)) this.#soon();
  }

  /** Arms the guard of a new group, if it has one, or leaves it to be tried again. */
  async arm(group: string): Promise<void> {
    if (!this.#groups.consider(group)) return;
    await this.#groups
      .update(group)
      .catch((error: unknown) => console.error(`agent: the guard of ${group} is not armed, and is tried again:`, error));
  }

  /** The group was removed. */
  forget(group: string): void {
    this.#parts.guard.forget(group);
    this.#holds.overtaken(group, 'gone', 'The group was removed.');
    this.#groups.forget(group);
    this.#triggers.forget(group);
  }

  /** A control file was written, by whomever. */
  written(group: string, file: string): void {
    if (this.#groups.written(group, file)) this.#soon();
  }

  /** A limit was written, also where the kernel does not signal it, or a group frozen or thawed, by whomever. */
  happened(event: Event): void {
    if (event.kind === 'write') this.written(event.group, event.file);
    if (event.kind !== 'freeze' && event.kind !== 'thaw') return;
    this.#parts.guard
      .frozenByOthers(event.group, event.kind === 'freeze')
      .catch((error: unknown) => console.error(`agent: the guard of ${event.group} does not know who froze it:`, error));
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
    this.#looking = this.#looking
      .then(() => this.#look())
      .catch((error: unknown) => console.error('agent: looking after guards failed, and is tried again:', error));
    return this.#looking;
  }

  async #look(): Promise<void> {
    if (this.#stopped) return;
    if (this.#parts.plans.reload()) await this.#rematch();
    await this.#groups.updateAll();
    // One that fails, as a group that is being removed does, does not keep the others waiting.
    for (const { group } of this.#groups.inState('held')) await this.#between(group, (heldMs) => this.#lookAtHeld(group, heldMs));
    await this.#lookAtTriggers();
  }

  #between(group: string, look: (heldMs: number) => Promise<void>): Promise<void> {
    return this.#holds.between(group, look).catch((error: unknown) => {
      if (this.#parts.observer.tree.refresh(group))
        console.error(`agent: looking after the held ${group} failed, and is tried again:`, error);
    });
  }

  async #rematch(): Promise<void> {
    for (const group of await this.#groups.rematch())
      this.#holds.overtaken(group, 'continues', 'The guard was changed or removed, and the group continues.', 'changed');
    this.#considerAll();
  }

  #considerAll(): void {
    for (const { path } of this.#parts.observer.tree.all()) this.#groups.consider(path);
  }

  async #lookAtTriggers(): Promise<void> {
    const { guard, observer } = this.#parts;
    // What others have frozen stays theirs, and gains nothing.
    const armed = this.#groups.inState('armed').filter(({ group }) => groupState(observer.readings(group) ?? {}) === 'thawed');
    for (const { group } of armed) observer.follow(group);
    const { hold, thaw } = this.#triggers.look(armed, this.#holds.open(), monotonicMs());
    for (const { group, reason } of hold) {
      this.#reasons.set(group, reason);
      await guard.hold(group).catch(() => undefined);
      this.#reasons.delete(group);
      this.#triggers.forget(group);
    }
    if (thaw !== undefined) await this.#holds.recovered(thaw);
  }

  async #lookAtHeld(group: string, heldMs: number): Promise<void> {
    const { guard, processes, observer, io } = this.#parts;
    if (!guard.isThere(group)) {
      guard.forget(group);
      return this.#holds.overtaken(group, 'gone', 'The group was removed or renamed.');
    }
    if (!guard.recordOf(group))
      return this.#holds.overtaken(group, 'continues', 'cgdeck hung, and its watchdog let the group continue without its guard.');
    if (processes.membersWithin(group).length === 0) {
      await guard.resume(group);
      return this.#holds.overtaken(group, 'gone', 'All its processes have ended.');
    }
    const state = observer.state(io.group(group));
    if (state === 'frozen') this.#holds.stopped(group);
    if (state !== 'thawed' || heldMs < SETTLED_MS) return;
    await this.#thawedByOthers(group);
  }

  async #thawedByOthers(group: string): Promise<void> {
    await this.#parts.guard.disarm(group);
    this.#holds.overtaken(group, 'continues', 'It was thawed by another program, and continues without its guard.');
  }

  #caught({ group, reason, state, wokeMs }: CaughtGroup): void {
    const guarded = this.#groups.get(group);
    if (!guarded) return;
    if (this.#holds.isOpen(group)) {
      if (state === 'frozen') this.#holds.stopped(group);
      return;
    }
    this.#groups.held(group);
    const why = reason === 'found' ? 'found' : reason === 'asked' ? (this.#reasons.get(group) ?? 'line') : 'line';
    this.#holds.opened({ group, pattern: guarded.pattern, reason: why }, guarded.plan, wokeMs, this.#before.get(group));
  }
}
