// The summary: the readings that every page has of every group. All others are details, of the group that a page shows.
import { demandKeys, limitKeys } from './forecast.ts';
import { keysOf, type Quantity } from './quantities.ts';
import type { Readings } from './reading-value.ts';

/** What the deck shows, sorts and warns by, and what forms need of the groups above. */
const QUANTITIES: readonly Quantity[] = [
  'memory-usage',
  'memory-hard-limit',
  'memory-soft-limit',
  'memory-protection',
  'memory-peak',
  'memory-limit-hits',
  'memsw-limit-hits',
  'under-oom',
  'cpu-usage',
  'cpus-asked',
  'tasks',
  'processes',
];

const KEYS: ReadonlySet<string> = new Set([
  ...QUANTITIES.flatMap(keysOf),
  ...limitKeys,
  ...demandKeys,
  // Usage by which forecasts measure the limit of memory and swap.
  'memory.memsw.usage_in_bytes',
  'memory.use_hierarchy',
  'freezer.state',
  'cgroup.freeze',
  'cgroup.events:frozen',
  ...['memory', 'cpu', 'io'].flatMap((resource) => [`${resource}.pressure:some.avg10`, `${resource}.pressure:full.avg10`]),
]);

/** Of the machine, in the root group alone: the strip at the top of each page. */
const MACHINE = /^(meminfo|stat):/;

const known = new Map<string, boolean>();

export function isInSummary(key: string): boolean {
  let is = known.get(key);
  if (is === undefined) {
    is = KEYS.has(key) || MACHINE.test(key);
    known.set(key, is);
  }
  return is;
}

export function summaryOf(readings: Readings): Readings {
  return Object.fromEntries(Object.entries(readings).filter(([key]) => isInSummary(key)));
}
