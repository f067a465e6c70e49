// How far writes reach: groups under the managed root and those the operator named; never a group that holds cgdeck or pid 1.
import { readFileSync } from 'node:fs';
import picomatch from 'picomatch';
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

/** A glob that matches this path and no other; in single quotes, as a shell takes it. */
function patternFor(path: string): string {
  const pattern = path.replace(/[\\*?[\]{}()!+@|,]/g, '\\$&');
  return `'${pattern.replaceAll("'", "'\\''")}'`;
}

export class Reach {
  readonly managedRoot: string;
  readonly #isNamed: (group: string) => boolean;
  readonly #protectedPids: Set<number>;
  readonly #lookOnly: boolean;

  /**
   * @param control globs: `*` and `?` within a name, `**` over any number of them, also none; [], {,}, @() as in bash(1); a backslash takes the next character as it is
   * @param protectedPids the agent, the supervisor and the web process; pid 1 is always one
   * @param lookOnly where it cannot be told which groups are our own, nothing is written
   */
  constructor(managedRoot: string, control: readonly string[], protectedPids: readonly number[], lookOnly = false) {
    this.#lookOnly = lookOnly;
    this.managedRoot = managedRoot;
    const isNamed = control.length === 0 ? () => false : picomatch([...control], { dot: true, nonegate: true, windows: false });
    this.#isNamed = (group) => isNamed(group);
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
    return isWithin(group, this.managedRoot) || this.#isNamed(group);
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
        `${group} was not made by cgdeck and is only shown. Start cgdeck with --control ${patternFor(group)} to let it act there.`,
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

  /** @throws ProblemError if the process is ours, pid 1, or is in no group that writes reach */
  maySignal(pid: number): void {
    if (!this.#ownersOf(pid).some(([, group]) => this.isManaged(group)))
      throw new ProblemError('protected', `Process ${pid} is in no group that cgdeck manages.`);
  }

  /**
   * Whoever may move a process into a managed group may then limit and kill it: sshd and the like, which are in the root group on v1 without systemd,
   * are moved only where that was named.
   * @throws ProblemError if moving the process would take it out of a group that is somebody else's
   */
  mayMove(pid: number): void {
    const others = this.#ownersOf(pid).find(([, group]) => !this.isManaged(group));
    if (others === undefined) return;
    const [hierarchy, group] = others;
    throw new ProblemError(
      'protected',
      group === '/'
        ? `Process ${pid} is in the root group, and cgdeck did not launch it: in a group of cgdeck it could be limited and killed. Start cgdeck with --control '/' to allow that for every process of the root group, or launch the program with cgdeck.`
        : `Process ${pid} is in ${group} (${hierarchy}), which cgdeck does not manage: moving it would take it from its owner. Start cgdeck with --control ${patternFor(group)} to allow it.`,
      { file: group },
    );
  }

  /**
   * The groups that say whose a process is, with their hierarchies: those other than the root, of hierarchies that limit something; the root where there are none.
   * @throws ProblemError for a process that is ours, pid 1, or gone
   */
  #ownersOf(pid: number): [hierarchy: string, group: string][] {
    if (this.#protectedPids.has(pid)) throw new ProblemError('self_protected', `Process ${pid} is cgdeck itself or pid 1.`);
    const groups = groupsOfProcess(pid);
    if (groups.size === 0) throw new ProblemError('not_found', `There is no process ${pid} (any more).`);
    const owners = [...groups].filter(([hierarchy, group]) => group !== '/' && !hierarchy.startsWith('name='));
    return owners.length > 0 ? owners : [['', '/']];
  }
}
