// The guards and the groups that they match, read again when something happens to one and after each change.
'use client';
import { useState } from 'react';
import type { CallAnswer, CallInput } from '../../server/contract/calls.ts';
import type { EventKind } from '../../server/contract/events.ts';
import { type Answer, useAnswer } from '../group/use-answer.ts';
import { api } from '../live/api.ts';
import { useEvents } from '../live/hooks.ts';

const KINDS: ReadonlySet<EventKind> = new Set(['hold', 'decision', 'write']);
const EVERY_MS = 5000;

export type Guards = CallAnswer<'guards'>;

export interface GuardsNow extends Pick<Answer<Guards>, 'error'> {
  readonly guards: Guards | undefined;
  readonly set: (guard: CallInput<'setGuard'>) => Promise<void>;
  readonly remove: (pattern: string) => Promise<void>;
}

/** @param group whose events matter; all groups if undefined */
export function useGuards(group?: string): GuardsNow {
  const last = useEvents({ group, kinds: KINDS, limit: 1 })[0]?.id ?? 0;
  const { data, error, again } = useAnswer(`guards:${last}`, () => api.guards(), EVERY_MS);
  const [kept, setKept] = useState(data);
  if (data && data !== kept) setKept(data);
  const change = async (answer: Promise<Guards>) => {
    setKept(await answer);
    again();
  };
  return {
    guards: data ?? kept,
    error,
    set: (guard) => change(api.setGuard(guard)),
    remove: (pattern) => change(api.removeGuard({ pattern })),
  };
}
