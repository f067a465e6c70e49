// Reads the victims of OOM kills from the kernel log, from where an earlier agent of this boot stopped.
import type { GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { Hierarchy } from '../kernel/hierarchy/mounts.ts';
import { isInside, ownCgroupNamespace } from '../kernel/hierarchy/view-limits.ts';
import type { Sources } from '../kernel/sources.ts';
import type { EventLog } from '../state/event-log.ts';
import type { GroupBook } from '../state/group-book.ts';
import type { Reporter } from './reporter.ts';
import { KernelLog } from './watch/kernel-log.ts';
import type { Members } from './watch/members.ts';
import type { OomBlocks } from './watch/oom-blocks.ts';
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
  /** Gets every record, before the kill that it ends is reported. */
  readonly blocks: OomBlocks;
}

/**
 * Call it before the first tick: what is in the log already is not in the growth of a counter.
 * @returns the log, which the caller closes; or a sentence with the reason why it cannot be used
 */
export async function watchVictims(options: VictimsOptions): Promise<KernelLog | string> {
  const { hierarchies, sources, reporter, log, boot, book, members, tree, blocks } = options;
  if (isInside(hierarchies, ownCgroupNamespace()))
    return 'The kernel log has the machine’s paths of groups, which differ from those here: OOM kills are counted, but their victims are not named.';
  try {
    const mark = log.lastMark?.boot === boot ? log.lastMark : undefined;
    const lines = new OomLines({
      has: (path) => tree.get(path) !== undefined || members.wasRemovedLately(path) || book.before?.has(path) === true,
      isLeaf: (path) => tree.below(path)[Symbol.iterator]().next().done === true,
    });
    const kernelLog = new KernelLog(sources);
    await kernelLog.start((record, wokeMs) => {
      const kill = lines.take(record);
      blocks.take(record, kernelLog.overruns, kill);
      // At a first start, earlier kills are not reported.
      if (!kill || (wokeMs === undefined && (mark === undefined || kill.sequence <= mark.kernelLog))) return;
      reporter.killed(kill, wokeMs);
      log.mark({ boot, kernelLog: kill.sequence });
    });
    log.mark({ boot, kernelLog: kernelLog.last });
    return kernelLog;
  } catch {
    return '/dev/kmsg cannot be read: OOM kills are counted, but their victims are not named.';
  }
}
