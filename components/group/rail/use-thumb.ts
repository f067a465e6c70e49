// A limit’s thumb on the group’s page: readings, moves, the question, the kernel’s answer.
'use client';
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { keyOn } from '../../../server/contract/quantities.ts';
import { MAX, parseSize } from '../../../server/contract/units.ts';
import { problemOf } from '../../live/api.ts';
import { useQuestion } from '../../ui/question.tsx';
import { writeAsking } from '../would-kill.ts';
import type { RailFacts } from './facts.ts';
import { predict, questionBefore, type Thumb } from './prediction.ts';
import type { Size } from './scale.ts';
import { initialThumb, shownSize, type ThumbAction, type ThumbState, thumbReducer } from './thumb-state.ts';

/** The control file that a thumb moves. */
export function thumbFile(thumb: Thumb, version: 1 | 2): string {
  return keyOn(thumb === 'hard' ? 'memory-hard-limit' : 'memory-soft-limit', version) ?? '';
}

/** A size as the kernel wrote it; v1’s largest number is "max". */
export function kernelSize(text: string): Size {
  return parseSize(text.trim()) ?? MAX;
}

export type ThumbControl = ReturnType<typeof useThumb>;

export interface ThumbOf {
  readonly group: string;
  readonly thumb: Thumb;
  readonly reading: Size | undefined;
  /** Changes with every frame, so that equal readings count too. */
  readonly seq: number;
  readonly facts: RailFacts;
}

export function useThumb({ group, thumb, reading, seq, facts }: ThumbOf) {
  const ask = useQuestion();
  const [store] = useState(() => createStore<ThumbState>(() => ({ ...initialThumb, kernel: reading })));
  const [latest] = useState(() => ({ facts, ask }));
  const state = useStore(store);
  useEffect(() => {
    latest.facts = facts;
    latest.ask = ask;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each frame is a reading, even of the same value
  useEffect(() => store.setState((last) => thumbReducer(last, { type: 'reading', value: reading })), [store, reading, seq]);

  const actions = useMemo(() => {
    const dispatch = (action: ThumbAction) => store.setState((last) => thumbReducer(last, action));
    const write = async (asked: Size, agreed: boolean) => {
      const { version } = latest.facts;
      try {
        const answer = await writeAsking({ group, file: thumbFile(thumb, version), value: asked }, latest.ask, agreed && version === 2);
        dispatch(answer ? { type: 'answered', answer, value: kernelSize(answer.new) } : { type: 'left' });
      } catch (error) {
        dispatch({ type: 'refused', problem: problemOf(error) });
      }
    };
    const apply = async () => {
      const { asked, phase } = store.getState();
      // A write that is under way is not written twice.
      if (phase !== 'held' || asked === undefined) return;
      const question = questionBefore(thumb, asked, latest.facts);
      dispatch({ type: 'release', question });
      if (store.getState().phase === 'asking' && question) dispatch({ type: (await latest.ask(question)) ? 'confirm' : 'cancel' });
      if (store.getState().phase === 'pending') await write(asked, question !== undefined);
    };
    const move = (size: Size) => dispatch({ type: 'move', size });
    return {
      hold: () => dispatch({ type: 'hold' }),
      move,
      apply,
      cancel: () => dispatch({ type: 'cancel' }),
      /** A typed value or an undo: as if the thumb had been moved there and released. */
      set: (size: Size) => {
        move(size);
        return apply();
      },
    };
  }, [group, thumb, store, latest]);

  const prediction = state.phase === 'held' && state.asked !== undefined ? predict(thumb, state.asked, facts) : undefined;
  return { state, size: shownSize(state), prediction, ...actions };
}
