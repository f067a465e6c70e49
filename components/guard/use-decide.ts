// A decision about a held group: asked where it cannot be undone, sent once, and what came of it.
'use client';
import type { HoldChoice } from '../../server/contract/guards.ts';
import { visible } from '../../server/contract/visible.mjs';
import { type Action, useAction } from '../frame/use-action.ts';
import { api } from '../live/api.ts';
import { type Question, useQuestion } from '../ui/question.tsx';
import { foretellKill, foretellKillAll } from './foretell.ts';
import type { HeldGroup } from './held.ts';

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
  const decide = async (choice: HoldChoice) => {
    const question = questionBefore(held, choice);
    if (question && !(await ask(question))) return;
    await run(() => api.decide({ hold: held.id, choice }));
  };
  return { pending, answer, problem, decide };
}
