// Reads what /proc shows of a process whose first thread has ended while others go on (pthread_exit(3)): that is in the folders of the others.
import { readdirSync, readFileSync } from 'node:fs';
import { parseProcessStat } from './files/process-files.ts';

/** Set once a task ends: v1 then shows it in the root group, and soon it has no memory and no namespaces (include/linux/sched.h). */
const PF_EXITING = 0x4;

/** @param dir the folder of a process or thread in /proc @returns the fields of its stat from the third @throws if it does not exist any more */
export function statIn(dir: string): string[] {
  return parseProcessStat(readFileSync(`${dir}/stat`, 'latin1'));
}

/** Whether all threads of a process have ended, by its stat (proc_pid_stat(5), fields 3 and 20). */
export function hasEnded(stat: readonly string[]): boolean {
  return /^[ZX]$/.test(stat[0] ?? '') && Number(stat[17]) <= 1;
}

/** The start of a process in clock ticks since boot (proc_pid_stat(5), field 22); undefined if it has ended, also if it is not reaped yet. */
export function startTicks(pid: number): number | undefined {
  try {
    const stat = statIn(`/proc/${pid}`);
    return hasEnded(stat) ? undefined : Number(stat[19]);
  } catch {
    return undefined;
  }
}

export function isExiting(dir: string): boolean {
  return (Number(statIn(dir)[6]) & PF_EXITING) !== 0;
}

/**
 * What `read` finds in the folder of a process in /proc, or, if its first thread is ending, of a thread that is not.
 * Checked after the read: a thread that goes on then did so before.
 * @throws what `read` throws, and if the process does not exist any more
 */
export function readLiving<T>(pid: number | 'self', read: (dir: string) => T): T {
  const dir = `/proc/${pid}`;
  const first = read(dir);
  if (!isExiting(dir)) return first;
  for (const tid of readdirSync(`${dir}/task`)) {
    try {
      const found = read(`${dir}/task/${tid}`);
      if (!isExiting(`${dir}/task/${tid}`)) return found;
    } catch {
      // It has ended meanwhile.
    }
  }
  return first;
}
