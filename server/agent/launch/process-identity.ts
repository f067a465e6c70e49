// Which process is which: by a descriptor, which stays that of one process while its pid may be reused, and by its parent.
import { pidfdOpen } from '../../../native/libc/process.ts';
import { statIn } from '../kernel/living-task.ts';
import type { LaunchRecord } from './launch-store.ts';

/** A descriptor of the process (pidfd_open(2)), which the caller closes; undefined if it has ended. */
export function openPidfd(pid: number): number | undefined {
  try {
    return pidfdOpen(pid);
  } catch {
    return undefined;
  }
}

/** Whether a process is the init of a launch: the monitor's child that is not the program. */
export function isInitOf({ pid: program, monitorPid }: Pick<LaunchRecord, 'pid' | 'monitorPid'>, pid: number): boolean {
  try {
    return pid !== program && Number(statIn(`/proc/${pid}`)[1]) === monitorPid;
  } catch {
    return false;
  }
}
