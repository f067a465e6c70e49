// Readings: raw values keyed by the kernel's names. Derived values are in derive.ts.

import { type ControlFile, controlFiles, fileOfReading, findControlFiles } from './control-files.ts';
import type { Readings } from './reading-value.ts';

export type { Readings, ReadingValue, SomeReadings } from './reading-value.ts';

/** Readings of the machine, in the root group; /proc/meminfo in bytes, /proc/stat in 1/100 s. */
export const hostReadings = ['meminfo:MemTotal', 'meminfo:MemAvailable', 'meminfo:SwapTotal', 'meminfo:SwapFree'] as const;

/** Counters of a launch's routed network (/proc/net/dev), seen from the process, in the launch's group. */
export const trafficReadings = [
  'net.rx_bytes',
  'net.rx_packets',
  'net.rx_dropped',
  'net.tx_bytes',
  'net.tx_packets',
  'net.tx_dropped',
] as const;
export type TrafficReading = (typeof trafficReadings)[number];

/** `stat:cpu0.busy` and `stat:cpu0.total`, for CPU n; no total where a container's file has noise for the idle time. */
export function hostCpuKeys(cpu: number): { busy: string; total: string } {
  return { busy: `stat:cpu${cpu}.busy`, total: `stat:cpu${cpu}.total` };
}

/** The CPUs in a root group's readings: those that are online, so the numbers may have gaps. */
export function hostCpus(readings: Readings): number[] {
  return Object.keys(readings)
    .flatMap((key) => /^stat:cpu(\d+)\.busy$/.exec(key)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** The control files that the tick reads, in registry order. */
export const sampledFiles: readonly ControlFile[] = controlFiles.filter((file) => file.sampled);

/** Whether the ten minutes of history keep this reading. */
export function hasHistory(key: string): boolean {
  if ((trafficReadings as readonly string[]).includes(key)) return true;
  return findControlFiles(fileOfReading(key)).some(
    ({ name, history }) => history === true || (history?.some((part) => key === `${name}:${part}`) ?? false),
  );
}
