// Reads whether groups are frozen where the kernel does not signal it: after writes by any program, and after ticks that found another state.
import { groupState } from '../../contract/derive.ts';
import type { Change, GroupEntry } from '../../contract/frame.ts';
import { keysOf } from '../../contract/quantities.ts';
import type { Readings } from '../../contract/readings.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { GroupStates } from './group-states.ts';

/** Of the state on v1 and v2; cgroup.freeze is only what was asked for. */
const STATE_KEYS = new Set(keysOf('freezer-state'));
export const STATE_FILES = new Set(['freezer.state', 'cgroup.events', 'cgroup.freeze']);
/** Written to freeze or thaw. */
const FREEZE_FILES = new Set(['freezer.state', 'cgroup.freeze']);
/** Tasks stop a moment after the write; slower ones are found by the tick. */
const CHECKS = 20;
const CHECK_EVERY_MS = 5;

interface GroupStateReaderOptions {
  readonly states: GroupStates;
  /** Whether the kernel signals that the group freezes and thaws. */
  signals(path: string): boolean;
  readNow(group: Group, files: ReadonlySet<string>): Readings;
  groupAt(path: string): Group | undefined;
  /** The group as the last tick read it. */
  ofTick(gid: number): { readonly entry: GroupEntry; readonly readings: Readings } | undefined;
}

export class GroupStateReader {
  readonly #options: GroupStateReaderOptions;

  constructor(options: GroupStateReaderOptions) {
    this.#options = options;
  }

  /** The group is new: it may have been frozen before the kernel's signals were watched. Elsewhere its first tick finds that. */
  added(group: Group): void {
    if (this.#options.signals(group.path)) this.#read(group);
  }

  /** A control file was written: the group may be thawed again before the next tick. */
  written({ path }: Group, file: string): void {
    if (FREEZE_FILES.has(file)) this.#check(path, CHECKS);
  }

  /** Call it when `ofTick` has the changes. They are only a reason to read again: the tick may have read before our own last freeze or thaw. */
  ticked(changes: readonly Change[]): void {
    const { states, ofTick } = this.#options;
    for (const [gid, key, value] of changes) {
      const known = STATE_KEYS.has(key) && value !== null ? ofTick(gid) : undefined;
      if (!known) continue;
      const { path } = known.entry;
      if (states.isKnown(path)) this.#check(path);
      else states.found(path, groupState(known.readings));
    }
  }

  /** Not where the kernel signals the change, which reports it. */
  #check(path: string, checksLeft = 0): void {
    const group = this.#options.groupAt(path);
    if (group && !this.#options.signals(path)) this.#read(group, checksLeft);
  }

  #read(group: Group, checksLeft = 0): void {
    const { states, readNow } = this.#options;
    const state = groupState(readNow(group, STATE_FILES));
    states.seen(group.path, state);
    if (state === 'freezing' && checksLeft > 0) setTimeout(() => this.#check(group.path, checksLeft - 1), CHECK_EVERY_MS).unref();
  }
}
