// Identifies processes by pid and start time, because pids are reused.
import { readFileSync } from 'node:fs';
import { pidfdOpen } from '../../../native/libc/process.ts';

/** A descriptor of the process (pidfd_open(2)), which the caller closes; undefined if it has ended. */
export function openPidfd(pid: number): number | undefined {
  try {
    return pidfdOpen(pid);
  } catch {
    return undefined;
  }
}

/** The start of a process in clock ticks since boot (proc(5), stat field 22); undefined if it has ended or is a zombie. */
export function startTicks(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name is in parentheses, and may contain parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}
