// Which groups cgdeck may write to: those below the managed root and those named by --control, never one that contains cgdeck or pid 1.
import { groupMatcher } from '../../contract/group-pattern.ts';
import { isWithin, lineage } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { groupsOfProcess } from './hierarchy/process-groups.ts';

/** A glob that matches this path only, quoted for a shell. */
function patternFor(path: string): string {
  const pattern = path.replace(/[\\*?[\]{}()!+@|,]/g, '\\$&');
  return `'${pattern.replaceAll("'", "'\\''")}'`;
}

export class Reach {
  readonly managedRoot: string;
  readonly #isNamed: (group: string) => boolean;
  readonly #protectedPids: Set<number>;
  readonly #readOnly: boolean;

  /**
   * @param control globs, as groupMatcher reads them
   * @param protectedPids the agent, the supervisor and the web process; pid 1 is always added
   * @param readOnly nothing is written: it is unknown which groups contain cgdeck
   */
  constructor(managedRoot: string, control: readonly string[], protectedPids: readonly number[], readOnly = false) {
    this.#readOnly = readOnly;
    this.managedRoot = managedRoot;
    this.#isNamed = groupMatcher(control);
    this.#protectedPids = new Set([1, process.pid, ...protectedPids]);
  }

  protect(pid: number): void {
    this.#protectedPids.add(pid);
  }

  unprotect(pid: number): void {
    this.#protectedPids.delete(pid);
  }

  isManaged(group: string): boolean {
    if (this.#readOnly) return false;
    return isWithin(group, this.managedRoot) || this.#isNamed(group);
  }

  /** Whether the group, or one below it, contains a process of cgdeck or pid 1. */
  holdsOurselves(group: string): boolean {
    return this.ownGroups().has(group);
  }

  /** The groups that contain a process of cgdeck or pid 1 now, and all their ancestors. */
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
        `${group} is not managed by cgdeck: it is shown and cannot be changed. Start cgdeck with --control ${patternFor(group)} to manage it.`,
        { file: group },
      );
    }
    if (this.holdsOurselves(group)) {
      throw new ProblemError(
        'self_protected',
        `${group} contains cgdeck itself or pid 1: freezing, killing or limiting it could stop cgdeck or the machine.`,
        { file: group },
      );
    }
  }

  /** @throws ProblemError if the process is part of cgdeck, pid 1, or in no managed group */
  maySignal(pid: number): void {
    if (!this.#ownersOf(pid).some(([, group]) => this.isManaged(group)))
      throw new ProblemError('protected', `Process ${pid} is in no group that cgdeck manages.`);
  }

  /**
   * A process in a managed group can be limited and killed, so one is moved there only from a managed group. (On v1 without systemd sshd is in the root
   * group.)
   * @throws ProblemError if the process is in a group that cgdeck does not manage
   */
  mayMove(pid: number): void {
    const others = this.#ownersOf(pid).find(([, group]) => !this.isManaged(group));
    if (others === undefined) return;
    const [hierarchy, group] = others;
    throw new ProblemError(
      'protected',
      group === '/'
        ? `Process ${pid} is in the root group, and cgdeck did not launch it: moved to a managed group, it could be limited and killed. Start cgdeck with --control '/' to allow that for every process of the root group, or launch the program with cgdeck.`
        : `Process ${pid} is in ${group} (${hierarchy}), which cgdeck does not manage, so the process cannot be moved out of it. Start cgdeck with --control ${patternFor(group)} to allow it.`,
      { file: group },
    );
  }

  /**
   * The groups that decide who may act on a process, with their hierarchies: all but root groups and named hierarchies; the root where no other is left.
   * @throws ProblemError for a process of cgdeck, for pid 1, and for one that has ended
   */
  #ownersOf(pid: number): [hierarchy: string, group: string][] {
    if (this.#protectedPids.has(pid)) throw new ProblemError('self_protected', `Process ${pid} is cgdeck itself or pid 1.`);
    const groups = groupsOfProcess(pid);
    if (groups.size === 0) throw new ProblemError('not_found', `Process ${pid} does not exist, or has ended.`);
    const owners = [...groups].filter(([hierarchy, group]) => group !== '/' && !hierarchy.startsWith('name='));
    return owners.length > 0 ? owners : [['', '/']];
  }
}
