// Identifies processes by pid and start time, because pids are reused.
import { pidfdOpen } from '../../../native/libc/process.ts';
import { hasEnded, statIn } from '../kernel/living-task.ts';
import type { LaunchRecord } from './launch-store.ts';

/** A descriptor of the process (pidfd_open(2)), which the caller closes; undefined if it has ended. */
export function openPidfd(pid: number): number | undefined {
  try {
    return pidfdOpen(pid);
  } catch {
    return undefined;
  }
}

/** The start of a process in clock ticks since boot (proc_pid_stat(5), field 22); undefined if it has ended, also if nobody has reaped it. */
export function startTicks(pid: number): number | undefined {
  try {
    const stat = statIn(`/proc/${pid}`);
    return hasEnded(stat) ? undefined : Number(stat[19]);
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
