// The machine’s own values from the root group’s readings.
import { ratePerSec, type Sample } from '../../server/contract/derive.ts';
import { hostCpuKeys, hostCpus, type Readings } from '../../server/contract/readings.ts';

/** The busy share of each online core between two samples, 0 to 1; undefined for a core whose counters did not change. */
export function coreLoads(before: Sample | undefined, now: Sample): Array<number | undefined> {
  return hostCpus(now.readings).map((cpu) => {
    const { busy, total } = hostCpuKeys(cpu);
    const passed = ratePerSec(before, now, total);
    const worked = ratePerSec(before, now, busy);
    return passed === undefined || worked === undefined || passed === 0 ? undefined : Math.min(1, worked / passed);
  });
}

/** At most `bars` values: with more cores, neighbours share a bar that shows the busier one. */
export function asBars(loads: ReadonlyArray<number | undefined>, bars: number): Array<number | undefined> {
  if (loads.length <= bars) return [...loads];
  const each = Math.ceil(loads.length / bars);
  return Array.from({ length: Math.ceil(loads.length / each) }, (_, i) => {
    const known = loads.slice(i * each, (i + 1) * each).filter((load) => load !== undefined);
    return known.length === 0 ? undefined : Math.max(...known);
  });
}

export interface Used {
  readonly usedBytes: number;
  readonly totalBytes: number;
}

/** Undefined on a machine that has none of it, or in a container that does not say. */
function used(readings: Readings, total: string, free: string): Used | undefined {
  const totalBytes = readings[total];
  const freeBytes = readings[free];
  if (typeof totalBytes !== 'number' || typeof freeBytes !== 'number' || totalBytes === 0) return undefined;
  return { usedBytes: Math.max(0, totalBytes - freeBytes), totalBytes };
}

export function memoryUsed(readings: Readings): Used | undefined {
  return used(readings, 'meminfo:MemTotal', 'meminfo:MemAvailable');
}

export function swapUsed(readings: Readings): Used | undefined {
  return used(readings, 'meminfo:SwapTotal', 'meminfo:SwapFree');
}
