// Finds OOM kills in the kernel log, as kernels from 4.18 on write them (mm/oom_kill.c): the victim, its group, and the group whose limit was reached.
import { isWithin } from '../../../contract/paths.ts';
import { spell } from '../../../contract/spelling.ts';
import type { KernelLogRecord } from './kernel-log.ts';

/** A kill found in the log. */
export interface OomKill {
  readonly sequence: number;
  readonly timeUsec: number;
  readonly pid: number;
  readonly comm: string;
  readonly rssBytes: number;
  /** The victim's group; undefined if the log, which limits its rate, left it out. */
  readonly group?: string;
  /** The group whose limit was reached, which may be known without the victim's own; "/" for the machine's memory. */
  readonly limitGroup?: string;
  /** Of the machine's memory, the nodes that had none left, where a cpuset or a memory policy allowed no others ("0-1,4"). */
  readonly nodes?: string;
  /**
   * A group without children that is being killed as a whole (memory.oom.group). Its victims follow in the log, as many as its counter
   * grows; after them may come another kill whose first lines the log left out.
   */
  readonly whole?: string;
  /** The kernel logged and counted this victim before: it does so twice when a group is killed as a whole. */
  readonly again?: true;
}

/** The groups that exist, or did a moment ago: names that users chose may look like parts of a line. */
export interface KnownGroups {
  has(path: string): boolean;
  /** Whether there are groups below it. */
  isLeaf(path: string): boolean;
}

type Place = Pick<OomKill, 'group' | 'limitGroup' | 'nodes'>;

/** What lines before a kill line say of it. */
interface Announced extends Place {
  readonly timeUsec: number;
  /** The process that was chosen: the kernel may kill a child of it instead. */
  readonly pid?: number;
}

/** A task or CPU that prints; without callers in the log (CONFIG_PRINTK_CALLER) it stands for all. */
interface Printer {
  seenUsec: number;
  /** A line of which further records may be the rest. */
  begun?: string | undefined;
  announced?: Announced | undefined;
  /** See OomKill. */
  whole?: { readonly group: string; readonly timeUsec: number } | undefined;
  /** When the lines of two kills were mixed: which line belongs to which is not known. */
  mixedUsec?: number;
}

const KIB = 1024;
const SUMMARY = 'oom-kill:constraint=';
const SUMMARY_END = /,task=.*,pid=(\d+),uid=-?\d+$/s;
/** A cpuset's name has no slash, so the first match is the kernel's. */
const SUMMARY_LIMIT = /,(?:oom_memcg=(?=\/)|(global_oom),task_memcg=(?=\/))/;
const BETWEEN = ',task_memcg=';
/** In what is before SUMMARY_LIMIT: the nodes that the task which allocated was bound to. */
const SUMMARY_NODES = /^oom-kill:constraint=CONSTRAINT_(?:MEMORY_POLICY,nodemask=([\d,-]+),cpuset=|CPUSET,.*,mems_allowed=([\d,-]+)$)/s;
const MACHINE = /^Out of memory\b/;
/** Linux 4.18 to 5.0, where a child may be killed in place of the chosen process. */
const TASK_IN = /^Task in (\/.*) killed as a result of limit of \/.*$/s;
const TASK_IN_BETWEEN = ' killed as a result of limit of ';
const CHOSEN =
  /^(?:Memory cgroup out|Out) of memory(?: \(oom_kill_allocating_task\))?: Kill process (\d+) \((.*)\) score -?\d+ or sacrifice child$/s;
/** Nobody is killed. */
const EXITING = /^(?:Memory cgroup out|Out) of memory(?: \(oom_kill_allocating_task\))?: OOM victim (\d+) \(.*\) is already exiting/s;
const WHOLE = /^Tasks in (\/.*) are going to be killed due to memory\.oom\.group set$/s;
/** Lines that are printed in pieces, which become records of their own where a path is long or another CPU prints between. */
const IN_PIECES = [SUMMARY, 'Task in /', 'Tasks in /'];
const BEGINS = /^.{0,64} invoked oom-killer: /s;
/** Anchored, since a group's name could look like this line. */
const KILLED =
  /^(?:(?:Memory cgroup out|Out) of memory(?: \(oom_kill_allocating_task\))?: )?Killed process (\d+)(?:, UID \d+,)? \((.*)\)(?:, UID \d+,)? (?:total-vm|vsz):\d+kB, anon-rss:(\d+)kB, file-rss:(\d+)kB(?:, shmem-rss:(\d+)kB)?/s;
/** Lines of one kill are not further apart; a pid is not reused and killed again within that time. */
const ONE_KILL_USEC = 1_000_000;
/** A line about a victim is not further from its kill line, also where a slow console prints the dump between. */
const ONE_OOM_USEC = 10_000_000;
/** Two paths, and what is around them; the kernel's own bound on a path is 4 KiB. */
const MOST_BYTES = 16 * 1024;
/** Summaries without a kill line, as of processes that ended by themselves. */
const MOST_SUMMARIES = 64;

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function isComplete(bytes: string | undefined): boolean {
  return bytes !== undefined && (SUMMARY_END.test(bytes) || TASK_IN.test(bytes) || WHOLE.test(bytes));
}

export class OomLines {
  readonly #groups: KnownGroups;
  /** By pid. */
  readonly #summaries = new Map<number, { readonly bytes: string; readonly timeUsec: number }>();
  /** By caller. */
  readonly #printers = new Map<string | undefined, Printer>();
  readonly #killed = new Map<number, OomKill>();

  constructor(groups: KnownGroups) {
    this.#groups = groups;
  }

  /** @returns a kill at its last line */
  take(record: KernelLogRecord): OomKill | undefined {
    const { bytes, continues, timeUsec } = record;
    const printer = this.#printerOf(record);
    if (continues) {
      if (printer.begun !== undefined && printer.begun.length < MOST_BYTES) this.#line(printer, printer.begun + bytes, timeUsec);
    } else if (IN_PIECES.some((start) => bytes.startsWith(start))) this.#begins(printer, record);
    else if (BEGINS.test(bytes)) printer.announced = printer.whole = undefined;
    else if (CHOSEN.test(bytes)) this.#chosen(printer, bytes, timeUsec);
    else if (EXITING.test(bytes)) {
      this.#summaries.delete(Number(EXITING.exec(bytes)?.[1]));
      printer.announced = undefined;
    } else return this.#kill(printer, record);
    return undefined;
  }

  #printerOf({ caller, timeUsec }: KernelLogRecord): Printer {
    const printer = this.#printers.get(caller) ?? { seenUsec: timeUsec };
    printer.seenUsec = timeUsec;
    this.#printers.delete(caller);
    this.#printers.set(caller, printer);
    for (const [other, { seenUsec }] of this.#printers) {
      if (timeUsec - seenUsec <= ONE_OOM_USEC) break;
      this.#printers.delete(other);
    }
    return printer;
  }

  /** Kills are printed one after another; where they are not, and nothing says who printed what, only complete summaries count. */
  #begins(printer: Printer, { bytes, caller, timeUsec }: KernelLogRecord): void {
    const { begun, announced } = printer;
    const isOpen =
      (begun !== undefined && !isComplete(begun)) || (announced !== undefined && timeUsec - announced.timeUsec < ONE_KILL_USEC);
    if (caller === undefined && isOpen) Object.assign(printer, { mixedUsec: timeUsec, announced: undefined });
    const isMixed = printer.mixedUsec !== undefined && timeUsec - printer.mixedUsec < ONE_KILL_USEC;
    printer.begun = undefined;
    if (!isMixed) this.#line(printer, bytes, timeUsec);
    else if (bytes.startsWith(SUMMARY)) this.#summary(printer, bytes, timeUsec);
  }

  /** A line as far as it is there. */
  #line(printer: Printer, bytes: string, timeUsec: number): void {
    printer.begun = bytes;
    if (bytes.startsWith(SUMMARY)) this.#summary(printer, bytes, timeUsec);
    else if (TASK_IN.test(bytes)) {
      const place = this.#split(bytes.slice('Task in '.length), TASK_IN_BETWEEN, 'group first');
      printer.announced = place && { ...place, timeUsec };
    } else if (WHOLE.test(bytes)) {
      const group = spell(WHOLE.exec(bytes)?.[1] ?? '');
      printer.whole = this.#groups.has(group) && this.#groups.isLeaf(group) ? { group, timeUsec } : undefined;
    }
  }

  #summary(printer: Printer, bytes: string, timeUsec: number): void {
    const pid = SUMMARY_END.exec(bytes)?.[1];
    if (pid === undefined) return;
    printer.whole = undefined;
    this.#summaries.delete(Number(pid));
    this.#summaries.set(Number(pid), { bytes, timeUsec });
    for (const first of this.#summaries.keys()) {
      if (this.#summaries.size <= MOST_SUMMARIES) break;
      this.#summaries.delete(first);
    }
  }

  /** Before Linux 5.1: the lines about the process that was chosen hold for the next kill, also of its child. */
  #chosen(printer: Printer, bytes: string, timeUsec: number): void {
    const [, pidText, comm = ''] = CHOSEN.exec(bytes) ?? [];
    const pid = Number(pidText);
    const place = this.#summarized(pid, comm, timeUsec) ?? (printer.announced?.pid === undefined ? printer.announced : undefined);
    const found = MACHINE.test(bytes) ? (place?.limitGroup === '/' ? place : { limitGroup: '/' }) : place;
    printer.announced = found && { ...found, pid, timeUsec };
  }

  #kill(printer: Printer, { bytes, sequence, timeUsec }: KernelLogRecord): OomKill | undefined {
    const match = KILLED.exec(bytes);
    if (!match) return undefined;
    const [, pidText, comm = '', ...rss] = match;
    const pid = Number(pidText);
    const before = this.#killed.get(pid);
    const rssBytes = rss.reduce((sum, kib) => sum + Number(kib ?? 0) * KIB, 0);
    const at = { sequence, timeUsec, pid, comm: textOf(comm), rssBytes };
    if (before && before.comm === at.comm && timeUsec - before.timeUsec < ONE_KILL_USEC) return { ...before, ...at, again: true };
    const place = this.#summarized(pid, comm, timeUsec) ?? this.#placeOf(printer.announced, pid, timeUsec);
    printer.announced = undefined;
    const whole = printer.whole && timeUsec - printer.whole.timeUsec < ONE_KILL_USEC ? { whole: printer.whole.group } : {};
    const kill = { ...at, ...(MACHINE.test(bytes) ? { limitGroup: '/' } : {}), ...(place ?? whole) };
    this.#remember(kill);
    return kill;
  }

  #placeOf(announced: Announced | undefined, pid: number, timeUsec: number): Place | undefined {
    if (!announced || timeUsec - announced.timeUsec > ONE_OOM_USEC) return undefined;
    const { timeUsec: _, pid: chosen, group, ...limit } = announced;
    // A child in another group below the limit may have been killed; a limit without groups below has no other.
    if (group === undefined) return limit;
    const isKnown = chosen === undefined || chosen === pid || (group === limit.limitGroup && this.#groups.isLeaf(group));
    return isKnown ? { group, ...limit } : limit;
  }

  #summarized(pid: number, comm: string, timeUsec: number): Place | undefined {
    const summary = this.#summaries.get(pid);
    this.#summaries.delete(pid);
    return summary && timeUsec - summary.timeUsec <= ONE_OOM_USEC ? this.#place(summary.bytes, pid, comm) : undefined;
  }

  /** Only as long as a second line of the same kill may follow. */
  #remember(kill: OomKill): void {
    this.#killed.delete(kill.pid);
    this.#killed.set(kill.pid, kill);
    for (const { pid, timeUsec } of this.#killed.values()) {
      if (kill.timeUsec - timeUsec < ONE_KILL_USEC) break;
      this.#killed.delete(pid);
    }
  }

  /** The victim's name is known from the kill line, which makes the end of the paths exact. */
  #place(summary: string, pid: number, comm: string): Place | undefined {
    const tail = `,task=${comm},pid=${pid},uid=`;
    const end = summary.lastIndexOf(tail);
    const limit = SUMMARY_LIMIT.exec(summary);
    if (!limit || end < 0 || !/^-?\d+$/.test(summary.slice(end + tail.length))) return undefined;
    const paths = summary.slice(limit.index + limit[0].length, end);
    if (limit[1] === undefined) return this.#split(paths, BETWEEN, 'limit first');
    const [, policy, nodes = policy] = SUMMARY_NODES.exec(summary.slice(0, limit.index)) ?? [];
    const group = spell(paths);
    return { ...(this.#groups.has(group) ? { group } : {}), limitGroup: '/', ...(nodes === undefined ? {} : { nodes }) };
  }

  /** Splits two paths at a text that may also occur within them: takes the only split into two known groups, the victim's within the limit's. */
  #split(paths: string, between: string, order: 'group first' | 'limit first'): Place | undefined {
    const found: Place[] = [];
    for (let at = paths.indexOf(`${between}/`); at >= 0; at = paths.indexOf(`${between}/`, at + 1)) {
      const [first, second] = [spell(paths.slice(0, at)), spell(paths.slice(at + between.length))];
      const [group, limitGroup] = order === 'limit first' ? [second, first] : [first, second];
      if (isWithin(group, limitGroup) && this.#groups.has(group) && this.#groups.has(limitGroup)) found.push({ group, limitGroup });
    }
    return found.length === 1 ? found[0] : undefined;
  }
}
