// Limits that were asked for in the other version's names: written as this machine's where they mean the same, else refused with what to use.
import { type ControlFile, findControlFile, findControlFiles } from '../../contract/control-files.ts';
import type { Limits } from '../../contract/launch.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { Layout } from '../hierarchy/layout.ts';

/** Hard limits mean the same while they are being set in a new group, which holds nothing yet. */
const SAME: Readonly<Record<string, string>> = { 'memory.limit_in_bytes': 'memory.max', 'memory.max': 'memory.limit_in_bytes' };
const QUOTA = 'cpu.cfs_quota_us';
const PERIOD = 'cpu.cfs_period_us';
const CPU_MAX = 'cpu.max';
const DEFAULT_PERIOD_USEC = 100_000;

export interface Translated {
  readonly limits: Limits;
  /** Which names stand for which that were asked for. */
  readonly translated: Record<string, string>;
}

/** @throws ProblemError unsupported for a file that this machine lacks and nothing means the same as */
export function translateLimits(asked: Limits, layout: Layout): Translated {
  const isHere = (name: string) => layout.place('/new', name, () => true) !== undefined;
  const limits: Limits = {};
  const translated: Record<string, string> = {};
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
    } else throw notHere(file, isHere);
  }
  return { limits, translated };
}

function quotaAndPeriod(asked: Limits): string {
  return `${asked[QUOTA] ?? 'max'} ${asked[PERIOD] ?? DEFAULT_PERIOD_USEC}`;
}

function notHere(file: ControlFile, isHere: (name: string) => boolean): ProblemError {
  const instead = (file.counterparts ?? []).filter(({ name }) => isHere(name));
  const advice =
    instead.length === 0
      ? 'This machine has nothing that corresponds to it.'
      : instead.map(({ name, differs }) => `Its counterpart here is ${name}. ${differs ?? findControlFile(name)?.help ?? ''}`).join(' ');
  return new ProblemError(
    'unsupported',
    `${file.name} is a file of cgroup v${file.version}, whose ${file.controller} controller is not on this machine. ${advice}`,
    {
      file: file.name,
    },
  );
}
