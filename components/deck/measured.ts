// The measures of every group at the present tick, computed once each, and only on demand.
import { createStore } from 'zustand/vanilla';
import { heldNow, holdOver } from '../guard/held-now.ts';
import { live } from '../live/store.ts';
import type { Trouble } from '../live/trouble.ts';
import { type AttentionCounts, countAttention } from './attention.ts';
import { type Measures, measure, sameMeasures } from './measures.ts';

/** Counts the changes of which groups are held. */
let heldChanges = 0;
heldNow.subscribe(() => {
  heldChanges++;
});

interface Known {
  readonly measures: Measures;
  /** What they were computed from; where all of it is the same, they are. */
  readonly seq: number | undefined;
  readonly heldChanges: number;
  readonly trouble: Trouble;
}

const byPath = new Map<string, Known>();

/** The same object as last time while nothing in it changed. */
export function measuresOf(path: string): Measures | undefined {
  const group = live.groups.get(path);
  if (!group) {
    byPath.delete(path);
    return undefined;
  }
  const { tick } = live.state.getState();
  const trouble = live.troubles.of(path);
  const known = byPath.get(path);
  if (known && known.seq === tick?.seq && known.heldChanges === heldChanges && known.trouble === trouble) return known.measures;
  const fresh = measure(group, {
    readingsOf: live.groups.readingsOf,
    spark: live.groups.spark(path),
    growthOf: live.groups.growthOf,
    trouble,
    hold: holdOver(path),
    nowMs: tick?.timeMs ?? 0,
  });
  const measures = known && sameMeasures(known.measures, fresh) ? known.measures : fresh;
  byPath.set(path, { measures, seq: tick?.seq, heldChanges, trouble });
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

/** All groups’ measures of one tick: which tick it was, and how many groups need a look. */
export const survey = createStore<{ readonly seq?: number; readonly counts?: AttentionCounts }>(() => ({}));

/** Thousands of groups are measured in slices, so that the page answers to a press in between. */
const SLICE_MS = 8;
let watchers = 0;
let isSurveying = false;

/** Keeps the survey going, with every tick. @returns ends it */
export function watchSurvey(listener: () => void): () => void {
  watchers++;
  const ends = [survey.subscribe(listener), live.state.subscribe((state, before) => state.tick !== before.tick && void surveyAll())];
  void surveyAll();
  return () => {
    watchers--;
    for (const end of ends) end();
  };
}

async function surveyAll(): Promise<void> {
  if (isSurveying) return;
  isSurveying = true;
  for (;;) {
    const { tick, paths } = live.state.getState();
    if (watchers === 0 || !tick || tick.seq === survey.getState().seq) break;
    const all: Measures[] = [];
    let untilMs = performance.now() + SLICE_MS;
    for (const path of paths) {
      const measures = path === '/' ? undefined : measuresOf(path);
      if (measures) all.push(measures);
      if (performance.now() < untilMs) continue;
      await new Promise((next) => setTimeout(next));
      untilMs = performance.now() + SLICE_MS;
    }
    survey.setState({ seq: tick.seq, counts: countAttention(all) });
  }
  isSurveying = false;
}
