// The launch form as data: what the person has entered, what it becomes as a request, and which field a fault or a refusal belongs to.
import type { GroupView, Host } from '../../server/contract/calls.ts';
import {
  type LaunchRequest,
  LaunchRequest as LaunchRequestSchema,
  type NamespaceKind,
  namespaceKinds,
} from '../../server/contract/launch.ts';
import { joinPath, nameFault } from '../../server/contract/paths.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { MAX, parseSize } from '../../server/contract/units.ts';
import { parseCpuList } from '../group/limits/cpu-list.ts';
import { cpusOfQuota, cpusText, DEFAULT_PERIOD_US, parseQuota } from '../group/limits/quota.ts';
import type { Size } from '../group/rail/scale.ts';
import { joinArgv, splitCommand } from './argv.ts';

export interface Variable {
  readonly name: string;
  readonly value: string;
}

export interface LaunchForm {
  readonly name: string;
  readonly command: string;
  readonly env: readonly Variable[];
  readonly cwd: string;
  readonly hostname: string;
  readonly namespaces: readonly NamespaceKind[];
  readonly hard: Size;
  readonly soft: Size;
  /** As typed; empty: no limit is written. */
  readonly memsw: string;
  readonly quota: string;
  readonly shares: string;
  readonly cpus: string;
  readonly pids: string;
}

export type FormField = keyof LaunchForm;
export type Faults = Partial<Record<FormField, string>>;

export const emptyForm: LaunchForm = {
  name: '',
  command: '',
  env: [],
  cwd: '',
  hostname: '',
  namespaces: namespaceKinds,
  hard: MAX,
  soft: MAX,
  memsw: '',
  quota: '',
  shares: '',
  cpus: '',
  pids: '',
};

export type Machine = Pick<Host, 'cpus' | 'managedRoot'>;

/** The limits to be written, keyed by control file, in the order in which they can be written to a new group. */
export function limitsOf(form: LaunchForm): Record<string, string | number> {
  const limits: Record<string, string | number> = {};
  if (form.hard !== MAX) limits['memory.limit_in_bytes'] = form.hard;
  const memsw = parseSize(form.memsw.trim());
  if (memsw !== undefined && memsw !== MAX) limits['memory.memsw.limit_in_bytes'] = memsw;
  if (form.soft !== MAX) limits['memory.soft_limit_in_bytes'] = form.soft;
  const quota = parseQuota(form.quota, DEFAULT_PERIOD_US);
  if ('quotaUs' in quota && quota.quotaUs !== '-1') limits['cpu.cfs_quota_us'] = quota.quotaUs;
  if (/^\d+$/.test(form.shares.trim())) limits['cpu.shares'] = form.shares.trim();
  if (form.cpus.trim() !== '') limits['cpuset.cpus'] = form.cpus.replaceAll(/\s+/g, '');
  if (/^\d+$/.test(form.pids.trim())) limits['pids.max'] = form.pids.trim();
  return limits;
}

export function toRequest(form: LaunchForm): LaunchRequest {
  const env = Object.fromEntries(form.env.filter(({ name }) => name !== '').map(({ name, value }) => [name, value]));
  return {
    name: form.name,
    argv: [...splitCommand(form.command).argv],
    namespaces: [...form.namespaces],
    limits: limitsOf(form),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(form.cwd.trim() === '' ? {} : { cwd: form.cwd.trim() }),
    ...(form.hostname.trim() === '' || !form.namespaces.includes('uts') ? {} : { hostname: form.hostname.trim() }),
  };
}

/** What is wrong before anything is sent; empty if nothing is. */
export function faultsOf(form: LaunchForm, machine: Machine, taken: readonly string[]): Faults {
  const faults: Faults = {};
  const add = (field: FormField, fault: string | undefined) => {
    if (fault !== undefined) faults[field] = fault;
  };
  add(
    'name',
    nameFault(form.name) ??
      (taken.includes(joinPath(machine.managedRoot, form.name)) ? 'There is a group of this name already.' : undefined),
  );
  add('command', commandFault(form.command));
  const unset = (text: string) => text.trim() === '';
  if (!unset(form.memsw)) add('memsw', memswFault(form));
  if (!unset(form.quota)) {
    const quota = parseQuota(form.quota, DEFAULT_PERIOD_US);
    if ('fault' in quota) add('quota', quota.fault);
  }
  if (!unset(form.cpus)) {
    const list = parseCpuList(form.cpus, machine.cpus);
    if ('fault' in list) add('cpus', list.fault);
  }
  if (!unset(form.shares) && !/^\d{1,9}$/.test(form.shares.trim())) add('shares', 'A whole number; 1024 is the default.');
  if (!unset(form.pids) && !/^(\d{1,7}|max)$/.test(form.pids.trim())) add('pids', 'A whole number, or max.');
  if (form.env.some(({ name, value }) => (name === '' && value !== '') || /[=\0]/.test(name)))
    add('env', 'A variable has a name without “=”.');
  for (const issue of LaunchRequestSchema.safeParse(toRequest(form)).error?.issues ?? []) {
    const field = fieldOfPath(issue.path);
    if (field && faults[field] === undefined) faults[field] = issue.message;
  }
  return faults;
}

function commandFault(command: string): string | undefined {
  const { argv, open } = splitCommand(command);
  if (open === '\\') return 'A backslash at the end hides nothing.';
  if (open !== undefined) return `A quote (${open}) is still open.`;
  return argv.length === 0 ? 'What shall run? A program and its arguments.' : undefined;
}

function memswFault({ memsw, hard }: LaunchForm): string | undefined {
  const size = parseSize(memsw.trim());
  if (size === undefined) return 'A size such as 512M or 2G, or max.';
  return size !== MAX && (hard === MAX || size < hard) ? 'The kernel wants it at or above the hard limit.' : undefined;
}

function fieldOfPath([first]: readonly PropertyKey[]): FormField | undefined {
  if (first === 'argv') return 'command';
  return first === 'name' || first === 'env' || first === 'cwd' || first === 'hostname' || first === 'namespaces' ? first : undefined;
}

const FIELD_OF_FILE: Record<string, FormField> = {
  'memory.limit_in_bytes': 'hard',
  'memory.soft_limit_in_bytes': 'soft',
  'memory.memsw.limit_in_bytes': 'memsw',
  'cpu.cfs_quota_us': 'quota',
  'cpu.cfs_period_us': 'quota',
  'cpu.shares': 'shares',
  'cpuset.cpus': 'cpus',
  'pids.max': 'pids',
};

/** The launcher's steps that fail for what was entered in one field. */
const FIELD_OF_STEP: Record<string, FormField> = {
  exec: 'command',
  cwd: 'cwd',
  hostname: 'hostname',
  clone: 'namespaces',
  maps: 'namespaces',
  mounts: 'namespaces',
  proc: 'namespaces',
  loopback: 'namespaces',
  cgroup: 'namespaces',
  groups: 'pids',
};

/** The field that a refusal concerns: by the control file, by the launcher's step, or by its code; undefined where it is none. */
export function fieldOfProblem(problem: Problem): FormField | undefined {
  const byFile = problem.file === undefined ? undefined : FIELD_OF_FILE[problem.file];
  if (byFile) return byFile;
  if (problem.asked !== undefined && Object.hasOwn(FIELD_OF_STEP, problem.asked)) return FIELD_OF_STEP[problem.asked];
  return problem.code === 'conflict' ? 'name' : undefined;
}

/** A name that no group under the managed root has: "leak", "leak-2", "leak-3". */
export function freeName(base: string, managedRoot: string, taken: readonly string[]): string {
  const all = new Set(taken);
  const stem = base.replace(/-\d+$/, '');
  for (let n = 1; ; n++) {
    const name = n === 1 ? stem : `${stem}-${n}`;
    if (!all.has(joinPath(managedRoot, name))) return name;
  }
}

/** The form that launches the same again: what the record keeps, and the limits that the group has now. */
export function formOfLaunched(
  { path, launched, readings }: Pick<GroupView, 'path' | 'launched' | 'readings'>,
  managedRoot: string,
  taken: readonly string[],
): LaunchForm {
  const size = (file: string): Size => (typeof readings[file] === 'number' ? readings[file] : MAX);
  const text = (file: string) => (readings[file] === undefined || readings[file] === MAX ? '' : String(readings[file]));
  const cpus = cpusOfQuota(readings['cpu.cfs_quota_us'], Number(readings['cpu.cfs_period_us'] ?? DEFAULT_PERIOD_US));
  const shares = text('cpu.shares');
  return {
    ...emptyForm,
    name: freeName(path.slice(path.lastIndexOf('/') + 1), managedRoot, taken),
    command: launched ? joinArgv(launched.argv) : '',
    namespaces: launched?.namespaces ?? namespaceKinds,
    cwd: launched?.cwd ?? '',
    hostname: launched?.hostname ?? '',
    hard: size('memory.limit_in_bytes'),
    soft: size('memory.soft_limit_in_bytes'),
    memsw: text('memory.memsw.limit_in_bytes'),
    quota: cpus === undefined || cpus === MAX ? '' : cpusText(cpus),
    shares: shares === '1024' ? '' : shares,
    pids: text('pids.max'),
  };
}
