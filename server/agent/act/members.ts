// Lists the processes of a group, and signals a process only while it is still the one that was listed.
import { closeSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { pidfdOpen, pidfdSignal } from '../../../native/libc/process.ts';
import { errnoOf } from '../kernel/errno.ts';
import { isInOwnPidNamespace } from '../kernel/hidden-sources.ts';
import { onDisk } from '../kernel/hierarchy/disk-path.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import { hasEnded, statIn } from '../kernel/living-task.ts';
import { textIfThere } from '../kernel/text-if-there.ts';

const isApart = isInOwnPidNamespace();

/** The processes of a group itself, in all hierarchies. */
export function membersOf(layout: Layout, group: Group): number[] {
  const pids = new Set<number>();
  for (const hierarchy of group.in.keys()) {
    for (const pid of membersIn(layout.dir(hierarchy, group.path))) pids.add(pid);
  }
  return [...pids].sort((a, b) => a - b);
}

/**
 * Processes of a group itself that our pid namespace does not contain, so that they cannot be named or signalled: v2 lists each as 0. v1 leaves
 * them out of the list, but counts them, of the groups below too, in pids.current.
 */
export function unseenOf(layout: Layout, group: Group): number {
  if (!isApart) return 0;
  const { unified } = layout;
  const asZero = unified && group.in.has(unified) ? listed(layout.dir(unified, group.path)).filter((pid) => pid === 0).length : 0;
  const pids = layout.ofController('pids');
  const counted = pids && group.in.has(pids) ? Number(textIfThere(`${layout.dir(pids, group.path)}/pids.current`) ?? 0) : 0;
  return Math.max(asZero, counted);
}

/** Processes that have ended and that their parent does not reap, in no group's list, but counted in pids.current: v1 does not say of which group. */
export function unreaped(): number {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && hasEnded(statIn(`/proc/${name}`));
    } catch {
      return false;
    }
  }).length;
}

/** The processes of a group's directory in one hierarchy. */
export function membersIn(dir: string): number[] {
  return listed(dir).filter((pid) => pid > 0);
}

/** With 0 for each process that our pid namespace does not contain. */
function listed(dir: string): number[] {
  try {
    const pids = numbers(readFileSync(onDisk(`${dir}/cgroup.procs`), 'utf8'));
    if (pids.length > 0) return pids;
  } catch (error) {
    if (errnoOf(error) !== 'EOPNOTSUPP') return [];
  }
  // v2 lists no processes of a threaded group, and none that was moved after the end of its first thread: take those of its threads.
  return numbers(textIfThere(`${dir}/cgroup.threads`) ?? '').flatMap((tid) =>
    tid === 0 ? 0 : numbers(/^Tgid:\s*(\d+)$/m.exec(textIfThere(`/proc/${tid}/status`) ?? '')?.[1] ?? ''),
  );
}

function numbers(text: string): number[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/**
 * Signals a process if it is still the one that is meant: the pidfd is opened first, so that the check and the signal concern the same process.
 * @returns `gone` if it has ended or its pid was reused; `forbidden` for another user's process, without root
 */
export function signalIf(pid: number, name: NodeJS.Signals, isMeant: () => boolean): 'sent' | 'gone' | 'forbidden' {
  let fd: number;
  try {
    fd = pidfdOpen(pid);
  } catch (error) {
    if (errnoOf(error) === 'ESRCH' || errnoOf(error) === 'EINVAL') return 'gone';
    throw error;
  }
  try {
    if (!isMeant()) return 'gone';
    pidfdSignal(fd, constants.signals[name]);
    return 'sent';
  } catch (error) {
    if (errnoOf(error) === 'ESRCH') return 'gone';
    if (errnoOf(error) === 'EPERM') return 'forbidden';
    throw error;
  } finally {
    closeSync(fd);
  }
}
