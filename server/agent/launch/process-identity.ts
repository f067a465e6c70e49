// Identifies processes by pid and start time, because pids are reused.
import { pidfdOpen } from '../../../native/libc/process.ts';
import { hasEnded, statIn } from '../kernel/living-task.ts';

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
