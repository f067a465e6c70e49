// What a reading measures: each quantity with its reading on v1 and on v2, in one unit. How the versions differ is in control-files/counterparts.ts.
import type { ReadingValue, SomeReadings } from './reading-value.ts';

/** `weight` is cpu.weight's scale (1 to 10000, 100 by default), `shares` that of cpu.shares (2 to 262144, 1024 by default). */
export type QuantityUnit = 'bytes' | 'usec' | 'count' | 'weight' | 'shares' | 'cpus' | 'state';

interface Source {
  /** The reading's key: the kernel's file, with `:part` for one line of a keyed file. */
  readonly key: string;
  /** The kernel's number divided by this is in the quantity's unit; 1 by default. */
  readonly divisor?: number;
}

interface Meaning {
  readonly unit: QuantityUnit;
  readonly v1?: Source;
  readonly v2?: Source;
}

const NSEC_PER_USEC = 1000;
/** USER_HZ is 1/100 s: dividing by this gives microseconds. */
const USER_HZ_PER_USEC = 1e-4;

export const quantities = {
  'memory-usage': { unit: 'bytes', v1: { key: 'memory.usage_in_bytes' }, v2: { key: 'memory.current' } },
  'memory-hard-limit': {
    unit: 'bytes',
    v1: { key: 'memory.limit_in_bytes' },
    v2: { key: 'memory.max' },
  },
  'memory-soft-limit': {
    unit: 'bytes',
    v1: { key: 'memory.soft_limit_in_bytes' },
    v2: { key: 'memory.high' },
  },
  'memory-protection': { unit: 'bytes', v2: { key: 'memory.low' } },
  'memory-hard-protection': { unit: 'bytes', v2: { key: 'memory.min' } },
  'memory-peak': {
    unit: 'bytes',
    v1: { key: 'memory.max_usage_in_bytes' },
    v2: { key: 'memory.peak' },
  },
  'memory-limit-hits': {
    unit: 'count',
    v1: { key: 'memory.failcnt' },
    v2: { key: 'memory.events.local:max' },
  },
  'memory-soft-limit-hits': { unit: 'count', v2: { key: 'memory.events.local:high' } },
  'oom-kills': { unit: 'count', v1: { key: 'memory.oom_control:oom_kill' }, v2: { key: 'memory.events.local:oom_kill' } },
  'under-oom': { unit: 'state', v1: { key: 'memory.oom_control:under_oom' } },
  // The first switches OOM kills off; the second chooses between one process and all of the group.
  'oom-kill-disabled': { unit: 'state', v1: { key: 'memory.oom_control:oom_kill_disable' } },
  'oom-whole-group': { unit: 'state', v2: { key: 'memory.oom.group' } },
  'memory-anonymous': { unit: 'bytes', v1: { key: 'memory.stat:total_rss' }, v2: { key: 'memory.stat:anon' } },
  'memory-file-cache': { unit: 'bytes', v1: { key: 'memory.stat:total_cache' }, v2: { key: 'memory.stat:file' } },
  // v1 counts and limits memory and swap together; v2 swap alone. The numbers are not comparable.
  'memsw-usage': { unit: 'bytes', v1: { key: 'memory.memsw.usage_in_bytes' } },
  'memsw-limit': { unit: 'bytes', v1: { key: 'memory.memsw.limit_in_bytes' } },
  'memsw-peak': { unit: 'bytes', v1: { key: 'memory.memsw.max_usage_in_bytes' } },
  'memsw-limit-hits': { unit: 'count', v1: { key: 'memory.memsw.failcnt' } },
  'swap-usage': { unit: 'bytes', v1: { key: 'memory.stat:total_swap' }, v2: { key: 'memory.swap.current' } },
  'swap-limit': { unit: 'bytes', v2: { key: 'memory.swap.max' } },
  'swap-peak': { unit: 'bytes', v2: { key: 'memory.swap.peak' } },
  'swap-limit-hits': { unit: 'count', v2: { key: 'memory.swap.events:max' } },
  'cpu-usage': { unit: 'usec', v1: { key: 'cpuacct.usage', divisor: NSEC_PER_USEC }, v2: { key: 'cpu.stat:usage_usec' } },
  'cpu-user': { unit: 'usec', v1: { key: 'cpuacct.stat:user', divisor: USER_HZ_PER_USEC }, v2: { key: 'cpu.stat:user_usec' } },
  'cpu-system': { unit: 'usec', v1: { key: 'cpuacct.stat:system', divisor: USER_HZ_PER_USEC }, v2: { key: 'cpu.stat:system_usec' } },
  // Different scales, and the kernel's own mapping between them is not one to one.
  'cpu-shares': { unit: 'shares', v1: { key: 'cpu.shares' } },
  'cpu-weight': { unit: 'weight', v2: { key: 'cpu.weight' } },
  'cpu-quota': { unit: 'usec', v1: { key: 'cpu.cfs_quota_us' }, v2: { key: 'cpu.max:quota' } },
  'cpu-period': {
    unit: 'usec',
    v1: { key: 'cpu.cfs_period_us' },
    v2: { key: 'cpu.max:period' },
  },
  'cpu-throttled-periods': { unit: 'count', v1: { key: 'cpu.stat:nr_throttled' }, v2: { key: 'cpu.stat:nr_throttled' } },
  'cpu-throttled': { unit: 'usec', v1: { key: 'cpu.stat:throttled_time', divisor: NSEC_PER_USEC }, v2: { key: 'cpu.stat:throttled_usec' } },
  'cpus-asked': {
    unit: 'cpus',
    v1: { key: 'cpuset.cpus' },
    v2: { key: 'cpuset.cpus' },
  },
  'cpus-in-force': { unit: 'cpus', v1: { key: 'cpuset.effective_cpus' }, v2: { key: 'cpuset.cpus.effective' } },
  tasks: { unit: 'count', v1: { key: 'pids.current' }, v2: { key: 'pids.current' } },
  'tasks-limit': { unit: 'count', v1: { key: 'pids.max' }, v2: { key: 'pids.max' } },
  'tasks-peak': { unit: 'count', v1: { key: 'pids.peak' }, v2: { key: 'pids.peak' } },
  'tasks-limit-hits': {
    unit: 'count',
    v1: { key: 'pids.events:max' },
    v2: { key: 'pids.events:max' },
  },
  processes: { unit: 'count', v1: { key: 'cgroup.procs' }, v2: { key: 'cgroup.procs' } },
  'freezer-state': {
    unit: 'state',
    v1: { key: 'freezer.state' },
    v2: { key: 'cgroup.events:frozen' },
  },
  'io-read': { unit: 'bytes', v1: { key: 'blkio.throttle.io_service_bytes_recursive:Read' }, v2: { key: 'io.stat:rbytes' } },
  'io-written': {
    unit: 'bytes',
    v1: { key: 'blkio.throttle.io_service_bytes_recursive:Write' },
    v2: { key: 'io.stat:wbytes' },
  },
} as const satisfies Record<string, Meaning>;

export type Quantity = keyof typeof quantities;

function meaningOf(quantity: Quantity): Meaning {
  return quantities[quantity];
}

function sourceIn(quantity: Quantity, readings: SomeReadings): Source | undefined {
  const { v1, v2 } = meaningOf(quantity);
  return [v1, v2].find((source) => source !== undefined && readings[source.key] !== undefined);
}

/** The key of the quantity in a group's readings; undefined if they lack it. */
export function keyOf(quantity: Quantity, readings: SomeReadings): string | undefined {
  return sourceIn(quantity, readings)?.key;
}

/** The reading's key on one version; undefined if that version lacks the quantity. */
export function keyOn(quantity: Quantity, version: 1 | 2): string | undefined {
  const { v1, v2 } = meaningOf(quantity);
  return (version === 1 ? v1 : v2)?.key;
}

/** The value in the quantity's unit, "max" for no limit; a word if the kernel's value is one. */
export function measureOf(quantity: Quantity, readings: SomeReadings): ReadingValue | undefined {
  const source = sourceIn(quantity, readings);
  return source && inUnit(readings[source.key], source);
}

/** The value as a number; undefined for no limit, and where there is none. */
export function amountOf(quantity: Quantity, readings: SomeReadings): number | undefined {
  const value = measureOf(quantity, readings);
  return typeof value === 'number' ? value : undefined;
}

function inUnit(value: ReadingValue | undefined, { divisor = 1 }: Source): ReadingValue | undefined {
  return typeof value === 'number' ? value / divisor : value;
}

/** The quantity's key on each version. */
export function keysOf(quantity: Quantity): readonly string[] {
  const { v1, v2 } = meaningOf(quantity);
  return [...new Set([v1, v2].flatMap((source) => source?.key ?? []))];
}

/** A key's number divided by this is in the quantity's unit. */
export function divisorOf(quantity: Quantity, key: string): number {
  const { v1, v2 } = meaningOf(quantity);
  return [v1, v2].find((source) => source?.key === key)?.divisor ?? 1;
}

/** The quantity of a registry entry's reading, by its key. */
export function quantityOf(key: string, version: 1 | 2): Quantity | undefined {
  return (Object.keys(quantities) as Quantity[]).find((quantity) => keyOn(quantity, version) === key);
}
