// Who was in which group a moment ago: what the kernel's log leaves out of a victim can be told only from what was known before it died.
import { readFileSync } from 'node:fs';
import { spell } from '../../../contract/spelling.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import type { Layout } from '../../kernel/hierarchy/layout.ts';

/** The log is read within milliseconds of a kill, or on a machine with no time for us, some seconds. */
const KEPT_MS = 10_000;
/** A group under pressure is looked at so often: what it starts and loses in between stays unknown. */
const LOOK_EVERY_MS = 50;

interface Member {
  group: string;
  /** When it was seen to be gone. */
  leftMs?: number;
}

interface Known {
  pids: ReadonlySet<number>;
  lookedMs: number;
}

export class Members {
  readonly #layout: Layout;
  readonly #nowMs: () => number;
  readonly #members = new Map<number, Member>();
  readonly #groups = new Map<string, Known>();
  /** Groups that were removed, and members that left, in this order. */
  readonly #removed = new Map<string, number>();
  #left: { readonly pid: number; readonly leftMs: number }[] = [];

  constructor(layout: Layout, nowMs = () => performance.now()) {
    this.#layout = layout;
    this.#nowMs = nowMs;
  }

  /** The list that tells who is charged to the group: that of the hierarchy with the memory controller. */
  path(group: string): string | undefined {
    const hierarchy = this.#layout.ofController('memory') ?? this.#layout.unified;
    return hierarchy && `${this.#layout.dir(hierarchy, group)}/cgroup.procs`;
  }

  /** It was launched or moved there. */
  entered(group: string, pid: number): void {
    this.#members.set(pid, { group });
  }

  /** Something happens to the group's memory: whoever is inside may be killed. */
  look(group: string): void {
    const path = this.path(group);
    const nowMs = this.#nowMs();
    if (path === undefined || nowMs - (this.#groups.get(group)?.lookedMs ?? Number.NEGATIVE_INFINITY) < LOOK_EVERY_MS) return;
    try {
      this.listed(group, path, readFileSync(onDisk(path)));
    } catch {
      // Gone, or a threaded group, which has no list of processes.
    }
  }

  /** @param text of `path`, which may be another hierarchy's list: that one counts for nothing here */
  listed(group: string, path: string, text: Buffer): void {
    if (path !== this.path(group)) return;
    const nowMs = this.#nowMs();
    const pids = new Set<number>();
    for (const line of text.toString('latin1').split('\n')) if (line !== '') pids.add(Number(line));
    for (const pid of pids) {
      const member = this.#members.get(pid);
      if (member?.group !== group || member.leftMs !== undefined) this.#members.set(pid, { group });
    }
    for (const pid of this.#groups.get(group)?.pids ?? []) if (!pids.has(pid)) this.#leave(pid, group, nowMs);
    this.#groups.set(group, { pids, lookedMs: nowMs });
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

  /** What the kernel still says of a process that is being killed, or what was known of it before. */
  groupOf(pid: number, comm: string): string | undefined {
    return this.#stillIn(pid, comm) ?? this.#members.get(pid)?.group;
  }

  /** proc(5): on v1 a process that has begun to end is said to be in the root group, on v2 it stays where it was. */
  #stillIn(pid: number, comm: string): string | undefined {
    try {
      // Its number may be another's already.
      if (readFileSync(`/proc/${pid}/comm`, 'utf8') !== `${comm}\n`) return undefined;
      const memory = this.#layout.ofController('memory')
        ? /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/[^\n]+)\n/m
        : /^0::(\/[^\n]*?)(?: \(deleted\))?\n/m;
      const group = memory.exec(readFileSync(`/proc/${pid}/cgroup`, 'latin1'))?.[1];
      return group && spell(group);
    } catch {
      return undefined;
    }
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
