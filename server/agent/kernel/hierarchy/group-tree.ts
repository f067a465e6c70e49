// The groups that exist now: found by a scan, kept by inotify, one entry a path joined over all hierarchies.
import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { joinPath, parentPath } from '../../../contract/paths.ts';
import { spell } from '../../../contract/spelling.ts';
import { inSlices } from '../slices.ts';
import { onDisk } from './disk-path.ts';
import type { Layout } from './layout.ts';
import type { Hierarchy } from './mounts.ts';

export interface Group {
  /** Never used again for another group in this agent's life. */
  readonly gid: number;
  /** As contract/spelling.ts spells it. */
  readonly path: string;
  /** The inode of the first of its directories that was seen: a recreated group has another. */
  readonly inode: number;
  /** The hierarchies it has a directory in, with the directory's inode. */
  readonly in: Map<Hierarchy, number>;
}

export interface TreeListener {
  /** @param by who made it through us; undefined for one that was found */
  added(group: Group, by?: string): void;
  /** It appeared in, or left, one more hierarchy. */
  changed(group: Group): void;
  /** @param by who removed it through us */
  removed(group: Group, by?: string): void;
}

/** Watches one directory for children that come and go; what it reports goes to `GroupTree`'s methods. */
export interface DirWatcher {
  watch(dir: string, hierarchy: Hierarchy, group: string): void;
  unwatch(dir: string): void;
}

function statDir(dir: string): Stats | undefined {
  try {
    const stats = statSync(onDisk(dir));
    return stats.isDirectory() ? stats : undefined;
  } catch {
    return undefined;
  }
}

/** Directories looked at before other work has its turn. */
const SLICE = 100;

/** @returns the names of the directories inside, as they are spelled; undefined if it went between the notice and the look: its removal is on the way */
function listDirs(dir: string): string[] | undefined {
  let entries: Dirent[];
  try {
    // "latin1": a character for each byte, whatever the name.
    entries = readdirSync(onDisk(dir), { withFileTypes: true, encoding: 'latin1' });
  } catch {
    return undefined;
  }
  return entries.filter((entry) => entry.isDirectory()).map((entry) => spell(entry.name));
}

export class GroupTree {
  readonly #layout: Layout;
  readonly #watcher: DirWatcher;
  readonly #listener: TreeListener;
  readonly #groups = new Map<string, Group>();
  /** The groups right below each, by its path. */
  readonly #below = new Map<string, Set<Group>>();
  #lastGid = 0;
  /** What `appeared` has left to be looked at. */
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

  /** The groups right below it. */
  below(path: string): Iterable<Group> {
    return this.#below.get(path) ?? [];
  }

  /** The group and everything below it, each before those below it. */
  *within(path: string): Iterable<Group> {
    const group = this.#groups.get(path);
    if (!group) return;
    yield group;
    for (const child of this.below(path)) yield* this.within(child.path);
  }

  /** Looks at everything, in slices: groups that inotify told of are known already; what it missed comes to light here. */
  async scan(): Promise<void> {
    await inSlices(this.#lookAtAll(), SLICE, () => {});
  }

  /** As `scan`, in one go: for the start, when nothing else is due. */
  scanNow(): void {
    for (const _ of this.#lookAtAll());
  }

  /** Looks at one group's directory in one hierarchy: whether it is there, and what came or went right below it. */
  look(hierarchy: Hierarchy, path: string): void {
    for (const name of this.#look(hierarchy, path)) if (!this.#groups.get(name)?.in.has(hierarchy)) this.appeared(hierarchy, name);
  }

  /** Looks at one path in every hierarchy at once, as after our own mkdir or rmdir. @param by who asked for those */
  refresh(path: string, by?: string): Group | undefined {
    for (const hierarchy of this.#layout.hierarchies) {
      if (statDir(this.#layout.dir(hierarchy, path))) for (const _ of this.#walk(hierarchy, path, by));
      else if (this.#layout.isMounted(hierarchy)) this.#gone(hierarchy, path, by);
    }
    return this.#groups.get(path);
  }

  /** Word came that a directory is there. What is below it is looked at too: where that is much, the rest in slices. */
  appeared(hierarchy: Hierarchy, path: string): void {
    const walk = this.#walk(hierarchy, path);
    for (let looked = 0; looked < SLICE; looked++) if (walk.next().done) return;
    this.#rest = Promise.all([this.#rest, inSlices(walk, SLICE, () => {})]);
  }

  /** @returns once nothing is looked at in slices any more */
  async settled(): Promise<void> {
    await this.#rest;
  }

  /**
   * Word came that the directory of `path` in one hierarchy is gone, and all below it. It may come late, when a new group
   * of that name is known already: that one stays.
   */
  gone(hierarchy: Hierarchy, path: string): void {
    const known = this.#groups.get(path)?.in.get(hierarchy);
    if (known === undefined || statDir(this.#layout.dir(hierarchy, path))?.ino === known) return;
    this.#gone(hierarchy, path);
  }

  #gone(hierarchy: Hierarchy, path: string, by?: string): void {
    for (const group of [...this.within(path)].reverse()) this.#leave(group, hierarchy, by);
  }

  *#lookAtAll(): Iterable<void> {
    for (const hierarchy of this.#layout.hierarchies) yield* this.#walk(hierarchy, '/');
  }

  /** From one group down, each before those below it; a step for each directory. */
  *#walk(hierarchy: Hierarchy, top: string, by?: string): Generator<void, void> {
    const paths = [top];
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
      paths.push(...this.#look(hierarchy, path, by).reverse());
      yield;
    }
  }

  /** @returns the paths right below that are there */
  #look(hierarchy: Hierarchy, path: string, by?: string): string[] {
    // Of a hierarchy that was unmounted nothing is known, least of all that its groups were removed.
    if (path === '/' && !this.#layout.isMounted(hierarchy)) return [];
    const dir = this.#layout.dir(hierarchy, path);
    const stats = statDir(dir);
    if (!stats) return [];
    this.#enter(hierarchy, path, stats.ino, dir, by);
    // The watch is in place before the listing: a child made in between is seen by one or the other.
    const paths = listDirs(dir)?.map((name) => joinPath(path, name));
    if (!paths) return [];
    const there = new Set(paths);
    for (const child of [...this.below(path)]) if (child.in.has(hierarchy) && !there.has(child.path)) this.gone(hierarchy, child.path);
    return paths;
  }

  #enter(hierarchy: Hierarchy, path: string, inode: number, dir: string, by?: string): void {
    const known = this.#groups.get(path);
    const before = known?.in.get(hierarchy);
    if (before === inode) return;
    if (before !== undefined) {
      // Another group under the old name, and the notice of the removal was lost.
      this.#gone(hierarchy, path);
      this.#enter(hierarchy, path, inode, dir, by);
      return;
    }
    const parent = parentPath(path);
    // The notice of the group above is yet to come.
    if (path !== '/' && !this.#groups.get(parent)?.in.has(hierarchy)) this.#enterParent(hierarchy, parent);
    this.#watcher.watch(dir, hierarchy, path);
    if (known) {
      known.in.set(hierarchy, inode);
      this.#listener.changed(known);
      return;
    }
    const group: Group = { gid: ++this.#lastGid, path, inode, in: new Map([[hierarchy, inode]]) };
    this.#groups.set(path, group);
    if (path !== '/') {
      const siblings = this.#below.get(parent) ?? new Set();
      this.#below.set(parent, siblings.add(group));
    }
    this.#listener.added(group, by);
  }

  #enterParent(hierarchy: Hierarchy, path: string): void {
    const dir = this.#layout.dir(hierarchy, path);
    const stats = statDir(dir);
    if (stats) this.#enter(hierarchy, path, stats.ino, dir);
  }

  #leave(group: Group, hierarchy: Hierarchy, by?: string): void {
    if (!group.in.delete(hierarchy)) return;
    this.#watcher.unwatch(this.#layout.dir(hierarchy, group.path));
    if (group.in.size > 0) {
      this.#listener.changed(group);
      return;
    }
    this.#groups.delete(group.path);
    const parent = parentPath(group.path);
    const siblings = this.#below.get(parent);
    siblings?.delete(group);
    if (siblings?.size === 0) this.#below.delete(parent);
    this.#listener.removed(group, by);
  }
}
