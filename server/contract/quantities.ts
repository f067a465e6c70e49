// What a reading means, whatever the kernel calls it: each quantity with the reading that has it on v1 and on v2, in one unit.
import type { ReadingValue, SomeReadings } from './reading-value.ts';

/** `weight` is cpu.weight's scale (1 to 10000, 100 by default), `shares` that of cpu.shares (2 to 262144, 1024 by default). */
export type QuantityUnit = 'bytes' | 'usec' | 'count' | 'weight' | 'shares' | 'cpus' | 'state';

interface Source {
  /** The reading's key: the kernel's file, with `:part` for one line of a keyed file. */
  readonly key: string;
  /** What the kernel's number is divided by for the quantity's unit; left out, they are the same. */
  readonly divisor?: number;
}

interface Meaning {
  readonly unit: QuantityUnit;
  readonly v1?: Source;
  readonly v2?: Source;
  /** Where v1 and v2 do not mean quite the same, how. */
  readonly differs?: string;
  /** The quantity that comes nearest in the other version, where there is none that means the same. */
  readonly akin?: string;
}

const NSEC_PER_USEC = 1000;
/** 1/100 s (USER_HZ) in microseconds is the number divided by this. */
const USER_HZ_PER_USEC = 1e-4;

export const quantities = {
  'memory-usage': { unit: 'bytes', v1: { key: 'memory.usage_in_bytes' }, v2: { key: 'memory.current' } },
  'memory-hard-limit': {
    unit: 'bytes',
    v1: { key: 'memory.limit_in_bytes' },
    v2: { key: 'memory.max' },
    differs: 'Set under what the group holds and cannot give up, v1 refuses with EBUSY and v2 kills processes of the group.',
  },
  'memory-soft-limit': {
    unit: 'bytes',
    v1: { key: 'memory.soft_limit_in_bytes' },
    v2: { key: 'memory.high' },
    differs: 'On v1 only a hint for when the machine runs short; on v2 the group is slowed down and reclaimed whenever it is above.',
  },
  'memory-protection': { unit: 'bytes', v2: { key: 'memory.low' } },
  'memory-hard-protection': { unit: 'bytes', v2: { key: 'memory.min' } },
  'memory-peak': {
    unit: 'bytes',
    v1: { key: 'memory.max_usage_in_bytes' },
    v2: { key: 'memory.peak' },
    differs: 'On v1 a write resets it for everybody; on v2 only for the descriptor that wrote, and not at all before Linux 6.12.',
  },
  'memory-limit-hits': {
    unit: 'count',
    v1: { key: 'memory.failcnt' },
    v2: { key: 'memory.events.local:max' },
    differs: 'v2’s cannot be reset.',
  },
  'memory-soft-limit-hits': { unit: 'count', v2: { key: 'memory.events.local:high' } },
  'oom-kills': { unit: 'count', v1: { key: 'memory.oom_control:oom_kill' }, v2: { key: 'memory.events.local:oom_kill' } },
  'under-oom': { unit: 'state', v1: { key: 'memory.oom_control:under_oom' } },
  // Whether anything is killed at all, and whether one process or all of the group.
  'oom-kill-disabled': { unit: 'state', v1: { key: 'memory.oom_control:oom_kill_disable' }, akin: 'oom-whole-group' },
  'oom-whole-group': { unit: 'state', v2: { key: 'memory.oom.group' }, akin: 'oom-kill-disabled' },
  'memory-anonymous': { unit: 'bytes', v1: { key: 'memory.stat:total_rss' }, v2: { key: 'memory.stat:anon' } },
  'memory-file-cache': { unit: 'bytes', v1: { key: 'memory.stat:total_cache' }, v2: { key: 'memory.stat:file' } },
  // v1 counts and limits memory and swap together; v2 swap alone. Neither number can stand for the other.
  'memsw-usage': { unit: 'bytes', v1: { key: 'memory.memsw.usage_in_bytes' }, akin: 'swap-usage' },
  'memsw-limit': { unit: 'bytes', v1: { key: 'memory.memsw.limit_in_bytes' }, akin: 'swap-limit' },
  'memsw-peak': { unit: 'bytes', v1: { key: 'memory.memsw.max_usage_in_bytes' }, akin: 'swap-peak' },
  'memsw-limit-hits': { unit: 'count', v1: { key: 'memory.memsw.failcnt' }, akin: 'swap-limit-hits' },
  'swap-usage': { unit: 'bytes', v1: { key: 'memory.stat:total_swap' }, v2: { key: 'memory.swap.current' }, akin: 'memsw-usage' },
  'swap-limit': { unit: 'bytes', v2: { key: 'memory.swap.max' }, akin: 'memsw-limit' },
  'swap-peak': { unit: 'bytes', v2: { key: 'memory.swap.peak' }, akin: 'memsw-peak' },
  'swap-limit-hits': { unit: 'count', v2: { key: 'memory.swap.events:max' }, akin: 'memsw-limit-hits' },
  'cpu-usage': { unit: 'usec', v1: { key: 'cpuacct.usage', divisor: NSEC_PER_USEC }, v2: { key: 'cpu.stat:usage_usec' } },
  'cpu-user': { unit: 'usec', v1: { key: 'cpuacct.stat:user', divisor: USER_HZ_PER_USEC }, v2: { key: 'cpu.stat:user_usec' } },
  'cpu-system': { unit: 'usec', v1: { key: 'cpuacct.stat:system', divisor: USER_HZ_PER_USEC }, v2: { key: 'cpu.stat:system_usec' } },
  // Different scales, and the kernel's own mapping between them is not one to one.
  'cpu-shares': { unit: 'shares', v1: { key: 'cpu.shares' }, akin: 'cpu-weight' },
  'cpu-weight': { unit: 'weight', v2: { key: 'cpu.weight' }, akin: 'cpu-shares' },
  'cpu-quota': { unit: 'usec', v1: { key: 'cpu.cfs_quota_us' }, v2: { key: 'cpu.max:quota' }, differs: 'Two files on v1, one line on v2.' },
  'cpu-period': {
    unit: 'usec',
    v1: { key: 'cpu.cfs_period_us' },
    v2: { key: 'cpu.max:period' },
    differs: 'Two files on v1, one line on v2.',
  },
  'cpu-throttled-periods': { unit: 'count', v1: { key: 'cpu.stat:nr_throttled' }, v2: { key: 'cpu.stat:nr_throttled' } },
  'cpu-throttled': { unit: 'usec', v1: { key: 'cpu.stat:throttled_time', divisor: NSEC_PER_USEC }, v2: { key: 'cpu.stat:throttled_usec' } },
  'cpus-asked': {
    unit: 'cpus',
    v1: { key: 'cpuset.cpus' },
    v2: { key: 'cpuset.cpus' },
    differs: 'Empty on v1 is a group that takes no task; on v2 the group has its parent’s CPUs.',
  },
  'cpus-in-force': { unit: 'cpus', v1: { key: 'cpuset.effective_cpus' }, v2: { key: 'cpuset.cpus.effective' } },
  tasks: { unit: 'count', v1: { key: 'pids.current' }, v2: { key: 'pids.current' } },
  'tasks-limit': { unit: 'count', v1: { key: 'pids.max' }, v2: { key: 'pids.max' } },
  'tasks-peak': { unit: 'count', v1: { key: 'pids.peak' }, v2: { key: 'pids.peak' } },
  'tasks-limit-hits': {
    unit: 'count',
    v1: { key: 'pids.events:max' },
    v2: { key: 'pids.events:max' },
    differs: 'Since Linux 6.11 v2 counts at the group whose limit it was; v1, and v2 before, at the group that forked.',
  },
  processes: { unit: 'count', v1: { key: 'cgroup.procs' }, v2: { key: 'cgroup.procs' } },
  'freezer-state': {
    unit: 'state',
    v1: { key: 'freezer.state' },
    v2: { key: 'cgroup.events:frozen' },
    differs: 'v1 says it in a word; on v2 cgroup.freeze is what was asked and cgroup.events:frozen what has come of it: use groupState.',
  },
  'io-read': { unit: 'bytes', v1: { key: 'blkio.throttle.io_service_bytes_recursive:Read' }, v2: { key: 'io.stat:rbytes' } },
  'io-written': {
    unit: 'bytes',
    v1: { key: 'blkio.throttle.io_service_bytes_recursive:Write' },
    v2: { key: 'io.stat:wbytes' },
    differs: 'v1 charges writeback of the page cache to the root group, v2 to the group that made the pages dirty.',
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

/** The key under which a group's readings have the quantity; undefined where they do not have it. */
export function keyOf(quantity: Quantity, readings: SomeReadings): string | undefined {
  return sourceIn(quantity, readings)?.key;
}

/** The reading's key by version, whether or not a group has it; undefined where that version has nothing of the kind. */
export function keyOn(quantity: Quantity, version: 1 | 2): string | undefined {
  const { v1, v2 } = meaningOf(quantity);
  return (version === 1 ? v1 : v2)?.key;
}

/** The value in the quantity's unit, "max" for no limit; a word where the kernel says a word. */
export function measureOf(quantity: Quantity, readings: SomeReadings): ReadingValue | undefined {
  const source = sourceIn(quantity, readings);
  return source && inUnit(readings[source.key], source);
}

function inUnit(value: ReadingValue | undefined, { divisor = 1 }: Source): ReadingValue | undefined {
  return typeof value === 'number' ? value / divisor : value;
}

/** Every key that has the quantity, for what is looked up by key: a chart's history, a metric. */
export function keysOf(quantity: Quantity): readonly string[] {
  const { v1, v2 } = meaningOf(quantity);
  return [...new Set([v1, v2].flatMap((source) => source?.key ?? []))];
}

/** What the number of a key is divided by for the quantity's unit. */
export function divisorOf(quantity: Quantity, key: string): number {
  const { v1, v2 } = meaningOf(quantity);
  return [v1, v2].find((source) => source?.key === key)?.divisor ?? 1;
}

/** In how far v1 and v2 differ in what they mean by it; undefined where they do not. */
export function difference(quantity: Quantity): string | undefined {
  return meaningOf(quantity).differs;
}

/** The nearest quantity of the other version, for one that only one version has. */
export function akinTo(quantity: Quantity): Quantity | undefined {
  const { akin } = meaningOf(quantity);
  return akin === undefined || !isQuantity(akin) ? undefined : akin;
}

function isQuantity(name: string): name is Quantity {
  return Object.hasOwn(quantities, name);
}

/** The quantity of a registry entry's reading, by its key. */
export function quantityOf(key: string, version: 1 | 2): Quantity | undefined {
  return (Object.keys(quantities) as Quantity[]).find((quantity) => keyOn(quantity, version) === key);
}
