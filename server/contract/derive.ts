// What is computed from raw readings: rates, state, the limit that binds. Derived values never travel; whoever shows them computes them here.
import { lineage } from './paths.ts';
import { divisorOf, keyOf, measureOf, type Quantity } from './quantities.ts';
import type { Readings, ReadingValue, SomeReadings } from './readings.ts';
import { MAX } from './units.ts';

/** One percent of a CPU for a second, in µs. */
const USEC_PER_PERCENT_SECOND = 10_000;

export type GroupState = 'thawed' | 'freezing' | 'frozen';

/** One look at a group: its readings, the monotonic time they were read at (ms), and the identity of the group (a recreated one has another). */
export interface Sample {
  readonly readings: Readings;
  readonly monoMs: number;
  readonly inode: number;
}

/** v1's freezer says it in a word; on v2 cgroup.freeze is what was asked, and cgroup.events tells once every task has stopped. */
export function groupState(readings: SomeReadings): GroupState {
  const word = readings['freezer.state'];
  if (word !== undefined) return word === 'FROZEN' ? 'frozen' : word === 'FREEZING' ? 'freezing' : 'thawed';
  if (readings['cgroup.events:frozen'] === 1) return 'frozen';
  return readings['cgroup.freeze'] === 1 ? 'freezing' : 'thawed';
}

/** What the kernel itself says of a group that is not thawed: v1's word, or v2's line of cgroup.events. */
export function freezerWord(readings: SomeReadings): string {
  const word = readings['freezer.state'];
  if (word !== undefined) return String(word);
  return `cgroup.events frozen ${readings['cgroup.events:frozen'] ?? 0}`;
}

/**
 * What a group uses. The root of v2 has no memory.current: there it is what the machine uses, less what is available (/proc/meminfo).
 * @returns bytes; undefined where the group's memory is not counted
 */
export function memoryUsage(readings: SomeReadings): number | undefined {
  const usage = measureOf('memory-usage', readings);
  if (typeof usage === 'number') return usage;
  const { 'meminfo:MemTotal': total, 'meminfo:MemAvailable': available } = readings;
  return typeof total === 'number' && typeof available === 'number' ? total - available : undefined;
}

/** The part of the usage that the kernel can give back without swap: page cache, and on v2 the kernel's own caches, which v1 does not tell apart. */
export function reclaimableBytes(readings: SomeReadings): number | undefined {
  const parts = RECLAIMABLE.map((keys) => keys.map((key) => readings[key])).find((values) => typeof values[0] === 'number');
  return parts?.reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 0), 0);
}

const RECLAIMABLE = [
  ['memory.stat:total_inactive_file', 'memory.stat:total_active_file'],
  ['memory.stat:inactive_file', 'memory.stat:active_file', 'memory.stat:slab_reclaimable'],
] as const;

/**
 * The growth of a counter per second between two samples of the same group.
 * @returns undefined if either lacks it, the group was recreated, the counter was reset, or no time passed.
 */
export function ratePerSec(before: Sample | undefined, now: Sample, key: string): number | undefined {
  if (!before || before.inode !== now.inode) return undefined;
  const from = before.readings[key];
  const to = now.readings[key];
  const seconds = (now.monoMs - before.monoMs) / 1000;
  if (typeof from !== 'number' || typeof to !== 'number' || seconds <= 0 || to < from) return undefined;
  return (to - from) / seconds;
}

/** CPU use over all CPUs in percent of one CPU: 200 is two CPUs busy. */
export function cpuPercent(before: Sample | undefined, now: Sample): number | undefined {
  const key = keyOf('cpu-usage', now.readings);
  const perSec = key === undefined ? undefined : ratePerSec(before, now, key);
  return key === undefined || perSec === undefined ? undefined : perSec / divisorOf('cpu-usage', key) / USEC_PER_PERCENT_SECOND;
}

export interface EffectiveLimit {
  readonly value: ReadingValue;
  /** The group, the asked one or an ancestor, whose own limit it is. */
  readonly group: string;
}

/**
 * The lowest limit on the way from a group to the root, and whose it is; "max" at the root where nothing limits.
 * @param readingsOf the readings of a group by path, undefined where it is not known
 */
export function effectiveLimit(path: string, file: string, readingsOf: (path: string) => Readings | undefined): EffectiveLimit {
  return lowestOf(path, (group) => readingsOf(group)?.[file]);
}

/** The same for a limit by what it means, on whichever version each group has it. */
export function effectiveMeasure(path: string, quantity: Quantity, readingsOf: (path: string) => Readings | undefined): EffectiveLimit {
  return lowestOf(path, (group) => measureOf(quantity, readingsOf(group) ?? {}));
}

function lowestOf(path: string, readingOf: (group: string) => ReadingValue | undefined): EffectiveLimit {
  let lowest: EffectiveLimit = { value: MAX, group: '/' };
  for (const group of lineage(path)) {
    const value = readingOf(group);
    if (typeof value === 'number' && (typeof lowest.value !== 'number' || value < lowest.value)) lowest = { value, group };
  }
  return lowest;
}

const INHERITED = {
  1: ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', 'pids.max'],
  2: ['memory.max', 'memory.high', 'memory.swap.max', 'pids.max'],
} as const;

/** Limits that an ancestor can make tighter than the group's own. @param memory the version that has the memory controller */
export function inheritedLimits(memory: 1 | 2): readonly string[] {
  return INHERITED[memory];
}
