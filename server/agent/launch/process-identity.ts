// Whether a pid still is the process that it was: pids are used again, a pid with its start time is not.
import { readFileSync } from 'node:fs';
import { pidfdOpen } from '../../../native/libc/process.ts';

/** A descriptor for the process (pidfd_open(2)), to be closed; undefined if it is gone. */
export function openPidfd(pid: number): number | undefined {
  try {
    return pidfdOpen(pid);
  } catch {
    return undefined;
  }
}

/** When a process started, in clock ticks since boot (proc(5), stat field 22); undefined if it is gone or a zombie. */
export function startTicks(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command is in parentheses and may hold anything, parentheses too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}
