// Finds OOM kills in the kernel log: the victim, its group, and the group whose limit was reached.
import { isWithin } from '../../../contract/paths.ts';
import { spell } from '../../../contract/spelling.ts';
import type { KernelLogRecord } from './kernel-log.ts';
import { isKnown, type KnownGroups, type Place, placeInSummary, placeInTaskLine } from './oom-places.ts';
import {
  BEGINS,
  CHOSEN,
  EXITING,
  IN_PIECES,
  KILLED,
  KILLED_IN_UB,
  MACHINE,
  STATS_IN_PIECES,
  SUMMARY,
  SUMMARY_END,
  TASK_IN,
  WHOLE,
} from './oom-spellings.ts';
import { OomTable } from './oom-table.ts';

/** A kill found in the log. */
export interface OomKill extends Place {
  readonly sequence: number;
  readonly timeUsec: number;
  readonly pid: number;
  readonly comm: string;
  /** Undefined where the kernel does not write it (2.6.32). */
  readonly rssBytes?: number;
  /**
   * A group without children that is being killed as a whole (memory.oom.group). Its victims follow in the log, as many as its counter
   * grows; after them may come another kill whose first lines the log left out.
   */
  readonly whole?: string;
  /** The kernel logged and counted this victim before: it does so twice when a group is killed as a whole. */
  readonly again?: true;
}

/** What lines before a kill line say of it. */
interface Announced extends Place {
  readonly timeUsec: number;
  /** The process that was chosen: the kernel may kill a child of it instead. */
  readonly pid?: number;
}

/** A group whose processes are all being killed. */
interface Whole {
  readonly group: string;
  /** Whether victims without a group of their own in the log are in this one, and in none below it. */
  readonly isLeaf: boolean;
  /** When it last had a victim. */
  timeUsec: number;
}

/** A task or CPU that prints; without callers in the log (CONFIG_PRINTK_CALLER) it stands for all. */
interface Printer {
  seenUsec: number;
  /** A line of which further records may be the rest. */
  begun?: string | undefined;
  announced?: Announced | undefined;
  /**
   * The pid of the summary before, if it is complete: under oom_lock the next kill line is the one that belongs to it, also where it names
   * another thread, because the first had ended.
   */
  summarized?: number | undefined;
  /** Since an out of memory began. */
  table?: OomTable | undefined;
  /** See OomKill. */
  whole?: Whole | undefined;
  /** When the lines of two kills were mixed: which line belongs to which is not known. */
  mixedUsec?: number;
}

const KIB = 1024;
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
  #last: number | undefined;

  constructor(groups: KnownGroups) {
    this.#groups = groups;
  }

  /** @returns a kill at its last line */
  take(record: KernelLogRecord): OomKill | undefined {
    const { bytes, continues, timeUsec } = record;
    this.#follow(record);
    const printer = this.#printerOf(record);
    // Also with the flag "c", which the first piece has on Linux 3.5 to 4.8, and the others on later ones.
    if (IN_PIECES.some((start) => bytes.startsWith(start))) this.#begins(printer, record);
    else if (continues) {
      if (printer.begun !== undefined && printer.begun.length < MOST_BYTES) this.#line(printer, printer.begun + bytes, timeUsec);
    } else if (BEGINS.test(bytes)) {
      printer.announced = printer.summarized = printer.whole = undefined;
      printer.table = new OomTable();
    } else if (STATS_IN_PIECES.test(bytes)) printer.begun = undefined;
    else if (CHOSEN.test(bytes)) this.#chosen(printer, bytes, timeUsec);
    else if (EXITING.test(bytes)) {
      this.#summaries.delete(Number(EXITING.exec(bytes)?.[1]));
      printer.announced = printer.summarized = undefined;
    } else {
      printer.table?.take(bytes);
      return this.#kill(printer, record);
    }
    return undefined;
  }

  /** Where records were lost, what follows may belong to others than what was before. */
  #follow({ sequence, timeUsec }: KernelLogRecord): void {
    const isLost = this.#last !== undefined && sequence !== this.#last + 1;
    this.#last = sequence;
    if (!isLost) return;
    for (const printer of this.#printers.values()) printer.begun = printer.announced = printer.summarized = printer.table = undefined;
    const all = this.#printers.get(undefined);
    if (all) all.mixedUsec = timeUsec;
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
    printer.begun = printer.summarized = undefined;
    if (!isMixed) this.#line(printer, bytes, timeUsec);
    else if (bytes.startsWith(SUMMARY)) this.#summary(printer, bytes, timeUsec);
  }

  /** A line as far as it is there. */
  #line(printer: Printer, bytes: string, timeUsec: number): void {
    printer.begun = bytes;
    if (bytes.startsWith(SUMMARY)) printer.summarized = this.#summary(printer, bytes, timeUsec);
    else if (TASK_IN.test(bytes)) {
      const place = placeInTaskLine(bytes, this.#groups);
      printer.announced = place && { ...place, timeUsec };
    } else if (WHOLE.test(bytes)) {
      const path = WHOLE.exec(bytes)?.[1] ?? '';
      const group = spell(path);
      printer.whole = isKnown(path, this.#groups) ? { group, isLeaf: this.#groups.isLeaf(group), timeUsec } : undefined;
    }
  }

  /** @returns its pid, if it is complete */
  #summary(printer: Printer, bytes: string, timeUsec: number): number | undefined {
    const pidText = SUMMARY_END.exec(bytes)?.[1];
    if (pidText === undefined) return undefined;
    const pid = Number(pidText);
    printer.whole = undefined;
    this.#summaries.delete(pid);
    this.#summaries.set(pid, { bytes, timeUsec });
    for (const first of this.#summaries.keys()) {
      if (this.#summaries.size <= MOST_SUMMARIES) break;
      this.#summaries.delete(first);
    }
    return pid;
  }

  /** Before Linux 5.1: the lines about the process that was chosen hold for the next kill, also of its child. */
  #chosen(printer: Printer, bytes: string, timeUsec: number): void {
    const [, pidText, comm = ''] = CHOSEN.exec(bytes) ?? [];
    const pid = Number(pidText);
    const place = this.#summarized(pid, comm, timeUsec) ?? (printer.announced?.pid === undefined ? printer.announced : undefined);
    const found = MACHINE.test(bytes) ? (place?.limitGroup === '/' ? place : { limitGroup: '/' }) : place;
    printer.announced = found && { ...found, pid, timeUsec };
    printer.summarized = printer.whole = undefined;
  }

  #kill(printer: Printer, { bytes, sequence, timeUsec }: KernelLogRecord): OomKill | undefined {
    const match = KILLED.exec(bytes) ?? KILLED_IN_UB.exec(bytes);
    if (!match) return undefined;
    const [, pidText, comm = '', ...rss] = match;
    const pid = Number(pidText);
    const kib = rss.filter((size) => size !== undefined);
    const rssBytes = kib.reduce((sum, size) => sum + Number(size) * KIB, 0);
    const at = { sequence, timeUsec, pid, comm: textOf(comm), ...(kib.length > 0 ? { rssBytes } : {}) };
    const whole = printer.whole && timeUsec - printer.whole.timeUsec < ONE_KILL_USEC ? printer.whole : undefined;
    if (whole) whole.timeUsec = timeUsec;
    const before = this.#killed.get(pid);
    const chosen = this.#summaries.has(pid) ? pid : printer.table?.mayHave(pid) === false ? undefined : printer.summarized;
    printer.summarized = printer.table = undefined;
    const isNew = chosen !== undefined || printer.announced?.pid === pid || before?.comm !== at.comm;
    if (before && !isNew && (timeUsec - before.timeUsec < ONE_KILL_USEC || (whole && isWithin(before.group ?? whole.group, whole.group))))
      return { ...before, ...at, again: true };
    const summarized = chosen === undefined ? undefined : this.#summarized(chosen, comm, timeUsec);
    const place = summarized ?? this.#placeOf(printer.announced, pid, timeUsec);
    printer.announced = undefined;
    const kill = { ...at, ...(MACHINE.test(bytes) ? { limitGroup: '/' } : {}), ...(place ?? (whole?.isLeaf && { whole: whole.group })) };
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
    return summary && timeUsec - summary.timeUsec <= ONE_OOM_USEC ? placeInSummary(summary.bytes, comm, this.#groups) : undefined;
  }

  /** Only as long as a second line of the same kill may follow, also on a slow console. */
  #remember(kill: OomKill): void {
    this.#killed.delete(kill.pid);
    this.#killed.set(kill.pid, kill);
    for (const { pid, timeUsec } of this.#killed.values()) {
      if (kill.timeUsec - timeUsec < ONE_OOM_USEC) break;
      this.#killed.delete(pid);
    }
  }
}
