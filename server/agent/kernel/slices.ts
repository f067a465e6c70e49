// Long work in slices, so that events and ticks run in between.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work that takes longer than expected, on a slow machine, makes shorter slices. */
const SLICE_MS = 5;

/** Calls `work` for each item and yields to the event loop after `size` of them, or some ms; the collection may change meanwhile. */
export async function inSlices<T>(items: Iterable<T>, size: number, work: (item: T) => void): Promise<void> {
  let done = 0;
  let sinceMs = performance.now();
  for (const item of items) {
    work(item);
    if (++done < size && performance.now() - sinceMs < SLICE_MS) continue;
    await nextTurn();
    done = 0;
    sinceMs = performance.now();
  }
}
