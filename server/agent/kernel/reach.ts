// How far writes reach: groups under the managed root and those the operator named; never a group that holds cgdeck or pid 1.
import { readFileSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { isWithin, lineage } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { spell } from '../../contract/spelling.ts';
import { mountedParts, shownPath } from './hierarchy/mounts.ts';

/** Paths of a process's groups in all hierarchies, as the page shows them, from /proc/<pid>/cgroup (cgroups(7)); empty if it is gone. */
export function groupsOfProcess(pid: number | 'self'): Map<string, string> {
  const groups = new Map<string, string>();
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/cgroup`, 'latin1');
  } catch {
    return groups;
  }
  for (const line of text.split('\n')) {
    // "4:memory:/a:b": the path may hold colons.
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    const name = match?.[1] === '' ? 'unified' : (match?.[1] ?? '');
    if (match) groups.set(name, shownPath(spell(match[2] ?? '/'), mountedParts.get(name)));
  }
  return groups;
}

export class Reach {
  readonly managedRoot: string;
  readonly #control: readonly string[];
  readonly #protectedPids: Set<number>;
  readonly #lookOnly: boolean;

  /**
   * @param protectedPids the agent, the supervisor and the web process; pid 1 is always one
   * @param lookOnly where it cannot be told which groups are our own, nothing is written
   */
  constructor(managedRoot: string, control: readonly string[], protectedPids: readonly number[], lookOnly = false) {
    this.#lookOnly = lookOnly;
    this.managedRoot = managedRoot;
    this.#control = control;
    this.#protectedPids = new Set([1, process.pid, ...protectedPids]);
  }

  protect(pid: number): void {
    this.#protectedPids.add(pid);
  }

  unprotect(pid: number): void {
    this.#protectedPids.delete(pid);
  }

  isManaged(group: string): boolean {
    if (this.#lookOnly) return false;
    return isWithin(group, this.managedRoot) || this.#control.some((glob) => matchesGlob(group, glob));
  }

  /** Whether the group, or one below it, holds a process of ours or pid 1. */
  holdsOurselves(group: string): boolean {
    return this.ownGroups().has(group);
  }

  /** The groups that hold a process of ours or pid 1, and all their ancestors, as it is now. */
  ownGroups(): Set<string> {
    const own = new Set<string>();
    for (const pid of this.#protectedPids) {
      for (const path of groupsOfProcess(pid).values()) for (const group of lineage(path)) own.add(group);
    }
    return own;
  }

  /** @throws ProblemError protected or self_protected */
  mayWrite(group: string): void {
    if (!this.isManaged(group)) {
      throw new ProblemError(
        'protected',
        `${group} was not made by cgdeck and is only shown. Start cgdeck with --control '${group}' to let it act there.`,
        { file: group },
      );
    }
    if (this.holdsOurselves(group)) {
      throw new ProblemError(
        'self_protected',
        `${group} holds cgdeck itself or pid 1: freezing, killing or limiting it would take the control room down.`,
        { file: group },
      );
    }
  }

  /** @throws ProblemError if the process is ours, pid 1, or lives in a group that writes do not reach; "/" is nobody's group */
  maySignal(pid: number): void {
    if (this.#protectedPids.has(pid)) throw new ProblemError('self_protected', `Process ${pid} is cgdeck itself or pid 1.`);
    const groups = groupsOfProcess(pid);
    if (groups.size === 0) throw new ProblemError('not_found', `There is no process ${pid} (any more).`);
    if (![...groups.values()].some((group) => this.isManaged(group))) {
      throw new ProblemError('protected', `Process ${pid} is in no group that cgdeck manages.`);
    }
  }

  /** @throws ProblemError if moving the process would take it out of a group that is somebody else's */
  mayMove(pid: number): void {
    if (this.#protectedPids.has(pid)) throw new ProblemError('self_protected', `Process ${pid} is cgdeck itself or pid 1.`);
    const groups = groupsOfProcess(pid);
    if (groups.size === 0) throw new ProblemError('not_found', `There is no process ${pid} (any more).`);
    for (const [hierarchy, group] of groups) {
      if (group === '/' || this.isManaged(group) || hierarchy.startsWith('name=')) continue;
      throw new ProblemError(
        'protected',
        `Process ${pid} is in ${group} (${hierarchy}), which cgdeck does not manage: moving it would take it from its owner. Start cgdeck with --control '${group}' to allow it.`,
        { file: group },
      );
    }
  }
}
