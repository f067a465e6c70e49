// Whether each group is frozen: reports each change once, whichever part of the agent finds it first, with the user who asked for it.
import type { GroupState } from '../../contract/derive.ts';
import type { NewEvent } from '../../contract/events.ts';
import { parentPath } from '../../contract/paths.ts';

export type SettledState = Exclude<GroupState, 'freezing'>;

export class GroupStates {
  readonly #report: (event: NewEvent, wokeMs?: number) => void;
  readonly #known = new Map<string, SettledState>();
  readonly #asked = new Map<string, { readonly wanted: SettledState; readonly by: string }>();

  constructor(report: (event: NewEvent, wokeMs?: number) => void) {
    this.#report = report;
  }

  /** Call it before the write: the change may be seen before the write returns. */
  asked(group: string, wanted: SettledState, by: string): void {
    this.#asked.set(group, { wanted, by });
  }

  /** The kernel refused the write. */
  refused(group: string): void {
    this.#asked.delete(group);
  }

  /** The group is new: it began as its parent is, and another state is a change. */
  made(group: string): void {
    this.#known.set(group, this.#known.get(parentPath(group)) ?? 'thawed');
  }

  isKnown(group: string): boolean {
    return this.#known.has(group);
  }

  /** The first reading of a group that is older than the agent: not a change. */
  found(group: string, state: GroupState): void {
    this.#known.set(group, state === 'frozen' ? state : 'thawed');
  }

  /** @param wokeMs when the kernel's signal woke us; undefined if there was none */
  seen(group: string, state: GroupState, wokeMs?: number): void {
    if (state === 'freezing') return;
    const asked = this.#asked.get(group);
    const by = asked?.wanted === state ? { by: asked.by } : {};
    if (asked?.wanted === state) this.#asked.delete(group);
    const before = this.#known.get(group) ?? 'thawed';
    this.#known.set(group, state);
    if (before === state) return;
    this.#report({ kind: state === 'frozen' ? 'freeze' : 'thaw', group, time: Date.now(), ...by }, wokeMs);
  }

  forget(group: string): void {
    this.#known.delete(group);
    this.#asked.delete(group);
  }
}
