// Readings: raw values keyed by the kernel's names. What is computed from them is in derive.ts.
import { type ControlFile, controlFiles } from './control-files.ts';

/** A number in the file's own unit, or a word ("FROZEN", "max", "0-3"). Absent readings are left out. */
export type ReadingValue = number | string;
export type Readings = Record<string, ReadingValue>;

/** Readings of the machine itself, attached to the root group; /proc/meminfo in bytes, /proc/stat in 1/100 s. */
export const hostReadings = ['meminfo:MemTotal', 'meminfo:MemAvailable', 'meminfo:SwapTotal', 'meminfo:SwapFree'] as const;

/** `stat:cpu0.busy` and `stat:cpu0.total`, for CPU n. */
export function hostCpuKeys(cpu: number): { busy: string; total: string } {
  return { busy: `stat:cpu${cpu}.busy`, total: `stat:cpu${cpu}.total` };
}

/** The control files that the tick reads, in registry order. */
export const sampledFiles: readonly ControlFile[] = controlFiles.filter((file) => file.sampled);

/** True where ten minutes of this reading are kept: the whole file's, or the parts that the registry names. */
export function hasHistory(key: string, file: ControlFile): boolean {
  if (file.history === true) return true;
  return file.history?.some((part) => key === `${file.name}:${part}`) ?? false;
}
