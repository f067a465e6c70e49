// What a frame has of a group beside its readings: whether it is managed, whether it contains cgdeck, its controllers.
import type { GroupEntry } from '../../contract/frame.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { Reach } from '../kernel/reach.ts';

const CACHED_MS = 1000;

export class GroupEntries {
  readonly #layout: Layout;
  readonly #reach: Reach;
  #self: { readonly groups: ReadonlySet<string>; readonly atMs: number } | undefined;

  constructor(layout: Layout, reach: Reach) {
    this.#layout = layout;
    this.#reach = reach;
  }

  of(group: Group): GroupEntry {
    const { gid, path, inode } = group;
    return { gid, path, inode, managed: this.#reach.isManaged(path), self: this.isSelf(path), controllers: this.#controllersOf(group) };
  }

  /** Whether the group or one below it contains cgdeck or pid 1; cached for a second. */
  isSelf(path: string): boolean {
    const nowMs = performance.now();
    if (!this.#self || nowMs - this.#self.atMs > CACHED_MS) this.#self = { groups: this.#reach.ownGroups(), atMs: nowMs };
    return this.#self.groups.has(path);
  }

  /** A process of cgdeck started or ended. */
  ownProcessesChanged(): void {
    this.#self = undefined;
  }

  #controllersOf(group: Group): string[] {
    return this.#layout.hierarchies
      .filter((hierarchy) => group.in.has(hierarchy))
      .flatMap((hierarchy) =>
        hierarchy.version === 2 ? ['unified', ...this.#layout.enabledIn(hierarchy, group.path)] : [...hierarchy.controllers],
      );
  }
}
