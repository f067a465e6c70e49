// The CPUs of the machine that are online now, whether or not this process may run on them; their numbers may have gaps.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { cpusIn } from '../../contract/cpu-list.ts';

/** Documentation/admin-guide/cputopology.rst */
const ONLINE = '/sys/devices/system/cpu/online';

/** @returns how many there are, and their numbers as the kernel writes them: "0,2-3" */
export function onlineCpus(): { cpus: number; cpuList: string } {
  let list: string;
  try {
    list = readFileSync(ONLINE, 'utf8').trim();
  } catch {
    // A container may hide the file; Node counts the CPUs in /proc/stat.
    list = `0-${Math.max(1, cpus().length) - 1}`;
  }
  return { cpus: cpusIn(list)?.length ?? 1, cpuList: list };
}
