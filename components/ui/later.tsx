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

/** @param Waiting shown until it is loaded, with the same props: something of the same size */
export function later<P extends object>(load: () => Promise<ComponentType<P>>, Waiting?: ComponentType<P>): ComponentType<P> & Later {
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
  function Shown(props: P) {
    const Loaded = useSyncExternalStore(
      subscribe,
      () => Part,
      () => undefined,
    );
    useEffect(begin, []);
    return Loaded ? <Loaded {...props} /> : Waiting ? <Waiting {...props} /> : null;
  }
  return Object.assign(Shown, { prepare });
}

/** Calls back once the browser has nothing else to do. */
function whenIdle(callback: () => void): void {
  if (typeof requestIdleCallback === 'function') requestIdleCallback(callback, { timeout: IDLE_MS });
  else setTimeout(callback, IDLE_MS);
}
