// Writes a control file for a person: asks where that would kill, and where the file has another value than the one that was shown.
import type { WriteAnswer } from '../../server/contract/answers.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { api, problemOf } from '../live/api.ts';
import { aboutGroups, type SeenGroup } from '../live/seen.ts';
import type { Ask, Question } from '../ui/question.tsx';
import { killsAfterAll } from './would-kill.ts';

export interface Wanted {
  readonly group: SeenGroup;
  readonly file: string;
  readonly value: string | number;
  /** The text or reading that was shown when the value was chosen; left out where the page shows it in another form. */
  readonly replaces?: string | undefined;
}

/** Somebody else has written to the file meanwhile: both values, and a question. */
export function changedQuestion({ group, file, value, replaces = '' }: Wanted, { now = '' }: Problem): Question {
  return {
    title: `Set ${file} to ${String(value).trim()} all the same?`,
    body: `It is ${now} now, no longer ${replaces.trim()}: it was changed by somebody else, or by the kernel. ${group.path} keeps ${now} unless you set ${String(value).trim()}.`,
    confirm: `Replace ${now}`,
    danger: false,
  };
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
