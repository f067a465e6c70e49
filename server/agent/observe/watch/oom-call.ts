// One OOM kill in the kernel's log: a call of oom_kill_process() (mm/oom_kill.c), as far as its lines are there.
import { isWithin } from '../../../contract/paths.ts';
import type { Place } from './oom-places.ts';
import type { Kind } from './oom-spellings.ts';
import type { OomTable } from './oom-table.ts';

/** A kill found in the log. */
export interface OomKill extends Place {
  readonly sequence: number;
  readonly timeUsec: number;
  readonly pid: number;
  readonly comm: string;
  /** Undefined where the kernel does not write it (2.6.32, some of Virtuozzo's and Alibaba's lines). */
  readonly rssBytes?: number;
  /** The victim's group, which has no children and is killed as a whole (memory.oom.group): a line before says so, not the victim's own. */
  readonly whole?: string;
  /** The kernel logged and counted this victim before: it does so twice when a group is killed as a whole. */
  readonly again?: true;
  /** The sequence number of the kill's first line, "X invoked oom-killer": of its first victim, if the log has it. */
  readonly header?: number;
}

/** Each is known only once its line came. */
export interface Call {
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
  /** mem_cgroup_print_oom_group(), also of a group that is not known. */
  isPastHeader?: true;
  whole?: string;
  /** oom_kill_memcg_member() of the first victim. */
  hasFirstAgain?: true;
}

export function withHeader(call: Call, kill: OomKill): OomKill {
  const { header } = call;
  call.header = undefined;
  return header === undefined ? kill : { ...kill, header };
}

/** Of a process whose first thread has ended another one is killed. Up to Linux 5.0, where the line has no message, it may be a child. */
export function isVictim({ chosen, summary, table }: Call, pid: number, kind: Kind | undefined): boolean {
  if (chosen) return kind === undefined || pid === chosen.pid;
  return summary !== undefined && (pid === summary.pid || table.processOf(pid) === summary.pid);
}

/** mem_cgroup_get_oom_group(): a group from the victim's own up to the limit's. */
export function mayHave(first: OomKill | undefined, whole: string): boolean {
  const { group, limitGroup = '/' } = first ?? {};
  return isWithin(whole, limitGroup) && (group === undefined || isWithin(group, whole));
}
