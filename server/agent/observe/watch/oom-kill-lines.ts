// Follows the lines that one task or CPU prints of OOM kills, in the order of the kernel's functions (mm/oom_kill.c, under oom_lock).
import { spell } from '../../../contract/spelling.ts';
import { type Call, isVictim, mayHave, type OomKill, withHeader } from './oom-call.ts';
import type { OomHeaders } from './oom-headers.ts';
import { isKnown, type KnownGroups, type Place, placeInSummary, placeInTaskLine } from './oom-places.ts';
import type { Chosen } from './oom-reaped.ts';
import {
  CHOSEN,
  EXITING,
  HEADER_NODES,
  KILLED,
  KILLED_IN_UB,
  type Kind,
  kindOf,
  kindOfSummary,
  RAGE,
  SUMMARY_END,
  SUMMARY_LIMIT,
  WHOLE,
} from './oom-spellings.ts';
import { OomTable } from './oom-table.ts';

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

  /**
   * Whether a process was chosen, up to Linux 5.0, and its kill line is still to come.
   * @param isSummary of a line that openEuler 4.19 prints after "Task in", without groups
   */
  isOpen(timeUsec: number, isSummary: boolean): boolean {
    const { taskIn, chosen, seenUsec } = this.#call ?? {};
    return (chosen ?? (isSummary ? undefined : taskIn)) !== undefined && timeUsec - (seenUsec ?? 0) < MEMBERS_USEC;
  }

  /** What follows belongs to no kill before: records were lost, or no process was killed. */
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

  /** dump_oom_summary(), as far as it is printed. @returns that of a limit */
  summary({ bytes, timeUsec }: Line): Chosen | undefined {
    const pid = SUMMARY_END.exec(bytes)?.[1];
    if (pid === undefined) return undefined;
    const before = this.#inHeader(timeUsec);
    const call = before.summary ? this.#begin(timeUsec) : before;
    if (call.header === undefined) this.#headers.printed(timeUsec);
    const summary = { pid: Number(pid), bytes };
    const kind = kindOfSummary(bytes);
    Object.assign(call, { summary, kind });
    return kind === 'group' && SUMMARY_LIMIT.test(bytes) ? { ...summary, timeUsec, header: call.header } : undefined;
  }

  /** oom_kill_process(), up to Linux 5.0: also where the header is left out. */
  chosen({ bytes, timeUsec }: Line): void {
    const [, pid, comm = ''] = CHOSEN.exec(bytes) ?? [];
    const chosen = { pid: Number(pid), comm };
    const kind = kindOf(bytes);
    const before = this.#inHeader(timeUsec);
    const call = before.summary && before.summary.pid !== chosen.pid ? this.#begin(timeUsec) : before;
    Object.assign(call, { chosen, kind });
    if (kind !== 'machine') return;
    const group = call.taskIn?.limitGroup === '/' ? call.taskIn.group : undefined;
    call.taskIn = {
      ...(group === undefined ? {} : { group }),
      limitGroup: '/',
      ...(call.nodes === undefined ? {} : { nodes: call.nodes }),
    };
  }

  /**
   * __oom_kill_process(), from Linux 5.9 on: the process has no memory any more, and no kill line. Before, there is no line at all.
   * @returns its pid, unless it may have been killed before, as the first of a group
   */
  exiting({ bytes, timeUsec }: Line): number | undefined {
    const call = this.#current(timeUsec);
    if (call?.whole !== undefined) return undefined;
    const pid = Number(EXITING.exec(bytes)?.[1]);
    const isChosen = call !== undefined && (call.summary ?? call.chosen)?.pid === pid && call.kind === kindOf(bytes);
    if (isChosen) call.summary = call.chosen = undefined;
    else this.#begin(timeUsec, kindOf(bytes));
    return call?.isPastHeader ? undefined : pid;
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
    call.isPastHeader = true;
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

  /** oom_berserker(), Virtuozzo: further processes of the limit, or of another's whose victim ends without a line. */
  raged({ bytes, sequence, timeUsec }: Line): OomKill | undefined {
    const [, of, comm = ''] = RAGE.exec(bytes) ?? [];
    if (of === undefined) return undefined;
    const pid = Number(of);
    const { limitGroup: group, table } = this.#current(timeUsec) ?? {};
    const isIn = group !== undefined && group !== '/' && this.#groups.isLeaf(group) && table?.processOf(pid) !== undefined;
    return { sequence, timeUsec, pid, comm: Buffer.from(comm, 'latin1').toString('utf8'), ...(isIn ? { group } : {}) };
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
    const named = summary && placeInSummary(summary.bytes, chosen?.comm ?? comm, this.#groups);
    // Without groups (openEuler 4.19) it may have the nodes.
    const place = summary && SUMMARY_LIMIT.test(summary.bytes) ? named : (taskIn ?? named) && { ...taskIn, ...named };
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
    return call && !call.first && !call.isPastHeader && !call.chosen ? call : this.#begin(timeUsec);
  }

  /** A kill whose header is left out, or lost. */
  #begin(timeUsec: number, kind?: Kind): Call {
    this.#call = { seenUsec: timeUsec, table: new OomTable(), kind };
    return this.#call;
  }
}
