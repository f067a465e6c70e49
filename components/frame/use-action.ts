// An action of a person as state: what is under way, and how the last one ended.
'use client';
import { useState } from 'react';
import type { Problem } from '../../server/contract/problems.ts';
import { problemOf } from '../live/api.ts';
import { notifyProblem } from '../ui/toast.tsx';

export interface Action<A> {
  readonly pending: boolean;
  /** The last answer or refusal; shown until the next one, or until it is cleared. */
  readonly answer?: A;
  readonly problem?: Problem;
  readonly run: (act: () => Promise<A>) => Promise<void>;
  readonly clear: () => void;
}

/** For a form that shows the answer or the refusal itself. */
export function useAction<A = void>(): Action<A> {
  const [state, setState] = useState<Pick<Action<A>, 'pending' | 'answer' | 'problem'>>({ pending: false });
  const run = async (act: () => Promise<A>) => {
    setState((last) => ({ ...last, pending: true }));
    try {
      const answer = await act();
      setState({ pending: false, answer });
    } catch (error) {
      setState({ pending: false, problem: problemOf(error) });
    }
  };
  return { ...state, run, clear: () => setState({ pending: false }) };
}

/** For buttons: the key of the one whose action is under way; a refusal is a toast. */
export function useBusy<K = true>(): readonly [doing: K | undefined, busy: (what: K, act: () => Promise<unknown>) => Promise<void>] {
  const [doing, setDoing] = useState<K>();
  const busy = async (what: K, act: () => Promise<unknown>) => {
    setDoing(() => what);
    try {
      await act();
    } catch (error) {
      notifyProblem(problemOf(error));
    }
    setDoing(undefined);
  };
  return [doing, busy];
}
