// The sentence on top of a report: who was killed, because of which limit, and what led to it. What is not known is left out.

import { RULE, raisedOf } from './guard-facts.ts';
import type { HoldReason } from './guards.ts';
import type { Report } from './reports.ts';
import { bytesText, formatBytes, shortDuration, shortText } from './units.ts';
import { visible } from './visible.mjs';

export type ReportFacts = Omit<Report, 'sentence'>;

/** Less than this share of the usage is nothing. */
const NOTHING = 0.01;
/** A counter this near to its limit has reached it: the kernel asks for several pages at once. */
const NEAR_BYTES = 512 * 1024;
const LONG_MS = 180_000;
/** The kind of most of the memory is named. */
const MOST = 0.5;

const size = (bytes: number) => shortText(formatBytes(bytes));

/** @returns sentences such as "web was killed because /docker/web reached its own limit of 512 MiB; 93 % was anonymous memory." */
export function reportSentence(report: ReportFacts): string {
  const facts = [cause(report), growth(report), kind(report), reclaim(report)].filter((clause) => clause !== undefined);
  return [`${facts.join('; ')}.`, decisionSentence(report)].filter((sentence) => sentence !== undefined).join(' ');
}

/** "operator decided after 12 s: Continues with a limit of 256 MiB."; undefined while it is held. */
export function decisionSentence({ hold, decisions }: Pick<ReportFacts, 'hold' | 'decisions'>): string | undefined {
  const last = decisions?.at(-1);
  if (!last || last.outcome === 'held' || last.outcome === 'refused') return undefined;
  if (last.by === undefined) return last.sentence;
  const after = last.afterMs === undefined ? '' : ` after ${lengthOf(last.afterMs)}`;
  if (last.by !== RULE) return `${visible(last.by)} decided${after}: ${last.sentence}`;
  const waited =
    hold && hold.deadlineMs > 0 && last.do !== 'recovered' ? `Without a decision for ${lengthOf(hold.deadlineMs)}, its` : 'Its';
  return `${waited} guard decided: ${last.sentence}`;
}

function cause(report: ReportFacts): string {
  const { group, limitGroup, nodes } = report;
  if (report.kind === 'catch') return caught(report);
  const were = report.count === 1 ? 'was' : 'were';
  const was = `${who(report)} ${were} killed`;
  if (limitGroup === undefined)
    return `${who(report)} in ${group} ${were} killed because memory ran out, and the kernel’s log does not say whose`;
  if (nodes !== undefined) return `${was} because the memory nodes ${nodes}, to which it was bound, had no memory left`;
  if (limitGroup === '/') return `${was} because the machine had no memory left`;
  const whose = limitGroup === group ? `${group} reached its own` : `${limitGroup}, which ${group} is in, reached its`;
  return `${was} because ${whose}${atLimit(report, '')}`;
}

function caught(report: ReportFacts): string {
  const { group, hold } = report;
  const by = `${group} was caught by its guard`;
  if (!hold) return `${by}${atLimit(report, ' before it reached')}`;
  const { usageBytes, limit } = raisedOf(hold.facts);
  const of = hold.facts.memsw?.isMet ? ' of memory and swap' : '';
  const whose = limit.group === group ? 'its' : limit.group === '/' ? 'the machine’s' : `the ${limit.group}`;
  const before = typeof limit.value === 'number' ? `, before it reached ${whose} limit of ${size(limit.value)}` : '';
  return `${by} at ${size(usageBytes)}${of}${WHY[hold.reason]}${before}`;
}

const WHY: Record<HoldReason, string> = {
  line: '',
  memsw: '',
  thrashing: ', because it only waited for memory',
  growth: '',
  machine: ', because the machine ran short of memory',
  found: '',
};

function who({ count, victims: [victim] }: ReportFacts): string {
  if (!victim) return count === 1 ? 'A process' : `${count.toLocaleString('en')} processes`;
  const name = visible(victim.comm);
  if (count === 1) return name;
  return count === 2 ? `${name} and another process` : `${name} and ${(count - 1).toLocaleString('en')} other processes`;
}

/** " limit of 512 MiB", and of what if it is of memory and swap together. */
function atLimit({ kernel, limits, limitGroup, group }: ReportFacts, before: string): string {
  const { memory, memsw } = kernel ?? {};
  const reached = (counter: typeof memory) =>
    typeof counter?.limitBytes === 'number' && counter.usageBytes >= counter.limitBytes - NEAR_BYTES ? counter.limitBytes : undefined;
  const own = reached(memory);
  const both = own === undefined ? reached(memsw) : undefined;
  if (both !== undefined) return ` limit of ${size(both)} of memory and swap`;
  const read = limits.find((limit) => limit.group === (limitGroup ?? group))?.limitBytes;
  const bytes = own ?? (kernel?.memory ? undefined : read);
  if (before !== '') return typeof bytes === 'number' ? `${before} its limit of ${size(bytes)}` : '';
  return typeof bytes === 'number' ? ` limit of ${size(bytes)}` : ' limit';
}

function growth({ growth: grown }: ReportFacts): string | undefined {
  return grown && `it grew by ${size(grown.bytesPerSec)} a second for ${lengthOf(grown.forMs)}`;
}

/** "90 s": a rate by the second is read with seconds. */
function lengthOf(ms: number): string {
  return ms < LONG_MS && ms >= 10_000 ? `${Math.round(ms / 1000)} s` : shortDuration(ms);
}

function kind({ charged }: ReportFacts): string | undefined {
  const { usage, anonymous = 0, shmem = 0, file = 0, kernel = 0 } = charged ?? {};
  if (usage === undefined || usage === 0) return undefined;
  const kinds = [
    ['anonymous memory', anonymous],
    ['shared memory', shmem],
    ['page cache', file],
    ['memory of the kernel', kernel],
  ] as const;
  const [name, bytes] = kinds.reduce((most, one) => (one[1] > most[1] ? one : most));
  const share = Math.min(1, bytes / usage);
  return share < MOST ? undefined : `${Math.round(100 * share)} % was ${name}`;
}

function reclaim({ charged }: ReportFacts): string | undefined {
  const { usage, reclaimable, from } = charged ?? {};
  if (from !== 'kernel log' || usage === undefined || reclaimable === undefined) return undefined;
  return reclaimable < usage * NOTHING ? 'nothing could be reclaimed' : `${bytesText(reclaimable)} of cache were left`;
}
