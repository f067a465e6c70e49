// What is known of a group at the moment in which it is held, for the person or the rule that decides.
import { effectiveMeasure, groupState, memoryUsage, reclaimableBytes } from '../../contract/derive.ts';
import type { HoldFacts } from '../../contract/guards.ts';
import { keysOf, measureOf } from '../../contract/quantities.ts';
import type { Readings } from '../../contract/readings.ts';
import { largestNow } from '../act/process-table.ts';
import type { GroupProcesses } from '../act/processes.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { Observer } from '../observe/observer.ts';
import { memswMet } from './guard-lines.ts';

/** Over so long growth is measured. */
const GROWTH_MS = 10_000;
const NAMED = 5;

export interface FactsParts {
  readonly observer: Observer;
  readonly processes: GroupProcesses;
}

/** The guard's line, and the group's own limit without the guard, which on v1 writes its line to the limit. */
export interface GuardedLimit {
  readonly lineBytes: number | undefined;
  readonly ownBytes: number | undefined;
  /** Of memory and swap together, where the guard has a line on them. */
  readonly memsw?: { readonly lineBytes: number; readonly ownBytes: number } | undefined;
}

function bytesOf(readings: Readings, ...keys: readonly string[]): number | undefined {
  const found = keys.map((key) => readings[key]).filter((value) => typeof value === 'number');
  return found.length === 0 ? undefined : found.reduce((sum, value) => sum + value, 0);
}

function kindsOf(readings: Readings): HoldFacts['kinds'] {
  const hierarchical = readings['memory.stat:total_rss'] !== undefined;
  const kinds = hierarchical
    ? {
        anonBytes: bytesOf(readings, 'memory.stat:total_rss'),
        fileBytes: bytesOf(readings, 'memory.stat:total_cache'),
        shmemBytes: bytesOf(readings, 'memory.stat:total_shmem'),
        kernelBytes: bytesOf(readings, 'memory.kmem.usage_in_bytes'),
        swapBytes: bytesOf(readings, 'memory.stat:total_swap'),
      }
    : {
        anonBytes: bytesOf(readings, 'memory.stat:anon'),
        fileBytes: bytesOf(readings, 'memory.stat:file'),
        shmemBytes: bytesOf(readings, 'memory.stat:shmem'),
        kernelBytes: bytesOf(readings, 'memory.stat:kernel'),
        slabBytes: bytesOf(readings, 'memory.stat:slab'),
        swapBytes: bytesOf(readings, 'memory.swap.current'),
      };
  const reclaimable = reclaimableBytes(readings);
  return Object.fromEntries(Object.entries({ ...kinds, reclaimableBytes: reclaimable }).filter(([, value]) => value !== undefined));
}

type LimitKind = 'memory-hard-limit' | 'memsw-limit';

/** The limit that applies to a group without its guard: its own, or an ancestor's. @returns "max" of "/" without one */
export function limitOf(
  observer: Observer,
  path: string,
  readings: Readings,
  own: number | undefined,
  kind: LimitKind = 'memory-hard-limit',
): HoldFacts['limit'] {
  const limit = effectiveMeasure(path, kind, (group) => {
    if (group !== path) return observer.readings(group);
    const [v1, v2] = keysOf(kind);
    const key = v1 !== undefined && readings[v1] !== undefined ? v1 : v2;
    return own === undefined || key === undefined ? readings : { ...readings, [key]: Number.isFinite(own) ? own : 'max' };
  });
  return { value: typeof limit.value === 'number' ? limit.value : 'max', group: limit.group };
}

/** Growth over the last seconds, bytes a second; undefined for a group that is too young, or did not grow. */
function growth(observer: Observer, group: Group, usage: number): number | undefined {
  const from = Date.now() - GROWTH_MS;
  const [series] = observer.history(group.gid, { readings: keysOf('memory-usage'), from });
  const [time, value] = series?.points[0] ?? [];
  if (time === undefined || typeof value !== 'number') return undefined;
  const seconds = (Date.now() - Math.max(time, from)) / 1000;
  const perSec = (usage - value) / seconds;
  return seconds >= 0.2 && perSec > 0 ? perSec : undefined;
}

function memswFacts(
  observer: Observer,
  path: string,
  readings: Readings,
  { lineBytes, ownBytes, memoryLineBytes }: NonNullable<GuardedLimit['memsw']> & { readonly memoryLineBytes: number | undefined },
): NonNullable<HoldFacts['memsw']> {
  const usageBytes = Number(measureOf('memsw-usage', readings) ?? 0);
  const limit = limitOf(observer, path, readings, ownBytes, 'memsw-limit');
  const lines = { freezeAtBytes: memoryLineBytes, memswBytes: lineBytes };
  return { usageBytes, lineBytes, limit, isMet: memswMet(lines, memoryUsage(readings) ?? 0, usageBytes) };
}

/** Reads them now. Takes about a millisecond, and more for many processes. */
export function holdFacts({ observer, processes }: FactsParts, group: Group, { lineBytes, ownBytes, memsw }: GuardedLimit): HoldFacts {
  const { readings } = observer.view(group, true);
  const usageBytes = memoryUsage(readings) ?? 0;
  const limit = limitOf(observer, group.path, readings, ownBytes);
  const bytesPerSec = growth(observer, group, usageBytes);
  const left = limit.value === 'max' ? undefined : Math.max(0, limit.value - usageBytes);
  const pids = processes.membersWithin(group.path);
  const machineBytes = observer.readings('/')?.['meminfo:MemAvailable'];
  return {
    time: Date.now(),
    state: groupState(readings) === 'frozen' ? 'frozen' : 'freezing',
    usageBytes,
    ...(lineBytes === undefined ? {} : { lineBytes }),
    limit,
    ...(memsw && { memsw: memswFacts(observer, group.path, readings, { ...memsw, memoryLineBytes: lineBytes }) }),
    kinds: kindsOf(readings),
    ...(bytesPerSec === undefined ? {} : { bytesPerSec }),
    ...(bytesPerSec === undefined || left === undefined ? {} : { secondsLeft: left / bytesPerSec }),
    processes: largestNow(pids, NAMED),
    processCount: pids.length,
    ...(typeof machineBytes === 'number' ? { machineBytes } : {}),
  };
}
