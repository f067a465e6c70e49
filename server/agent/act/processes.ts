// Lists, kills, signals and moves the processes of groups.

import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Named } from '../../contract/events.ts';
import { isWithin, lineage } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { ControlFileIo } from '../kernel/files/control-file-io.ts';
import { onDisk } from '../kernel/hierarchy/disk-path.ts';
import type { GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import { groupsOfProcess } from '../kernel/hierarchy/process-groups.ts';
import { mustHaveStarted } from '../kernel/meant.ts';
import type { Reach } from '../kernel/reach.ts';
import { freezerOf, isFrozenItself, refuseBelowFrozen } from './freezer.ts';
import { membersIn, membersOf, signalIf, unreaped, unseenOf } from './members.ts';
import { moveInto } from './move-into.ts';
import { commOf } from './process-table.ts';
import { stay, unseenStay } from './unkilled.ts';

const EMPTY_WAIT_MS = 5000;
const LOOK_MS = 5;
/** Processes left by this round fork faster than they are signalled. */
const FREEZE_FROM_ROUND = 3;
/** At most so many processes of a kill are named; the rest are counted. */
const NAMED = 20;

/** The group and the process that are meant, where that is known. */
interface Meant {
  readonly inode?: number | undefined;
  readonly startTicks?: number | undefined;
}

export class GroupProcesses {
  readonly #layout: Layout;
  readonly #tree: GroupTree;
  readonly #io: ControlFileIo;
  readonly #reach: Reach;

  constructor(layout: Layout, tree: GroupTree, io: ControlFileIo, reach: Reach) {
    this.#layout = layout;
    this.#tree = tree;
    this.#io = io;
    this.#reach = reach;
  }

  members(path: string): number[] {
    this.#io.mustBeMounted(path);
    return membersOf(this.#layout, this.#io.group(path));
  }

  /** The processes of the group and of all groups below. */
  membersWithin(path: string): number[] {
    const pids = new Set<number>();
    for (const group of this.#tree.within(path)) for (const pid of membersOf(this.#layout, group)) pids.add(pid);
    return [...pids];
  }

  /**
   * Sends SIGKILL to all processes of the group and below until none is left. On v2, cgroup.kill ends them all at once, with their forks.
   * On v1 they are signalled one by one, and the group is frozen if it forks faster than that, then thawed, also when the kill fails.
   * A frozen task of v1 ends only when it runs again, so v1 groups that were frozen before are thawed and stay thawed; on v2 they stay frozen.
   * @param named filled with the names of the first of them
   * @param inode of the group that is meant
   * @returns the pids that were killed
   * @throws ProblemError conflict below a frozen group of v1, busy for processes that do not end or are frozen or numbered elsewhere
   */
  async killGroup(path: string, named: Named = [], inode?: number): Promise<number[]> {
    this.#io.mustBeMounted(path);
    this.#reach.mayWrite(path);
    // Groups that were made below just now may not be known yet.
    this.#tree.refresh(path);
    this.#io.group(path, inode);
    if (this.membersWithin(path).length > 0) this.mustBeAbleToEnd(path);
    const frozen = new Set<string>();
    try {
      return await this.#endAll({ path, inode }, frozen, named);
    } finally {
      for (const group of frozen) this.#setFrozen(group, false);
    }
  }

  /** @param frozen filled with the groups that are frozen for this */
  async #endAll({ path, inode }: { path: string; inode: number | undefined }, frozen: Set<string>, named: Named): Promise<number[]> {
    // cgroup.kill needs permission for the file only, not for the processes.
    const killed = new Set(this.#killUnified({ path, inode }, named));
    const others = new Set<number>();
    const deadline = performance.now() + EMPTY_WAIT_MS;
    for (let round = 0; ; round++) {
      const groups = [...this.#tree.within(path)];
      if (round >= FREEZE_FROM_ROUND) for (const group of groups) if (this.#setFrozen(group.path, true)) frozen.add(group.path);
      let pids = this.membersWithin(path);
      if (pids.length === 0) {
        this.#tree.refresh(path);
        pids = this.membersWithin(path);
      }
      // Whoever made it again in between has made another.
      if (!this.#io.isStill(path, inode)) return [...killed];
      const isLate = performance.now() > deadline;
      if (pids.length === 0) {
        const unseen = [...this.#tree.within(path)].reduce((most, group) => Math.max(most, unseenOf(this.#layout, group)), 0);
        if (unseen === 0) return [...killed];
        // Often nothing reaps orphans in a container: what can be explained by them has ended.
        if (isLate) {
          if (unseen > unreaped()) throw unseenStay(path, unseen);
          return [...killed];
        }
      }
      const elsewhere = isLate || round === FREEZE_FROM_ROUND ? this.#frozenElsewhere(pids, path) : [];
      if (isLate || elsewhere.length > 0) throw stay(path, pids, elsewhere, others);
      for (const pid of pids.filter((one) => round > 0 || !killed.has(one))) {
        // A process that has left since it was listed, or whose pid was reused, must not be killed.
        // /proc may hide it, and v1 shows a thread that is ending in the root group.
        const isInside = () =>
          [...groupsOfProcess(pid).values()].some((group) => isWithin(group, path)) || this.membersWithin(path).includes(pid);
        const comm = commOf(pid);
        const signalled = signalIf(pid, 'SIGKILL', isInside);
        if (signalled === 'sent') {
          if (!killed.has(pid) && named.length < NAMED) named.push({ pid, comm });
          killed.add(pid);
        } else if (signalled === 'forbidden') others.add(pid);
      }
      for (const group of groups) if (freezerOf(this.#layout, group)?.version === 1) this.#setFrozen(group.path, false);
      await sleep(LOOK_MS);
    }
  }

  /** Sends SIGTERM to each process of the group and below, and SIGCONT for those that are stopped. @param isSpared those that get neither */
  terminate(path: string, isSpared: (pid: number) => boolean): void {
    this.#reach.mayWrite(path);
    for (const pid of this.membersWithin(path)) {
      const isInside = () => !isSpared(pid) && this.membersWithin(path).includes(pid);
      if (signalIf(pid, 'SIGTERM', isInside) === 'sent') signalIf(pid, 'SIGCONT', isInside);
    }
  }

  /** @throws ProblemError conflict below a frozen group of v1: processes inside cannot act on a signal until the ancestor is thawed */
  mustBeAbleToEnd(path: string): void {
    if (freezerOf(this.#layout, this.#io.group(path))?.version === 1) refuseBelowFrozen(this.#layout, this.#tree, path);
  }

  /** Sends a signal to a process of a managed group. @param startTicks when the process that is meant started */
  async signal(pid: number, name: NodeJS.Signals, startTicks?: number): Promise<void> {
    const isAllowed = () => {
      mustHaveStarted(pid, startTicks);
      this.#reach.maySignal(pid);
      return true;
    };
    const signalled = signalIf(pid, name, isAllowed);
    if (signalled === 'gone') throw new ProblemError('not_found', `Process ${pid} does not exist, or has ended.`);
    if (signalled === 'forbidden')
      throw new ProblemError(
        'kernel_refused',
        `The kernel answered EPERM to ${name} for process ${pid}: it belongs to another user, and cgdeck does not run as root. Killing its whole group may work, as that needs permission for the group only.`,
        { errno: 'EPERM' },
      );
  }

  /** The group of a process in the memory or v2 hierarchy; "/" if it has ended. */
  groupOf(pid: number): string {
    const groups = groupsOfProcess(pid);
    return groups.get('memory') ?? groups.get('unified') ?? '/';
  }

  /** Moves a process that may have ended meanwhile. */
  move(pid: number, path: string): void {
    try {
      this.#attach(pid, path);
    } catch (error) {
      if (!(error instanceof ProblemError && error.problem.code === 'not_found')) throw error;
    }
  }

  /** Moves a process in every hierarchy that the group is in, or, if one refuses, in none. @returns the group it was in */
  async attach(pid: number, path: string, meant: Meant = {}): Promise<string> {
    return this.#attach(pid, path, meant);
  }

  #attach(pid: number, path: string, { inode, startTicks }: Meant = {}): string {
    const group = this.#io.group(path, inode);
    mustHaveStarted(pid, startTicks);
    this.#io.mustBeMounted(path);
    this.#reach.mayWrite(path);
    this.#reach.mayMove(pid);
    const from = this.groupOf(pid);
    moveInto(this.#layout, group, pid);
    return from;
  }

  /** Thaws the group and all below it, so that what was sent to its processes reaches them. */
  thaw(path: string): void {
    for (const group of this.#tree.within(path)) this.#setFrozen(group.path, false);
  }

  /**
   * Kills by cgroup.kill the processes of the v2 group and below.
   * @returns their pids; none where signals are needed: before Linux 5.14, on v1 and in threaded groups there is no cgroup.kill
   */
  #killUnified({ path, inode }: { path: string; inode: number | undefined }, named: Named): number[] {
    const { unified } = this.#layout;
    if (unified === undefined || !this.#io.group(path).in.has(unified)) return [];
    const within = [...this.#tree.within(path)].filter((group) => group.in.has(unified));
    const inside = within.flatMap((group) => membersIn(this.#layout.dir(unified, group.path)));
    const names = inside.slice(0, NAMED).map((pid) => ({ pid, comm: commOf(pid) }));
    let fd: number | undefined;
    try {
      fd = openSync(onDisk(`${this.#layout.dir(unified, path)}/cgroup.kill`), 'w');
      if (!this.#io.isStill(path, inode)) return [];
      writeSync(fd, '1');
      named.push(...names);
      return inside;
    } catch {
      return [];
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }

  /** Freezes or thaws one group, unless it is in that state already. @returns whether it was written */
  #setFrozen(path: string, frozen: boolean): boolean {
    const group = this.#tree.get(path);
    const at = group && freezerOf(this.#layout, group);
    if (at === undefined) return false;
    try {
      const isFrozen = readFileSync(onDisk(at.self), 'utf8').trim() === '1';
      if (frozen !== isFrozen) writeFileSync(onDisk(at.path), frozen ? at.frozen : at.thawed);
      return frozen !== isFrozen;
    } catch {
      // Removed meanwhile: nothing is frozen there.
      return false;
    }
  }

  /** v1's freezer may be a hierarchy of its own, in which processes are in other groups: the frozen ones of these. */
  #frozenElsewhere(pids: readonly number[], path: string): string[] {
    const groups = new Set(pids.flatMap((pid) => lineage(groupsOfProcess(pid).get('freezer') ?? '/')));
    return [...groups].filter((group) => !isWithin(group, path) && isFrozenItself(this.#layout, this.#tree, group));
  }
}
