// What is known of a group at the moment in which it is held, for the person or the rule that decides.
import { effectiveMeasure, groupState, memoryUsage, reclaimableBytes } from '../../contract/derive.ts';
import type { HoldFacts } from '../../contract/guards.ts';
import { keysOf, measureOf } from '../../contract/quantities.ts';
import type { Readings } from '../../contract/readings.ts';
import { largestNow } from '../act/process-table.ts';
import type { GroupProcesses } from '../act/processes.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { Observer } from '../observe/observer.ts';
import type { Guard } from './guard.ts';
import { memswMet, ownLimitOf } from './guard-lines.ts';
import type { GuardRecord } from './guard-record.ts';

/** Over so long growth is measured. */
const GROWTH_MS = 10_000;
const NAMED = 5;

export interface FactsParts {
  readonly observer: Observer;
  readonly processes: GroupProcesses;
  readonly guard: Pick<Guard, 'recordOf'>;
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

export type RecordOf = (group: string) => GuardRecord | undefined;

/** The limit that applies to a group: its own or an ancestor's, each without its guard, which on v1 writes its line to it. @returns "max" of "/" without one */
export function limitOf(observer: Observer, path: string, readings: Readings, recordOf: RecordOf, kind: LimitKind = 'memory-hard-limit') {
  const limit = effectiveMeasure(path, kind, (group) => {
    const now = group === path ? readings : observer.readings(group);
    const record = recordOf(group);
    const key = keysOf(kind).find((one) => record?.ours[one]?.includes(String(now?.[one])));
    if (!record || key === undefined) return now;
    const own = ownLimitOf(record, kind === 'memsw-limit' ? 'memsw' : 'memory');
    return { ...now, [key]: Number.isFinite(own) ? own : 'max' };
  });
  return { value: typeof limit.value === 'number' ? limit.value : ('max' as const), group: limit.group };
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

function memswFacts(observer: Observer, path: string, readings: Readings, recordOf: RecordOf): HoldFacts['memsw'] {
  const record = recordOf(path);
  if (record?.memswBytes === undefined) return undefined;
  const usageBytes = Number(measureOf('memsw-usage', readings) ?? 0);
  const limit = limitOf(observer, path, readings, recordOf, 'memsw-limit');
  return { usageBytes, lineBytes: record.memswBytes, limit, isMet: memswMet(record, memoryUsage(readings) ?? 0, usageBytes) };
}

/** Reads them now. Takes about a millisecond, and more for many processes. */
export function holdFacts({ observer, processes, guard }: FactsParts, group: Group): HoldFacts {
  const recordOf: RecordOf = (path) => guard.recordOf(path);
  const lineBytes = recordOf(group.path)?.freezeAtBytes;
  const { readings } = observer.view(group, true);
  const usageBytes = memoryUsage(readings) ?? 0;
  const limit = limitOf(observer, group.path, readings, recordOf);
  const memsw = memswFacts(observer, group.path, readings, recordOf);
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
    ...(memsw && { memsw }),
    kinds: kindsOf(readings),
    ...(bytesPerSec === undefined ? {} : { bytesPerSec }),
    ...(bytesPerSec === undefined || left === undefined ? {} : { secondsLeft: left / bytesPerSec }),
    processes: largestNow(pids, NAMED),
    processCount: pids.length,
    ...(typeof machineBytes === 'number' ? { machineBytes } : {}),
  };
}
