// Which processes were in which group a moment ago: where the kernel log leaves out a victim's group, this is how it is found.
import { readFileSync } from 'node:fs';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import type { Layout } from '../../kernel/hierarchy/layout.ts';
import { type Hierarchy, isAbove, nameOf } from '../../kernel/hierarchy/mounts.ts';
import { groupsOfProcess } from '../../kernel/hierarchy/process-groups.ts';

/** The log is read within milliseconds of a kill; on a busy machine, within seconds. */
const KEPT_MS = 10_000;
/** A group under pressure is read at most so often; processes that live shorter stay unknown. */
const READ_EVERY_MS = 50;

interface Member {
  group: string;
  /** When it was first missing from the group. */
  leftMs?: number;
}

interface Known {
  pids: ReadonlySet<number>;
  readMs: number;
}

export class Members {
  readonly #layout: Layout;
  readonly #nowMs: () => number;
  readonly #members = new Map<number, Member>();
  readonly #groups = new Map<string, Known>();
  /** When each group was removed, oldest first; members that left, oldest first. */
  readonly #removed = new Map<string, number>();
  #left: { readonly pid: number; readonly leftMs: number }[] = [];

  #onSeen: (pids: readonly number[], again: boolean) => void = () => {};

  constructor(layout: Layout, nowMs = () => performance.now()) {
    this.#layout = layout;
    this.#nowMs = nowMs;
  }

  /** Calls `listener` with processes that are new in a group, and `again` with those of a group that is short of memory. */
  onSeen(listener: (pids: readonly number[], again: boolean) => void): void {
    this.#onSeen = listener;
  }

  /** The list of processes charged to the group. */
  path(group: string): string | undefined {
    const hierarchy = this.#charged;
    return hierarchy && `${this.#layout.dir(hierarchy, group)}/cgroup.procs`;
  }

  /** The hierarchy with the memory controller. */
  get #charged(): Hierarchy | undefined {
    return this.#layout.ofController('memory') ?? this.#layout.unified;
  }

  /** A process was launched in, or moved to, the group. */
  entered(group: string, pid: number): void {
    this.#members.set(pid, { group });
    this.#onSeen([pid], false);
  }

  /** Reads the members of a group that is short of memory: one of them may be killed. */
  refresh(group: string): void {
    const path = this.path(group);
    const nowMs = this.#nowMs();
    if (path === undefined || nowMs - (this.#groups.get(group)?.readMs ?? Number.NEGATIVE_INFINITY) < READ_EVERY_MS) return;
    try {
      this.listed(group, path, readFileSync(onDisk(path)));
      this.#onSeen([...(this.#groups.get(group)?.pids ?? [])], true);
    } catch {
      // Removed, or a threaded group, which has no list of processes.
    }
  }

  /** @param path the list that `text` was read from; those of other hierarchies are ignored */
  listed(group: string, path: string, text: Buffer): void {
    if (path !== this.path(group)) return;
    const nowMs = this.#nowMs();
    const pids = new Set<number>();
    for (const line of text.toString('latin1').split('\n')) if (line !== '') pids.add(Number(line));
    const entered: number[] = [];
    for (const pid of pids) {
      const member = this.#members.get(pid);
      if (member?.group === group && member.leftMs === undefined) continue;
      this.#members.set(pid, { group });
      entered.push(pid);
    }
    if (entered.length > 0) this.#onSeen(entered, false);
    for (const pid of this.#groups.get(group)?.pids ?? []) if (!pids.has(pid)) this.#leave(pid, group, nowMs);
    this.#groups.set(group, { pids, readMs: nowMs });
    this.#forget(nowMs);
  }

  removed(group: string): void {
    const nowMs = this.#nowMs();
    for (const pid of this.#groups.get(group)?.pids ?? []) this.#leave(pid, group, nowMs);
    this.#groups.delete(group);
    this.#removed.delete(group);
    this.#removed.set(group, nowMs);
    this.#forget(nowMs);
  }

  wasRemovedLately(group: string): boolean {
    return this.#nowMs() - (this.#removed.get(group) ?? Number.NEGATIVE_INFINITY) < KEPT_MS;
  }

  /** The group of a process that is being killed: from /proc, else where it was last seen. */
  groupOf(pid: number, comm: string): string | undefined {
    return this.#currentGroup(pid, comm) ?? this.#members.get(pid)?.group;
  }

  /** On v1 the kernel shows an ending process in the root group, on v2 where it was (cgroups(7)). */
  #currentGroup(pid: number, comm: string): string | undefined {
    const hierarchy = this.#charged;
    try {
      // The pid may be reused already.
      if (!hierarchy || readFileSync(`/proc/${pid}/comm`, 'utf8') !== `${comm}\n`) return undefined;
    } catch {
      return undefined;
    }
    const group = groupsOfProcess(pid).get(nameOf(hierarchy));
    const isRoot = group === '/' && hierarchy.version === 1 && hierarchy.part === undefined;
    return group === undefined || isRoot || isAbove(group) ? undefined : group;
  }

  #leave(pid: number, group: string, leftMs: number): void {
    const member = this.#members.get(pid);
    if (member?.group !== group || member.leftMs !== undefined) return;
    member.leftMs = leftMs;
    this.#left.push({ pid, leftMs });
  }

  #forget(nowMs: number): void {
    const kept = this.#left.findIndex(({ leftMs }) => nowMs - leftMs < KEPT_MS);
    for (const { pid, leftMs } of kept < 0 ? this.#left : this.#left.slice(0, kept))
      if (this.#members.get(pid)?.leftMs === leftMs) this.#members.delete(pid);
    this.#left = kept < 0 ? [] : kept === 0 ? this.#left : this.#left.slice(kept);
    for (const [group, removedMs] of this.#removed) {
      if (nowMs - removedMs < KEPT_MS) break;
      this.#removed.delete(group);
    }
  }
}
