// Reports, as late, what happened while no agent ran: groups made and removed since the book was written, and groups out of memory.
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
  // Of tasks that already wait at the limit (v1) no other notice comes.
  for (const group of tree.all()) {
    const memory = layout.ofController('memory');
    if (memory && group.in.has(memory) && waitsAtOwnLimit(layout.dir(memory, group.path)))
      reporter.report({ kind: 'oom', group: group.path, count: 1, underOom: true, ...late });
  }
}
