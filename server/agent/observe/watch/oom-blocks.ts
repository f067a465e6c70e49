// Collects what the kernel log says of each OOM kill: its lines from "X invoked oom-killer" to "Killed process" (mm/oom_kill.c, dump_header).
import type { KernelLogRecord } from './kernel-log.ts';
import type { OomKill } from './oom-lines.ts';
import {
  BEGINS,
  BEGINS_AS_REST,
  BETWEEN,
  IN_PIECES,
  kindOf,
  kindOfSummary,
  RAGE,
  REAPED,
  STATS_IN_PIECES,
  STATS_PIECE,
  SUMMARY,
  SUMMARY_END,
  SUMMARY_LIMIT,
  WHOLE,
} from './oom-spellings.ts';

/** One character for each byte. */
export interface RawBlock {
  readonly lines: readonly string[];
  /** Lines between the first and the last ones that were not kept. */
  readonly omitted: number;
  /** Of those, lines of the table of tasks. */
  readonly omittedTasks: number;
  /** Records were overwritten while it was printed, or it was cut off by the next one. */
  readonly torn: boolean;
}

/** Lines between which no records were lost. */
interface Part {
  lines: string[];
  bytes: number;
  omitted: number;
  omittedTasks: number;
  /** The line of the statistics, while further records may be its rest. */
  stats?: number | undefined;
}

interface OpenBlock extends Part {
  seenUsec: number;
  overruns: number;
  /** The sequence number of its first line. */
  readonly header: number;
  /** What came before records were lost, which may be of another kill. */
  before?: Part;
}

interface Finished extends Part {
  readonly torn: boolean;
  readonly seenUsec: number;
  readonly caller: string | undefined;
}

/** The group that the statistics are of: in their first line, that of the limit. */
const STATS_OF = /^Memory cgroup stats for (\/.*?):(?: cache:\d+KB .*)?\n?$/s;
/** What a report has in one line only. */
const ONCE = /^(?:\[ *(?:\d+|pid) *\]|[a-z+]+(?=: usage )|Memory cgroup stats[^:]*|Tasks state|oom-kill:|\w+(?= \d+(?:\n|$)))/;
const INVOKED = ' invoked oom-killer: ';
const TASK = /^\[ *\d+\] /;
/** A kill's lines are not further apart, also where a slow console prints them. */
const PAUSE_USEC = 10_000_000;
const LONG_LOSS_USEC = 1_000_000;
/** Of one block; the table of a machine with thousands of tasks is longer. */
const BLOCK_BYTES = 512 * 1024;
const LAST_LINES = 8;
/** Of all blocks that wait for their reports. */
const KEPT_BYTES = 4 * 1024 * 1024;
const KEPT = 128;
/** CPUs and tasks that print at once. */
const MOST_OPEN = 64;

const NOTHING = { bytes: 0, omitted: 0, omittedTasks: 0, stats: undefined };

export class OomBlocks {
  /** By the task or CPU that prints; without callers in the log (CONFIG_PRINTK_CALLER) one stands for all. */
  readonly #open = new Map<string | undefined, OpenBlock>();
  /** By the victim's pid, oldest first. */
  readonly #finished = new Map<number, Finished>();
  #finishedBytes = 0;
  /** That of the latest kill, if it has one. */
  #latest: Finished | undefined;

  /**
   * @param overruns how often records were lost so far
   * @param kill that the record ends
   */
  take(record: KernelLogRecord, overruns: number, kill: OomKill | undefined): void {
    const { bytes, caller, continues, sequence, timeUsec } = record;
    // Further victims (Virtuozzo) have no report.
    if (kill && RAGE.test(bytes)) return;
    if (kill && REAPED.test(bytes)) {
      this.#reaped(record, kill);
      return;
    }
    const isRest = continues && !BEGINS_AS_REST.test(bytes);
    if (!isRest && bytes.includes(INVOKED) && !IN_PIECES.test(bytes) && BEGINS.test(bytes)) {
      this.#forget(timeUsec);
      this.#open.delete(caller);
      this.#open.set(caller, {
        ...{ ...NOTHING, lines: [bytes], bytes: bytes.length },
        ...{ seenUsec: timeUsec, overruns, header: sequence },
      });
      return;
    }
    const open = this.#open.get(caller);
    if (kill) this.#latest = undefined;
    if (!open) {
      if (WHOLE.test(bytes)) this.#addToLatest(caller, bytes, timeUsec);
      return;
    }
    if (timeUsec - open.seenUsec > PAUSE_USEC) {
      this.#open.delete(caller);
      return;
    }
    // Of what came before another loss nothing is kept, nor before a long one, within which the process may be killed, and again.
    const before = timeUsec - open.seenUsec > LONG_LOSS_USEC ? { ...NOTHING, lines: [] } : partOf(open);
    if (overruns !== open.overruns) Object.assign(open, NOTHING, { lines: [], before, overruns });
    open.seenUsec = timeUsec;
    add(open, bytes, continues);
    if (!kill) return;
    this.#open.delete(caller);
    const torn = open.before !== undefined;
    const part = kill.header === open.header ? joined(open) : torn ? provenOf(open, kill.pid, bytes) : undefined;
    if (part) this.#finish(kill.pid, { ...part, torn, seenUsec: timeUsec, caller });
  }

  /** A kill without a line of its own: the reaper is another task, and another kill may have begun since. */
  #reaped({ bytes, timeUsec }: KernelLogRecord, { header, pid }: OomKill): void {
    const [caller, open] = [...this.#open].find(([, { header: first }]) => first === header) ?? [];
    if (!open || open.before) return;
    this.#open.delete(caller);
    add(open, bytes, false);
    this.#finish(pid, { ...partOf(open), torn: false, seenUsec: timeUsec, caller });
  }

  /** What the log says of a kill, once: absent where it left it out, since it limits its rate. */
  of(pid: number): RawBlock | undefined {
    const block = this.#finished.get(pid);
    if (!block) return undefined;
    this.#drop(pid, block);
    const { lines, omitted, omittedTasks, torn } = block;
    return { lines, omitted, omittedTasks, torn };
  }

  #finish(pid: number, block: Finished): void {
    const before = this.#finished.get(pid);
    if (before) this.#drop(pid, before);
    this.#finished.set(pid, block);
    this.#latest = block;
    this.#finishedBytes += block.bytes;
    for (const [oldest, one] of this.#finished) {
      if (oldest === pid || (this.#finished.size <= KEPT && this.#finishedBytes <= KEPT_BYTES)) break;
      this.#drop(oldest, one);
    }
  }

  /** The line about a group that is killed as a whole comes after its first victim. */
  #addToLatest(caller: string | undefined, bytes: string, timeUsec: number): void {
    const latest = this.#latest;
    if (latest && latest.caller === caller && timeUsec - latest.seenUsec <= PAUSE_USEC) latest.lines.push(bytes);
  }

  #drop(pid: number, block: Finished): void {
    this.#finished.delete(pid);
    if (this.#latest === block) this.#latest = undefined;
    this.#finishedBytes -= block.bytes;
  }

  #forget(timeUsec: number): void {
    for (const [caller, { seenUsec }] of this.#open) {
      if (timeUsec - seenUsec <= PAUSE_USEC && this.#open.size < MOST_OPEN) continue;
      this.#open.delete(caller);
    }
  }
}

/** Where records were lost: what the summary (from Linux 5.0 on) proves to be of the kill. */
function provenOf(block: OpenBlock, pid: number, killed: string): Part | undefined {
  const after = block.lines.findLast(isSummary);
  const summary = after ?? block.before?.lines.findLast(isSummary);
  if (summary === undefined || Number(SUMMARY_END.exec(summary)?.[1]) !== pid) return undefined;
  const kind = kindOfSummary(summary);
  if ((kindOf(killed) ?? kind) !== kind) return undefined;
  // The kill of that summary may be lost, and this be the next one of the process: of the machine, or of its group as a whole.
  if (after === undefined && (kind !== 'group' || block.lines.some((line) => WHOLE.test(line)))) return undefined;
  const isOne = after === undefined || (kind === 'group' && isOfLimit(after, block.before) && !isRepeated(block));
  return isOne ? joined(block) : partOf(block);
}

function isSummary(line: string): boolean {
  return line.startsWith(SUMMARY);
}

function isOfLimit(summary: string, before: Part | undefined): boolean {
  const [path] = before?.lines.flatMap((line) => STATS_OF.exec(line)?.[1] ?? []) ?? [];
  const { index, 0: name } = SUMMARY_LIMIT.exec(summary) ?? { index: 0, 0: '' };
  return path !== undefined && summary.startsWith(`${path}${BETWEEN}/`, index + name.length);
}

/** Whether another report of the same limit began meanwhile. */
function isRepeated({ before, lines }: OpenBlock): boolean {
  const seen = new Set(before?.lines.map((line) => ONCE.exec(line)?.[0]));
  seen.delete(undefined);
  return lines.some((line) => seen.has(ONCE.exec(line)?.[0]));
}

function partOf({ lines, bytes, omitted, omittedTasks }: Part): Part {
  return { lines, bytes, omitted, omittedTasks };
}

function joined({ before, lines, bytes, omitted, omittedTasks }: OpenBlock): Part {
  const { lines: first, ...of } = before ?? { lines: [], ...NOTHING };
  return {
    lines: [...first, ...lines],
    ...{ bytes: of.bytes + bytes, omitted: of.omitted + omitted, omittedTasks: of.omittedTasks + omittedTasks },
  };
}

/** The first lines up to the bound, and the last ones, which name the victim. */
function add(block: Part, bytes: string, continues: boolean): void {
  block.bytes += bytes.length;
  if (!continues && STATS_IN_PIECES.test(bytes)) block.stats = block.lines.length;
  else if (!continues && bytes.startsWith('[')) block.stats = undefined;
  // Another CPU may have printed between.
  const stats = block.stats === undefined ? undefined : block.lines[block.stats];
  const isOfStats = stats?.includes('/') ? STATS_PIECE.test(bytes) : bytes.startsWith('/');
  const at = (continues && isOfStats ? block.stats : undefined) ?? block.lines.length - 1;
  const begun = block.lines[at];
  if (continues && begun !== undefined && begun.length < BLOCK_BYTES) {
    block.lines[at] = begun + bytes;
    return;
  }
  block.lines.push(bytes);
  if (block.bytes <= BLOCK_BYTES) return;
  const [left] = block.lines.splice(-LAST_LINES - 1, 1);
  block.bytes -= left?.length ?? 0;
  block.omitted++;
  if (left !== undefined && TASK.test(left)) block.omittedTasks++;
}
