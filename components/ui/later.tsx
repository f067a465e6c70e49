// Parts of a page that are not in its first view: each is loaded when it is first needed, and before that once the page is idle.
'use client';
import { type ComponentType, useEffect, useSyncExternalStore } from 'react';

/** Where the browser is never idle, as under load, or has no such call. */
const IDLE_MS = 1500;
/** The server may be away; what is shown without the part stays meanwhile. */
const AGAIN_MS = 2000;

export interface Later {
  /** Loads it when the browser is idle; once, however often it is called. */
  readonly prepare: () => void;
}

interface Options<P> {
  /** Shown until it is loaded, with the same props: something of the same size. */
  readonly Waiting?: ComponentType<P>;
  /** Whether it is to be seen: otherwise it can wait until the page is idle. */
  readonly isNeeded?: (props: P) => boolean;
}

export function later<P extends object>(
  load: () => Promise<ComponentType<P>>,
  { Waiting, isNeeded = () => true }: Options<P> = {},
): ComponentType<P> & Later {
  let Part: ComponentType<P> | undefined;
  let isLoading = false;
  const listeners = new Set<() => void>();
  const begin = () => {
    if (Part || isLoading) return;
    isLoading = true;
    load().then(
      (loaded) => {
        Part = loaded;
        for (const listener of listeners) listener();
      },
      () => {
        isLoading = false;
        if (listeners.size > 0) setTimeout(begin, AGAIN_MS);
      },
    );
  };
  const prepare = () => whenIdle(begin);
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  // One for each part, made at the module's level, where it is called.
  // biome-ignore lint/correctness/noComponentHookFactories: as above
  function Shown(props: P) {
    const Loaded = useSyncExternalStore(
      subscribe,
      () => Part,
      () => undefined,
    );
    const needed = isNeeded(props);
    useEffect(() => (needed ? begin() : prepare()), [needed]);
    return Loaded ? <Loaded {...props} /> : Waiting ? <Waiting {...props} /> : null;
  }
  return Object.assign(Shown, { prepare });
}

/** Calls back once the browser has nothing else to do. */
function whenIdle(callback: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(callback, { timeout: IDLE_MS });
  else setTimeout(callback, IDLE_MS);
}
