// The one write that kills: v2 takes memory.max below usage and makes room by killing. The question before it.
import type { Problem } from '../../server/contract/problems.ts';
import type { SomeReadings } from '../../server/contract/readings.ts';
import { MAX, parseSize } from '../../server/contract/units.ts';
import type { SeenGroup } from '../live/seen.ts';
import type { Question } from '../ui/question-dialog.tsx';
import { sizeText } from './rail/size-text.ts';

interface Wanted {
  readonly group: SeenGroup;
  readonly file: string;
  readonly value: string | number;
}

const FILE = 'memory.max';

/** Asks where the group’s own readings show that the write would kill; the agent asks where they are too old for that. */
export function killsBefore({ group, file, value }: Wanted, readings: SomeReadings): Question | undefined {
  const usage = readings['memory.current'];
  const asked = parseSize(typeof value === 'string' ? value.trim() : value);
  if (file !== FILE || typeof usage !== 'number' || asked === undefined || asked === MAX || asked >= usage) return undefined;
  return {
    title: `Set ${file} to ${sizeText(asked)}, under the ${sizeText(usage)} in use?`,
    body: `cgroup v2 applies the limit at once. What it cannot reclaim of ${sizeText(usage - asked)} it frees by killing processes of ${group.path}. Unsaved work is lost.`,
    confirm: `Set ${sizeText(asked)}`,
  };
}

/** The agent’s refusal as a question: usage was higher than the page knew. */
export function killsAfterAll({ value }: Pick<Wanted, 'value'>, { detail }: Problem): Question {
  const asked = parseSize(value);
  const size = asked === undefined ? String(value) : sizeText(asked);
  return { title: `Set ${FILE} to ${size}, and let processes be killed?`, body: detail, confirm: `Set ${size}` };
}
