// Collects what the kernel log says of each OOM kill: its lines from "X invoked oom-killer" to "Killed process" (mm/oom_kill.c, dump_header).
import type { KernelLogRecord } from './kernel-log.ts';
import type { OomKill } from './oom-lines.ts';
import { BEGINS, BEGINS_AS_REST, IN_PIECES, STATS_IN_PIECES, STATS_PIECE, SUMMARY, SUMMARY_END, WHOLE } from './oom-spellings.ts';

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

interface OpenBlock {
  lines: string[];
  bytes: number;
  omitted: number;
  omittedTasks: number;
  torn: boolean;
  seenUsec: number;
  readonly overruns: number;
  /** The sequence number of its first line. */
  readonly header: number;
  /** The line of the statistics, while further records may be its rest. */
  stats?: number | undefined;
}

interface Finished extends OpenBlock {
  readonly caller: string | undefined;
}

const INVOKED = ' invoked oom-killer: ';
const TASK = /^\[ *\d+\] /;
/** A kill's lines are not further apart, also where a slow console prints them. */
const PAUSE_USEC = 10_000_000;
/** Of one block; the table of a machine with thousands of tasks is longer. */
const BLOCK_BYTES = 512 * 1024;
const LAST_LINES = 8;
/** Of all blocks that wait for their reports. */
const KEPT_BYTES = 4 * 1024 * 1024;
const KEPT = 128;
/** CPUs and tasks that print at once. */
const MOST_OPEN = 64;

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
  take({ bytes, caller, continues, sequence, timeUsec }: KernelLogRecord, overruns: number, kill: OomKill | undefined): void {
    const isRest = continues && !BEGINS_AS_REST.test(bytes);
    if (!isRest && bytes.includes(INVOKED) && !IN_PIECES.test(bytes) && BEGINS.test(bytes)) {
      this.#forget(timeUsec);
      this.#open.delete(caller);
      this.#open.set(caller, {
        lines: [bytes],
        bytes: bytes.length,
        omitted: 0,
        omittedTasks: 0,
        torn: false,
        seenUsec: timeUsec,
        overruns,
        header: sequence,
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
    open.seenUsec = timeUsec;
    open.torn ||= overruns !== open.overruns;
    add(open, bytes, continues);
    if (!kill) return;
    this.#open.delete(caller);
    if (kill.header === open.header || (open.torn && pidIn(open) === kill.pid)) this.#finish(kill.pid, { ...open, caller });
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

/** The process that was chosen (from Linux 5.0 on). */
function pidIn({ lines }: OpenBlock): number {
  const summary = lines.findLast((line) => line.startsWith(SUMMARY));
  return Number(SUMMARY_END.exec(summary ?? '')?.[1]);
}

/** The first lines up to the bound, and the last ones, which name the victim. */
function add(block: OpenBlock, bytes: string, continues: boolean): void {
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
