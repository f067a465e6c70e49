// The groups that exist now: found by a scan, kept by inotify, one entry a path joined over all hierarchies.
import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { joinPath } from '../../../contract/paths.ts';
import type { Layout } from './layout.ts';
import type { Hierarchy } from './mounts.ts';

export interface Group {
  /** Never used again for another group in this agent's life. */
  readonly gid: number;
  readonly path: string;
  /** The inode of the first of its directories that was seen: a recreated group has another. */
  readonly inode: number;
  /** The hierarchies it has a directory in, with the directory's inode. */
  readonly in: Map<Hierarchy, number>;
}

export interface TreeListener {
  added(group: Group): void;
  /** It appeared in, or left, one more hierarchy. */
  changed(group: Group): void;
  removed(group: Group): void;
}

/** Watches one directory for children that come and go; what it reports goes to `GroupTree`'s methods. */
export interface DirWatcher {
  watch(dir: string, hierarchy: Hierarchy, group: string): void;
  unwatch(dir: string): void;
}

function statDir(dir: string): Stats | undefined {
  try {
    const stats = statSync(dir);
    return stats.isDirectory() ? stats : undefined;
  } catch {
    return undefined;
  }
}

function listDirs(dir: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(dir, { withFileTypes: true });
  } catch {
    // Gone between the notice and the look: its removal is on the way.
    return [];
  }
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

export class GroupTree {
  readonly #layout: Layout;
  readonly #watcher: DirWatcher;
  readonly #listener: TreeListener;
  readonly #groups = new Map<string, Group>();
  #lastGid = 0;

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

  /** The group and everything below it, deepest last. */
  *within(path: string): Iterable<Group> {
    for (const group of this.#groups.values()) {
      if (group.path === path || path === '/' || group.path.startsWith(`${path}/`)) yield group;
    }
  }

  /** Looks at everything: groups that inotify told of are known already; what it missed comes to light here. */
  scan(): void {
    const mounted = new Set(this.#layout.hierarchies.filter((hierarchy) => this.#layout.isMounted(hierarchy)));
    for (const hierarchy of mounted) this.#look(hierarchy, '/');
    for (const group of [...this.#groups.values()]) {
      for (const hierarchy of [...group.in.keys()]) {
        // Of one that was unmounted nothing is known, least of all that its groups were removed.
        if (mounted.has(hierarchy) && !statDir(this.#layout.dir(hierarchy, group.path))) this.#gone(hierarchy, group.path);
      }
    }
  }

  /** Looks at one path in every hierarchy at once, as after our own mkdir or rmdir. */
  refresh(path: string): Group | undefined {
    for (const hierarchy of this.#layout.hierarchies) {
      if (statDir(this.#layout.dir(hierarchy, path))) this.appeared(hierarchy, path);
      else if (this.#layout.isMounted(hierarchy)) this.#gone(hierarchy, path);
    }
    return this.#groups.get(path);
  }

  appeared(hierarchy: Hierarchy, path: string): void {
    this.#look(hierarchy, path);
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

  #gone(hierarchy: Hierarchy, path: string): void {
    for (const group of [...this.within(path)].reverse()) this.#leave(group, hierarchy);
  }

  #look(hierarchy: Hierarchy, path: string): void {
    if (path === '/' && !this.#layout.isMounted(hierarchy)) return;
    const dir = this.#layout.dir(hierarchy, path);
    const stats = statDir(dir);
    if (!stats) return;
    this.#enter(hierarchy, path, stats.ino, dir);
    // The watch is in place before the listing: a child made in between is seen by one or the other.
    for (const name of listDirs(dir)) this.#look(hierarchy, joinPath(path, name));
  }

  #enter(hierarchy: Hierarchy, path: string, inode: number, dir: string): void {
    const known = this.#groups.get(path);
    const before = known?.in.get(hierarchy);
    if (before === inode) return;
    if (before !== undefined) {
      // Another group under the old name, and the notice of the removal was lost.
      this.#gone(hierarchy, path);
      this.#enter(hierarchy, path, inode, dir);
      return;
    }
    this.#watcher.watch(dir, hierarchy, path);
    if (known) {
      known.in.set(hierarchy, inode);
      this.#listener.changed(known);
      return;
    }
    const group: Group = { gid: ++this.#lastGid, path, inode, in: new Map([[hierarchy, inode]]) };
    this.#groups.set(path, group);
    this.#listener.added(group);
  }

  #leave(group: Group, hierarchy: Hierarchy): void {
    if (!group.in.delete(hierarchy)) return;
    this.#watcher.unwatch(this.#layout.dir(hierarchy, group.path));
    if (group.in.size > 0) {
      this.#listener.changed(group);
      return;
    }
    this.#groups.delete(group.path);
    this.#listener.removed(group);
  }
}
