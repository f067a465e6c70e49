// The line of a guard in bytes, as its plan, the limits and the kernel's version give it.
import { type GuardPlan, type HoldFacts, partOf } from '../../contract/guards.ts';
import { bytesText, parseSize } from '../../contract/units.ts';
import type { GuardRecord } from './guard-record.ts';
import { LIMIT } from './v1-mechanism.ts';

/** On v2 the kernel kills at the limit itself: a line has to be below it. On v1 its own line may be the limit. */
const HIGHEST_PART_V2 = 0.95;

/** @returns the line in bytes, or why there can be none at present */
export function lineOf(line: NonNullable<GuardPlan['line']>, limit: HoldFacts['limit'], version: 1 | 2): number | string {
  const part = partOf(line);
  if (part !== undefined) {
    if (limit.value === 'max') return `No limit applies to it, so there is no ${line} of it: set a limit, or a line in bytes.`;
    return limit.value * (version === 2 ? Math.min(part, HIGHEST_PART_V2) : part);
  }
  const bytes = Number(parseSize(line));
  const highest = limit.value === 'max' ? Number.POSITIVE_INFINITY : version === 2 ? limit.value - 1 : limit.value;
  return bytes <= highest
    ? bytes
    : `The line (${bytesText(bytes)}) is not below the limit of ${bytesText(Number(limit.value))}${limit.group === '/' ? '' : ` of ${limit.group}`}: the kernel would act first.`;
}

/** The group's own limit without its guard; Infinity for none. */
export function ownLimitOf({ version, before }: GuardRecord): number {
  const size = parseSize(before[version === 1 ? LIMIT : 'memory.max'] ?? 'max');
  return typeof size === 'number' ? size : Number.POSITIVE_INFINITY;
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
