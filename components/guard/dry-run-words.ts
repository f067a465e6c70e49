// What a guard would have done over the history that is there, in words.
import type { CallAnswer } from '../../server/contract/calls.ts';
import type { GuardPlan, WouldHold } from '../../server/contract/guards.ts';
import { bytesText, countText, partOf, shortDuration } from '../../server/contract/units.ts';

export type DryRun = CallAnswer<'tryGuard'>;

/** So few seconds of history prove nothing. */
const SHORT_MS = 30_000;

/** How far back it was tried: "10 min". */
export function spanBack({ since }: Pick<DryRun, 'since'>, now: number): string {
  return shortDuration(Math.max(1, Math.round((now - since) / 1000)) * 1000);
}

/** The answer in a sentence; each time is listed beside it. */
export function dryRunWords(run: DryRun, plan: GuardPlan, now: number): string {
  const { since, lineBytes, sentence, would } = run;
  const back = spanBack(run, now);
  const line = lineBytes === undefined ? '' : ` Its line would be at ${bytesText(lineBytes)}.`;
  if (would.length > 0) return `In the last ${back} it would have been held ${countText(would.length, 'time')}.${line}`;
  if (sentence !== undefined && plan.growth === undefined) return sentence;
  if (plan.line === undefined && plan.growth === undefined)
    return 'Neither waiting for memory nor the machine’s memory can be tried over the past.';
  const young = now - since < SHORT_MS ? ', which is short' : '';
  return `In the last ${back}${young}, it would not have been held.${line}${sentence === undefined ? '' : ` ${sentence}`}`;
}

/** Why it would have been held at that time. */
export function wouldHoldWords({ reason, usageBytes }: WouldHold, { lineBytes }: DryRun, plan: GuardPlan): string {
  const at = bytesText(usageBytes);
  if (reason === 'growth') return `at ${at}, its limit was less than ${plan.growth?.seconds ?? 0} s away`;
  const part = plan.line === undefined ? undefined : partOf(plan.line);
  const line = lineBytes === undefined ? 'its line' : `its line of ${bytesText(lineBytes)}${part === undefined ? '' : ` (${plan.line})`}`;
  return `at ${at}, it met ${line}`;
}

/** What the history cannot show, beside what was tried. */
export function untriedWords({ line, growth, memswLine, thrashing, machine }: GuardPlan): string | undefined {
  if (line === undefined && growth === undefined) return undefined;
  const parts = [
    memswLine !== undefined ? 'memory and swap' : undefined,
    thrashing && 'waiting for memory',
    machine && 'the machine’s memory',
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : `Not tried: ${parts.join(' and ')}.`;
}
