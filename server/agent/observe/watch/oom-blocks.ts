// Collects what the kernel log says of each OOM kill: its lines from "X invoked oom-killer" to "Killed process" (mm/oom_kill.c, dump_header).
import type { KernelLogRecord } from './kernel-log.ts';

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
}

interface Finished extends OpenBlock {
  readonly caller: string | undefined;
}

const INVOKED = ' invoked oom-killer: ';
const BEGINS = /^.{0,64} invoked oom-killer: /s;
const KILLED = /^(?:(?:Memory cgroup out|Out) of memory[^:]{0,64}: )?Killed process (\d+)/;
const WHOLE = /^Tasks in \/.* are going to be killed due to memory\.oom\.group set$/s;
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

  /** @param overruns how often records were lost so far */
  take({ bytes, caller, continues, timeUsec }: KernelLogRecord, overruns: number): void {
    if (!continues && bytes.includes(INVOKED) && BEGINS.test(bytes)) {
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
      });
      return;
    }
    const pid = continues ? undefined : KILLED.exec(bytes)?.[1];
    const open = this.#open.get(caller);
    if (!open) {
      if (WHOLE.test(bytes)) this.#addToLast(caller, bytes, timeUsec);
      return;
    }
    if (timeUsec - open.seenUsec > PAUSE_USEC) {
      this.#open.delete(caller);
      return;
    }
    open.seenUsec = timeUsec;
    open.torn ||= overruns !== open.overruns;
    add(open, bytes, continues);
    if (pid === undefined) return;
    this.#open.delete(caller);
    this.#finish(Number(pid), { ...open, caller });
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
    this.#finishedBytes += block.bytes;
    for (const [oldest, one] of this.#finished) {
      if (oldest === pid || (this.#finished.size <= KEPT && this.#finishedBytes <= KEPT_BYTES)) break;
      this.#drop(oldest, one);
    }
  }

  /** The line about a group that is killed as a whole comes after its first victim. */
  #addToLast(caller: string | undefined, bytes: string, timeUsec: number): void {
    const last = [...this.#finished.values()].at(-1);
    if (last?.caller === caller && last !== undefined && timeUsec - last.seenUsec <= PAUSE_USEC) last.lines.push(bytes);
  }

  #drop(pid: number, block: Finished): void {
    this.#finished.delete(pid);
    this.#finishedBytes -= block.bytes;
  }

  #forget(timeUsec: number): void {
    for (const [caller, { seenUsec }] of this.#open) {
      if (timeUsec - seenUsec <= PAUSE_USEC && this.#open.size < MOST_OPEN) continue;
      this.#open.delete(caller);
    }
  }
}

/** The first lines up to the bound, and the last ones, which name the victim. */
function add(block: OpenBlock, bytes: string, continues: boolean): void {
  const last = block.lines.at(-1);
  block.bytes += bytes.length;
  if (continues && last !== undefined && last.length < BLOCK_BYTES) {
    block.lines[block.lines.length - 1] = last + bytes;
    return;
  }
  block.lines.push(bytes);
  if (block.bytes <= BLOCK_BYTES) return;
  const [left] = block.lines.splice(-LAST_LINES - 1, 1);
  block.bytes -= left?.length ?? 0;
  block.omitted++;
  if (left !== undefined && TASK.test(left)) block.omittedTasks++;
}
