// Finds OOM kills in the kernel log: the victim, its group, and the group whose limit was reached.
import { isWithin } from '../../../contract/paths.ts';
import { spell } from '../../../contract/spelling.ts';
import type { KernelLogRecord } from './kernel-log.ts';
import type { OomKill } from './oom-call.ts';
import { OomHeaders } from './oom-headers.ts';
import { OomKillLines } from './oom-kill-lines.ts';
import type { KnownGroups } from './oom-places.ts';
import { OomReaped } from './oom-reaped.ts';
import {
  BEGINS,
  BEGINS_AS_REST,
  CHOSEN,
  EXITING,
  IN_PIECES,
  kindOf,
  NOTHING_TO_KILL,
  OF_GROUP,
  RAGE_END,
  STATS_IN_PIECES,
  SUMMARY,
  SUMMARY_END,
  SUMMARY_LIMIT,
  TASK_IN,
  WHOLE,
} from './oom-spellings.ts';

export type { OomKill } from './oom-call.ts';

/** A task or CPU that prints; without callers in the log (CONFIG_PRINTK_CALLER) it stands for all. */
interface Printer {
  readonly lines: OomKillLines;
  seenUsec: number;
  /** A line of which further records may be the rest, soon. */
  begun?: Pick<KernelLogRecord, 'bytes' | 'timeUsec'> | undefined;
  /** When the lines of two kills were mixed: which line belongs to which is not known. */
  mixedUsec?: number;
}

/** Lines of one kill are not further apart; a pid is not reused and killed again within that time. */
const ONE_KILL_USEC = 1_000_000;
/** A printer is forgotten. */
const PRINTER_USEC = 10_000_000;
/** Two paths, and what is around them; the kernel's own bound on a path is 4 KiB. */
const MOST_BYTES = 16 * 1024;
/** The kernel's first record, 0, is its banner. */
const FIRST_SEQUENCE = 1;

function isComplete(bytes: string): boolean {
  return SUMMARY_END.test(bytes) || TASK_IN.test(bytes) || WHOLE.test(bytes);
}

export class OomLines {
  readonly #groups: KnownGroups;
  readonly #headers = new OomHeaders();
  readonly #reaped: OomReaped;
  /** By caller. */
  readonly #printers = new Map<string | undefined, Printer>();
  /** By pid, lately. */
  readonly #killed = new Map<number, OomKill>();
  /** The line about the latest group that was killed as a whole. */
  #whole: KernelLogRecord | undefined;
  #last = FIRST_SEQUENCE - 1;

  constructor(groups: KnownGroups) {
    this.#groups = groups;
    this.#reaped = new OomReaped(groups);
  }

  /** @returns a kill at its last line */
  take(record: KernelLogRecord): OomKill | undefined {
    const { bytes, continues } = record;
    this.#follow(record);
    const printer = this.#printerOf(record);
    const { lines } = printer;
    if (printer.begun && record.timeUsec - printer.begun.timeUsec >= ONE_KILL_USEC) printer.begun = undefined;
    const begun = printer.begun?.bytes;
    const isRest = continues && !BEGINS_AS_REST.test(bytes);
    // Also with the flag "c", which the first piece has on Linux 3.5 to 4.8, and the others on later ones.
    if (IN_PIECES.test(bytes)) this.#begins(printer, record);
    else if (isRest) {
      if (begun !== undefined && begun.length < MOST_BYTES) this.#line(printer, { ...record, bytes: begun + bytes });
    } else if (BEGINS.test(bytes)) lines.header(record);
    else if (STATS_IN_PIECES.test(bytes)) printer.begun = undefined;
    else if (NOTHING_TO_KILL.test(bytes) || RAGE_END.test(bytes)) lines.end();
    else if (EXITING.test(bytes)) this.#reaped.settled(lines.exiting(record));
    else if (CHOSEN.test(bytes)) {
      // A child may be killed in its place.
      this.#reaped.settled(Number(CHOSEN.exec(bytes)?.[1]));
      lines.chosen(record);
    } else {
      lines.other(record);
      const kill = lines.killed(record) ?? lines.raged(record) ?? this.#reaped.take(record);
      if (kill) this.#reaped.settled(kill.pid);
      // From Linux 5.1 on, where kills are never mixed (oom_lock).
      if (kill && kindOf(bytes)) printer.begun = undefined;
      return kill && this.#known(kill, OF_GROUP.test(bytes));
    }
    return undefined;
  }

  /** Where records were lost, what follows may belong to others than what was before. */
  #follow({ sequence, timeUsec }: KernelLogRecord): void {
    const isLost = sequence > this.#last + 1;
    this.#last = sequence;
    if (!isLost) return;
    this.#headers.lostUntil(timeUsec);
    this.#whole = undefined;
    this.#reaped.end();
    for (const printer of this.#printers.values()) {
      printer.begun = undefined;
      printer.lines.end();
    }
    const all = this.#printers.get(undefined);
    if (all) all.mixedUsec = timeUsec;
  }

  #printerOf({ caller, timeUsec }: KernelLogRecord): Printer {
    const printer = this.#printers.get(caller) ?? { lines: new OomKillLines(this.#groups, this.#headers), seenUsec: timeUsec };
    printer.seenUsec = timeUsec;
    this.#printers.delete(caller);
    this.#printers.set(caller, printer);
    for (const [other, { seenUsec }] of this.#printers) {
      if (timeUsec - seenUsec <= PRINTER_USEC) break;
      this.#printers.delete(other);
    }
    return printer;
  }

  /** Kills are printed one after another; where they are not, and nothing says who printed what, only complete summaries count. */
  #begins(printer: Printer, record: KernelLogRecord): void {
    const { begun, lines } = printer;
    const { bytes, caller, timeUsec } = record;
    // Where whole groups are killed, kills are never mixed (oom_lock).
    const isOpen =
      (begun !== undefined && !isComplete(begun.bytes)) ||
      (!bytes.startsWith('Tasks') && lines.isOpen(timeUsec, SUMMARY_END.test(bytes) && !SUMMARY_LIMIT.test(bytes)));
    if (caller === undefined && isOpen) {
      printer.mixedUsec = timeUsec;
      lines.end();
    }
    const isMixed = printer.mixedUsec !== undefined && timeUsec - printer.mixedUsec < ONE_KILL_USEC;
    printer.begun = undefined;
    if (!isMixed) this.#line(printer, record);
    else if (bytes.startsWith(SUMMARY)) this.#summary(printer, record);
  }

  /** A line as far as it is there. */
  #line(printer: Printer, line: KernelLogRecord): void {
    const { bytes } = line;
    printer.begun = line;
    if (bytes.startsWith(SUMMARY)) this.#summary(printer, line);
    else if (TASK_IN.test(bytes)) printer.lines.taskIn(line);
    else if (WHOLE.test(bytes)) {
      printer.lines.whole(line);
      this.#whole = line;
    }
  }

  #summary(printer: Printer, line: KernelLogRecord): void {
    const chosen = printer.lines.summary(line);
    if (chosen) this.#reaped.chosen(chosen);
  }

  /**
   * A victim is chosen once, but by hand (SysRq f), and killed once more where its group is killed as a whole: where a second line has none
   * before it that says why, those were lost.
   */
  #known(kill: OomKill, isOfLimit: boolean): OomKill {
    const before = this.#killed.get(kill.pid);
    const isSame = before?.comm === kill.comm && kill.timeUsec - before.timeUsec < ONE_KILL_USEC;
    const isChosenOnce = isOfLimit && kill.limitGroup === undefined && before?.limitGroup !== '/';
    if (before && isSame && !kill.again && kill.group === undefined && (isChosenOnce || this.#isOfWhole(before))) {
      this.#killed.set(kill.pid, { ...before, sequence: kill.sequence });
      return { ...kill, ...(before.group === undefined ? {} : { group: before.group }), again: true };
    }
    this.#killed.delete(kill.pid);
    this.#killed.set(kill.pid, kill);
    for (const { pid, timeUsec } of this.#killed.values()) {
      if (kill.timeUsec - timeUsec < ONE_KILL_USEC) break;
      this.#killed.delete(pid);
    }
    return kill;
  }

  /** Whether the victim's group was killed as a whole since its last line. */
  #isOfWhole({ group, sequence }: OomKill): boolean {
    const { bytes, sequence: wholeSequence } = this.#whole ?? { bytes: '', sequence: 0 };
    const path = WHOLE.exec(bytes)?.[1];
    return path !== undefined && group !== undefined && wholeSequence > sequence && isWithin(group, spell(path));
  }
}
