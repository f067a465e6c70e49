// The names of limits on a machine, which depend on the cgroup version of each controller; and translation from the other version's names.
import { type ControlFile, findControlFiles } from './control-files.ts';
import { type Controller, versionOf } from './controller.ts';
import type { Limits } from './launch.ts';
import { ProblemError } from './problems.ts';

/** The controllers whose limits forms offer, each with its version. */
export type LimitVersions = Readonly<Record<'memory' | 'cpu' | 'cpuset' | 'pids' | 'io', 1 | 2>>;

export const allV1: LimitVersions = { memory: 1, cpu: 1, cpuset: 1, pids: 1, io: 1 };
export const allV2: LimitVersions = { memory: 2, cpu: 2, cpuset: 2, pids: 2, io: 2 };

/** The versions on a machine; v1 for a controller that neither has, since people know its names. */
export function limitVersions(hierarchies: Parameters<typeof versionOf>[1]): LimitVersions {
  const of = (controller: Controller) => versionOf(controller, hierarchies) ?? 1;
  return { memory: of('memory'), cpu: of('cpu'), cpuset: of('cpuset'), pids: of('pids'), io: of('io') };
}

/** Hard limits mean the same in a new group, which uses nothing yet. */
const SAME: Readonly<Record<string, string>> = { 'memory.limit_in_bytes': 'memory.max', 'memory.max': 'memory.limit_in_bytes' };
const QUOTA = 'cpu.cfs_quota_us';
const PERIOD = 'cpu.cfs_period_us';
const CPU_MAX = 'cpu.max';
const DEFAULT_PERIOD_USEC = 100_000;

export interface NamedHere {
  readonly limits: Limits;
  /** Requested name -> name here. */
  readonly translated: Record<string, string>;
  /** Limits that this machine lacks and that cannot be translated: not among `limits`. */
  readonly left: readonly ControlFile[];
}

/**
 * Translates limits to the names of this machine.
 * @param isHere whether the machine has a control file
 * @throws ProblemError invalid if one limit is requested by both names
 */
export function limitsHere(asked: Limits, isHere: (name: string) => boolean): NamedHere {
  const limits: Limits = {};
  const translated: Record<string, string> = {};
  const left: ControlFile[] = [];
  const take = (from: string, to: string, value: string | number) => {
    if (Object.hasOwn(asked, to) || (Object.hasOwn(limits, to) && to !== CPU_MAX))
      throw new ProblemError('invalid', `${from} and ${to} are the same limit here: set only one of them.`, { file: from });
    limits[to] = value;
    translated[from] = to;
  };
  for (const [name, value] of Object.entries(asked)) {
    const [file] = findControlFiles(name);
    const same = SAME[name];
    // An unknown file is refused later, where limits are checked.
    if (file === undefined || isHere(name)) limits[name] = value;
    else if (same !== undefined && Object.hasOwn(SAME, name) && isHere(same)) take(name, same, value);
    else if ((name === QUOTA || name === PERIOD) && isHere(CPU_MAX)) take(name, CPU_MAX, quotaAndPeriod(asked));
    else if (name === CPU_MAX && isHere(QUOTA)) {
      const [quota = 'max', period] = String(value).trim().split(/\s+/);
      if (period !== undefined) take(name, PERIOD, period);
      take(name, QUOTA, quota);
    } else left.push(file);
  }
  return { limits, translated, left };
}

function quotaAndPeriod(asked: Limits): string {
  return `${asked[QUOTA] ?? 'max'} ${asked[PERIOD] ?? DEFAULT_PERIOD_USEC}`;
}
