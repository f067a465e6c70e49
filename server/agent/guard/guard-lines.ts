// The line of a guard in bytes, as its plan, the limits and the kernel's version give it.
import type { GuardPlan, HoldFacts } from '../../contract/guards.ts';
import { bytesText, limitBytes, parseSize, partOf } from '../../contract/units.ts';
import type { GuardRecord } from './guard-record.ts';
import { roundDown } from './guarded-files.ts';
import { LIMIT, MEMSW } from './v1-mechanism.ts';

/** On v2 the kernel kills at the limit itself: a line has to be below it. On v1 its own line may be the limit. */
const HIGHEST_PART_V2 = 0.95;

export const NO_MEMSW_ON_V2 =
  'cgroup v2 has no limit on memory and swap together, only one on each: use a line on memory, which is met once swap is full, too.';
export const NO_SWAP_COUNTED =
  'This machine does not count swap by group, so there is no limit on memory and swap together: use a line on memory.';

/** @param of what the limit is on, if not memory. @returns the line in bytes, or why there can be none at present */
export function lineOf(line: NonNullable<GuardPlan['line']>, limit: HoldFacts['limit'], version: 1 | 2, of = ''): number | string {
  const part = partOf(line);
  if (part !== undefined) {
    if (limit.value === 'max') return `No limit${of} applies to it, so there is no ${line} of it: set a limit, or a line in bytes.`;
    return limit.value * (version === 2 ? Math.min(part, HIGHEST_PART_V2) : part);
  }
  const bytes = Number(parseSize(line));
  const highest = limit.value === 'max' ? Number.POSITIVE_INFINITY : version === 2 ? limit.value - 1 : limit.value;
  return bytes <= highest
    ? bytes
    : `The line (${bytesText(bytes)}) is not below the limit${of} of ${bytesText(Number(limit.value))}${limit.group === '/' ? '' : ` of ${limit.group}`}: the kernel would act first.`;
}

/** @param limit undefined where the machine has no such limit */
export function memswLineOf(line: NonNullable<GuardPlan['line']>, limit: HoldFacts['limit'] | undefined, version: 1 | 2): number | string {
  if (version === 2) return NO_MEMSW_ON_V2;
  return limit === undefined ? NO_SWAP_COUNTED : lineOf(line, limit, 1, ' on memory and swap');
}

/** Where a plan's lines are now; and for each that cannot be, why. */
export interface Lines {
  readonly freezeAtBytes?: number;
  readonly memswBytes?: number;
  readonly why: readonly string[];
}

/** @param found a line in bytes, or why it cannot be; undefined for one that the plan does not have */
export function linesOf(found: { readonly line: number | string | undefined; readonly memsw: number | string | undefined }): Lines {
  const { line, memsw } = found;
  return {
    ...(typeof line === 'number' ? { freezeAtBytes: roundDown(line) } : {}),
    ...(typeof memsw === 'number' ? { memswBytes: roundDown(memsw) } : {}),
    why: [line, memsw].filter((one) => typeof one === 'string'),
  };
}

/** The group's own limit without its guard, of memory or of memory and swap; Infinity for none. */
export function ownLimitOf({ version, before }: GuardRecord, of: 'memory' | 'memsw' = 'memory'): number {
  return limitBytes(before[of === 'memsw' ? MEMSW : version === 1 ? LIMIT : 'memory.max'] ?? 'max');
}

/** So near to its line a group has met it: the kernel charges several pages at once. */
const NEAR_BYTES = 512 * 1024;

/** Whether it is its line on memory and swap that the group met, so that more memory alone gives it no room. */
export function memswMet(lines: Pick<GuardRecord, 'freezeAtBytes' | 'memswBytes'>, usageBytes: number, memswUsageBytes: number): boolean {
  const met = (usage: number, line = Number.POSITIVE_INFINITY) => usage >= line - NEAR_BYTES;
  return met(memswUsageBytes, lines.memswBytes) && !met(usageBytes, lines.freezeAtBytes);
}

/** Where the line goes when the limit is raised: a part stays that part, bytes keep their distance. */
export function lineAfter(
  line: GuardPlan['line'],
  before: { readonly line: number; readonly limit: number },
  limit: number,
  version: 1 | 2,
): number {
  const part = line === undefined ? undefined : partOf(line);
  if (part !== undefined) return limit * (version === 2 ? Math.min(part, HIGHEST_PART_V2) : part);
  return Number.isFinite(before.limit)
    ? Math.max(before.line, limit - (before.limit - before.line))
    : limit * (version === 2 ? HIGHEST_PART_V2 : 1);
}
