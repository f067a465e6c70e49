// Whether each group is frozen: a change is reported once, by whoever sees it first, with the name of whoever asked for it.
import type { GroupState } from '../../contract/derive.ts';
import type { NewEvent } from '../../contract/events.ts';

export type SettledState = Exclude<GroupState, 'freezing'>;

/** A group is thawed until it is found or seen otherwise. */
export class GroupStates {
  readonly #report: (event: NewEvent, wokeMs?: number) => void;
  readonly #known = new Map<string, SettledState>();
  readonly #asked = new Map<string, { readonly wanted: SettledState; readonly by: string }>();

  constructor(report: (event: NewEvent, wokeMs?: number) => void) {
    this.#report = report;
  }

  /** Before the kernel is asked for it: the change may be seen before the kernel's answer is. */
  asked(group: string, wanted: SettledState, by: string): void {
    this.#asked.set(group, { wanted, by });
  }

  /** The kernel refused what was asked. */
  refused(group: string): void {
    this.#asked.delete(group);
  }

  /** How a group was found: no change. */
  found(group: string, state: GroupState): void {
    if (state === 'frozen' && !this.#known.has(group)) this.#known.set(group, state);
  }

  /** @param wokeMs when the kernel's signal woke us, for one that was signalled */
  seen(group: string, state: GroupState, wokeMs?: number): void {
    if (state === 'freezing') return;
    const asked = this.#asked.get(group);
    const by = asked?.wanted === state ? { by: asked.by } : {};
    if (asked?.wanted === state) this.#asked.delete(group);
    if ((this.#known.get(group) ?? 'thawed') === state) return;
    this.#known.set(group, state);
    this.#report({ kind: state === 'frozen' ? 'freeze' : 'thaw', group, time: Date.now(), ...by }, wokeMs);
  }

  forget(group: string): void {
    this.#known.delete(group);
    this.#asked.delete(group);
  }
}
