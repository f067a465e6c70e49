// Guards groups: freezes one that runs out of memory before the kernel kills in it, and lets it continue with a higher limit; on v1 and v2.
import { guardName } from '../../contract/guard-facts.ts';
import { ProblemError } from '../../contract/problems.ts';
import { KeyedQueue } from '../kernel/keyed-queue.ts';
import { counted, type GuardLimits, newRecord, type Raise, raised, refuseAtUsage, refuseChanged, withoutFreeze } from './guard-limits.ts';
import type { CaughtGroup, GuardOptions, Recovered } from './guard-options.ts';
import { GuardPlaces } from './guard-places.ts';
import { type GuardRecord, GuardStore } from './guard-record.ts';
import { roundDown } from './guarded-files.ts';
import { KeptRecords } from './kept-records.ts';
import type { Mechanism } from './mechanism.ts';
import { mechanismOf } from './mechanisms.ts';

export class Guard {
  readonly #options: GuardOptions;
  readonly #records: KeptRecords;
  readonly #places: GuardPlaces;
  readonly #queue = new KeyedQueue();
  readonly #armed = new Map<string, { record: GuardRecord; readonly mechanism: Mechanism }>();
  #thawedListener: (group: string) => void = () => {};
  readonly #listeners: ((caught: CaughtGroup) => void)[] = [];

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#records = new KeptRecords(new GuardStore(options.stateDir, options.faults), options.watchdog);
    this.#places = new GuardPlaces(options.layout, options.boot, options.observer);
    // What was written since the process continued is restored as well. If the kernel refuses, the next start tries again.
    options.watchdog?.onReturned((group) => void this.disarm(group).catch(() => {}));
  }

  /** Calls `listener` when a group is caught, and again when all its tasks have stopped, if that is later. */
  onCaught(listener: (caught: CaughtGroup) => void): void {
    this.#listeners.push(listener);
  }

  /** Calls `listener` when others thaw a caught group of v2, which is caught again at its line unless it is disarmed. */
  onThawed(listener: (group: string) => void): void {
    this.#thawedListener = listener;
  }

  isCaught(group: string): boolean {
    return this.#armed.get(group)?.mechanism.isCaught === true;
  }

  /** Arms a guard; without lines it changes nothing, and holds on request. @throws ProblemError invalid for limits in the wrong order, conflict for a group that is armed or frozen, busy where the hard limit would kill */
  arm(group: string, lines: GuardLimits | undefined, pattern?: string): Promise<void> {
    const arm = async () => {
      this.#options.reach.mayWrite(group);
      if (this.#armed.has(group)) throw new ProblemError('conflict', `${group} has a guard already: disarm it first.`, { file: group });
      const record = await newRecord(this.#places.files(group), { ...this.#places.identity(group), pattern }, lines);
      await this.#put(record);
      const mechanism = this.#mechanism(record);
      this.#armed.set(group, { record, mechanism });
      try {
        mechanism.watch();
        // What was written since the record was made, as the limit of a new group is, would be overwritten and lost.
        if (!mechanism.isCaught) await refuseChanged(this.#places.files(group), record);
        await mechanism.apply();
      } catch (error) {
        await this.#restore(record, mechanism);
        throw error;
      }
    };
    return this.#queue.take(group, () => this.#options.limits?.turn(group, arm) ?? arm());
  }

  /**
   * Raises the guard's limit, and the hard limit with it, and thaws the group; it is caught again at the new limit. When disarmed, the
   * group gets back its limits from before, or this one if it is higher.
   * @param by who raises it; if undefined, the guard's own steps, which is counted: no crash gives a group more of them
   * @throws ProblemError invalid if the new limit is not above the usage: the group would be caught at once
   */
  release(group: string, raise: Raise, by: string | undefined): Promise<void> {
    return this.#queue.take(group, async () => {
      const armed = this.#get(group);
      const files = this.#places.files(group);
      const rounded = Object.entries(raise).map(([what, bytes]) => [what, bytes === undefined ? undefined : roundDown(bytes)]);
      const higher = raised(armed.record, Object.fromEntries(rounded));
      const record = by === undefined ? counted(higher) : higher;
      await refuseAtUsage(files, record);
      await this.#put(record);
      armed.record = record;
      await armed.mechanism.release(record, { by });
    });
  }

  /** Counts a raise by the guard's own steps of a group whose guard has no line to raise. */
  countRaise(group: string): Promise<void> {
    return this.#queue.take(group, () => this.#note(counted(this.#get(group).record)));
  }

  /** Thaws a caught group, which is caught again at the same limit. @param settled what to wait for before that */
  resume(group: string, settled?: () => Promise<void>): Promise<void> {
    return this.#queue.take(group, async () => {
      const { record, mechanism } = this.#get(group);
      await mechanism.release(record, { settled });
    });
  }

  /** Others froze or thawed an armed group that is not caught: what they did stays, whatever becomes of the guard. */
  frozenByOthers(group: string, isFrozen: boolean): Promise<void> {
    return this.#queue.take(group, async () => {
      const armed = this.#armed.get(group);
      if (!armed || armed.mechanism.isCaught) return;
      const record = withoutFreeze(armed.record, isFrozen);
      if (record !== armed.record) await this.#note(record);
    });
  }

  /** Catches an armed group now, as if it had met its line. @throws ProblemError self_protected, conflict for one that others have frozen */
  hold(group: string): Promise<void> {
    return this.#queue.take(group, async () => {
      this.#options.reach.mayWrite(group);
      const { mechanism } = this.#get(group);
      if (mechanism.isCaught) return;
      mechanism.hold();
      if (!mechanism.isCaught) throw new ProblemError('conflict', `${group} is frozen already, by others.`, { file: group });
    });
  }

  /** Whether the guarded group is still that of its path. */
  isThere(group: string): boolean {
    const record = this.recordOf(group);
    return record === undefined || this.#places.isSame(record);
  }

  /** What the guard of a group changed; undefined without one. */
  recordOf(group: string): GuardRecord | undefined {
    return this.#armed.get(group)?.record;
  }

  /** Removes the guard: restores everything and thaws the group. */
  disarm(group: string): Promise<void> {
    return this.#queue.take(group, () => {
      const { record, mechanism } = this.#get(group);
      return this.#restore(record, mechanism);
    });
  }

  /** The group was removed: there is nothing to restore. */
  forget(group: string): void {
    const armed = this.#armed.get(group);
    if (!armed) return;
    armed.mechanism.close();
    this.#armed.delete(group);
    void this.#records.gone(armed.record);
  }

  /**
   * Takes over what an agent left that was killed. Guards still wanted continue: a caught group stays frozen and is reported, an armed one
   * is armed again. All other groups are restored.
   */
  async recover(wanted: (group: string) => boolean): Promise<Recovered[]> {
    const recovered: Recovered[] = [];
    for (const record of this.#records.load()) {
      const { group } = record;
      try {
        recovered.push({ group, outcome: await this.#queue.take(group, () => this.#recoverOne(record, wanted(group))) });
      } catch (error) {
        recovered.push({ group, outcome: 'refused', sentence: error instanceof Error ? error.message : String(error) });
      }
    }
    return recovered;
  }

  /** Disarms all: without an agent, no group stays throttled or frozen. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.#armed.keys()].map((group) => this.disarm(group)));
  }

  /** Closes the descriptors and leaves groups and records, as a crash does. */
  abandon(): void {
    for (const { mechanism } of this.#armed.values()) mechanism.close();
    this.#armed.clear();
  }

  async #recoverOne(record: GuardRecord, wanted: boolean): Promise<Recovered['outcome']> {
    if (!this.#places.isSame(record)) {
      await this.#records.gone(record);
      return 'gone';
    }
    const mechanism = this.#mechanism(record);
    if (!wanted || this.#options.reach.holdsOurselves(record.group)) {
      await this.#restore(record, mechanism);
      return 'restored';
    }
    try {
      await this.#records.hold(record, this.#places.files(record.group));
    } catch (error) {
      await this.#restore(record, mechanism);
      throw error;
    }
    this.#armed.set(record.group, { record, mechanism });
    mechanism.watch();
    if (!mechanism.isCaught) await mechanism.apply();
    return 'continued';
  }

  async #restore(record: GuardRecord, mechanism: Mechanism): Promise<void> {
    this.#armed.delete(record.group);
    try {
      await mechanism.restore();
    } catch (error) {
      // The watchdog tries again soon, and the next start if that fails.
      this.#records.giveBack(record);
      throw error;
    } finally {
      mechanism.close();
    }
    await this.#records.drop(record);
  }

  /** Before the group is changed. @throws ProblemError if the watchdog or the disk does not take it */
  #put(record: GuardRecord): Promise<void> {
    return this.#records.put(record, this.#places.files(record.group), () => this.#armed.has(record.group));
  }

  /** Of an armed group. */
  async #note(record: GuardRecord): Promise<void> {
    await this.#put(record);
    const armed = this.#armed.get(record.group);
    // The group was removed meanwhile.
    if (!armed) return;
    armed.record = record;
    armed.mechanism.note(record);
  }

  #mechanism(record: GuardRecord): Mechanism {
    const { sources, reach } = this.#options;
    const { group } = record;
    return mechanismOf(sources, {
      dir: this.#places.dir(group),
      files: this.#places.files(group),
      record,
      by: guardName(record.pattern),
      mayFreeze: () => !reach.holdsOurselves(group),
      gone: () => this.forget(group),
      thawed: () => this.#thawedListener(group),
      caught: (caught) => {
        for (const listener of this.#listeners) listener({ group, ...caught });
      },
    });
  }

  #get(group: string): { record: GuardRecord; readonly mechanism: Mechanism } {
    const armed = this.#armed.get(group);
    if (!armed) throw new ProblemError('not_found', `${group} has no guard.`, { file: group });
    return armed;
  }
}
