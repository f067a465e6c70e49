// What limits are called on a machine, by the version of cgroup that has each controller; and limits in the other version's names where they mean the same.

import { type ControlFile, findControlFiles } from './control-files.ts';
import type { Controller } from './controller.ts';
import { versionOf } from './controller.ts';
import type { Limits } from './launch.ts';
import { ProblemError } from './problems.ts';

/** The controllers that forms limit by, each with the version that has it. */
export type LimitVersions = Readonly<Record<'memory' | 'cpu' | 'cpuset' | 'pids' | 'io', 1 | 2>>;

export const allV1: LimitVersions = { memory: 1, cpu: 1, cpuset: 1, pids: 1, io: 1 };
export const allV2: LimitVersions = { memory: 2, cpu: 2, cpuset: 2, pids: 2, io: 2 };

/** On a machine; what none has counts as v1’s, whose names people know. */
export function limitVersions(hierarchies: Parameters<typeof versionOf>[1]): LimitVersions {
  const of = (controller: Controller) => versionOf(controller, hierarchies) ?? 1;
  return { memory: of('memory'), cpu: of('cpu'), cpuset: of('cpuset'), pids: of('pids'), io: of('io') };
}

/** Hard limits mean the same while they are being set in a new group, which holds nothing yet. */
const SAME: Readonly<Record<string, string>> = { 'memory.limit_in_bytes': 'memory.max', 'memory.max': 'memory.limit_in_bytes' };
const QUOTA = 'cpu.cfs_quota_us';
const PERIOD = 'cpu.cfs_period_us';
const CPU_MAX = 'cpu.max';
const DEFAULT_PERIOD_USEC = 100_000;

export interface NamedHere {
  readonly limits: Limits;
  /** Which names stand for which that were asked for. */
  readonly translated: Record<string, string>;
  /** What this machine lacks and nothing means the same as: not among `limits`. */
  readonly left: readonly ControlFile[];
}

/**
 * Limits in the names of this machine.
 * @param isHere whether the machine has a control file
 * @throws ProblemError invalid where one limit is asked for by both names
 */
export function limitsHere(asked: Limits, isHere: (name: string) => boolean): NamedHere {
  const limits: Limits = {};
  const translated: Record<string, string> = {};
  const left: ControlFile[] = [];
  const take = (from: string, to: string, value: string | number) => {
    if (Object.hasOwn(asked, to) || (Object.hasOwn(limits, to) && to !== CPU_MAX))
      throw new ProblemError('invalid', `${from} and ${to} are one limit here: ask for one of them.`, { file: from });
    limits[to] = value;
    translated[from] = to;
  };
  for (const [name, value] of Object.entries(asked)) {
    const [file] = findControlFiles(name);
    const same = SAME[name];
    // What no kernel knows is refused where limits are checked.
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
