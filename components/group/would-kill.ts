// The one write that kills: v2 takes memory.max below usage and makes room by killing. The question before it, and the write.
import type { WriteAnswer } from '../../server/contract/answers.ts';
import type { Problem } from '../../server/contract/problems.ts';
import type { SomeReadings } from '../../server/contract/readings.ts';
import { MAX, parseSize } from '../../server/contract/units.ts';
import { api, problemOf } from '../live/api.ts';
import type { Ask, Question } from '../ui/question.tsx';
import { sizeText } from './rail/size-text.ts';

const FILE = 'memory.max';

export interface Wanted {
  readonly group: string;
  readonly file: string;
  readonly value: string | number;
}

/** Asks where the group’s own readings show that the write would kill; the agent asks where they are too old for that. */
export function killsBefore({ group, file, value }: Wanted, readings: SomeReadings): Question | undefined {
  const usage = readings['memory.current'];
  const asked = parseSize(typeof value === 'string' ? value.trim() : value);
  if (file !== FILE || typeof usage !== 'number' || asked === undefined || asked === MAX || asked >= usage) return undefined;
  return {
    title: `Set ${file} to ${sizeText(asked)}, under the ${sizeText(usage)} in use?`,
    body: `cgroup v2 applies the limit at once. What it cannot reclaim of ${sizeText(usage - asked)} it frees by killing processes of ${group}. Unsaved work is lost.`,
    confirm: `Set ${sizeText(asked)}`,
  };
}

/** The agent’s refusal as a question: usage was higher than the page knew. */
export function killsAfterAll({ value }: Wanted, { detail }: Problem): Question {
  const asked = parseSize(value);
  const size = asked === undefined ? String(value) : sizeText(asked);
  return { title: `Set ${FILE} to ${size}, and let processes be killed?`, body: detail, confirm: `Set ${size}` };
}

/**
 * Writes a control file, after asking if that would kill.
 * @param agreed it was asked about already
 * @returns undefined if the answer was no
 * @throws ProblemError for any other refusal
 */
export async function writeAsking(wanted: Wanted, ask: Ask, agreed: boolean): Promise<WriteAnswer | undefined> {
  const { group, file, value } = wanted;
  try {
    return await api.writeFile({ path: group, file, value, mayKill: agreed });
  } catch (error) {
    const problem = problemOf(error);
    if (agreed || problem.code !== 'would_kill') throw error;
    return (await ask(killsAfterAll(wanted, problem))) ? api.writeFile({ path: group, file, value, mayKill: true }) : undefined;
  }
}
