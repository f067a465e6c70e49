// The live store as React hooks; each renders again only when its own part changed.
'use client';
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Host } from '../../server/contract/answers.ts';
import { type Controller, splitControllers, versionOf } from '../../server/contract/controller.ts';
import type { Event, EventGap, EventKind } from '../../server/contract/events.ts';
import type { GroupEntry } from '../../server/contract/frame.ts';
import type { Readings } from '../../server/contract/readings.ts';
import type { GroupLive, Spark } from './group-live.ts';
import { type History, NO_HISTORY } from './history.ts';
import { type Connection, live, type Tick } from './store.ts';

export type { GroupLive } from './group-live.ts';
export type { History } from './history.ts';
export type { Connection, Tick } from './store.ts';

export function useConnection(): Connection {
  return useStore(live.state, (state) => state.connection);
}

/** The version of the server, if it is another than this page’s. */
export function useNewVersion(): string | undefined {
  return useStore(live.state, (state) => state.newVersion);
}

export function useHost(): Host | undefined {
  return useStore(live.state, (state) => state.host);
}

/** The version of a controller on this machine; v2 where none has it, since v1 gets nothing new. */
export function useMachineVersion(controller: Controller): 1 | 2 {
  const host = useHost();
  return versionOf(controller, host?.hierarchies ?? []) ?? 2;
}

/** The version that a group has of a controller; for one that it lacks, the machine’s. */
export function useVersionOf({ controllers }: Pick<GroupEntry, 'controllers'>): (controller: Controller) => 1 | 2 {
  const hierarchies = useHost()?.hierarchies;
  const own = controllers.join(' ');
  return useMemo(() => {
    const split = splitControllers(own.split(' '));
    return (controller) => versionOf(controller, split) ?? versionOf(controller, hierarchies ?? []) ?? 2;
  }, [own, hierarchies]);
}

export function useTick(): Tick | undefined {
  return useStore(live.state, (state) => state.tick);
}

/** All group paths, sorted; the same array until a group comes or goes. */
export function useGroupPaths(): readonly string[] {
  return useStore(live.state, (state) => state.paths);
}

export function useGroup(path: string): GroupLive | undefined {
  const subscribe = useCallback((listener: () => void) => live.groups.watch(path, listener), [path]);
  return useSyncExternalStore(
    subscribe,
    () => live.groups.get(path),
    () => undefined,
  );
}

/** The group that a page shows, with all its readings; the others have the summary (summary.ts). `isWhole`: they have come. */
export function useGroupInFull(path: string): { readonly group: GroupLive | undefined; readonly isWhole: boolean } {
  const subscribe = useCallback(
    (listener: () => void) => {
      const ends = [live.groups.watch(path, listener), live.detail.want(path)];
      return () => {
        for (const end of ends) end();
      };
    },
    [path],
  );
  const isWhole = useSyncExternalStore(
    subscribe,
    () => live.groups.isWhole(path),
    () => false,
  );
  return { group: useGroup(path), isWhole };
}

/** The summary of any group, for effectiveLimit; a new function with every tick, since any of them may have changed. */
export function useReadingsOf(): (path: string) => Readings | undefined {
  const seq = useStore(live.state, (state) => state.tick?.seq);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new tick must give a new function
  return useMemo(() => (path: string) => live.groups.readingsOf(path), [seq]);
}

/** The last minute of a group; read it during a render that a tick caused. */
export function useSpark(path: string): Spark | undefined {
  useEffect(() => live.backfill.want(path), [path]);
  useStore(live.state, (state) => state.tick?.seq);
  return live.groups.spark(path);
}

/** Ten minutes of the readings named by keys: from the agent's history first, then from the stream. */
export function useHistory(path: string, keys: readonly string[]): History {
  const id = keys.join('\n');
  const same = useMemo(() => id.split('\n'), [id]);
  const subscribe = useCallback((listener: () => void) => live.history.watch(path, same, listener), [path, same]);
  return useSyncExternalStore(
    subscribe,
    () => live.history.get(path, same),
    () => NO_HISTORY,
  );
}

export interface EventFilter {
  readonly group?: string | undefined;
  readonly kinds?: ReadonlySet<EventKind> | undefined;
  /** At most so many, the newest. */
  readonly limit?: number | undefined;
}

/** Newest last. */
export function useEvents({ group, kinds, limit }: EventFilter = {}): readonly Event[] {
  const events = useStore(live.state, (state) => state.events);
  return useMemo(() => {
    const all = group === undefined && kinds === undefined;
    const wanted = all
      ? events
      : events.filter((event) => (group === undefined || event.group === group) && (kinds === undefined || kinds.has(event.kind)));
    return limit === undefined || wanted.length <= limit ? wanted : wanted.slice(-limit);
  }, [events, group, kinds, limit]);
}

/** Oldest first: events that are missing from the log. */
export function useEventGaps(): readonly EventGap[] {
  return useStore(live.state, (state) => state.gaps);
}

/** Up to this id only the gravest events are here; 0: all. */
export function useDroppedId(): number {
  return useStore(live.state, (state) => state.droppedId);
}

/** Whether the log from before the page was opened has arrived. */
export function useEventsLoaded(): boolean {
  return useStore(live.state, (state) => state.eventsLoaded);
}

/** Why this person may not act, in a sentence; undefined if they may. */
export function useWhyNotAct(): string | undefined {
  const { role, state } = useConnection();
  if (role === 'viewer') return 'You are logged in as a viewer, who cannot change anything.';
  return state === 'stale'
    ? 'Not connected: the readings are stale, so nothing can be changed from here until the connection is back.'
    : undefined;
}
