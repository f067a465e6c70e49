// What the memory of a group was at a kill: from the kernel's own statistics in its log, else from the readings of the last tick.
import { memoryUsage, reclaimableBytes } from '../../../contract/derive.ts';
import type { Readings } from '../../../contract/readings.ts';
import type { Charged, KernelBlock } from '../../../contract/reports.ts';

/** By what it is: the names of v1 with those below (total_), v1's own, and v2's. */
const KINDS: Readonly<Record<'anonymous' | 'file' | 'shmem' | 'slab' | 'swap', readonly string[]>> = {
  anonymous: ['anon', 'total_rss', 'rss'],
  file: ['file', 'total_cache', 'cache'],
  shmem: ['total_shmem', 'shmem'],
  slab: ['slab'],
  swap: ['total_swap', 'swap'],
};
const RECLAIMABLE = ['inactive_file', 'active_file', 'slab_reclaimable'];

/** @param group whose limit was reached @returns undefined where nothing is known */
export function chargedOf(block: KernelBlock | undefined, group: string, readings: Readings): Charged | undefined {
  const { stats, memory, kmem } = block ?? {};
  if (stats) {
    const usage = memory?.usageBytes;
    const kernel = numberOf(stats.kernel) ?? kmem?.usageBytes;
    return { ...amounts((name) => numberOf(stats[name])), ...known({ kernel, usage }), group: block?.statsOf ?? group, from: 'kernel log' };
  }
  const read = (name: string) => numberOf(readings[`memory.stat:${name}`]);
  const found = { ...amounts(read), ...known({ usage: memoryUsage(readings), reclaimable: reclaimableBytes(readings) }) };
  return Object.keys(found).length > 0 ? { ...found, group, from: 'readings' } : undefined;
}

function numberOf(value: number | string | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function amounts(of: (name: string) => number | undefined): Partial<Charged> {
  const found: Partial<Record<string, number>> = {};
  for (const [kind, names] of Object.entries(KINDS)) {
    const value = names.map(of).find((one) => one !== undefined);
    if (value !== undefined) found[kind] = value;
  }
  // Shared memory is counted as cache, and cannot be dropped as that can.
  if (found.file !== undefined && found.shmem !== undefined) found.file = Math.max(0, found.file - found.shmem);
  const parts = RECLAIMABLE.flatMap((name) => of(`total_${name}`) ?? of(name) ?? []);
  if (parts.length > 0) found.reclaimable = parts.reduce((sum, part) => sum + part, 0);
  return found;
}

function known<T extends Record<string, number | undefined>>(values: T): Partial<Record<keyof T, number>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<Record<keyof T, number>>;
}
