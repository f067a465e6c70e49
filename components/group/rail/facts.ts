// What the rail needs to know of a group, out of readings: its own and those of its ancestors.
import type { Host } from '../../../server/contract/calls.ts';
import { effectiveLimit } from '../../../server/contract/derive.ts';
import { parentPath } from '../../../server/contract/paths.ts';
import type { Readings, ReadingValue } from '../../../server/contract/readings.ts';
import { MAX } from '../../../server/contract/units.ts';
import type { RailFacts } from './prediction.ts';
import type { Size } from './scale.ts';

export function sizeOf(value: ReadingValue | undefined): Size | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'number' ? value : MAX;
}

export interface FactsFrom {
  readonly path: string;
  readonly readings: Readings;
  readonly readingsOf: (path: string) => Readings | undefined;
  readonly host: Pick<Host, 'memoryBytes' | 'swapBytes'>;
  readonly growthPerSec: number | undefined;
}

export function railFacts({ path, readings, readingsOf, host, growthPerSec }: FactsFrom): RailFacts {
  const above = path === '/' ? undefined : effectiveLimit(parentPath(path), 'memory.limit_in_bytes', readingsOf);
  const number = (key: string) => (typeof readings[key] === 'number' ? readings[key] : undefined);
  const inactive = number('memory.stat:total_inactive_file');
  const active = number('memory.stat:total_active_file');
  return {
    usageBytes: number('memory.usage_in_bytes') ?? 0,
    reclaimableBytes: inactive === undefined || active === undefined ? undefined : inactive + active,
    hard: sizeOf(readings['memory.limit_in_bytes']) ?? MAX,
    soft: sizeOf(readings['memory.soft_limit_in_bytes']) ?? MAX,
    memsw: sizeOf(readings['memory.memsw.limit_in_bytes']),
    ancestor: above && typeof above.value === 'number' ? { bytes: above.value, group: above.group } : undefined,
    memoryBytes: host.memoryBytes,
    swapBytes: host.swapBytes,
    growthPerSec,
    oomKillDisabled: readings['memory.oom_control:oom_kill_disable'] === 1,
  };
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
