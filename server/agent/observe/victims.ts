// Who was killed for want of memory, from the kernel's log: read on from where an earlier agent of this boot stopped.
import type { GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { Hierarchy } from '../kernel/hierarchy/mounts.ts';
import { isInside, ownCgroupNamespace } from '../kernel/hierarchy/view-limits.ts';
import type { Sources } from '../kernel/sources.ts';
import type { EventLog } from '../state/event-log.ts';
import type { GroupBook } from '../state/group-book.ts';
import type { Reporter } from './reporter.ts';
import { KernelLog } from './watch/kernel-log.ts';
import type { Members } from './watch/members.ts';
import { OomLines } from './watch/oom-lines.ts';

export interface VictimsOptions {
  readonly hierarchies: readonly Hierarchy[];
  readonly sources: Sources;
  readonly reporter: Reporter;
  readonly log: EventLog;
  readonly boot: string;
  readonly book: GroupBook;
  readonly members: Members;
  readonly tree: GroupTree;
}

/** @returns the log, to be closed; or, where it cannot be used, a sentence that says why */
export function watchVictims({ hierarchies, sources, reporter, log, boot, book, members, tree }: VictimsOptions): KernelLog | string {
  if (isInside(hierarchies, ownCgroupNamespace()))
    return 'The kernel log names groups as the whole machine does, and here they have other names: OOM kills are counted, but their victims have no names.';
  try {
    const mark = log.lastMark?.boot === boot ? log.lastMark : undefined;
    const lines = new OomLines({
      has: (path) => tree.get(path) !== undefined || members.wasRemovedLately(path) || book.before?.has(path) === true,
      isLeaf: (path) => tree.below(path)[Symbol.iterator]().next().done === true,
    });
    const kernelLog = new KernelLog(sources);
    kernelLog.start((record, wokeMs) => {
      const kill = lines.take(record);
      // A first start knows nothing of what was before it.
      if (!kill || (wokeMs === undefined && (mark === undefined || kill.sequence <= mark.kernelLog))) return;
      reporter.killed(kill, wokeMs);
      log.mark({ boot, kernelLog: kill.sequence });
    });
    log.mark({ boot, kernelLog: kernelLog.last });
    return kernelLog;
  } catch {
    return '/dev/kmsg cannot be read: OOM kills are counted, but their victims have no names.';
  }
}
