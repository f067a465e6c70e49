// Writes a control file for a person: asks where that would kill, and where the file has another value than the one that was shown.
import type { WriteAnswer } from '../../server/contract/answers.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { api, problemOf } from '../live/api.ts';
import { aboutGroups, type SeenGroup } from '../live/seen.ts';
import type { Ask } from '../ui/question.tsx';
import type { Question } from '../ui/question-dialog.tsx';
import { killsAfterAll } from './would-kill.ts';

export interface Wanted {
  readonly group: SeenGroup;
  readonly file: string;
  readonly value: string | number;
  /** What was shown of the file when the value was chosen: its text, or the part that the value sets; left out where the page shows another value. */
  readonly replaces?: string | undefined;
}

/** Somebody else has written to the file meanwhile: both values, and a question. */
export function changedQuestion({ group, file, value, replaces = '' }: Wanted, problem: Problem): Question {
  const [now, was, wanted] = [problem.now ?? '', problem.asked ?? replaces, String(value)].map(inLine);
  return {
    title: `Set ${file} to ${wanted} all the same?`,
    body: `It is ${now} now, no longer ${was}: it was changed by somebody else, or by the kernel. ${group.path} keeps ${now} unless you set ${wanted}.`,
    confirm: `Replace ${now}`,
    danger: false,
  };
}

function inLine(text: string): string {
  return text.trim().replaceAll('\n', ', ') || 'empty';
}

/**
 * @param agreed it was asked about a kill already
 * @returns undefined if an answer was no
 * @throws ProblemError for any other refusal
 */
export async function writeAsking(wanted: Wanted, ask: Ask, agreed = false): Promise<WriteAnswer | undefined> {
  const { group, file, value } = wanted;
  const { path, inode } = group;
  let { replaces } = wanted;
  let mayKill = agreed;
  for (;;) {
    try {
      return await api.writeFile({ path, inode, file, value, mayKill, ...(replaces === undefined ? {} : { replaces }) });
    } catch (error) {
      const problem = problemOf(error);
      const changed = problem.code === 'changed' && problem.now !== undefined;
      if (!changed && (mayKill || problem.code !== 'would_kill')) throw error;
      const question = changed ? changedQuestion({ ...wanted, replaces }, problem) : killsAfterAll(wanted, problem);
      if (!(await ask({ ...question, about: aboutGroups([group]) }))) return undefined;
      if (changed) replaces = problem.now;
      else mayKill = true;
    }
  }
}
