// Reports, as late, what happened while no agent ran: groups made and removed since the book was written, and groups out of memory.
import { lineage } from '../../contract/paths.ts';
import { waitsAtOwnLimit } from '../kernel/files/at-limit.ts';
import type { GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { GroupBook } from '../state/group-book.ts';
import type { Reporter } from './reporter.ts';

export interface MissedParts {
  readonly layout: Layout;
  readonly book: GroupBook;
  readonly reporter: Reporter;
}

/** Reports the differences and updates the book. */
export function reportMissed(tree: GroupTree, { layout, book, reporter }: MissedParts): void {
  const late = { time: Date.now(), late: true } as const;
  for (const [path, inode] of book.before ?? []) {
    const now = tree.get(path);
    // The book has the inode of the directory that was found first.
    if (now && [...now.in.values()].includes(inode)) continue;
    // What is mounted over its directory says nothing of it.
    if (layout.hierarchies.some((hierarchy) => layout.coverOf(hierarchy, path))) continue;
    reporter.report({ kind: 'remove', group: path, ...late });
    if (now) reporter.report({ kind: 'create', group: path, ...late });
  }
  for (const { path, inode } of tree.all()) {
    if (book.before && !book.before.has(path)) reporter.report({ kind: 'create', group: path, ...late });
    book.added(path, inode);
  }
  book.compact();
}

/** Reports the groups whose tasks already wait at the limit (v1), of which no other notice comes; not those that guards hold, which is reported as that: call it once guards know. */
export function reportWaiting(tree: GroupTree, { layout, reporter }: Pick<MissedParts, 'layout' | 'reporter'>): void {
  const memory = layout.ofController('memory');
  for (const { path: group, in: directories } of tree.all()) {
    if (!memory || !directories.has(memory) || lineage(group).some((at) => reporter.isGuarded(at))) continue;
    if (waitsAtOwnLimit(layout.dir(memory, group)))
      reporter.report({ kind: 'oom', group, count: 1, underOom: true, time: Date.now(), late: true });
  }
}
