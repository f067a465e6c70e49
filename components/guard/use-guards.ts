// The guards and the groups that they match, read again when something happens to one and after each change.
'use client';
import { useState } from 'react';
import type { CallAnswer } from '../../server/contract/calls.ts';
import type { EventKind } from '../../server/contract/events.ts';
import { planWords } from '../../server/contract/guard-words.ts';
import type { GuardPlan } from '../../server/contract/guards.ts';
import { type Answer, useAnswer } from '../group/use-answer.ts';
import { whileChanged } from '../group/while-changed.ts';
import { api } from '../live/api.ts';
import { useEvents } from '../live/hooks.ts';
import { useQuestion } from '../ui/question.tsx';

const KINDS: ReadonlySet<EventKind> = new Set(['hold', 'decision', 'write']);
const EVERY_MS = 5000;

export type Guards = CallAnswer<'guards'>;

export interface GuardChange {
  readonly pattern: string;
  /** Undefined: the guard is removed. */
  readonly plan: GuardPlan | undefined;
  /** The plan that was shown for this pattern; undefined for none. */
  readonly seen: GuardPlan | undefined;
}

export interface GuardsNow extends Pick<Answer<Guards>, 'error'> {
  readonly guards: Guards | undefined;
  /** Asks where the pattern has another plan by now than was shown. @returns false if the answer was no @throws ProblemError */
  readonly change: (guard: GuardChange) => Promise<boolean>;
}

/** @param group whose events matter; all groups if undefined */
export function useGuards(group?: string): GuardsNow {
  const last = useEvents({ group, kinds: KINDS, limit: 1 })[0]?.id ?? 0;
  const { data, error, again } = useAnswer(`guards:${last}`, () => api.guards(), EVERY_MS);
  const [kept, setKept] = useState(data);
  if (data && data !== kept) setKept(data);
  const ask = useQuestion();
  const change = async ({ pattern, plan, seen }: GuardChange) => {
    const changed = await whileChanged<GuardPlan | undefined, Guards>(
      {
        seen,
        write: (replaces) =>
          plan ? api.setGuard({ pattern, plan, replaces: replaces ?? null }) : api.removeGuard({ pattern, ...(replaces && { replaces }) }),
        read: async () => (await api.guards()).guards[pattern],
        question: (now) => ({
          title: `${plan ? 'Set' : 'Remove'} the guard of ${pattern} all the same?`,
          body: now
            ? `Somebody else has changed it meanwhile. It is now: ${planWords(now)}`
            : 'Somebody else has removed it meanwhile: it would be set again.',
          confirm: plan ? 'Replace their guard' : 'Remove the guard',
          danger: false,
        }),
      },
      ask,
    );
    if (changed) setKept(changed);
    again();
    return changed !== undefined;
  };
  return { guards: data ?? kept, error, change };
}
