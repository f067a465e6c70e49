// Long work in slices: events and ticks have their turn in between.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Works through the items, which may become more or fewer meanwhile, and gives way after each `size` of them. */
export async function inSlices<T>(items: Iterable<T>, size: number, work: (item: T) => void): Promise<void> {
  let done = 0;
  for (const item of items) {
    work(item);
    if (++done % size === 0) await nextTurn();
  }
}
