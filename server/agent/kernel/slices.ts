// Long work in slices, so that events and ticks run in between.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Calls `work` for each item and yields to the event loop after every `size` of them; the collection may change meanwhile. */
export async function inSlices<T>(items: Iterable<T>, size: number, work: (item: T) => void): Promise<void> {
  let done = 0;
  for (const item of items) {
    work(item);
    if (++done % size === 0) await nextTurn();
  }
}
