// A decision about a held group: asked where it cannot be undone, sent once, and what came of it, also where somebody else was faster.
'use client';
import { useEffect, useRef } from 'react';
import type { HoldChoice } from '../../server/contract/guards.ts';
import { visible } from '../../server/contract/visible.mjs';
import { type Action, useAction } from '../frame/use-action.ts';
import { api, problemOf } from '../live/api.ts';
import { useQuestion } from '../ui/question.tsx';
import type { Question } from '../ui/question-dialog.tsx';
import { notifyProblem } from '../ui/toast.tsx';
import { foretellKill, foretellKillAll } from './foretell.ts';
import type { HeldGroup } from './held.ts';
import { heldNow } from './held-now.ts';
import { endWords } from './held-words.ts';

type Decided = Awaited<ReturnType<typeof api.decide>>;

export interface Deciding extends Pick<Action<Decided>, 'pending' | 'answer' | 'problem'> {
  readonly decide: (choice: HoldChoice) => Promise<void>;
}

function questionBefore(held: HeldGroup, choice: HoldChoice): Question | undefined {
  const { facts, group } = held;
  if (choice.do === 'kill') return { title: `Kill all of ${group}?`, body: foretellKillAll(held).sentence, confirm: 'Kill all' };
  if (choice.do !== 'killProcess') return undefined;
  const victim = facts.processes.find(({ pid }) => pid === choice.pid);
  if (!victim) return undefined;
  return {
    title: `Kill ${visible(victim.comm)}, pid ${victim.pid}?`,
    body: foretellKill(victim).sentence,
    confirm: `Kill ${visible(victim.comm)}`,
  };
}

export function useDecide(held: HeldGroup): Deciding {
  const ask = useQuestion();
  const { pending, answer, problem, run } = useAction<Decided>();
  const { end, group } = held;
  /** How it ended, for a question that is open meanwhile, and for an answer that comes late. */
  const ended = useRef(end);
  const isOpen = useRef(true);
  useEffect(() => {
    ended.current = end;
    isOpen.current = end === undefined;
    return () => {
      isOpen.current = false;
    };
  }, [end]);
  const fault = () => {
    if (heldNow.getState().waiting.get(group)?.id === held.id) return undefined;
    return `It was decided meanwhile.${ended.current ? ` ${endWords(ended.current)}` : ''}`;
  };
  const decide = async (choice: HoldChoice) => {
    const question = questionBefore(held, choice);
    if (question && !(await ask({ ...question, about: { watch: heldNow.subscribe, fault } }))) return;
    await run(async () => {
      try {
        return await api.decide({ hold: held.id, choice });
      } catch (error) {
        const refused = problemOf(error);
        // Its card is no longer there to show it.
        if (!isOpen.current || refused.code === 'conflict') notifyProblem({ ...refused, title: `Not carried out in ${group}` });
        throw error;
      }
    });
  };
  return { pending, answer, problem, decide };
}
