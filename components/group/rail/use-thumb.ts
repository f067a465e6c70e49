// A limit’s thumb on the group’s page: readings, moves, the question, the kernel’s answer.
'use client';
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { keyOn } from '../../../server/contract/quantities.ts';
import { MAX, parseSize } from '../../../server/contract/units.ts';
import { problemOf } from '../../live/api.ts';
import { aboutGroups, type SeenGroup } from '../../live/seen.ts';
import { type Ask, useQuestion } from '../../ui/question.tsx';
import { writeAsking } from '../write-asking.ts';
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
  readonly group: SeenGroup;
  /** A guard keeps the file at its own value: the one that is shown is not in it. */
  readonly guarded: boolean;
  readonly thumb: Thumb;
  readonly reading: Size | undefined;
  /** Changes with every frame, so that equal readings count too. */
  readonly seq: number;
  readonly facts: RailFacts;
}

interface Latest {
  facts: RailFacts;
  ask: Ask;
  guarded: boolean;
  /** The kernel’s value when the thumb was taken. */
  over?: string | undefined;
}

export function useThumb({ group: { path, inode }, guarded, thumb, reading, seq, facts }: ThumbOf) {
  const ask = useQuestion();
  const [store] = useState(() => createStore<ThumbState>(() => ({ ...initialThumb, kernel: reading })));
  const [latest] = useState<Latest>(() => ({ facts, ask, guarded }));
  const state = useStore(store);
  useEffect(() => {
    latest.facts = facts;
    latest.ask = ask;
    latest.guarded = guarded;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each frame is a reading, even of the same value
  useEffect(() => store.setState((last) => thumbReducer(last, { type: 'reading', value: reading })), [store, reading, seq]);

  const actions = useMemo(() => {
    const group = { path, inode };
    const dispatch = (action: ThumbAction) => store.setState((last) => thumbReducer(last, action));
    const write = async (asked: Size, agreed: boolean) => {
      const { version } = latest.facts;
      const wanted = { group, file: thumbFile(thumb, version), value: asked, replaces: latest.guarded ? undefined : latest.over };
      try {
        const answer = await writeAsking(wanted, latest.ask, agreed && version === 2);
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
      if (store.getState().phase === 'asking' && question) {
        const sure = await latest.ask({ ...question, about: aboutGroups([group]) });
        dispatch({ type: sure ? 'confirm' : 'cancel' });
      }
      if (store.getState().phase === 'pending') await write(asked, question !== undefined);
    };
    const take = () => {
      const { phase, kernel } = store.getState();
      if (phase === 'idle') latest.over = kernel === undefined ? undefined : String(kernel);
    };
    const move = (size: Size) => {
      take();
      dispatch({ type: 'move', size });
    };
    return {
      hold: () => {
        take();
        dispatch({ type: 'hold' });
      },
      move,
      apply,
      cancel: () => dispatch({ type: 'cancel' }),
      /** A typed value or an undo: as if the thumb had been moved there and released. @param replaces the value that an undo takes back */
      set: (size: Size, replaces?: string) => {
        move(size);
        if (replaces !== undefined) latest.over = replaces;
        return apply();
      },
    };
  }, [path, inode, thumb, store, latest]);

  const prediction = state.phase === 'held' && state.asked !== undefined ? predict(thumb, state.asked, facts) : undefined;
  return { state, size: shownSize(state), prediction, ...actions };
}
