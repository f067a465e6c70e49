// The measures of every group at the present tick, computed once each, and only on demand.
import { heldNow, holdOver } from '../guard/held-now.ts';
import { live } from '../live/store.ts';
import { type Measures, measure, sameMeasures } from './measures.ts';

/** Counts the changes of which groups are held. */
let heldChanges = 0;
heldNow.subscribe(() => {
  heldChanges++;
});

const byPath = new Map<string, { version: string; measures: Measures }>();

function version(): string {
  const { tick, events } = live.state.getState();
  return `${tick?.seq ?? -1}:${events.at(-1)?.id ?? 0}:${heldChanges}`;
}

/** The same object as last time while nothing in it changed. */
export function measuresOf(path: string): Measures | undefined {
  const group = live.groups.get(path);
  if (!group) {
    byPath.delete(path);
    return undefined;
  }
  const now = version();
  const known = byPath.get(path);
  if (known?.version === now) return known.measures;
  const fresh = measure(group, {
    readingsOf: live.groups.readingsOf,
    spark: live.groups.spark(path),
    growthOf: live.groups.growthOf,
    trouble: live.troubles.of(path),
    hold: holdOver(path),
    nowMs: live.state.getState().tick?.timeMs ?? 0,
  });
  const measures = known && sameMeasures(known.measures, fresh) ? known.measures : fresh;
  byPath.set(path, { version: now, measures });
  return measures;
}

/** Forgets the groups that were removed, so that the maps do not grow for days. */
live.state.subscribe(({ paths }, before) => {
  if (paths === before.paths || byPath.size <= paths.length) return;
  const known = new Set(paths);
  for (const path of byPath.keys()) if (!known.has(path)) byPath.delete(path);
});

/** Calls back when measures may have changed: with every tick, when events arrive, and when other groups are held. */
export function watchMeasures(listener: () => void): () => void {
  const ends = [
    live.state.subscribe((state, before) => {
      if (state.tick !== before.tick || state.events !== before.events) listener();
    }),
    heldNow.subscribe(listener),
  ];
  return () => {
    for (const end of ends) end();
  };
}
