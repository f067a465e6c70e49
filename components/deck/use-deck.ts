// The deck’s rows and counts from tick to tick; a tick renders nothing unless the order or a count changed.
'use client';
import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import { useGroupPaths } from '../live/hooks.ts';
import { type AttentionCounts, attentions, attentionWords } from './attention.ts';
import { compare } from './columns.ts';
import { deckView } from './deck-view.ts';
import { measuresOf, survey, watchMeasures, watchSurvey } from './measured.ts';
import type { Measures } from './measures.ts';
import { deckRows, type Row } from './tree.ts';

/** One group’s measures; renders again only when one of them changed. */
export function useMeasures(path: string): Measures | undefined {
  return useSyncExternalStore(
    watchMeasures,
    () => measuresOf(path),
    () => undefined,
  );
}

const sameCounts = (a: AttentionCounts | undefined, b: AttentionCounts | undefined) =>
  a === b || (a !== undefined && b !== undefined && attentions.every((attention) => a[attention] === b[attention]));

/** @returns undefined before the first readings */
export function useAttentionCounts(): AttentionCounts | undefined {
  const last = useRef<AttentionCounts>(undefined);
  return useSyncExternalStore(
    watchSurvey,
    () => {
      const { counts } = survey.getState();
      if (!sameCounts(last.current, counts)) last.current = counts;
      return last.current;
    },
    () => undefined,
  );
}

/** Rows keep their places while the pointer is over them or just after a key press, so that a press hits the intended one. */
const HOLD_AFTER_KEY_MS = 3000;

/** Held: the order waits for the pointer. */
export function useDeckRows() {
  const paths = useGroupPaths();
  const filter = useStore(deckView, (view) => view.filter);
  const attention = useStore(deckView, (view) => view.attention);
  const flat = useStore(deckView, (view) => view.flat);
  const sort = useStore(deckView, (view) => view.sort);
  const folded = useStore(deckView, (view) => view.cursor.folded);
  const pointing = useRef(false);
  const keyAtMs = useRef(Number.NEGATIVE_INFINITY);
  const moving = sort.by !== 'name' || attention !== undefined;
  // The order follows once all groups of a tick are measured.
  const seq = useStore(survey, (state) => (moving ? state.seq : undefined));
  const heldSeq = useRef(seq);
  const held = moving && (pointing.current || performance.now() - keyAtMs.current < HOLD_AFTER_KEY_MS);
  if (!held) heldSeq.current = seq;
  const at = heldSeq.current;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `at` is the tick whose values give the order
  const rows = useMemo(() => {
    const only =
      attention &&
      ((path: string) => {
        const measures = measuresOf(path);
        return measures !== undefined && attentionWords[attention].deserves(measures);
      });
    return deckRows(paths, { filter, only, flat, folded, compare: compare(sort, measuresOf) });
  }, [paths, filter, attention, flat, folded, sort, at]);
  const same = useSameRows(rows);
  const onPoint = useCallback((over: boolean) => {
    pointing.current = over;
  }, []);
  const onKey = useCallback(() => {
    keyAtMs.current = performance.now();
  }, []);
  return { rows: same, held, onPoint, onKey };
}

/** Rows that did not change keep their object, so that memoised rows are not rendered again. */
function useSameRows(rows: readonly Row[]): readonly Row[] {
  const last = useRef<ReadonlyMap<string, Row>>(new Map());
  return useMemo(() => {
    const kept = rows.map((row) => {
      const before = last.current.get(row.path);
      return before && (Object.keys(row) as Array<keyof Row>).every((key) => before[key] === row[key]) ? before : row;
    });
    last.current = new Map(kept.map((row) => [row.path, row]));
    return kept;
  }, [rows]);
}
