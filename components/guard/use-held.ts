// The held groups as React state: the list is read at the start, after each reconnect, and calmly again while a group is held.
'use client';
import { useEffect, useState } from 'react';
import type { EventKind } from '../../server/contract/events.ts';
import { api } from '../live/api.ts';
import { useConnection, useEvents, useTick } from '../live/hooks.ts';
import { live } from '../live/store.ts';
import { type HeldGroup, heldGroups, type Listed } from './held.ts';
import { keepHeld } from './held-now.ts';

const KINDS: ReadonlySet<EventKind> = new Set(['hold', 'decision']);
const EVERY_MS = 2000;
/** While something is being reclaimed. */
const PROGRESS_MS = 400;

export interface HeldNow {
  readonly held: readonly HeldGroup[];
  /** The agent’s wall clock of the last frame, ms: a browser’s may be wrong. */
  readonly now: number;
}

export function useHeld(): HeldNow {
  const { role, state } = useConnection();
  const now = useTick()?.timeMs ?? 0;
  const events = useEvents({ kinds: KINDS });
  const [listed, setListed] = useState<Listed>();
  const held = heldGroups(events, listed, now);
  const waits = held.some(({ end }) => end === undefined);
  useEffect(() => keepHeld(held));
  const connected = role !== undefined && state !== 'stale';
  useEffect(() => {
    // The hello message has where the log ends; before it there is nothing to compare the list with.
    if (!connected) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      const lastId = live.events.lastId ?? 0;
      setListed((last) => last ?? { lastId, holds: [] });
      const holds = await api.holds().then(
        (answer) => answer.holds,
        () => undefined,
      );
      if (over) return;
      if (holds) setListed({ lastId, holds });
      if (waits || holds === undefined)
        timer = setTimeout(() => void read(), holds?.some(({ reclaim }) => reclaim) ? PROGRESS_MS : EVERY_MS);
    };
    void read();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [connected, waits]);
  return { held, now };
}
