// The deck’s actions on groups: each shows at once, asks first where it cannot be undone, and reports the result.
'use client';
import { useMemo } from 'react';
import type { Problem } from '../../server/contract/problems.ts';
import { formatDuration, quantityText } from '../../server/contract/units.ts';
import { api, problemOf } from '../live/api.ts';
import { useWhyNotAct } from '../live/hooks.ts';
import { type Question, useQuestion } from '../ui/question.tsx';
import { notify, notifyProblem } from '../ui/toast.tsx';
import { measuresOf } from './measured.ts';
import type { Measures } from './measures.ts';
import { answered, ask, type Verb } from './pending.ts';
import { freezerText, killQuestion, removeQuestion, stillFreezing, whyNot } from './words.ts';

export interface Actions {
  readonly freeze: (paths: readonly string[]) => void;
  readonly thaw: (paths: readonly string[]) => void;
  readonly kill: (paths: readonly string[]) => void;
  readonly remove: (path: string) => void;
  /** Why this group cannot be acted on, in a sentence; undefined if it can. */
  readonly reason: (measures: Measures | undefined) => string | undefined;
}

interface Outcome<A> {
  readonly done: ReadonlyArray<{ readonly path: string; readonly answer: A }>;
  readonly problems: readonly Problem[];
}

/** Requests at a time: a selection of hundreds must not starve the page’s other calls. */
const AT_ONCE = 6;

async function each<A>(
  paths: readonly string[],
  verb: Verb,
  call: (path: string) => Promise<A>,
  seen: (answer: A) => Parameters<typeof answered>[1],
): Promise<Outcome<A>> {
  const done: Array<{ path: string; answer: A }> = [];
  const problems: Problem[] = [];
  for (const path of paths) ask(path, verb);
  const queue = [...paths];
  const work = async () => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      try {
        const answer = await call(path);
        answered(path, seen(answer));
        done.push({ path, answer });
      } catch (error) {
        answered(path, undefined);
        problems.push(problemOf(error));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, paths.length) }, work));
  return { done, problems };
}

function reportProblems({ problems, done }: Outcome<unknown>): void {
  const first = problems[0];
  if (!first) return;
  const all = problems.length + done.length;
  notifyProblem(all === 1 ? first : { ...first, title: `${problems.length} of ${all} were refused`, detail: first.detail });
}

function groups(paths: readonly string[]): string {
  return paths.length === 1 ? (paths[0] ?? '') : `${paths.length} groups`;
}

function took(ms: number): string {
  return quantityText(formatDuration(ms));
}

function freezerOf({ done }: Outcome<unknown>): 1 | 2 | undefined {
  return measuresOf(done[0]?.path ?? '')?.freezer;
}

async function freeze(paths: readonly string[], undoable = true): Promise<void> {
  const outcome = await each(
    paths,
    'freeze',
    (group) => api.freeze({ group }),
    (answer) => answer.state,
  );
  reportProblems(outcome);
  const { done } = outcome;
  if (done.length === 0) return;
  const still = done.filter(({ answer }) => answer.state !== 'frozen');
  const slowest = Math.max(...done.map(({ answer }) => answer.tookMs));
  const detail =
    still.length > 0 ? stillFreezing(freezerOf(outcome)) : `${freezerText('frozen', freezerOf(outcome))} after ${took(slowest)}.`;
  const names = done.map(({ path }) => path);
  notify({
    title: `${still.length > 0 ? 'Freezing' : 'Froze'} ${groups(names)}`,
    detail,
    ...(undoable ? { undo: () => void thaw(names, false) } : {}),
  });
}

async function thaw(paths: readonly string[], undoable = true): Promise<void> {
  const outcome = await each(
    paths,
    'thaw',
    (group) => api.thaw({ group }),
    (answer) => answer.state,
  );
  reportProblems(outcome);
  const { done } = outcome;
  if (done.length === 0) return;
  const names = done.map(({ path }) => path);
  const above = done.find(({ answer }) => answer.state !== 'thawed');
  const detail = above
    ? `${above.path} stays ${above.answer.state}: a group above it is frozen. Thaw that one.`
    : `${freezerText('thawed', freezerOf(outcome))} after ${took(Math.max(...done.map(({ answer }) => answer.tookMs)))}.`;
  notify({ title: `Thawed ${groups(names)}`, detail, ...(undoable ? { undo: () => void freeze(names, false) } : {}) });
}

async function kill(paths: readonly string[]): Promise<void> {
  const outcome = await each(
    paths,
    'kill',
    (group) => api.kill({ group }),
    () => undefined,
  );
  reportProblems(outcome);
  const count = outcome.done.reduce((sum, { answer }) => sum + answer.killed.length, 0);
  if (outcome.done.length > 0)
    notify({
      title: count === 0 ? 'There was no process to kill' : `Killed ${count === 1 ? '1 process' : `${count} processes`}`,
      detail: groups(outcome.done.map(({ path }) => path)),
    });
}

async function remove(path: string, killFirst: boolean): Promise<void> {
  const outcome = await each(
    [path],
    'remove',
    () => api.removeGroup({ path, kill: killFirst }),
    () => undefined,
  );
  reportProblems(outcome);
  if (outcome.done.length > 0) notify({ title: `Removed ${path}` });
}

export function useActions(): Actions {
  const question = useQuestion();
  const mayNotAct = useWhyNotAct();
  return useMemo(() => {
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
      remove: (path) => {
        const measures = measuresOf(path);
        if (able([path]).length === 0 || !measures) return;
        const tasks = (measures.tasks ?? measures.processes ?? 0) > 0;
        void asked(removeQuestion(measures), () => remove(path, tasks));
      },
    };
  }, [question, mayNotAct]);
}
