// What will happen if a memory limit moves, in sentences: said while the thumb is held, before anything is written.
import { MAX } from '../../../server/contract/units.ts';
import type { Size } from './scale.ts';
import { sizeText } from './size-text.ts';

export type Thumb = 'hard' | 'soft';

/** What is known about the group while a thumb moves; sizes in bytes. */
export interface RailFacts {
  readonly usageBytes: number;
  /** Page cache that the kernel can drop: inactive_file + active_file; undefined where memory.stat is not known. */
  readonly reclaimableBytes?: number | undefined;
  readonly hard: Size;
  readonly soft: Size;
  /** memory.memsw.limit_in_bytes; undefined where swap is not accounted. */
  readonly memsw?: Size | undefined;
  /** The tightest hard limit above the group, and whose it is; undefined where no ancestor has one. */
  readonly ancestor?: { readonly bytes: number; readonly group: string } | undefined;
  readonly memoryBytes: number;
  /** The machine's swap; undefined where it is not known. */
  readonly swapBytes?: number | undefined;
  /** How fast usage grows, in bytes per second. */
  readonly growthPerSec?: number | undefined;
  /** Whether tasks over the limit sleep instead of being killed. */
  readonly oomKillDisabled?: boolean | undefined;
}

export interface Prediction {
  /** calm: nothing happens at once; care: reclaim, or soon; danger: the kernel may refuse, or the group is about to hit the wall. */
  readonly tone: 'calm' | 'care' | 'danger';
  readonly sentence: string;
}

/** A new hard limit closer to usage than this part of it counts as "near". */
const NEAR = 0.1;

/** What the kernel will make of a thumb let go at `asked`. */
export function predict(thumb: Thumb, asked: Size, facts: RailFacts): Prediction {
  return thumb === 'hard' ? predictHard(asked, facts) : predictSoft(asked, facts);
}

function predictHard(asked: Size, facts: RailFacts): Prediction {
  const ancestor = facts.ancestor;
  if (asked === MAX) {
    const bound = ancestor
      ? `${ancestor.group} still binds at ${sizeText(ancestor.bytes)}.`
      : `only the machine’s ${sizeText(facts.memoryBytes)} bind.`;
    return { tone: 'calm', sentence: `No limit of its own: ${bound}${memswMoves(asked, facts)}` };
  }
  const first = asked < facts.usageBytes ? underUsage(asked, facts) : aboveUsage(asked, facts);
  return { tone: first.tone, sentence: `${first.sentence}${softHasNoSay(asked, facts)}${memswMoves(asked, facts)}` };
}

function underUsage(asked: number, facts: RailFacts): Prediction {
  const over = facts.usageBytes - asked;
  const start = `Under present usage: the kernel will try to reclaim ${sizeText(over)} at once`;
  const cache = facts.reclaimableBytes;
  if (cache === undefined) return { tone: 'danger', sentence: `${start}, and answers EBUSY if it cannot.` };
  if (cache >= over) return { tone: 'care', sentence: `${start}; ${sizeText(cache)} of page cache can go. EBUSY if it cannot.` };
  const part = cache > 0 ? `only ${sizeText(cache)} is page cache` : 'none of it is page cache';
  const rest =
    facts.swapBytes === 0 ? 'and there is no swap for the rest. Expect EBUSY' : 'the rest has to be swapped out. EBUSY if it cannot';
  return { tone: 'danger', sentence: `${start}: ${part}, ${rest}, and the limit stays as it is.` };
}

function aboveUsage(asked: number, facts: RailFacts): Prediction {
  const { ancestor, growthPerSec } = facts;
  if (ancestor && asked > ancestor.bytes)
    return { tone: 'calm', sentence: `Above the limit of ${ancestor.group}: its ${sizeText(ancestor.bytes)} bind first.` };
  if (asked > facts.memoryBytes)
    return { tone: 'calm', sentence: `More than the machine has (${sizeText(facts.memoryBytes)}): it never binds.` };
  const room = asked - facts.usageBytes;
  const near = room < facts.usageBytes * NEAR;
  const then = facts.oomKillDisabled ? 'then its tasks sleep until the limit is raised' : 'then reclaim, then an OOM kill';
  const when = growthPerSec && growthPerSec > 0 ? `, full in ${spanText(room / growthPerSec)} at +${sizeText(growthPerSec)}/s` : '';
  if (near) return { tone: 'care', sentence: `${sizeText(room)} above usage${when}: ${then}.` };
  return { tone: 'calm', sentence: `${sizeText(room)} of headroom${when}.` };
}

function predictSoft(asked: Size, facts: RailFacts): Prediction {
  if (asked === MAX) return { tone: 'calm', sentence: 'No soft limit: when memory runs short, this group is reclaimed like any other.' };
  if (facts.hard !== MAX && asked > facts.hard)
    return { tone: 'calm', sentence: `Above the hard limit of ${sizeText(facts.hard)}: it has no say.` };
  if (asked < facts.usageBytes) {
    return {
      tone: 'care',
      sentence: `Under present usage: nothing at once; when memory runs short, ${sizeText(facts.usageBytes - asked)} of this group is reclaimed first.`,
    };
  }
  return { tone: 'calm', sentence: `${sizeText(asked - facts.usageBytes)} above usage: a line to stay under, nothing is refused at it.` };
}

function softHasNoSay(asked: number, { soft }: RailFacts): string {
  return soft !== MAX && soft > asked ? ` The soft limit (${sizeText(soft)}) then lies above it and has no say.` : '';
}

/** The kernel wants memsw >= limit at every moment, so a raise takes memsw along, first. */
function memswMoves(asked: Size, { memsw }: RailFacts): string {
  if (memsw === undefined || memsw === MAX) return '';
  return asked === MAX || asked > memsw ? ` Memory + swap (${sizeText(memsw)}) is raised along with it.` : '';
}

/** A time to come, roughly: "40 s", "5 min", "3 h". */
export function spanText(seconds: number): string {
  if (seconds < 1) return 'under a second';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

export interface Question {
  readonly title: string;
  readonly body: string;
  readonly confirm: string;
}

/** What to ask before writing; undefined where nothing needs asking. Only a hard limit under present usage does. */
export function questionBefore(thumb: Thumb, asked: Size, facts: RailFacts): Question | undefined {
  if (thumb !== 'hard' || asked === MAX || asked >= facts.usageBytes) return undefined;
  return {
    title: `Set the hard limit to ${sizeText(asked)}, under the ${sizeText(facts.usageBytes)} in use?`,
    body: `${predictHard(asked, facts).sentence} From then on the group works against its wall: ${facts.oomKillDisabled ? 'tasks that need more sleep' : 'a task that needs more may be killed'}.`,
    confirm: `Set ${sizeText(asked)}`,
  };
}
