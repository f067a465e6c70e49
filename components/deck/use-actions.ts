// The deck’s actions on groups: each shows at once, asks first where it cannot be undone, and reports the result.
'use client';
import { createContext, useContext, useMemo } from 'react';
import type { GroupState } from '../../server/contract/derive.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { countText, durationText } from '../../server/contract/units.ts';
import { api, problemOf } from '../live/api.ts';
import { useWhyNotAct } from '../live/hooks.ts';
import { aboutGroups, type SeenGroup } from '../live/seen.ts';
import { useQuestion } from '../ui/question.tsx';
import type { Question } from '../ui/question-dialog.tsx';
import { notify, notifyProblem } from '../ui/toast.tsx';
import { measuresOf } from './measured.ts';
import type { Measures } from './measures.ts';
import { answered, ask, isPending, type Verb } from './pending.ts';
import { freezerText, killQuestion, removeQuestion, stillFreezing, whyNot } from './words.ts';

type Done<A> = ReadonlyArray<{ readonly group: SeenGroup; readonly answer: A }>;

/** Requests at a time: a selection of hundreds must not starve the page’s other calls. */
const AT_ONCE = 6;

/** Refusals are reported. @returns what was done */
async function each<A>(
  groups: readonly SeenGroup[],
  verb: Verb,
  call: (group: SeenGroup) => Promise<A & { readonly state?: GroupState }>,
): Promise<Done<A>> {
  const done: Array<{ group: SeenGroup; answer: A }> = [];
  const problems: Problem[] = [];
  for (const { path } of groups) ask(path, verb);
  const queue = [...groups];
  const work = async () => {
    for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
      try {
        const answer = await call(group);
        answered(group.path, answer.state);
        done.push({ group, answer });
      } catch (error) {
        answered(group.path, undefined);
        problems.push(problemOf(error));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, groups.length) }, work));
  const [first] = problems;
  if (first) notifyProblem(groups.length === 1 ? first : { ...first, title: `${problems.length} of ${groups.length} were refused` });
  return done;
}

function named(groups: ReadonlyArray<Pick<SeenGroup, 'path'>>): string {
  return groups.length === 1 ? (groups[0]?.path ?? '') : `${groups.length} groups`;
}

/** The kernel’s report, and how long the slowest took. */
function reported(state: 'frozen' | 'thawed', done: Done<{ readonly tookMs: number }>): string {
  return `${freezerText(state, freezerOf(done))} after ${durationText(Math.max(...done.map(({ answer }) => answer.tookMs)))}.`;
}

function freezerOf(done: Done<unknown>): 1 | 2 | undefined {
  return measuresOf(done[0]?.group.path ?? '')?.freezer;
}

async function freeze(groups: readonly SeenGroup[], undoable = true): Promise<void> {
  const done = await each(groups, 'freeze', ({ path, inode }) => api.freeze({ group: path, inode }));
  if (done.length === 0) return;
  const still = done.some(({ answer }) => answer.state !== 'frozen');
  const frozen = done.map(({ group }) => group);
  notify({
    title: `${still ? 'Freezing' : 'Froze'} ${named(frozen)}`,
    detail: still ? stillFreezing(freezerOf(done)) : reported('frozen', done),
    ...(undoable ? { undo: () => void thaw(frozen, false) } : {}),
  });
}

async function thaw(groups: readonly SeenGroup[], undoable = true): Promise<void> {
  const done = await each(groups, 'thaw', ({ path, inode }) => api.thaw({ group: path, inode }));
  if (done.length === 0) return;
  const thawed = done.map(({ group }) => group);
  const above = done.find(({ answer }) => answer.state !== 'thawed');
  const detail = above
    ? `${above.group.path} stays ${above.answer.state}: a group above it is frozen. Thaw that one.`
    : reported('thawed', done);
  notify({ title: `Thawed ${named(thawed)}`, detail, ...(undoable ? { undo: () => void freeze(thawed, false) } : {}) });
}

async function kill(groups: readonly SeenGroup[]): Promise<void> {
  const done = await each(groups, 'kill', ({ path, inode }) => api.kill({ group: path, inode }));
  const count = done.reduce((sum, { answer }) => sum + answer.killed.length, 0);
  if (done.length > 0)
    notify({
      title: count === 0 ? 'There was no process to kill' : `Killed ${countText(count, 'process', 'processes')}`,
      detail: named(done.map(({ group }) => group)),
    });
}

async function remove({ path, inode }: SeenGroup, killFirst: boolean): Promise<void> {
  const done = await each([{ path, inode }], 'remove', () => api.removeGroup({ path, inode, kill: killFirst }));
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
    const able = (paths: readonly string[], verb: Verb) => {
      const can = paths.flatMap((path) => {
        const measures = measuresOf(path);
        return measures && reason(measures) === undefined && !isPending(path, verb) ? [measures] : [];
      });
      const first = paths.find((path) => !isPending(path, verb));
      if (can.length === 0 && first !== undefined)
        notify({ title: `Nothing was done to ${named(paths.map((path) => ({ path })))}`, detail: reason(measuresOf(first)) ?? '' });
      return can;
    };
    const asked = async (words: Question, groups: readonly SeenGroup[], act: () => Promise<void>) => {
      if (await question({ ...words, about: aboutGroups(groups) })) await act();
    };
    const withAble = (verb: Verb, act: (can: readonly Measures[]) => void) => (paths: readonly string[]) => {
      const can = able(paths, verb);
      if (can.length > 0) act(can);
    };
    return {
      reason,
      freeze: withAble('freeze', (can) => void freeze(can)),
      thaw: withAble('thaw', (can) => void thaw(can)),
      kill: withAble('kill', (can) => void asked(killQuestion(can), can, () => kill(can))),
      remove: (path: string) => {
        const [measures] = able([path], 'remove');
        if (!measures) return;
        const tasks = (measures.tasks ?? measures.processes ?? 0) > 0;
        void asked(removeQuestion(measures), [measures], () => remove(measures, tasks));
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
