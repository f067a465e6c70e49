// The deck’s actions on groups: each shows at once, asks first where it cannot be undone, and reports the result.
'use client';
import { createContext, useContext, useMemo } from 'react';
import type { GroupState } from '../../server/contract/derive.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { countText, durationText } from '../../server/contract/units.ts';
import { api, problemOf } from '../live/api.ts';
import { useWhyNotAct } from '../live/hooks.ts';
import { type Question, useQuestion } from '../ui/question.tsx';
import { notify, notifyProblem } from '../ui/toast.tsx';
import { measuresOf } from './measured.ts';
import type { Measures } from './measures.ts';
import { answered, ask, type Verb } from './pending.ts';
import { freezerText, killQuestion, removeQuestion, stillFreezing, whyNot } from './words.ts';

type Done<A> = ReadonlyArray<{ readonly path: string; readonly answer: A }>;

/** Requests at a time: a selection of hundreds must not starve the page’s other calls. */
const AT_ONCE = 6;

/** Refusals are reported. @returns what was done */
async function each<A>(
  paths: readonly string[],
  verb: Verb,
  call: (path: string) => Promise<A & { readonly state?: GroupState }>,
): Promise<Done<A>> {
  const done: Array<{ path: string; answer: A }> = [];
  const problems: Problem[] = [];
  for (const path of paths) ask(path, verb);
  const queue = [...paths];
  const work = async () => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      try {
        const answer = await call(path);
        answered(path, answer.state);
        done.push({ path, answer });
      } catch (error) {
        answered(path, undefined);
        problems.push(problemOf(error));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, paths.length) }, work));
  const [first] = problems;
  if (first) notifyProblem(paths.length === 1 ? first : { ...first, title: `${problems.length} of ${paths.length} were refused` });
  return done;
}

function groups(paths: readonly string[]): string {
  return paths.length === 1 ? (paths[0] ?? '') : `${paths.length} groups`;
}

/** The kernel’s report, and how long the slowest took. */
function reported(state: 'frozen' | 'thawed', done: Done<{ readonly tookMs: number }>): string {
  return `${freezerText(state, freezerOf(done))} after ${durationText(Math.max(...done.map(({ answer }) => answer.tookMs)))}.`;
}

function freezerOf(done: Done<unknown>): 1 | 2 | undefined {
  return measuresOf(done[0]?.path ?? '')?.freezer;
}

async function freeze(paths: readonly string[], undoable = true): Promise<void> {
  const done = await each(paths, 'freeze', (group) => api.freeze({ group }));
  if (done.length === 0) return;
  const still = done.some(({ answer }) => answer.state !== 'frozen');
  const names = done.map(({ path }) => path);
  notify({
    title: `${still ? 'Freezing' : 'Froze'} ${groups(names)}`,
    detail: still ? stillFreezing(freezerOf(done)) : reported('frozen', done),
    ...(undoable ? { undo: () => void thaw(names, false) } : {}),
  });
}

async function thaw(paths: readonly string[], undoable = true): Promise<void> {
  const done = await each(paths, 'thaw', (group) => api.thaw({ group }));
  if (done.length === 0) return;
  const names = done.map(({ path }) => path);
  const above = done.find(({ answer }) => answer.state !== 'thawed');
  const detail = above ? `${above.path} stays ${above.answer.state}: a group above it is frozen. Thaw that one.` : reported('thawed', done);
  notify({ title: `Thawed ${groups(names)}`, detail, ...(undoable ? { undo: () => void freeze(names, false) } : {}) });
}

async function kill(paths: readonly string[]): Promise<void> {
  const done = await each(paths, 'kill', (group) => api.kill({ group }));
  const count = done.reduce((sum, { answer }) => sum + answer.killed.length, 0);
  if (done.length > 0)
    notify({
      title: count === 0 ? 'There was no process to kill' : `Killed ${countText(count, 'process', 'processes')}`,
      detail: groups(done.map(({ path }) => path)),
    });
}

async function remove(path: string, killFirst: boolean): Promise<void> {
  const done = await each([path], 'remove', () => api.removeGroup({ path, kill: killFirst }));
  if (done.length > 0) notify({ title: `Removed ${path}` });
}

export type Actions = ReturnType<typeof useActions>;

export function useActions() {
  const question = useQuestion();
  const mayNotAct = useWhyNotAct();
  return useMemo(() => {
    /** Why this group cannot be acted on, in a sentence; undefined if it can. */
    const reason = (measures: Measures | undefined) => mayNotAct ?? whyNot(measures);
    // Groups that cannot be acted on are left out of a selection; a single one gets a message with the reason.
    const able = (paths: readonly string[]) => {
      const can = paths.filter((path) => reason(measuresOf(path)) === undefined);
      const first = paths[0];
      if (can.length === 0 && first !== undefined)
        notify({ title: `Nothing was done to ${groups(paths)}`, detail: reason(measuresOf(first)) ?? '' });
      return can;
    };
    const asked = async (words: Question, act: () => Promise<void>) => {
      if (await question(words)) await act();
    };
    const allMeasures = (paths: readonly string[]) => paths.flatMap((path) => measuresOf(path) ?? []);
    const withAble = (act: (can: readonly string[]) => void) => (paths: readonly string[]) => {
      const can = able(paths);
      if (can.length > 0) act(can);
    };
    return {
      reason,
      freeze: withAble((can) => void freeze(can)),
      thaw: withAble((can) => void thaw(can)),
      kill: withAble((can) => void asked(killQuestion(allMeasures(can)), () => kill(can))),
      remove: (path: string) => {
        const measures = measuresOf(path);
        if (able([path]).length === 0 || !measures) return;
        const tasks = (measures.tasks ?? measures.processes ?? 0) > 0;
        void asked(removeQuestion(measures), () => remove(path, tasks));
      },
    };
  }, [question, mayNotAct]);
}

export interface DeckActions {
  readonly actions: Actions;
  /** Opens the form for a new group below this one. */
  readonly create: (parent: string | undefined) => void;
}

export const DeckActionsContext = createContext<DeckActions | undefined>(undefined);

export function useDeckActions(): DeckActions {
  const actions = useContext(DeckActionsContext);
  if (!actions) throw new Error('useDeckActions is used outside the deck');
  return actions;
}
