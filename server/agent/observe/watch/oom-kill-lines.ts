// Follows the lines that one task or CPU prints of OOM kills, in the order of the kernel's functions (mm/oom_kill.c, under oom_lock).
import { isWithin } from '../../../contract/paths.ts';
import { spell } from '../../../contract/spelling.ts';
import type { OomHeaders } from './oom-headers.ts';
import { isKnown, type KnownGroups, type Place, placeInSummary, placeInTaskLine } from './oom-places.ts';
import {
  CHOSEN,
  EXITING,
  HEADER_NODES,
  KILLED,
  KILLED_IN_UB,
  type Kind,
  kindOf,
  kindOfSummary,
  SUMMARY_END,
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
  /** The victim's group, which has no children and is killed as a whole (memory.oom.group): a line before says so, not the victim's own. */
  readonly whole?: string;
  /** The kernel logged and counted this victim before: it does so twice when a group is killed as a whole. */
  readonly again?: true;
  /** The sequence number of the kill's first line, "X invoked oom-killer": of its first victim, if the log has it. */
  readonly header?: number;
}

/** One kill: a call of oom_kill_process(), as far as its lines are there. Each is known only once its line came. */
interface Call {
  /** Its last line. */
  seenUsec: number;
  /** Its first line; until it has a victim. */
  header?: number | undefined;
  /** Up to Linux 4.20, in its first line: the nodes of a memory policy, which the kernel takes only where the policy was the constraint. */
  nodes?: string | undefined;
  readonly table: OomTable;
  /** Up to Linux 4.20, dump_header(): the place of the process that was chosen. */
  taskIn?: Place | undefined;
  /** From 5.0 on, dump_header(): the process that was chosen; until the line of what became of it. */
  summary?: { readonly pid: number; readonly bytes: string } | undefined;
  /** Up to 5.0, oom_kill_process(): the process that was chosen, also where the header is left out; until the line of what became of it. */
  chosen?: { readonly pid: number; readonly comm: string } | undefined;
  /** What memory is used up: the message is the same string in all of its lines. */
  kind?: Kind | undefined;
  /** The limit, whose tasks the table has. */
  limitGroup?: string | undefined;
  /** __oom_kill_process() */
  first?: OomKill;
  /** mem_cgroup_print_oom_group() */
  whole?: string;
  /** oom_kill_memcg_member() of the first victim. */
  hasFirstAgain?: true;
}

type Line = Pick<OomKill, 'sequence' | 'timeUsec'> & { readonly bytes: string };

const KIB = 1024;
/** Lines about the victims of a whole group are not further apart; a pid is not reused and killed again within that time. */
const MEMBERS_USEC = 1_000_000;
/** Those of one kill, also where a slow console prints the dump between. */
const CALL_USEC = 10_000_000;

export class OomKillLines {
  readonly #groups: KnownGroups;
  readonly #headers: OomHeaders;
  #call: Call | undefined;

  constructor(groups: KnownGroups, headers: OomHeaders) {
    this.#groups = groups;
    this.#headers = headers;
  }

  /** Whether a process was chosen, up to Linux 5.0, and its kill line is still to come. */
  isOpen(timeUsec: number): boolean {
    const { taskIn, chosen, seenUsec } = this.#call ?? {};
    return (taskIn ?? chosen) !== undefined && timeUsec - (seenUsec ?? 0) < MEMBERS_USEC;
  }

  /** What follows belongs to no kill before: records were lost, or nobody was killed. */
  end(): void {
    this.#call = undefined;
  }

  /** dump_header() */
  header({ sequence, timeUsec, bytes }: Line): void {
    this.#headers.printed(timeUsec);
    this.#call = { seenUsec: timeUsec, header: sequence, nodes: HEADER_NODES.exec(bytes)?.[1], table: new OomTable() };
  }

  /** dump_tasks() */
  other({ bytes, timeUsec }: Line): void {
    const call = this.#call;
    if (!call || call.first || !bytes.startsWith('[')) return;
    call.table.take(bytes);
    call.seenUsec = timeUsec;
  }

  /** mem_cgroup_print_oom_info(), up to Linux 4.20, as far as it is printed. */
  taskIn({ bytes, timeUsec }: Line): void {
    const before = this.#inHeader(timeUsec);
    const call = before.summary ? this.#begin(timeUsec) : before;
    call.taskIn = placeInTaskLine(bytes, this.#groups);
  }

  /** dump_oom_summary(), as far as it is printed. */
  summary({ bytes, timeUsec }: Line): void {
    const pid = SUMMARY_END.exec(bytes)?.[1];
    if (pid === undefined) return;
    const before = this.#inHeader(timeUsec);
    const call = before.summary ? this.#begin(timeUsec) : before;
    if (call.header === undefined) this.#headers.printed(timeUsec);
    Object.assign(call, { summary: { pid: Number(pid), bytes }, kind: kindOfSummary(bytes) });
  }

  /** oom_kill_process(), up to Linux 5.0: also where the header is left out. */
  chosen({ bytes, timeUsec }: Line): void {
    const [, pid, comm = ''] = CHOSEN.exec(bytes) ?? [];
    const chosen = { pid: Number(pid), comm };
    const kind = kindOf(bytes);
    const before = this.#inHeader(timeUsec);
    const call = before.summary && before.summary.pid !== chosen.pid ? this.#begin(timeUsec) : before;
    Object.assign(call, { chosen, kind });
    if (kind === 'machine' && call.taskIn?.limitGroup !== '/')
      call.taskIn = { limitGroup: '/', ...(call.nodes === undefined ? {} : { nodes: call.nodes }) };
  }

  /** __oom_kill_process(), from Linux 5.9 on: the process has no memory any more, and no kill line. Before, there is no line at all. */
  exiting({ bytes, timeUsec }: Line): void {
    const call = this.#current(timeUsec);
    if (call?.whole !== undefined) return;
    const pid = Number(EXITING.exec(bytes)?.[1]);
    const isChosen = call !== undefined && (call.summary ?? call.chosen)?.pid === pid && call.kind === kindOf(bytes);
    if (isChosen) call.summary = call.chosen = undefined;
    else this.#begin(timeUsec, kindOf(bytes));
  }

  /** mem_cgroup_print_oom_group(), as far as it is printed: after the first victim's line, if it has one. */
  whole({ bytes, timeUsec }: Line): void {
    const path = WHOLE.exec(bytes)?.[1];
    if (path === undefined) return;
    const whole = spell(path);
    const before = this.#current(timeUsec);
    const call = before && before.whole === undefined && mayHave(before.first, whole) ? before : this.#begin(timeUsec);
    if (call.summary) call.limitGroup = placeInSummary(call.summary.bytes, '', this.#groups)?.limitGroup;
    call.summary = call.chosen = undefined;
    if (isKnown(path, this.#groups)) call.whole = whole;
  }

  /** __oom_kill_process() */
  killed({ bytes, sequence, timeUsec }: Line): OomKill | undefined {
    const [, pid, comm = '', ...sizes] = KILLED.exec(bytes) ?? KILLED_IN_UB.exec(bytes) ?? [];
    if (pid === undefined) return undefined;
    const kib = sizes.filter((size) => size !== undefined);
    const rssBytes = kib.reduce((sum, size) => sum + Number(size) * KIB, 0);
    const kind = kindOf(bytes);
    const killed: OomKill = {
      ...{ sequence, timeUsec, pid: Number(pid), comm: Buffer.from(comm, 'latin1').toString('utf8') },
      ...(kib.length > 0 ? { rssBytes } : {}),
      ...(kind === 'machine' ? { limitGroup: '/' } : {}),
    };
    const seenUsec = this.#call?.seenUsec ?? timeUsec;
    const call = this.#current(timeUsec);
    // A line that is about another kill, or an earlier one, has another message.
    if (call && (call.kind === undefined || kind === undefined || call.kind === kind)) {
      call.kind ??= kind;
      if (isVictim(call, killed.pid, kind)) return this.#first(call, { ...killed, ...this.#placeOf(call, killed.pid, comm) });
      const member = this.#member(call, killed, kind, seenUsec);
      if (member) return member;
      // Its summary was cut, or names the first thread.
      if (call.header !== undefined && this.#headers.areComplete(seenUsec)) return this.#first(call, killed);
    }
    return this.#first(this.#begin(timeUsec, kind), killed);
  }

  #first(call: Call, kill: OomKill): OomKill {
    call.first = kill;
    call.limitGroup = kill.limitGroup;
    call.summary = call.chosen = call.taskIn = undefined;
    return withHeader(call, kill);
  }

  /** oom_kill_memcg_member(): the first victim again, and others. No line ends them. */
  #member(call: Call, killed: OomKill, kind: Kind | undefined, seenUsec: number): OomKill | undefined {
    const { first, whole, table } = call;
    if (whole === undefined) return undefined;
    if (first?.pid === killed.pid && !call.hasFirstAgain) {
      call.hasFirstAgain = true;
      return { ...first, ...killed, again: true };
    }
    if (killed.timeUsec - seenUsec > MEMBERS_USEC) return undefined;
    // Up to Linux 5.0 a further kill has a line "Kill process".
    const isOfCall = kind === undefined || this.#headers.areComplete(seenUsec);
    if (!isOfCall && (call.limitGroup !== whole || table.processOf(killed.pid) === undefined)) return undefined;
    const member = { ...killed, ...(this.#groups.isLeaf(whole) ? { whole } : {}) };
    return isOfCall ? withHeader(call, member) : member;
  }

  /** Of the process that was chosen, or of its child, which may be in another group below the limit. */
  #placeOf({ chosen, summary, taskIn, table }: Call, pid: number, comm: string): Place | undefined {
    const place = summary ? placeInSummary(summary.bytes, chosen?.comm ?? comm, this.#groups) : taskIn;
    if (!place || !chosen || chosen.pid === pid || table.processOf(pid) === chosen.pid) return place;
    const { group, ...limit } = place;
    return group !== undefined && group === limit.limitGroup && this.#groups.isLeaf(group) ? place : limit;
  }

  #current(timeUsec: number): Call | undefined {
    if (this.#call && timeUsec - this.#call.seenUsec > CALL_USEC) this.#call = undefined;
    if (this.#call) this.#call.seenUsec = timeUsec;
    return this.#call;
  }

  /** The kill whose header is being printed. */
  #inHeader(timeUsec: number): Call {
    const call = this.#current(timeUsec);
    return call && !call.first && call.whole === undefined && !call.chosen ? call : this.#begin(timeUsec);
  }

  /** A kill whose header is left out, or lost. */
  #begin(timeUsec: number, kind?: Kind): Call {
    this.#call = { seenUsec: timeUsec, table: new OomTable(), kind };
    return this.#call;
  }
}

function withHeader(call: Call, kill: OomKill): OomKill {
  const { header } = call;
  call.header = undefined;
  return header === undefined ? kill : { ...kill, header };
}

/** Of a process whose first thread has ended another one is killed. Up to Linux 5.0, where the line has no message, it may be a child. */
function isVictim({ chosen, summary, table }: Call, pid: number, kind: Kind | undefined): boolean {
  if (chosen) return kind === undefined || pid === chosen.pid;
  return summary !== undefined && (pid === summary.pid || table.processOf(pid) === summary.pid);
}

/** mem_cgroup_get_oom_group(): a group from the victim's own up to the limit's. */
function mayHave(first: OomKill | undefined, whole: string): boolean {
  const { group, limitGroup = '/' } = first ?? {};
  return isWithin(whole, limitGroup) && (group === undefined || isWithin(group, whole));
}
