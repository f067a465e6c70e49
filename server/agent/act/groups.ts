// Creating and removing groups: a directory in every hierarchy, or in none.

import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { joinPath, parentPath } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { errnoOf } from '../kernel/errno.ts';
import { refusal } from '../kernel/files/refusals.ts';
import { onDisk } from '../kernel/hierarchy/disk-path.ts';
import type { Group, GroupTree } from '../kernel/hierarchy/group-tree.ts';
import { type Layout, unmountedSentence } from '../kernel/hierarchy/layout.ts';
import type { Hierarchy } from '../kernel/hierarchy/mounts.ts';
import type { Reach } from '../kernel/reach.ts';
import type { GroupProcesses } from './processes.ts';
import { type Enabled, handDown } from './subtree.ts';

/** The kernel lets go of a group a moment after its last process has ended. */
const RMDIR_WAIT_MS = 1000;
const LOOK_MS = 5;
/** A process that forks faster than it is moved stays, and the group stays without controllers for groups below it. */
const MOVE_ROUNDS = 20;

export class Groups {
  readonly #layout: Layout;
  readonly #tree: GroupTree;
  readonly #reach: Reach;
  readonly #processes: GroupProcesses;

  constructor(layout: Layout, tree: GroupTree, reach: Reach, processes: GroupProcesses) {
    this.#layout = layout;
    this.#tree = tree;
    this.#reach = reach;
    this.#processes = processes;
  }

  /**
   * Makes the group, and the managed root above it if that is missing. On v2 the groups above hand their controllers down to it.
   * @param leaf the name of a group to be made beside it, into which the parent's own processes go first
   * @throws ProblemError conflict if it exists, busy where v2 wants a leaf
   */
  create(path: string, leaf?: string): { group: Group; enabled: Enabled[] } {
    this.#reach.mayWrite(path);
    this.#mustBeMounted();
    if (this.#tree.refresh(path)) throw new ProblemError('conflict', `There is a group ${path} already.`, { file: path });
    const parent = parentPath(path);
    const before: Enabled[] = [];
    if (path !== this.#reach.managedRoot && !this.#tree.refresh(parent)) {
      if (parent !== this.#reach.managedRoot)
        throw new ProblemError('not_found', `There is no group ${parent} to make ${path} in.`, { file: parent });
      before.push(...this.create(parent).enabled);
    }
    if (leaf !== undefined) this.#emptyInto(parent, joinPath(parent, leaf));
    const enabled = [...before, ...handDown(this.#layout, parent, (group) => this.#reach.isManaged(group))];
    const made: Hierarchy[] = [];
    let closed: unknown;
    for (const hierarchy of this.#layout.hierarchies) {
      try {
        if (this.#make(hierarchy, path)) made.push(hierarchy);
        this.#fillCpuset(hierarchy, path);
      } catch (cause) {
        if (isNotOurs(cause)) {
          closed = cause;
          continue;
        }
        for (const back of made) rmdirSync(onDisk(this.#layout.dir(back, path)));
        this.#tree.refresh(path);
        throw refusal({ group: path, file: 'mkdir', cause });
      }
    }
    const group = this.#tree.refresh(path);
    if (!group && closed !== undefined) throw refusal({ group: path, file: 'mkdir', cause: closed });
    if (!group) throw new ProblemError('conflict', `${path} was made and is gone again: somebody else removed it.`, { file: path });
    return { group, enabled };
  }

  /** Moves a group's own processes into a leaf below it, those that fork meanwhile too. */
  #emptyInto(parent: string, leaf: string): void {
    this.#reach.mayWrite(parent);
    const { unified } = this.#layout;
    const group = this.#tree.refresh(parent);
    if (unified === undefined || !group?.in.has(unified) || this.#processes.members(parent).length === 0) return;
    if (!this.#tree.refresh(leaf)) {
      for (const hierarchy of this.#layout.hierarchies) {
        this.#make(hierarchy, leaf);
        this.#fillCpuset(hierarchy, leaf);
      }
      this.#tree.refresh(leaf);
    }
    for (let round = 0; round < MOVE_ROUNDS; round++) {
      const inside = this.#processes.members(parent);
      if (inside.length === 0) return;
      for (const pid of inside) this.#processes.move(pid, leaf);
    }
  }

  /** Removes a group and, with kill, its processes and everything below. @returns the processes that were ended */
  async remove(path: string, kill: boolean): Promise<number[]> {
    if (!this.#tree.refresh(path)) throw new ProblemError('not_found', `There is no group ${path} (any more).`, { file: path });
    this.#reach.mayWrite(path);
    this.#mustBeMounted();
    const below = [...this.#tree.within(path)].filter((group) => group.path !== path);
    const inside = this.#processes.membersWithin(path);
    if (!kill && inside.length > 0) {
      throw new ProblemError(
        'busy',
        `${path} holds ${inside.length} process${inside.length === 1 ? '' : 'es'}: end or move them first, or remove it with kill=true.`,
        { errno: 'EBUSY', file: path },
      );
    }
    if (!kill && below.length > 0) {
      throw new ProblemError(
        'busy',
        `${path} holds ${below.length} group${below.length === 1 ? '' : 's'} (${below[0]?.path}, …): remove those first, or remove it with kill=true.`,
        { errno: 'EBUSY', file: path },
      );
    }
    const killed = kill ? await this.#processes.killGroup(path) : [];
    for (const group of [...below.reverse(), { path }]) await this.#removeOne(group.path);
    return killed;
  }

  /** Removes every empty group below the managed root, and it, as when the product stops. */
  removeEmpty(): void {
    for (const group of [...this.#tree.within(this.#reach.managedRoot)].reverse()) {
      if (this.#processes.membersWithin(group.path).length > 0) continue;
      for (const hierarchy of [...group.in.keys()]) {
        try {
          rmdirSync(onDisk(this.#layout.dir(hierarchy, group.path)));
        } catch {
          // Somebody moved in meanwhile: it stays.
        }
      }
      this.#tree.refresh(group.path);
    }
  }

  /** A folder made where a hierarchy was mounted would be no group. */
  #mustBeMounted(): void {
    const away = this.#layout.hierarchies.find((hierarchy) => !this.#layout.isMounted(hierarchy));
    if (away) throw new ProblemError('unsupported', unmountedSentence(away), { file: away.mountPoint });
  }

  async #removeOne(path: string): Promise<void> {
    for (const hierarchy of this.#layout.hierarchies) {
      const deadline = performance.now() + RMDIR_WAIT_MS;
      for (;;) {
        try {
          rmdirSync(onDisk(this.#layout.dir(hierarchy, path)));
          break;
        } catch (cause) {
          if (errnoOf(cause) === 'ENOENT') break;
          if (errnoOf(cause) !== 'EBUSY' || performance.now() > deadline) {
            this.#tree.refresh(path);
            throw refusal({ group: path, file: 'rmdir', cause });
          }
          await sleep(LOOK_MS);
        }
      }
    }
    this.#tree.refresh(path);
  }

  /** @returns false for a directory that somebody made in this hierarchy alone: it is joined, and is not ours to take back */
  #make(hierarchy: Hierarchy, path: string): boolean {
    const dir = this.#layout.dir(hierarchy, path);
    try {
      mkdirSync(onDisk(dir));
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST' || readIfThere(`${dir}/cgroup.procs`) === undefined) throw error;
      return false;
    }
  }

  /** An empty cpuset refuses every task: a new one starts with its parent's. */
  #fillCpuset(hierarchy: Hierarchy, path: string): void {
    if (!hierarchy.controllers.includes('cpuset') || hierarchy.version === 2) return;
    const dir = this.#layout.dir(hierarchy, path);
    const parent = this.#layout.dir(hierarchy, parentPath(path));
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if ((readIfThere(`${dir}/${file}`) ?? '').trim() === '')
        writeFileSync(onDisk(`${dir}/${file}`), readFileSync(onDisk(`${parent}/${file}`), 'utf8'));
    }
  }
}

/** A user's groups are made in the hierarchies that were delegated to him; root's are in all or none. */
function isNotOurs(cause: unknown): boolean {
  return process.getuid?.() !== 0 && ['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(errnoOf(cause));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(onDisk(path), 'utf8');
  } catch {
    return undefined;
  }
}
