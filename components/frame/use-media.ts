// Whether a media query matches, also after a change.
'use client';
import { useCallback, useSyncExternalStore } from 'react';

export function useMedia(query: string, onServer = false): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    [query],
  );
  return useSyncExternalStore(
    subscribe,
    () => matchMedia(query).matches,
    () => onServer,
  );
}

/** Narrower than the table needs. */
export function usePhone(): boolean {
  return useMedia('(max-width: 767px)');
}
