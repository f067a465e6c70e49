// The columns that can be sorted by, and the value each sorts by.
import { keyOn, type Quantity } from '../../server/contract/quantities.ts';
import type { Measures } from './measures.ts';

export const columnIds = ['name', 'memory', 'headroom', 'growth', 'cpu', 'pids', 'failcnt', 'pressure'] as const;
export type ColumnId = (typeof columnIds)[number];

export interface Sort {
  readonly by: ColumnId;
  readonly descending: boolean;
}

/** The reading of a column, for its help: the kernel’s own name in the version that has the memory controller. */
const SOURCE: Partial<Record<ColumnId, Quantity>> = { memory: 'memory-usage', pids: 'tasks', failcnt: 'memory-limit-hits' };

export interface ColumnWords {
  readonly label: string;
  readonly help: string;
}

/** @param memory the version that has the memory controller on this machine */
export function columnWords(by: ColumnId, memory: 1 | 2): ColumnWords {
  const { label, help } = WORDS[by];
  const source = SOURCE[by];
  const key = source && keyOn(source, memory);
  if (key === undefined) return { label, help };
  return { label, help: `${key.replace(':', ', line ')}: ${help}` };
}

const WORDS: Record<ColumnId, ColumnWords> = {
  name: { label: 'Group', help: 'The group’s name within its parent.' },
  memory: { label: 'Memory', help: 'usage, limits and peak on a scale that all rows share.' },
  headroom: {
    label: 'Headroom',
    help: 'Memory left before a hard limit is hit: the group’s own or an ancestor’s, whichever comes first.',
  },
  growth: { label: 'Growth', help: 'How fast memory grew or shrank over the last 5 seconds.' },
  cpu: { label: 'CPU', help: 'Percent of one CPU; 200 % is two CPUs busy.' },
  pids: { label: 'Tasks', help: 'processes and threads, groups below included.' },
  failcnt: { label: 'Hits', help: 'how often usage hit the group’s hard limit.' },
  pressure: {
    label: 'Pressure',
    help: 'PSI: the share of the last 10 s in which some task waited for memory. The bars show the pressure events of the last minute.',
  },
};

/** Numbers start with the largest, headroom with the smallest: trouble first. */
export function firstDirection(by: ColumnId): boolean {
  return by !== 'name' && by !== 'headroom';
}

const LEVELS = { low: 1, medium: 2, critical: 3 } as const;

/** Undefined sorts last in either direction. */
export function sortValue(measures: Measures, by: ColumnId): number | undefined {
  switch (by) {
    case 'name':
      return undefined;
    case 'memory':
      return measures.usageBytes;
    case 'headroom':
      return measures.headroomBytes;
    case 'growth':
      return measures.growthPerSec;
    case 'cpu':
      return measures.cpuPercent;
    case 'pids':
      return measures.tasks;
    case 'failcnt':
      return measures.limitHits;
    case 'pressure':
      return (measures.pressure ? LEVELS[measures.pressure] * 1000 : 0) + (measures.psiMemory ?? 0);
    default:
      return by satisfies never;
  }
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
    const from = one && sortValue(one, sort.by);
    const to = other && sortValue(other, sort.by);
    if (from === undefined || to === undefined) return from === to ? comparePaths(a, b) : from === undefined ? 1 : -1;
    return sign * (from - to) || comparePaths(a, b);
  };
}
