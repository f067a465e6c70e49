// A small choice that the browser stores, such as whether the tape is folded.
'use client';
import { useCallback, useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param onServer the value for the first paint, and until one was chosen */
export function useRemembered<V extends string>(key: string, values: readonly V[], onServer: V): [V, (value: V) => void] {
  const stored = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => read(key),
    () => null,
  );
  const remember = useCallback(
    (value: V) => {
      try {
        localStorage.setItem(key, value);
      } catch {
        // Without storage the default is used next time.
      }
      for (const listener of [...listeners]) listener();
    },
    [key],
  );
  return [values.find((value) => value === stored) ?? onServer, remember];
}
