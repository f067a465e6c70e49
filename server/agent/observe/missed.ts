// Reports, as late, what happened while no agent ran: groups made and removed since the book was written, and groups out of memory.
import { readFileSync } from 'node:fs';
import { onDisk } from '../kernel/hierarchy/disk-path.ts';
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
  // v1 sends no new notice for tasks that already wait at the limit.
  for (const group of tree.all()) {
    const path = layout.filePath(group.path, 'memory.oom_control', (hierarchy) => group.in.has(hierarchy));
    if (path !== undefined && isUnderOom(path)) reporter.report({ kind: 'oom', group: group.path, count: 1, underOom: true, ...late });
  }
}

function isUnderOom(path: string): boolean {
  try {
    return /under_oom 1/.test(readFileSync(onDisk(path), 'utf8'));
  } catch {
    return false;
  }
}
