// Finds OOM kills in the kernel log, as kernels from 4.18 on write them (mm/oom_kill.c): the victim, its group, and the group whose limit was reached.
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
  /** The group whose limit was reached; "/" for the machine's memory. */
  readonly limitGroup?: string;
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

interface Place {
  readonly group: string;
  readonly limitGroup: string;
}

const KIB = 1024;
const SUMMARY = 'oom-kill:constraint=';
const SUMMARY_END = /,task=.*,pid=\d+,uid=-?\d+$/s;
/** A cpuset's name has no slash, so the first match is the kernel's. */
const SUMMARY_LIMIT = /,(?:oom_memcg=(?=\/)|(global_oom),task_memcg=(?=\/))/;
const BETWEEN = ',task_memcg=';
/** Linux 4.18 to 5.0, where a child may be killed in place of the chosen process. */
const TASK_IN = /^Task in (\/.*) killed as a result of limit of \/.*$/s;
const TASK_IN_BETWEEN = ' killed as a result of limit of ';
const CHOSEN = /^(?:Memory cgroup out|Out) of memory: Kill process (\d+) \(.*\) score -?\d+ or sacrifice child$/s;
const WHOLE = /^Tasks in (\/.*) are going to be killed due to memory\.oom\.group set$/s;
const BEGINS = /^.{0,64} invoked oom-killer: /s;
/** Anchored, since a group's name could look like this line. */
const KILLED =
  /^(?:(?:Memory cgroup out|Out) of memory(?: \(oom_kill_allocating_task\))?: )?Killed process (\d+)(?:, UID \d+,)? \((.*)\)(?:, UID \d+,)? (?:total-vm|vsz):\d+kB, anon-rss:(\d+)kB, file-rss:(\d+)kB(?:, shmem-rss:(\d+)kB)?/s;
/** Lines of one kill are not further apart; a pid is not reused and killed again within that time. */
const ONE_KILL_USEC = 1_000_000;
/** Summaries without a kill line, as of processes that ended by themselves. */
const MOST_SUMMARIES = 64;

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function isWithin(group: string, limit: string): boolean {
  return limit === '/' || group === limit || group.startsWith(`${limit}/`);
}

export class OomLines {
  readonly #groups: KnownGroups;
  /** By pid. */
  readonly #summaries = new Map<number, string>();
  /** A summary that continues in following records. */
  #begun: { bytes: string; readonly caller: string | undefined } | undefined;
  #taskIn: (Place & { pid?: number }) | undefined;
  #whole: { readonly group: string; readonly timeUsec: number } | undefined;
  readonly #killed = new Map<number, OomKill>();

  constructor(groups: KnownGroups) {
    this.#groups = groups;
  }

  /** @returns a kill at its last line */
  take(record: KernelLogRecord): OomKill | undefined {
    const { bytes, continues, caller } = record;
    if (continues) {
      if (this.#begun && this.#begun.caller === caller) this.#summary(this.#begun.bytes + bytes, caller);
    } else if (bytes.startsWith(SUMMARY)) this.#summary(bytes, caller);
    else if (BEGINS.test(bytes)) this.#taskIn = this.#whole = undefined;
    else if (TASK_IN.test(bytes)) this.#taskIn = this.#split(bytes.slice('Task in '.length), TASK_IN_BETWEEN, 'group first');
    else if (CHOSEN.test(bytes)) this.#taskIn = this.#taskIn && { ...this.#taskIn, pid: Number(CHOSEN.exec(bytes)?.[1]) };
    else if (WHOLE.test(bytes)) {
      const group = spell(WHOLE.exec(bytes)?.[1] ?? '');
      this.#whole = this.#groups.has(group) && this.#groups.isLeaf(group) ? { group, timeUsec: record.timeUsec } : undefined;
    } else return this.#kill(record);
    return undefined;
  }

  #summary(bytes: string, caller: string | undefined): void {
    const pid = /,pid=(\d+),uid=-?\d+$/.exec(bytes)?.[1];
    const isWhole = pid !== undefined && SUMMARY_END.test(bytes);
    this.#begun = isWhole ? undefined : { bytes, caller };
    if (!isWhole) return;
    this.#whole = undefined;
    this.#summaries.set(Number(pid), bytes);
    for (const first of this.#summaries.keys()) {
      if (this.#summaries.size <= MOST_SUMMARIES) break;
      this.#summaries.delete(first);
    }
  }

  #kill({ bytes, sequence, timeUsec }: KernelLogRecord): OomKill | undefined {
    const match = KILLED.exec(bytes);
    if (!match) return undefined;
    const [, pidText, comm = '', ...rss] = match;
    const pid = Number(pidText);
    const before = this.#killed.get(pid);
    const rssBytes = rss.reduce((sum, kib) => sum + Number(kib ?? 0) * KIB, 0);
    const at = { sequence, timeUsec, pid, comm: textOf(comm), rssBytes };
    if (before && before.comm === at.comm && timeUsec - before.timeUsec < ONE_KILL_USEC) return { ...before, ...at, again: true };
    const summary = this.#summaries.get(pid);
    this.#summaries.delete(pid);
    const place = (summary !== undefined && this.#place(summary, pid, comm)) || this.#taskInOf(pid);
    this.#taskIn = undefined;
    const whole = this.#whole && timeUsec - this.#whole.timeUsec < ONE_KILL_USEC ? { whole: this.#whole.group } : {};
    const kill = { ...at, ...(place ? { group: place.group, limitGroup: place.limitGroup } : whole) };
    this.#remember(kill);
    return kill;
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

  #taskInOf(pid: number): Place | undefined {
    return this.#taskIn?.pid === undefined || this.#taskIn.pid === pid ? this.#taskIn : undefined;
  }

  /** The victim's name is known from the kill line, which makes the end of the paths exact. */
  #place(summary: string, pid: number, comm: string): Place | undefined {
    const tail = `,task=${comm},pid=${pid},uid=`;
    const end = summary.lastIndexOf(tail);
    const limit = SUMMARY_LIMIT.exec(summary);
    if (!limit || end < 0 || !/^-?\d+$/.test(summary.slice(end + tail.length))) return undefined;
    const paths = summary.slice(limit.index + limit[0].length, end);
    if (limit[1] === undefined) return this.#split(paths, BETWEEN, 'limit first');
    const group = spell(paths);
    return this.#groups.has(group) ? { group, limitGroup: '/' } : undefined;
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
