// Assembles a report: the log's block, readings of this and of past ticks, events and actions before.
import { hostname } from 'node:os';
import { pageBytes } from '../../../../native/libc/process.ts';
import { chargedTo } from '../../../contract/derive.ts';
import type { Event } from '../../../contract/events.ts';
import type { HoldFacts } from '../../../contract/guards.ts';
import { lineage } from '../../../contract/paths.ts';
import { keysOf, measureOf, type Quantity } from '../../../contract/quantities.ts';
import type { Readings } from '../../../contract/readings.ts';
import { reportSentence } from '../../../contract/report-sentence.ts';
import type { KernelBlock, Report, ReportHold, ReportLimit, ReportVictim } from '../../../contract/reports.ts';
import type { ActionJournal } from '../../state/action-journal.ts';
import type { EventLog } from '../../state/event-log.ts';
import type { Observer } from '../observer.ts';
import type { ProcessNotes } from '../watch/process-notes.ts';
import { chargedOf } from './charged.ts';
import { growthOf } from './growth.ts';
import type { Occasion, Witnesses } from './occasion.ts';
import { parseOomBlock } from './oom-block.ts';
import { ownerOf } from './owner.ts';

export interface AssemblyParts extends Witnesses {
  readonly observer: Pick<Observer, 'past' | 'history'>;
  readonly log: EventLog;
  readonly journal: ActionJournal;
}

type HoldEvent = Extract<Event, { kind: 'hold' }>;

const HISTORY_MS = 60_000;
/** As long as the history reaches back. */
const BEFORE_MS = 600_000;
const MOST_BEFORE = 60;
const SERIES: readonly Quantity[] = [
  'memory-usage',
  'memory-anonymous',
  'memory-file-cache',
  'memory-hard-limit',
  'memsw-usage',
  'swap-usage',
  'memory-limit-hits',
  'tasks',
];
const KEYS = SERIES.flatMap(keysOf);

export function assemble(parts: AssemblyParts, occasion: Occasion): Report {
  const { kind, first, events, group, limitGroup, past, raw } = occasion;
  const { id, time, late } = first;
  const known = parts.log.since(0);
  const kernel = raw && withCommands(parseOomBlock(raw, pageBytes()), parts.notes);
  const victims = occasion.victims.map((victim) => withTask(victim, kernel));
  const limited = limitGroup ?? group;
  const readingsOf = (path: string): Readings => past.get(path)?.readings ?? {};
  const owner = ownerOf(group, known);
  const charged = chargedOf(kernel, limited, limited === '/' ? {} : readingsOf(limited));
  const growth = growthOf(
    pointsBefore(parts, occasion, limited === '/' ? group : limited, keysOf('memory-usage'), BEFORE_MS)[0]?.points ?? [],
  );
  const hold = first.kind === 'hold' ? holdOf(first) : undefined;
  const ids = new Set(events.map((event) => event.id));
  const related = new Set(lineage(group));
  const facts = {
    ...{ id, kind, time, group, events: [...ids], host: hostname(), victims },
    count: events.reduce((sum, event) => sum + (event.kind === 'oom_kill' ? event.count : 0), 0),
    ...(victims[0] ? { victim: victims[0] } : {}),
    ...(limitGroup === undefined ? {} : { limitGroup }),
    ...(late ? { late } : {}),
    ...nodesIn(events),
    ...(owner ? { owner } : {}),
    ...(kernel ? { kernel } : {}),
    ...(hold ? { hold } : {}),
    ...(occasion.decisions.length > 0 ? { decisions: occasion.decisions } : {}),
    limits: chargedTo(group, readingsOf)
      .flatMap((path) => limitsOf(path, readingsOf(path), path === limited ? kernel : undefined))
      .map((limit) => (hold && limit.group === group ? withoutGuard(limit, hold) : limit)),
    ...(charged ? { charged } : {}),
    ...(growth ? { growth } : {}),
    history: [...new Set([group, limited])].flatMap((path) => {
      const series = path === '/' && group !== '/' ? [] : pointsBefore(parts, occasion, path, KEYS, HISTORY_MS);
      return series.length > 0 ? [{ group: path, series }] : [];
    }),
    before: known
      .filter((event) => event.time >= time - BEFORE_MS && event.time <= time && !ids.has(event.id) && related.has(event.group))
      .slice(-MOST_BEFORE),
    actions: parts.journal
      .since(time - BEFORE_MS, related)
      .filter((action) => action.time <= time)
      .slice(-MOST_BEFORE)
      .map((action) => ({ ...action })),
  };
  return { ...facts, sentence: reportSentence(facts) };
}

function holdOf({ reason, pattern, facts, decidesAt, next, time }: HoldEvent): ReportHold {
  return { reason, pattern, facts, deadlineMs: Math.max(0, decidesAt - time), ...(next === undefined ? {} : { next }) };
}

/** On v1 the kernel's limits are the guard's lines. */
function withoutGuard({ limitBytes, memswBytes, ...limit }: ReportLimit, { facts }: ReportHold): ReportLimit {
  const { lineBytes, memsw } = facts;
  const own = (bytes: typeof limitBytes, line: number | undefined, binds: HoldFacts['limit'] | undefined) =>
    bytes !== line ? bytes : binds?.group === limit.group ? binds.value : undefined;
  const limitNow = own(limitBytes, lineBytes ?? memsw?.lineBytes, facts.limit);
  const memswNow = own(memswBytes, memsw?.lineBytes, memsw?.limit);
  return {
    ...limit,
    ...(limitNow === undefined ? {} : { limitBytes: limitNow }),
    ...(memswNow === undefined ? {} : { memswBytes: memswNow }),
  };
}

function nodesIn(events: readonly Event[]): { nodes?: string } {
  const nodes = events.flatMap((event) => (event.kind === 'oom_kill' ? (event.nodes ?? []) : []))[0];
  return nodes === undefined ? {} : { nodes };
}

function withCommands(block: KernelBlock, notes: ProcessNotes): KernelBlock {
  if (!block.tasks) return block;
  const tasks = block.tasks.map((task) => {
    const command = notes.of(task.pid, task.comm)?.command;
    return command === undefined ? task : { ...task, command };
  });
  return { ...block, tasks };
}

/** The kernel's table has the victim as it was. */
function withTask(victim: ReportVictim, kernel: KernelBlock | undefined): ReportVictim {
  const task = kernel?.tasks?.find(({ pid, comm }) => pid === victim.pid && comm === victim.comm);
  if (!task) return victim;
  return { ...victim, uid: task.uid, ...(task.oomScoreAdj === undefined ? {} : { oomScoreAdj: task.oomScoreAdj }) };
}

/** @param kernel has the numbers of the kill, of the group whose limit was reached */
function limitsOf(group: string, readings: Readings, kernel: KernelBlock | undefined): ReportLimit[] {
  const bound = (name: string, quantity: Quantity) => {
    const value = measureOf(quantity, readings);
    return typeof value === 'number' || value === 'max' ? { [name]: value } : {};
  };
  const usage = measureOf('memory-usage', readings);
  const limit = {
    group,
    ...bound('limitBytes', 'memory-hard-limit'),
    ...bound('memswBytes', 'memsw-limit'),
    ...bound('softBytes', 'memory-soft-limit'),
    ...bound('swapBytes', 'swap-limit'),
    ...(typeof usage === 'number' ? { usageBytes: usage } : {}),
    ...(kernel?.memory ? { limitBytes: kernel.memory.limitBytes, usageBytes: kernel.memory.usageBytes } : {}),
    ...(kernel?.memsw ? { memswBytes: kernel.memsw.limitBytes } : {}),
  };
  return Object.keys(limit).length > 1 ? [limit] : [];
}

function pointsBefore(
  { observer }: AssemblyParts,
  { first, past }: Occasion,
  path: string,
  readings: readonly string[],
  lengthMs: number,
): Report['history'][number]['series'] {
  const gid = past.get(path)?.gid;
  if (gid === undefined) return [];
  return observer.history(gid, { readings, from: first.time - lengthMs, to: first.time }).filter(({ points }) => points.length > 0);
}
