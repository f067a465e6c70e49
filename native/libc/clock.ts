// Reads the clock by which the kernel dates the starts of processes.
import { checked, libc } from './library.ts';

const cClockGettime = libc.func('int clock_gettime(int clock, void *time)');
const CLOCK_BOOTTIME = 7;

/** CLOCK_BOOTTIME in milliseconds (clock_gettime(2)): in a container, /proc/uptime may be the container's (lxcfs). */
export function sinceBootMs(): number {
  const time = new BigInt64Array(2);
  checked('clock_gettime', cClockGettime(CLOCK_BOOTTIME, time));
  return Number(time[0]) * 1e3 + Number(time[1]) / 1e6;
}
