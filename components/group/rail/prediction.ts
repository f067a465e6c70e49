// What will happen if a memory limit moves, in sentences shown while the thumb is held, before anything is written.
import { MAX } from '../../../server/contract/units.ts';
import type { Question } from '../../ui/question-dialog.tsx';
import type { RailFacts } from './facts.ts';
import type { Size } from './scale.ts';
import { sizeText } from './size-text.ts';

export type Thumb = 'hard' | 'soft';

export interface Prediction {
  /** calm: nothing happens at once; care: reclaim, or soon; danger: the kernel may refuse, or processes are about to be killed. */
  readonly tone: 'calm' | 'care' | 'danger';
  readonly sentence: string;
}

/** A new hard limit counts as near if it is above usage by less than this part of it. */
const NEAR = 0.1;

/** The effect of releasing a thumb at `asked`. */
export function predict(thumb: Thumb, asked: Size, facts: RailFacts): Prediction {
  if (thumb === 'hard') return predictHard(asked, facts);
  return facts.version === 1 ? predictHint(asked, facts) : predictThrottle(asked, facts);
}

function predictHard(asked: Size, facts: RailFacts): Prediction {
  const ancestor = facts.ancestor;
  if (asked === MAX) {
    const bound = ancestor
      ? `${ancestor.group} still limits it to ${sizeText(ancestor.bytes)}.`
      : `only the machine’s ${sizeText(facts.memoryBytes)} limit it.`;
    return { tone: 'calm', sentence: `No limit of its own: ${bound}${memswMoves(asked, facts)}` };
  }
  const first = asked < facts.usageBytes ? underUsage(asked, facts) : aboveUsage(asked, facts);
  return { tone: first.tone, sentence: `${first.sentence}${softWithoutEffect(asked, facts)}${memswMoves(asked, facts)}` };
}

function underUsage(asked: number, facts: RailFacts): Prediction {
  return facts.version === 1 ? refusedUnderUsage(asked, facts) : killedUnderUsage(asked, facts);
}

function refusedUnderUsage(asked: number, facts: RailFacts): Prediction {
  const over = facts.usageBytes - asked;
  const start = `Below usage: the kernel will try to reclaim ${sizeText(over)} at once`;
  const cache = facts.reclaimableBytes;
  if (cache === undefined) return { tone: 'danger', sentence: `${start}, and answers EBUSY if it cannot.` };
  if (cache >= over) return { tone: 'care', sentence: `${start}; ${sizeText(cache)} of page cache can be freed. EBUSY if it cannot.` };
  const part = cache > 0 ? `only ${sizeText(cache)} is page cache` : 'none of it is page cache';
  const rest =
    facts.swapBytes === 0 ? 'and there is no swap for the rest. Expect EBUSY' : 'the rest has to be swapped out. EBUSY if it cannot';
  return { tone: 'danger', sentence: `${start}: ${part}, ${rest}; the limit then does not change.` };
}

/** v2 takes any limit, and makes room for it (cgroup-v2.rst, memory.max). */
function killedUnderUsage(asked: number, facts: RailFacts): Prediction {
  const over = facts.usageBytes - asked;
  const start = `Below usage: the limit applies at once, and the kernel reclaims ${sizeText(over)}`;
  const kills = `kills ${facts.oomWholeGroup ? 'all processes' : 'processes'} of the group`;
  const cache = facts.reclaimableBytes;
  if (cache === undefined) return { tone: 'danger', sentence: `${start}, or ${kills} until the rest fits.` };
  if (cache >= over) return { tone: 'care', sentence: `${start}; ${sizeText(cache)} of cache can be freed. If that fails, it ${kills}.` };
  const part = cache > 0 ? `only ${sizeText(cache)} of it is cache` : 'none of it is cache';
  const room = facts.swapRoomBytes;
  if (room === undefined || room >= over - cache)
    return { tone: 'danger', sentence: `${start}: ${part}, and the rest has to be swapped out. If that fails, it ${kills}.` };
  const rest = room > 0 ? `and only ${sizeText(room)} of the rest can be swapped out` : 'and there is no swap for the rest';
  return { tone: 'danger', sentence: `${start}: ${part}, ${rest}. It ${kills} until what is left fits.` };
}

function aboveUsage(asked: number, facts: RailFacts): Prediction {
  const { ancestor, growthPerSec } = facts;
  if (ancestor && asked > ancestor.bytes)
    return { tone: 'calm', sentence: `Limited first by ${sizeText(ancestor.bytes)} on ${ancestor.group}.` };
  if (asked > facts.memoryBytes)
    return { tone: 'calm', sentence: `No effect: more than the machine has (${sizeText(facts.memoryBytes)}).` };
  const room = asked - facts.usageBytes;
  const near = room < facts.usageBytes * NEAR;
  const when = growthPerSec && growthPerSec > 0 ? `, full in ${spanText(room / growthPerSec)} at +${sizeText(growthPerSec)}/s` : '';
  if (near) return { tone: 'care', sentence: `${sizeText(room)} above usage${when}: ${atTheLimit(facts)}.` };
  return { tone: 'calm', sentence: `${sizeText(room)} of headroom${when}.` };
}

function atTheLimit({ oomKillDisabled, oomWholeGroup }: RailFacts): string {
  if (oomKillDisabled) return 'then its tasks wait until the limit is raised';
  return oomWholeGroup ? 'then reclaim, then an OOM kill of the whole group' : 'then reclaim, then an OOM kill';
}

/** v1's soft limit: a hint for when the machine runs short. */
function predictHint(asked: Size, facts: RailFacts): Prediction {
  if (asked === MAX) return { tone: 'calm', sentence: 'No soft limit: when memory runs short, this group is reclaimed like any other.' };
  if (facts.hard !== MAX && asked > facts.hard)
    return { tone: 'calm', sentence: `No effect: higher than the hard limit (${sizeText(facts.hard)}).` };
  if (asked < facts.usageBytes) {
    return {
      tone: 'care',
      sentence: `Below usage: no effect now; when memory runs short, ${sizeText(facts.usageBytes - asked)} of this group is reclaimed first.`,
    };
  }
  return { tone: 'calm', sentence: `${sizeText(asked - facts.usageBytes)} above usage: a target, at which nothing is refused.` };
}

/** v2’s memory.high: above it the group is slowed down and made to reclaim, even if memory is not short. */
function predictThrottle(asked: Size, facts: RailFacts): Prediction {
  if (asked === MAX) return { tone: 'calm', sentence: `No soft limit: nothing slows the group down before it is full.` };
  if (facts.hard !== MAX && asked > facts.hard)
    return { tone: 'calm', sentence: `No effect: higher than the hard limit (${sizeText(facts.hard)}).` };
  if (asked < facts.usageBytes) return throttledNow(asked, facts);
  const room = asked - facts.usageBytes;
  const { growthPerSec } = facts;
  const when = growthPerSec && growthPerSec > 0 ? `, reached in ${spanText(room / growthPerSec)} at +${sizeText(growthPerSec)}/s` : '';
  return {
    tone: 'calm',
    sentence: `${sizeText(room)} above usage${when}: from there the group is slowed down and made to reclaim, not killed.`,
  };
}

function throttledNow(asked: number, facts: RailFacts): Prediction {
  const over = facts.usageBytes - asked;
  const start = `Below usage: the group has to reclaim ${sizeText(over)} at once`;
  const { reclaimableBytes: cache, swapRoomBytes: room } = facts;
  const canGo = cache === undefined || room === undefined ? Number.POSITIVE_INFINITY : cache + room;
  const end =
    canGo < over
      ? `, of which ${canGo > 0 ? `only ${sizeText(canGo)}` : 'nothing'} can be freed: usage stays above the limit, and tasks that allocate almost stop. Nothing is killed.`
      : ', and is slowed down while it is above the limit. Nothing is killed.';
  return { tone: 'care', sentence: `${start}${end}` };
}

function softWithoutEffect(asked: number, { soft }: RailFacts): string {
  return soft !== MAX && soft > asked ? ` The soft limit (${sizeText(soft)}) is then higher and has no effect.` : '';
}

/** The kernel requires memsw >= limit at every moment, so a raise of the limit raises memsw first. */
function memswMoves(asked: Size, { memsw }: RailFacts): string {
  if (memsw === undefined || memsw === MAX) return '';
  return asked === MAX || asked > memsw ? ` Memory + swap (${sizeText(memsw)}) is raised too.` : '';
}

/** A rough time: "40 s", "5 min", "3 h". */
export function spanText(seconds: number): string {
  if (seconds < 1) return 'under a second';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** What to ask before writing, or undefined. Only a hard limit below usage needs it. */
export function questionBefore(thumb: Thumb, asked: Size, facts: RailFacts): Question | undefined {
  if (thumb !== 'hard' || asked === MAX || asked >= facts.usageBytes) return undefined;
  const title = `Set the hard limit to ${sizeText(asked)}, under the ${sizeText(facts.usageBytes)} in use?`;
  const confirm = `Set ${sizeText(asked)}`;
  if (facts.version === 2) {
    const { sentence } = killedUnderUsage(asked, facts);
    return { title, body: `cgroup v2 never refuses memory.max. ${sentence} Unsaved work is lost.`, confirm };
  }
  const { sentence } = predictHard(asked, facts);
  const then = facts.oomKillDisabled ? 'tasks that need more memory wait' : 'a task that needs more memory may be killed';
  return { title, body: `${sentence} After that the group has no room: ${then}.`, confirm };
}
