// Lists the processes of a group, and signals a process only while it is still the one that was listed.
import { closeSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { pidfdOpen, pidfdSignal } from '../../../native/libc/process.ts';
import { errnoOf } from '../kernel/errno.ts';
import { onDisk } from '../kernel/hierarchy/disk-path.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';

/** The processes of a group itself, in all hierarchies. */
export function membersOf(layout: Layout, group: Group): number[] {
  const pids = new Set<number>();
  for (const hierarchy of group.in.keys()) {
    for (const pid of membersIn(layout.dir(hierarchy, group.path))) pids.add(pid);
  }
  return [...pids].sort((a, b) => a - b);
}

/** The processes of a group's directory in one hierarchy. */
export function membersIn(dir: string): number[] {
  let text: string;
  try {
    text = readFileSync(onDisk(`${dir}/cgroup.procs`), 'utf8');
  } catch (error) {
    // A threaded group of v2 refuses to list processes: take those of its threads.
    if (errnoOf(error) !== 'EOPNOTSUPP') return [];
    return numbers(readIfThere(`${dir}/cgroup.threads`)).flatMap((tid) =>
      numbers(/^Tgid:\s*(\d+)$/m.exec(readIfThere(`/proc/${tid}/status`))?.[1] ?? ''),
    );
  }
  return numbers(text);
}

/** The kernel lists 0 for a process that our pid namespace does not contain. */
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
