// What the rail needs to know of a group, from its own and its ancestors’ readings.
import type { Host } from '../../../server/contract/answers.ts';
import { effectiveMeasure, measureAbove, memoryUsage, reclaimableBytes } from '../../../server/contract/derive.ts';
import { lineage, parentPath } from '../../../server/contract/paths.ts';
import { measureOf, type Quantity } from '../../../server/contract/quantities.ts';
import type { Readings, ReadingValue } from '../../../server/contract/readings.ts';
import { MAX } from '../../../server/contract/units.ts';
import type { Size } from './scale.ts';

export function sizeOf(value: ReadingValue | undefined): Size | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'number' ? value : MAX;
}

export interface LimitAbove {
  readonly bytes: number;
  readonly group: string;
}

export interface FactsFrom {
  readonly path: string;
  /** The version that has the group’s memory controller. */
  readonly version: 1 | 2;
  readonly readings: Readings;
  readonly readingsOf: (path: string) => Readings | undefined;
  readonly host: Pick<Host, 'memoryBytes' | 'swapBytes' | 'recursiveProtection'>;
  readonly growthPerSec: number | undefined;
}

/** What is known about a group while a thumb moves; sizes in bytes. */
export type RailFacts = Readonly<ReturnType<typeof railFacts>>;

export function railFacts(from: FactsFrom) {
  const { path, version, readings, readingsOf, host, growthPerSec } = from;
  const above = (quantity: Quantity) => {
    const limit = measureAbove(path, quantity, readingsOf);
    return typeof limit.value === 'number' ? { bytes: limit.value, group: limit.group } : undefined;
  };
  const size = (quantity: Quantity) => sizeOf(measureOf(quantity, readings));
  return {
    /** The version of the group’s memory controller: the same thumb is another file with other effects. */
    version,
    usageBytes: memoryUsage(readings) ?? 0,
    /** What the kernel can free without swap; undefined where memory.stat is not known. */
    reclaimableBytes: reclaimableBytes(readings),
    hard: size('memory-hard-limit') ?? MAX,
    soft: size('memory-soft-limit') ?? MAX,
    /** v1’s limit on memory and swap together; undefined where swap is not accounted. */
    memsw: size('memsw-limit'),
    /** How much more of the group can be swapped out, by its own limit and the machine’s free swap (v2); undefined where it is not known. */
    swapRoomBytes: version === 2 ? swapRoom(readings, readingsOf('/') ?? {}) : undefined,
    /** What memory.low, of the group and all above it, protects at most (v2); undefined where nothing is protected. */
    protectedBytes: protectedBytes(from),
    /** The tightest hard limit above the group, and its group; undefined where no ancestor has one. */
    ancestor: above('memory-hard-limit'),
    /** The tightest soft limit above the group, where it is slowed down: v1’s does nothing by itself. */
    ancestorSoft: version === 2 ? above('memory-soft-limit') : undefined,
    memoryBytes: host.memoryBytes,
    swapBytes: host.swapBytes,
    /** How fast usage grows, in bytes per second. */
    growthPerSec,
    /** Whether tasks over the limit wait instead of being killed (v1). */
    oomKillDisabled: measureOf('oom-kill-disabled', readings) === 1,
    /** Whether a kill takes all processes of the group (v2). */
    oomWholeGroup: measureOf('oom-whole-group', readings) === 1,
  };
}

/**
 * The most that groups above pass on of their protection (cgroup-v2.rst, memory.low): the least of theirs. Where it is recursive, groups share
 * what the others beside them leave, so that it is that of the topmost (mm/page_counter.c, effective_protection).
 * @returns undefined where only the root is above, which passes on everything
 */
export function protectedAbove(path: string, readingsOf: FactsFrom['readingsOf'], isRecursive = false): LimitAbove | undefined {
  const topmost = isRecursive ? lineage(path).slice(1).at(-2) : undefined;
  const { value, group } =
    topmost === undefined
      ? measureAbove(path, 'memory-protection', readingsOf)
      : effectiveMeasure(topmost, 'memory-protection', readingsOf);
  return typeof value === 'number' ? { bytes: value, group } : undefined;
}

function protectedBytes({ path, readings, readingsOf, host }: FactsFrom): number | undefined {
  const own = sizeOf(measureOf('memory-protection', readings));
  if (own === undefined) return undefined;
  const isShared = host.recursiveProtection === true && parentPath(path) !== '/';
  const above = protectedAbove(path, readingsOf, host.recursiveProtection)?.bytes ?? host.memoryBytes;
  const kept = Math.min(own === MAX || isShared ? host.memoryBytes : own, above);
  return kept === 0 ? undefined : kept;
}

/** @param machine the root group’s readings, which include /proc/meminfo */
function swapRoom(readings: Readings, machine: Readings): number | undefined {
  const free = machine['meminfo:SwapFree'];
  const used = measureOf('swap-usage', readings);
  const limit = measureOf('swap-limit', readings);
  if (typeof free !== 'number') return undefined;
  return typeof limit === 'number' && typeof used === 'number' ? Math.min(free, Math.max(0, limit - used)) : free;
}

/** The limit that binds now: the group's own, an ancestor's, or the machine's memory. */
export function bindingLimit({ hard, ancestor, memoryBytes }: RailFacts): {
  readonly bytes: number;
  readonly whose: 'own' | 'ancestor' | 'machine';
  readonly group?: string;
} {
  if (ancestor && (hard === MAX || ancestor.bytes < hard)) return { bytes: ancestor.bytes, whose: 'ancestor', group: ancestor.group };
  return hard === MAX || hard > memoryBytes ? { bytes: memoryBytes, whose: 'machine' } : { bytes: hard, whose: 'own' };
}
