// What a frame says of a group beside its readings: who may write to it, whether it holds cgdeck itself, its controllers.
import type { GroupEntry } from '../../contract/frame.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { Reach } from '../kernel/reach.ts';

const OWN_FOR_MS = 1000;

export class GroupEntries {
  readonly #layout: Layout;
  readonly #reach: Reach;
  #own: { readonly groups: ReadonlySet<string>; readonly atMs: number } | undefined;

  constructor(layout: Layout, reach: Reach) {
    this.#layout = layout;
    this.#reach = reach;
  }

  of(group: Group): GroupEntry {
    const { gid, path, inode } = group;
    return { gid, path, inode, managed: this.#reach.isManaged(path), self: this.isSelf(path), controllers: this.#controllersOf(group) };
  }

  /** Whether the group or one below it holds a process of ours or pid 1; known for a second. */
  isSelf(path: string): boolean {
    const nowMs = performance.now();
    if (!this.#own || nowMs - this.#own.atMs > OWN_FOR_MS) this.#own = { groups: this.#reach.ownGroups(), atMs: nowMs };
    return this.#own.groups.has(path);
  }

  /** A process of ours has come or gone. */
  ownProcessesChanged(): void {
    this.#own = undefined;
  }

  #controllersOf(group: Group): string[] {
    return this.#layout.hierarchies
      .filter((hierarchy) => group.in.has(hierarchy))
      .flatMap((hierarchy) =>
        hierarchy.version === 2 ? ['unified', ...this.#layout.enabledIn(hierarchy, group.path)] : [...hierarchy.controllers],
      );
  }
}
