// When a growing group will meet a limit: its own, an ancestor's, or the end of the machine's memory.
import { chargedTo, groupState, memoryUsage, reclaimableBytes } from './derive.ts';
import { amountOf, keysOf } from './quantities.ts';
import type { Readings, SomeReadings } from './readings.ts';

/** A warning is given when less is left. */
export const USUAL_FORECAST_SEC = 60;
/** Further ahead, a minute is no ground for a forecast. */
const FAR_SEC = 86_400;

/** What is limited, and by which control file; v1's soft limit stops no growth. */
const LIMITS = [
  { file: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes' },
  { file: 'memory.memsw.limit_in_bytes', usage: 'memory.memsw.usage_in_bytes' },
  { file: 'memory.max', usage: 'memory.current' },
  { file: 'memory.high', usage: 'memory.current' },
] as const;

/** The readings that a forecast starts from. */
export const limitKeys: ReadonlySet<string> = new Set(LIMITS.map(({ file }) => file));
export const demandKeys: readonly string[] = [
  ...keysOf('memory-usage'),
  ...keysOf('swap-usage'),
  'memory.stat:total_inactive_file',
  'memory.stat:total_active_file',
  'memory.stat:inactive_file',
  'memory.stat:active_file',
  'memory.stat:slab_reclaimable',
];

export interface Forecast {
  /** The group whose limit will be met: the group itself or an ancestor; "/" for the machine. */
  readonly limitGroup: string;
  /** The limit's control file; absent for the machine's memory. */
  readonly file?: string;
  readonly secondsLeft: number;
  /** What is left below the limit, with what can be reclaimed. */
  readonly headroomBytes: number;
  /** How fast it shrinks. */
  readonly bytesPerSec: number;
}

/** What a group needs: its memory less what can be reclaimed, and what it has in swap. Of the machine, all that is not available. */
export function demandBytes(readings: SomeReadings): number | undefined {
  const needed = machineRoom(readings)?.used ?? neededBytes(readings);
  return needed === undefined ? undefined : needed + (amountOf('swap-usage', readings) ?? 0);
}

function neededBytes(readings: SomeReadings): number | undefined {
  const usage = memoryUsage(readings);
  return usage === undefined ? undefined : Math.max(0, usage - (reclaimableBytes(readings) ?? 0));
}

/** The machine's memory, of the root group's readings (/proc/meminfo). */
export function machineRoom(readings: SomeReadings): { readonly used: number; readonly available: number } | undefined {
  const { 'meminfo:MemTotal': total, 'meminfo:MemAvailable': available } = readings;
  return typeof total === 'number' && total > 0 && typeof available === 'number'
    ? { used: Math.max(0, total - available), available }
    : undefined;
}

interface Room {
  readonly file?: string;
  readonly headroomBytes: number;
}

/** What is left in a group below each of its own limits. */
function roomsOf(readings: SomeReadings): Room[] {
  const reclaimable = reclaimableBytes(readings) ?? 0;
  const rooms: Room[] = [];
  for (const { file, usage } of LIMITS) {
    const limit = readings[file];
    const used = readings[usage];
    if (typeof limit !== 'number' || typeof used !== 'number') continue;
    const headroomBytes = Math.max(0, limit - Math.max(0, used - reclaimable));
    // Over memory.high a group goes on, slowly: then the next limit counts.
    if (file !== 'memory.high' || headroomBytes > 0) rooms.push({ file, headroomBytes });
  }
  const machine = machineRoom(readings);
  if (machine) rooms.push({ headroomBytes: machine.available });
  return rooms;
}

/** Whether the group or an ancestor has a limit; the machine's memory is none. */
export function isLimited(path: string, readingsOf: (path: string) => Readings | undefined): boolean {
  return chargedTo(path, readingsOf).some((group) => LIMITS.some(({ file }) => typeof readingsOf(group)?.[file] === 'number'));
}

/**
 * The limit that is met first if the last minute's growth goes on.
 * @param growthOf the growth of a group's demand (trend.ts), in bytes per second; undefined without a trend
 * @returns undefined if the group does not grow, is frozen, or is a day or more from every limit
 */
export function forecastOf(
  path: string,
  readingsOf: (path: string) => Readings | undefined,
  growthOf: (path: string) => number | undefined,
): Forecast | undefined {
  const own = growthOf(path);
  if (own === undefined || groupState(readingsOf(path) ?? {}) !== 'thawed') return undefined;
  let first: Forecast | undefined;
  for (const limitGroup of chargedTo(path, readingsOf)) {
    // An ancestor grows by what all its groups do. Without a trend of its own, this group's growth is what is known.
    const bytesPerSec = growthOf(limitGroup) ?? own;
    for (const room of roomsOf(readingsOf(limitGroup) ?? {})) {
      const secondsLeft = room.headroomBytes / bytesPerSec;
      if (secondsLeft < (first?.secondsLeft ?? FAR_SEC)) first = { limitGroup, secondsLeft, bytesPerSec, ...room };
    }
  }
  return first;
}

/** Steps that an estimate is rounded down to, so that it does not flicker: by the second at the end. */
const STEPS = [
  { below: 20, sec: 1 },
  { below: 120, sec: 5 },
  { below: 600, sec: 30 },
  { below: 3600, sec: 300 },
  { below: Number.POSITIVE_INFINITY, sec: 3600 },
] as const;

/** @returns seconds, rounded down to a step that grows with them */
export function roundedSeconds(seconds: number): number {
  const { sec } = STEPS.find(({ below }) => seconds < below) ?? STEPS[0];
  return Math.floor(seconds / sec) * sec;
}
