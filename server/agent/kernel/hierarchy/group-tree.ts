// The groups that exist now, one entry for each path, joined over all hierarchies: found by a scan, kept up to date by inotify.
import type { Stats } from 'node:fs';
import { joinPath, parentPath } from '../../../contract/paths.ts';
import { inSlices } from '../slices.ts';
import { listDirs, statDir } from './directories.ts';
import type { Layout } from './layout.ts';
import type { Hierarchy } from './mounts.ts';

export interface Group {
  /** Unique for the life of this agent. */
  readonly gid: number;
  /** Spelled by contract/spelling.ts. */
  readonly path: string;
  /** The inode of one of its directories, the first that was found and still exists; a group made again has another. */
  inode: number;
  /** The hierarchies in which it has a directory, with that directory's inode. */
  readonly in: Map<Hierarchy, number>;
}

export interface TreeListener {
  /** @param by the user who made it with cgdeck; undefined for one that was found */
  added(group: Group, by?: string): void;
  /** Its directory in one hierarchy appeared or was removed. */
  changed(group: Group): void;
  /** @param by the user who removed it with cgdeck */
  removed(group: Group, by?: string): void;
  /** It still exists, but other file systems are mounted over all its directories, so that nothing of it can be read. */
  covered?(group: Group): void;
  /** The same group can be read again. */
  uncovered?(group: Group): void;
}

/** Watches directories for children that are made and removed, which it reports to `GroupTree`. */
export interface DirWatcher {
  watch(dir: string, hierarchy: Hierarchy, group: string): void;
  unwatch(dir: string): void;
}

/** Directories read before other work runs. */
const SLICE = 20;

export class GroupTree {
  readonly #layout: Layout;
  readonly #watcher: DirWatcher;
  readonly #listener: TreeListener;
  readonly #groups = new Map<string, Group>();
  /** The direct children of each group, by its path. */
  readonly #below = new Map<string, Set<Group>>();
  /** Groups that exist, and cannot be read. */
  readonly #covered = new Map<string, Group>();
  #lastGid = 0;
  /** Directories that `appeared` left to be read in slices. */
  #rest: Promise<unknown> = Promise.resolve();

  constructor(layout: Layout, watcher: DirWatcher, listener: TreeListener) {
    this.#layout = layout;
    this.#watcher = watcher;
    this.#listener = listener;
  }

  get(path: string): Group | undefined {
    return this.#groups.get(path);
  }

  all(): Iterable<Group> {
    return this.#groups.values();
  }

  get size(): number {
    return this.#groups.size;
  }

  /** The direct children of a group. */
  below(path: string): Iterable<Group> {
    return this.#below.get(path) ?? [];
  }

  /** The group and all its descendants, parents first. */
  *within(path: string): Iterable<Group> {
    const group = this.#groups.get(path);
    if (!group) return;
    yield group;
    for (const child of this.below(path)) yield* this.within(child.path);
  }

  /** Reads all directories, in slices, to find what inotify missed. */
  async scan(): Promise<void> {
    await inSlices(this.#walkAll(), SLICE, () => {});
  }

  /** As `scan`, without slices: for the start. */
  scanNow(): void {
    for (const _ of this.#walkAll());
  }

  /** Reads one group's directory in one hierarchy: whether it exists, and which children were made or removed. */
  check(hierarchy: Hierarchy, path: string): void {
    for (const name of this.#read(hierarchy, path)) if (!this.#groups.get(name)?.in.has(hierarchy)) this.appeared(hierarchy, name);
  }

  /** Reads one path in every hierarchy, as after our own mkdir or rmdir. @param by the user who asked for those */
  refresh(path: string, by?: string): Group | undefined {
    for (const hierarchy of this.#layout.hierarchies) {
      if (this.#stat(hierarchy, path)) for (const _ of this.#walk(hierarchy, path, by));
      else if (this.#layout.isMounted(hierarchy)) this.#removed(hierarchy, path, by);
    }
    return this.#groups.get(path);
  }

  /** A directory was reported. It and its descendants are read; of many, the rest in slices. */
  appeared(hierarchy: Hierarchy, path: string): void {
    const walk = this.#walk(hierarchy, path);
    for (let count = 0; count < SLICE; count++) if (walk.next().done) return;
    this.#rest = Promise.all([this.#rest, inSlices(walk, SLICE, () => {})]);
  }

  /** @returns once all slices are done */
  async settled(): Promise<void> {
    await this.#rest;
  }

  /**
   * The directory of `path` in one hierarchy was reported as removed, with all below it. The report may come late, when a new
   * group of that name is known already: that one is kept.
   */
  disappeared(hierarchy: Hierarchy, path: string): void {
    const known = this.#groups.get(path)?.in.get(hierarchy);
    if (known === undefined || this.#stat(hierarchy, path)?.ino === known) return;
    this.#removed(hierarchy, path);
  }

  #removed(hierarchy: Hierarchy, path: string, by?: string): void {
    for (const group of [...this.within(path)].reverse()) {
      if (!group.in.has(hierarchy)) continue;
      this.#leave(group, hierarchy, by);
      // Other programs remove and make it in all hierarchies, and this is the first notice: left in the others, the new group would be taken for the old one.
      for (const [other, inode] of [...group.in])
        if (this.#layout.unreachable(other, group.path) === undefined && this.#stat(other, group.path)?.ino !== inode)
          this.#leave(group, other, by);
    }
  }

  *#walkAll(): Iterable<void> {
    for (const hierarchy of this.#layout.hierarchies) yield* this.#walk(hierarchy, '/');
    for (const [path, group] of this.#covered)
      if (this.#layout.hierarchies.every((hierarchy) => this.#layout.unreachable(hierarchy, path) === undefined))
        this.#uncover(path, group);
  }

  /** It was not found where nothing covers it any more, or another was made in its place. */
  #uncover(path: string, group: Group): void {
    this.#covered.delete(path);
    this.#listener.removed(group);
  }

  /** Undefined for a directory that is not there, and for one of another file system or group that is mounted over it. */
  #stat(hierarchy: Hierarchy, path: string, dir = this.#layout.dir(hierarchy, path)): Stats | undefined {
    const stats = statDir(dir);
    return stats && this.#layout.shows(hierarchy, path, stats) ? stats : undefined;
  }

  /** Reads a group and its descendants, parents first; one step for each directory. */
  *#walk(hierarchy: Hierarchy, top: string, by?: string): Generator<void, void> {
    const paths = [top];
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
      paths.push(...this.#read(hierarchy, path, by).reverse());
      yield;
    }
  }

  /** @returns the paths of the children */
  #read(hierarchy: Hierarchy, path: string, by?: string): string[] {
    // An unmounted hierarchy says nothing of its groups: they count as neither made nor removed.
    if (path === '/' && !this.#layout.isMounted(hierarchy)) return [];
    const dir = this.#layout.dir(hierarchy, path);
    const stats = this.#stat(hierarchy, path, dir);
    if (!stats) {
      if (this.#layout.coverOf(hierarchy, path)) this.#removed(hierarchy, path);
      return [];
    }
    this.#enter(hierarchy, path, stats.ino, dir, by);
    // Watched before it is listed: a child made in between is found by one or the other.
    const paths = listDirs(dir)?.map((name) => joinPath(path, name));
    if (!paths) return [];
    const there = new Set(paths);
    for (const child of [...this.below(path)])
      if (child.in.has(hierarchy) && !there.has(child.path)) this.disappeared(hierarchy, child.path);
    return paths;
  }

  #enter(hierarchy: Hierarchy, path: string, inode: number, dir: string, by?: string): void {
    const known = this.#groups.get(path);
    const before = known?.in.get(hierarchy);
    if (before === inode) return;
    if (before !== undefined) {
      // A new group of the old name; the notice of the removal was lost.
      this.#removed(hierarchy, path);
      this.#enter(hierarchy, path, inode, dir, by);
      return;
    }
    const parent = parentPath(path);
    // The parent has not been reported yet.
    if (path !== '/' && !this.#groups.get(parent)?.in.has(hierarchy)) this.#enterParent(hierarchy, parent);
    this.#watcher.watch(dir, hierarchy, path);
    if (known) {
      known.in.set(hierarchy, inode);
      this.#listener.changed(known);
      return;
    }
    const group: Group = { gid: ++this.#lastGid, path, inode, in: new Map([[hierarchy, inode]]) };
    const covered = this.#covered.get(path);
    if (covered && covered.inode !== inode) this.#uncover(path, covered);
    this.#groups.set(path, group);
    if (path !== '/') {
      const siblings = this.#below.get(parent) ?? new Set();
      this.#below.set(parent, siblings.add(group));
    }
    if (this.#covered.delete(path)) this.#listener.uncovered?.(group);
    else this.#listener.added(group, by);
  }

  #enterParent(hierarchy: Hierarchy, path: string): void {
    const dir = this.#layout.dir(hierarchy, path);
    const stats = this.#stat(hierarchy, path, dir);
    if (stats) this.#enter(hierarchy, path, stats.ino, dir);
  }

  #leave(group: Group, hierarchy: Hierarchy, by?: string): void {
    if (!group.in.delete(hierarchy)) return;
    this.#watcher.unwatch(this.#layout.dir(hierarchy, group.path));
    const [inode] = group.in.values();
    if (inode !== undefined) {
      if (![...group.in.values()].includes(group.inode)) group.inode = inode;
      this.#listener.changed(group);
      return;
    }
    this.#groups.delete(group.path);
    const parent = parentPath(group.path);
    const siblings = this.#below.get(parent);
    siblings?.delete(group);
    if (siblings?.size === 0) this.#below.delete(parent);
    if (this.#layout.coverOf(hierarchy, group.path)) {
      this.#covered.set(group.path, group);
      this.#listener.covered?.(group);
    } else this.#listener.removed(group, by);
  }
}
