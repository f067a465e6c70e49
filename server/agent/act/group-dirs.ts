// Makes a group's directories in every hierarchy or in none, and removes them from all.
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPath } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { errnoOf } from '../kernel/errno.ts';
import { refusal } from '../kernel/files/refusals.ts';
import { onDisk } from '../kernel/hierarchy/disk-path.ts';
import type { Group, GroupTree } from '../kernel/hierarchy/group-tree.ts';
import { fileOnDisk, type Layout } from '../kernel/hierarchy/layout.ts';
import type { Hierarchy } from '../kernel/hierarchy/mounts.ts';
import { mayWriteDir } from '../kernel/hierarchy/view-limits.ts';
import { textIfThere } from '../kernel/text-if-there.ts';

/** The kernel keeps a group busy for a moment after its last process has ended. */
const RMDIR_WAIT_MS = 3000;
const LOOK_MS = 5;

export class GroupDirs {
  readonly #layout: Layout;
  readonly #tree: GroupTree;

  constructor(layout: Layout, tree: GroupTree) {
    this.#layout = layout;
    this.#tree = tree;
  }

  /** A directory made on an unmounted mount point, or on what is mounted over a group, would not be a group. @throws ProblemError unsupported */
  mustBeMounted(path: string): void {
    for (const hierarchy of this.#layout.hierarchies) {
      const why = this.#layout.unreachable(hierarchy, path);
      if (why !== undefined) throw new ProblemError('unsupported', why, { file: hierarchy.mountPoint });
    }
  }

  /** Whether it has a directory in every hierarchy in which this user may make one. */
  isEverywhere(path: string): boolean {
    return this.#layout.hierarchies.every((hierarchy) => {
      const dir = this.#layout.dir(hierarchy, path);
      return existsSync(onDisk(dir)) || !mayWriteDir(this.#layout.dir(hierarchy, parentPath(path)));
    });
  }

  /** @param by who asked for it, for its event. @throws ProblemError with what the kernel refused; no directory is left then */
  make(path: string, by: string | undefined): Group {
    const made: Hierarchy[] = [];
    let notDelegated: unknown;
    for (const hierarchy of this.#layout.hierarchies) {
      try {
        if (this.#makeOne(hierarchy, path)) made.push(hierarchy);
        this.#fillCpuset(hierarchy, path);
      } catch (cause) {
        if (isNotDelegated(cause)) {
          notDelegated = cause;
          continue;
        }
        for (const back of made) rmdirSync(onDisk(this.#layout.dir(back, path)));
        this.#tree.refresh(path);
        throw refusal({ group: path, file: 'mkdir', cause });
      }
    }
    const group = this.#tree.refresh(path, by);
    if (!group && notDelegated !== undefined) throw refusal({ group: path, file: 'mkdir', cause: notDelegated });
    if (!group) throw new ProblemError('conflict', `${path} was made, and another program removed it at once.`, { file: path });
    return group;
  }

  /** @throws ProblemError busy for a group with processes or groups; it may be removed from some hierarchies by then */
  async remove(path: string, by: string | undefined): Promise<void> {
    const deadline = performance.now() + RMDIR_WAIT_MS;
    for (;;) {
      const busy = this.tryRemove(path, by);
      if (busy === undefined) return;
      if (performance.now() > deadline || errnoOf(busy) !== 'EBUSY') throw refusal({ group: path, file: 'rmdir', cause: busy });
      await sleep(LOOK_MS);
    }
  }

  /** @returns what the kernel refused in one of the hierarchies, if it did */
  tryRemove(path: string, by?: string): unknown {
    let refused: unknown;
    for (const hierarchy of this.#layout.hierarchies) {
      try {
        rmdirSync(onDisk(this.#layout.dir(hierarchy, path)));
      } catch (cause) {
        if (errnoOf(cause) !== 'ENOENT') refused ??= cause;
      }
    }
    // At once, because inotify's notice does not name who asked for the removal.
    this.#tree.refresh(path, by);
    return refused;
  }

  /** @returns false for a directory that exists in this hierarchy already: it is used, and not removed if a later step fails */
  #makeOne(hierarchy: Hierarchy, path: string): boolean {
    const dir = this.#layout.dir(hierarchy, path);
    try {
      mkdirSync(onDisk(dir));
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST' || textIfThere(`${dir}/cgroup.procs`) === undefined) throw error;
      return false;
    }
  }

  /** v1 refuses tasks in a group with an empty cpuset, so a new group copies its parent's. */
  #fillCpuset(hierarchy: Hierarchy, path: string): void {
    if (!hierarchy.controllers.includes('cpuset') || hierarchy.version === 2) return;
    const dir = this.#layout.dir(hierarchy, path);
    const parent = this.#layout.dir(hierarchy, parentPath(path));
    for (const name of ['cpuset.cpus', 'cpuset.mems']) {
      const file = fileOnDisk(hierarchy, name);
      if ((textIfThere(`${dir}/${file}`) ?? '').trim() === '')
        writeFileSync(onDisk(`${dir}/${file}`), textIfThere(`${parent}/${file}`) ?? '');
    }
  }
}

/** Without root, a group is made only in the hierarchies that were delegated to this user. */
function isNotDelegated(cause: unknown): boolean {
  return process.getuid?.() !== 0 && ['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(errnoOf(cause));
}
