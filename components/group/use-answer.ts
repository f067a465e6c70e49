// An answer of the HTTP API as state: read at once, again on demand, and periodically while the page is visible.
'use client';
import { useCallback, useEffect, useEffectEvent, useState } from 'react';
import type { Problem } from '../../server/contract/problems.ts';
import { problemOf } from '../live/api.ts';

export interface Answer<T> {
  /** The last good answer; kept while a later one fails. */
  readonly data: T | undefined;
  readonly error: Problem | undefined;
  readonly loading: boolean;
  readonly again: () => void;
}

/** @param id a change reads again; undefined reads nothing */
export function useAnswer<T>(id: string | undefined, ask: () => Promise<T>, everyMs?: number): Answer<T> {
  const [state, setState] = useState<{ id: string | undefined; data?: T; error?: Problem }>({ id: undefined });
  const [round, setRound] = useState(0);
  const read = useEffectEvent(ask);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round reads again
  useEffect(() => {
    if (id === undefined) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const run = async () => {
      if (document.visibilityState === 'visible') {
        try {
          const data = await read();
          if (!over) setState({ id, data });
        } catch (error) {
          if (!over) setState((last) => ({ ...(last.id === id ? last : {}), id, error: problemOf(error) }));
        }
      }
      if (!over && everyMs !== undefined) timer = setTimeout(run, everyMs);
    };
    void run();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [id, everyMs, round]);
  const again = useCallback(() => setRound((last) => last + 1), []);
  const own = state.id === id;
  return { data: own ? state.data : undefined, error: own ? state.error : undefined, loading: id !== undefined && !own, again };
}
