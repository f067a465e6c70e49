// A view of a page whose filters are in the URL.
'use client';
import { useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';

/** @param read and @param write have to be the same functions each time */
export function useUrlView<V>(
  page: string,
  read: (search: URLSearchParams) => V,
  write: (view: V) => string,
): readonly [V, (change: Partial<V>) => void] {
  const text = useSearchParams().toString();
  const view = useMemo(() => read(new URLSearchParams(text)), [text, read]);
  const change = useCallback(
    (part: Partial<V>) => {
      const now = read(new URLSearchParams(location.search));
      history.replaceState(null, '', `${page}${write({ ...now, ...part })}`);
    },
    [page, read, write],
  );
  return [view, change];
}
