// The columns that can be sorted by, and the value each sorts by.
import { keyOn, type Quantity } from '../../server/contract/quantities.ts';
import type { Measures } from './measures.ts';

export const columnIds = ['name', 'memory', 'headroom', 'full', 'growth', 'cpu', 'pids', 'failcnt', 'pressure'] as const;
export type ColumnId = (typeof columnIds)[number];

export interface Sort {
  readonly by: ColumnId;
  readonly descending: boolean;
}

export interface ColumnWords {
  readonly label: string;
  readonly help: string;
}

interface Column extends ColumnWords {
  /** Its help begins with the kernel’s own name of this, in the version that has the memory controller. */
  readonly of?: Quantity;
  /** What it sorts by; undefined sorts last in either direction. */
  readonly value: (measures: Measures) => number | undefined;
}

/** More than the longest deadline of a guard. */
const HELD_FIRST_SEC = 1e6;

const LEVELS = { low: 1000, medium: 2000, critical: 3000 } as const;

const COLUMNS: Record<ColumnId, Column> = {
  name: { label: 'Group', help: 'The group’s name within its parent.', value: () => undefined },
  memory: {
    label: 'Memory',
    help: 'usage, limits and peak on a scale that all rows share.',
    of: 'memory-usage',
    value: ({ usageBytes }) => usageBytes,
  },
  headroom: {
    label: 'Headroom',
    help: 'Memory left before a hard limit is hit: the group’s own or an ancestor’s, whichever comes first.',
    value: ({ headroomBytes }) => headroomBytes,
  },
  full: {
    label: 'Full in',
    help: 'When the first limit is met, memory.high and the machine’s memory included, if the last minute’s growth goes on; what can be reclaimed counts as free. Empty without a steady growth. Held groups come first: those whose guard decides soonest.',
    value: ({ fullInSec, decidesInSec }) => (decidesInSec === undefined ? fullInSec : decidesInSec - HELD_FIRST_SEC),
  },
  growth: {
    label: 'Growth',
    help: 'How fast memory grew or shrank over the last 5 seconds.',
    value: ({ growthPerSec }) => growthPerSec,
  },
  cpu: { label: 'CPU', help: 'Percent of one CPU; 200 % is two CPUs busy.', value: ({ cpuPercent }) => cpuPercent },
  pids: { label: 'Tasks', help: 'processes and threads, groups below included.', of: 'tasks', value: ({ tasks }) => tasks },
  failcnt: {
    label: 'Hits',
    help: 'how often usage hit the group’s hard limit.',
    of: 'memory-limit-hits',
    value: ({ limitHits }) => limitHits,
  },
  pressure: {
    label: 'Pressure',
    help: 'PSI: the share of the last 10 s in which some task waited for memory. The bars show the pressure events of the last minute.',
    value: ({ pressure, psiMemory }) => (pressure ? LEVELS[pressure] : 0) + (psiMemory ?? 0),
  },
};

/** @param memory the version that has the memory controller on this machine */
export function columnWords(by: ColumnId, memory: 1 | 2): ColumnWords {
  const { label, help, of } = COLUMNS[by];
  const key = of && keyOn(of, memory);
  return { label, help: key === undefined ? help : `${key.replace(':', ', line ')}: ${help}` };
}

/** Numbers start with the largest, headroom and the time left with the smallest: trouble first. */
export function firstDirection(by: ColumnId): boolean {
  return by !== 'name' && by !== 'headroom' && by !== 'full';
}

/** Natural order: web2 before web10. */
const names = new Intl.Collator('en', { numeric: true });

export function comparePaths(a: string, b: string): number {
  return names.compare(a, b) || (a < b ? -1 : 1);
}

export function compare(sort: Sort, measuresOf: (path: string) => Measures | undefined): (a: string, b: string) => number {
  const sign = sort.descending ? -1 : 1;
  if (sort.by === 'name') return (a, b) => sign * comparePaths(a, b);
  return (a, b) => {
    const one = measuresOf(a);
    const other = measuresOf(b);
    const { value } = COLUMNS[sort.by];
    const from = one && value(one);
    const to = other && value(other);
    if (from === undefined || to === undefined) return from === to ? comparePaths(a, b) : from === undefined ? 1 : -1;
    return sign * (from - to) || comparePaths(a, b);
  };
}
