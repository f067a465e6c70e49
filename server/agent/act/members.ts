// The processes that are in a group, and signals to those that still are.
import { closeSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { pidfdOpen, pidfdSignal } from '../../../native/libc/process.ts';
import { errnoOf } from '../kernel/errno.ts';
import { onDisk } from '../kernel/hierarchy/disk-path.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';

/** Members of a group itself, over all hierarchies it is in. */
export function membersOf(layout: Layout, group: Group): number[] {
  const pids = new Set<number>();
  for (const hierarchy of group.in.keys()) {
    for (const pid of membersIn(layout.dir(hierarchy, group.path))) pids.add(pid);
  }
  return [...pids].sort((a, b) => a - b);
}

/** Members of the group of a directory, in its hierarchy. */
export function membersIn(dir: string): number[] {
  let text: string;
  try {
    text = readFileSync(onDisk(`${dir}/cgroup.procs`), 'utf8');
  } catch (error) {
    // A threaded group of v2 has no list of processes: they are those of its threads.
    if (errnoOf(error) !== 'EOPNOTSUPP') return [];
    return numbers(readIfThere(`${dir}/cgroup.threads`)).flatMap((tid) =>
      numbers(/^Tgid:\s*(\d+)$/m.exec(readIfThere(`/proc/${tid}/status`))?.[1] ?? ''),
    );
  }
  return numbers(text);
}

/** 0 stands for a process of another pid namespace, which we cannot name. */
function numbers(text: string): number[] {
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(onDisk(path), 'utf8');
  } catch {
    return '';
  }
}

/**
 * Signals a process that still is what it is taken for: the pidfd is opened first, so that the look and the signal mean the same process.
 * @returns `gone` if it is, or is another by now; `forbidden` without root, for another user's
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
