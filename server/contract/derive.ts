// Values computed from raw readings: rates, state, binding limits. They are not sent: whoever shows them computes them here.
import { lineage } from './paths.ts';
import { amountOf, divisorOf, keyOf, measureOf, type Quantity } from './quantities.ts';
import type { Readings, ReadingValue, SomeReadings } from './readings.ts';
import { MAX } from './units.ts';

/** One percent of a CPU for a second, in µs. */
const USEC_PER_PERCENT_SECOND = 10_000;

export type GroupState = 'thawed' | 'freezing' | 'frozen';

/** A group's readings, the monotonic time of the reading (ms), and the group's inode, which a recreated group does not share. */
export interface Sample {
  readonly readings: Readings;
  readonly monoMs: number;
  readonly inode: number;
}

/** v1 has one word for it; on v2 cgroup.freeze is what was requested, and cgroup.events whether every task has stopped. */
export function groupState(readings: SomeReadings): GroupState {
  const word = readings['freezer.state'];
  if (word !== undefined) return word === 'FROZEN' ? 'frozen' : word === 'FREEZING' ? 'freezing' : 'thawed';
  if (readings['cgroup.events:frozen'] === 1) return 'frozen';
  return readings['cgroup.freeze'] === 1 ? 'freezing' : 'thawed';
}

/** The kernel's own text for the state: v1's word, or v2's line of cgroup.events. */
export function freezerWord(readings: SomeReadings): string {
  const word = readings['freezer.state'];
  if (word !== undefined) return String(word);
  return `cgroup.events frozen ${readings['cgroup.events:frozen'] ?? 0}`;
}

/**
 * A group's memory usage. The root of v2 has no memory.current: there it is total less available memory (/proc/meminfo).
 * @returns bytes; undefined if the group's memory is not counted, as in a container whose meminfo has a total of 0
 */
export function memoryUsage(readings: SomeReadings): number | undefined {
  const usage = measureOf('memory-usage', readings);
  if (typeof usage === 'number') return usage;
  const { 'meminfo:MemTotal': total, 'meminfo:MemAvailable': available } = readings;
  return typeof total === 'number' && total > 0 && typeof available === 'number' ? Math.max(0, total - available) : undefined;
}

/** The part of the usage that the kernel can reclaim without swap: page cache, and on v2 also the kernel's own caches, which v1 does not show. */
export function reclaimableBytes(readings: SomeReadings): number | undefined {
  const parts = RECLAIMABLE.map((keys) => keys.map((key) => readings[key])).find((values) => typeof values[0] === 'number');
  return parts?.reduce<number>((sum, value) => sum + (typeof value === 'number' ? value : 0), 0);
}

const RECLAIMABLE = [
  ['memory.stat:total_inactive_file', 'memory.stat:total_active_file'],
  ['memory.stat:inactive_file', 'memory.stat:active_file', 'memory.stat:slab_reclaimable'],
] as const;

/**
 * How often the group hit a hard limit of its own. On v1 a charge meets that of memory and swap first: where both limits are the same, only its
 * counter grows (mm/memcontrol.c, try_charge).
 */
export function limitHits(readings: SomeReadings): number | undefined {
  const hits = amountOf('memory-limit-hits', readings);
  return hits === undefined ? undefined : hits + (amountOf('memsw-limit-hits', readings) ?? 0);
}

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
  /** The group whose own limit it is: the given one or an ancestor. */
  readonly group: string;
}

type ReadingsOf = (path: string) => Readings | undefined;

/** The groups that a group's memory is charged to: itself, those above, "/". On v1 before Linux 5.11 a group may not count those below (memory.use_hierarchy 0). */
export function chargedTo(path: string, readingsOf: ReadingsOf): readonly string[] {
  const line = lineage(path);
  const apart = line.findIndex((group, index) => index > 0 && group !== '/' && readingsOf(group)?.['memory.use_hierarchy'] === 0);
  return apart < 0 ? line : [...line.slice(0, apart), '/'];
}

/**
 * The binding limit of a group, and whose it is; "max" at the root if there is no limit.
 * @param readingsOf a group's readings by path, undefined for an unknown group
 */
export function effectiveLimit(path: string, file: string, readingsOf: ReadingsOf): EffectiveLimit {
  const line = file.startsWith('memory.') ? chargedTo(path, readingsOf) : lineage(path);
  return lowestOf(line, (group) => readingsOf(group)?.[file]);
}

/** The same for a quantity of memory, on either version. */
export function effectiveMeasure(path: string, quantity: Quantity, readingsOf: ReadingsOf): EffectiveLimit {
  return lowestOf(chargedTo(path, readingsOf), (group) => measureOf(quantity, readingsOf(group) ?? {}));
}

/** The same of the groups above alone. */
export function measureAbove(path: string, quantity: Quantity, readingsOf: ReadingsOf): EffectiveLimit {
  return lowestOf(chargedTo(path, readingsOf).slice(1), (group) => measureOf(quantity, readingsOf(group) ?? {}));
}

function lowestOf(line: readonly string[], readingOf: (group: string) => ReadingValue | undefined): EffectiveLimit {
  let lowest: EffectiveLimit = { value: MAX, group: '/' };
  for (const group of line) {
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
