// Whether the machine itself runs short of memory, and for how long it has recovered.
import type { Readings } from '../../contract/readings.ts';
import { textIfThere } from '../kernel/text-if-there.ts';

/** Short below this part of its memory, or while all tasks wait for memory for this part of the time. */
const SHORT_PART = 0.05;
const SHORT_STALL_PERCENT = 15;
/** Recovered above this part, and below this stall, for so long. */
const WELL_PART = 0.1;
const WELL_STALL_PERCENT = 3;
const WELL_MS = 10_000;

export interface MachineMemory {
  readonly totalBytes: number;
  /** MemAvailable. */
  readonly availableBytes: number;
  readonly swapFreeBytes: number;
  /** avg10 of `full` in /proc/pressure/memory; undefined where the kernel measures none. */
  readonly stallPercent: number | undefined;
}

export type Shortage = 'short' | 'recovering' | 'well';

export class MachineShortage {
  #wellSinceMs: number | undefined;

  /** @param nowMs monotonic. `recovering`: not short, and not yet well for long enough to thaw. */
  judge({ totalBytes, availableBytes, swapFreeBytes, stallPercent = 0 }: MachineMemory, nowMs: number): Shortage {
    if (!(totalBytes > 0)) return 'well';
    // What swap takes gives time, as long as tasks do not wait for it.
    const room = (availableBytes + swapFreeBytes / 2) / totalBytes;
    if (room < SHORT_PART || stallPercent >= SHORT_STALL_PERCENT) {
      this.#wellSinceMs = undefined;
      return 'short';
    }
    if (room < WELL_PART || stallPercent >= WELL_STALL_PERCENT) {
      this.#wellSinceMs = undefined;
      return 'recovering';
    }
    this.#wellSinceMs ??= nowMs;
    return nowMs - this.#wellSinceMs >= WELL_MS ? 'well' : 'recovering';
  }
}

/** @param readings those of "/" */
export function machineMemory(readings: Readings): MachineMemory {
  const bytes = (name: string) => Number(readings[`meminfo:${name}`] ?? 0);
  return {
    totalBytes: bytes('MemTotal'),
    availableBytes: bytes('MemAvailable'),
    swapFreeBytes: bytes('SwapFree'),
    stallPercent: machineStall(),
  };
}

/** The part of the last ten seconds in which all tasks waited for memory; undefined where the kernel does not measure it. */
function machineStall(path = '/proc/pressure/memory'): number | undefined {
  const [, percent] = /^full avg10=([\d.]+)/m.exec(textIfThere(path) ?? '') ?? [];
  return percent === undefined ? undefined : Number(percent);
}
