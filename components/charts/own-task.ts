// Spreads the rendering of a page’s charts: each has a task of its own, and one outside the screen waits.
'use client';
import { type RefCallback, useCallback, useEffect, useState } from 'react';

/** The time between the charts of one tick, so that input gets in between; all of them fit well within the shortest tick (100 ms). */
const APART_MS = 12;
/** Rendered a little before it scrolls into view. */
const AHEAD = '160px';

/** The latest value, passed on in a task of its own; while `on` is false the last one stays. */
export function useOwnTask<T>(value: T, slot: number, on: boolean): T {
  const [shown, setShown] = useState(value);
  useEffect(() => {
    if (!on) return;
    const timer = setTimeout(() => setShown(value), slot * APART_MS);
    return () => clearTimeout(timer);
  }, [value, slot, on]);
  return shown;
}

/** Whether an element is on the screen, or nearly. */
export function useInView<E extends HTMLElement>(): { readonly ref: RefCallback<E>; readonly inView: boolean } {
  const [inView, setInView] = useState(false);
  const ref = useCallback((element: E | null) => {
    if (!element) return;
    const observer = new IntersectionObserver((entries) => setInView(entries.at(-1)?.isIntersecting ?? false), { rootMargin: AHEAD });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, inView };
}
