// The processes of groups: who is inside, ending them, moving them.

import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Named } from '../../contract/events.ts';
import { isWithin } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { ControlFileIo } from '../kernel/files/control-file-io.ts';
import { refusal } from '../kernel/files/refusals.ts';
import { onDisk } from '../kernel/hierarchy/disk-path.ts';
import type { GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import { groupsOfProcess, type Reach } from '../kernel/reach.ts';
import { freezerOf, isFrozenItself, refuseBelowFrozen } from './freezer.ts';
import { membersIn, membersOf, signalIf } from './members.ts';
import { commOf } from './process-table.ts';

const EMPTY_WAIT_MS = 5000;
const LOOK_MS = 5;
/** Whoever is still there by then forks faster than it is signalled. */
const FREEZE_FROM_ROUND = 3;
/** Processes of a kill that are named; the rest is counted. */
const NAMED = 20;

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

  /** Everyone in the group and below. */
  membersWithin(path: string): number[] {
    const pids = new Set<number>();
    for (const group of this.#tree.within(path)) for (const pid of membersOf(this.#layout, group)) pids.add(pid);
    return [...pids];
  }

  /**
   * SIGKILL to everyone in the group and below, until nobody is left. cgroup.kill on the unified tree ends them all in one stroke, forks under
   * way included; who is in v1's groups alone is signalled one by one, and the group frozen meanwhile if it forks faster than that. What was
   * frozen for it is thawed again, also when the kill fails.
   * A frozen task of v1 dies only when it runs again: what somebody else had frozen there is thawed and stays so; on v2 it stays frozen.
   * @param named gets the names of the first of them
   * @returns the processes that were ended
   * @throws ProblemError conflict below a frozen group of v1, busy for processes that do not end
   */
  async killGroup(path: string, named: Named = []): Promise<number[]> {
    this.#io.mustBeMounted(path);
    this.#reach.mayWrite(path);
    // A group that was made below a moment ago may not be known yet.
    this.#tree.refresh(path);
    if (this.membersWithin(path).length > 0) this.mustBeAbleToEnd(path);
    const frozen = new Set<string>();
    try {
      return await this.#endAll(path, frozen, named);
    } finally {
      for (const group of frozen) this.#setFrozen(group, false);
    }
  }

  /** @param frozen gets the groups that were frozen for it */
  async #endAll(path: string, frozen: Set<string>, named: Named): Promise<number[]> {
    // cgroup.kill asks who may write to the group, not whose the processes are.
    const killed = new Set(this.#killUnified(path, named));
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
      if (pids.length === 0) return [...killed];
      if (performance.now() > deadline) {
        throw new ProblemError(
          'busy',
          `${pids.length} processes of ${path} do not end (${pids.slice(0, 5).join(', ')}): ${pids.every((pid) => others.has(pid)) ? 'they are another user’s, whom this one may not signal.' : `they may be in uninterruptible sleep${this.#frozenElsewhere(pids, path)}. They were sent SIGKILL and end when the kernel lets them go.`}`,
          { file: path },
        );
      }
      for (const pid of pids.filter((one) => round > 0 || !killed.has(one))) {
        // A process that moved out, or whose number became another's, between the look and the signal is not ours to kill.
        const isInside = () => [...groupsOfProcess(pid).values()].some((group) => isWithin(group, path));
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

  /** @throws ProblemError conflict where v1 has a group above frozen: no signal reaches who is inside, and no thaw of the group itself changes that */
  mustBeAbleToEnd(path: string): void {
    if (freezerOf(this.#layout, this.#io.group(path))?.version === 1) refuseBelowFrozen(this.#layout, this.#tree, path);
  }

  /** One signal to one process of a managed group. */
  async signal(pid: number, name: NodeJS.Signals): Promise<void> {
    const isOurs = () => {
      this.#reach.maySignal(pid);
      return true;
    };
    const signalled = signalIf(pid, name, isOurs);
    if (signalled === 'gone') throw new ProblemError('not_found', `There is no process ${pid} (any more).`);
    if (signalled === 'forbidden')
      throw new ProblemError(
        'kernel_refused',
        `The kernel answered EPERM to ${name} for process ${pid}: it is another user’s, and cgdeck does not run as root. Killing its whole group needs no right to the process.`,
        { errno: 'EPERM' },
      );
  }

  /** The group a process is in, by its memory or unified hierarchy; "/" for one that is gone. */
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

  /** Moves a process into a group in every hierarchy that the group is in; if one refuses, it goes back in those before. @returns where it came from */
  async attach(pid: number, path: string): Promise<string> {
    return this.#attach(pid, path);
  }

  #attach(pid: number, path: string): string {
    const group = this.#io.group(path);
    this.#io.mustBeMounted(path);
    this.#reach.mayWrite(path);
    this.#reach.mayMove(pid);
    const from = this.groupOf(pid);
    const before = groupsOfProcess(pid);
    const moved: string[] = [];
    for (const hierarchy of group.in.keys()) {
      const name = hierarchy.version === 2 ? 'unified' : hierarchy.controllers.join(',');
      try {
        writeFileSync(onDisk(`${this.#layout.dir(hierarchy, path)}/cgroup.procs`), String(pid));
        moved.push(this.#layout.dir(hierarchy, before.get(name) ?? '/'));
      } catch (cause) {
        for (const back of moved.reverse()) putBack(pid, back);
        throw refusal({ group: path, file: 'cgroup.procs', version: hierarchy.version, asked: String(pid), cause });
      }
    }
    return from;
  }

  /** Thaws the group and all below it, so that what was sent to its processes reaches them. */
  thaw(path: string): void {
    for (const group of this.#tree.within(path)) this.#setFrozen(group.path, false);
  }

  /**
   * Ends who is in the unified tree's group and below, those that end because their parent did among them.
   * @returns them; nobody where signals have to do it: kernels before 5.14 have no such file, v1 and threaded groups have none
   */
  #killUnified(path: string, named: Named): number[] {
    const { unified } = this.#layout;
    if (unified === undefined || !this.#io.group(path).in.has(unified)) return [];
    const within = [...this.#tree.within(path)].filter((group) => group.in.has(unified));
    const inside = within.flatMap((group) => membersIn(this.#layout.dir(unified, group.path)));
    const names = inside.slice(0, NAMED).map((pid) => ({ pid, comm: commOf(pid) }));
    try {
      writeFileSync(onDisk(`${this.#layout.dir(unified, path)}/cgroup.kill`), '1');
      named.push(...names);
      return inside;
    } catch {
      return [];
    }
  }

  /** Freezes or thaws one group, if it is not so by itself already. @returns whether it was written */
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

  /** Processes of a v1 group may be frozen in another one: the freezer's hierarchy has groups of its own. */
  #frozenElsewhere(pids: readonly number[], path: string): string {
    const groups = new Set(pids.map((pid) => groupsOfProcess(pid).get('freezer') ?? '/').filter((group) => !isWithin(group, path)));
    const frozen = [...groups].filter((group) => isFrozenItself(this.#layout, this.#tree, group));
    return frozen.length === 0 ? '' : `, or frozen in ${frozen.join(', ')}: thaw ${frozen.length === 1 ? 'it' : 'them'}`;
  }
}

function putBack(pid: number, dir: string): void {
  try {
    writeFileSync(onDisk(`${dir}/cgroup.procs`), String(pid));
  } catch {
    // It has ended, or its old group has: what refused the move is what there is to say.
  }
}
