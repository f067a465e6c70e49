// Actions that are under way: a row shows them at once, until a frame has the result.
'use client';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { GroupState } from '../../server/contract/derive.ts';
import { live } from '../live/store.ts';

export type Verb = 'freeze' | 'thaw' | 'kill' | 'remove';

export interface Pending {
  readonly verb: Verb;
  /** The state in the answer; absent until the answer arrives. */
  readonly state?: GroupState;
  /** The last tick before the answer: the result is in the second frame after it. */
  readonly seq?: number;
}

const pendings = createStore<ReadonlyMap<string, Pending>>(() => new Map());

/** The first frame after the answer may have been read before it; the second has the result. */
const FRAMES_TO_SEE = 2;

function change(path: string, pending: Pending | undefined): void {
  const next = new Map(pendings.getState());
  if (pending) next.set(path, pending);
  else next.delete(path);
  pendings.setState(next, true);
}

export function ask(path: string, verb: Verb): void {
  change(path, { verb });
}

export function answered(path: string, state: GroupState | undefined): void {
  const pending = pendings.getState().get(path);
  if (!pending) return;
  if (state === undefined) change(path, undefined);
  else change(path, { ...pending, state, seq: live.state.getState().tick?.seq ?? 0 });
}

/** Whether this action on the group has not been answered yet: then it is not asked for again. */
export function isPending(path: string, verb: Verb): boolean {
  const pending = pendings.getState().get(path);
  return pending?.verb === verb && pending.seq === undefined;
}

export function usePending(path: string): Pending | undefined {
  const pending = useStore(pendings, (all) => all.get(path));
  const seen = useStore(live.state, ({ tick }) => pending?.seq !== undefined && (tick?.seq ?? 0) >= pending.seq + FRAMES_TO_SEE);
  return seen ? undefined : pending;
}
