// What is wrong with a launch form before it is sent, each with its field and a sentence.

import { MAX_GRACE_MS } from '../../server/contract/launch-options.ts';
import { joinPath, newNameFault } from '../../server/contract/paths.ts';
import { MAX, parseSize, SIZE_HELP } from '../../server/contract/units.ts';
import { parseCpuList } from '../group/limits/cpu-list.ts';
import { DEFAULT_PERIOD_US, parseQuota } from '../group/limits/quota.ts';
import { parseRate } from '../group/network/rate.ts';
import { planFaults } from '../guard/plan-form.ts';
import { splitCommand } from './argv.ts';
import { deviceRowsFault } from './devices-of-form.ts';
import { fieldOfPath } from './field-of.ts';
import { type Faults, type FormField, type LaunchForm, type Machine, networkModeOf, type RlimitRow } from './launch-form.ts';
import { parseDiskWrites } from './limits-of-form.ts';
import type { RequestCheck } from './request-check.ts';
import { isEmptyBind, isRlimitName, parseGrace, parseRlimit, parseWhole, toRequest } from './requests.ts';

type Check = (form: LaunchForm, machine: Machine, taken: readonly string[]) => string | undefined;

/** cpu.weight (cgroup-v2.rst). */
const MOST_WEIGHT = 10_000;
const unset = (text: string) => text.trim() === '';

/** One check a field; the request’s schema finds the rest. */
const CHECKS: Partial<Record<FormField, Check>> = {
  name: ({ name }, { managedRoot }, taken) =>
    newNameFault(name) ?? (taken.includes(joinPath(managedRoot, name)) ? 'There is a group of this name already.' : undefined),
  command: ({ command }) => commandFault(command),
  guard: ({ guard }) => guard && Object.values(planFaults(guard))[0],
  env: ({ env }) => envFault(env),
  cwd: ({ cwd }) => (unset(cwd) ? undefined : pathFault(cwd, 'The working directory')),
  memsw: memswFault,
  quota: ({ quota }) => {
    const parsed = unset(quota) ? undefined : parseQuota(quota, DEFAULT_PERIOD_US);
    return parsed && 'fault' in parsed ? parsed.fault : undefined;
  },
  swap: ({ swap }) => (unset(swap) || parseSize(swap.trim()) !== undefined ? undefined : `Enter 0 for none, max, or a size ${SIZE_HELP}.`),
  weight: ({ weight, on }) => {
    if (on.cpu === 2) return wholeFault(weight, 1, MOST_WEIGHT);
    return unset(weight) || /^\d{1,9}$/.test(weight.trim()) ? undefined : 'Enter a whole number; the default is 1024.';
  },
  devices: ({ devices, deviceRows }) => (devices === 'own' ? deviceRowsFault(deviceRows) : undefined),
  cpus: ({ cpus }, machine) => {
    const list = unset(cpus) ? undefined : parseCpuList(cpus, { list: machine.cpuList, of: 'this machine' });
    return list && 'fault' in list ? list.fault : undefined;
  },
  pids: ({ pids }) => (unset(pids) || /^(\d{1,7}|max)$/.test(pids.trim()) ? undefined : 'Enter a whole number or max.'),
  diskWrites: ({ diskWrites }) =>
    unset(diskWrites) || parseDiskWrites(diskWrites) ? undefined : 'Enter a disk as major:minor and bytes a second, such as “8:0 10M”.',
  rootfs: ({ root, rootfs, namespaces }) =>
    root === 'directory' && namespaces.includes('mnt')
      ? unset(rootfs)
        ? 'Enter the directory that becomes the root.'
        : pathFault(rootfs, 'The root')
      : undefined,
  binds: bindsFault,
  egress: (form) => rateFault(form, form.egress),
  ingress: (form) => rateFault(form, form.ingress),
  rlimits: ({ rlimits }) => rlimitsFault(rlimits),
  oomScoreAdj: ({ oomScoreAdj }) => wholeFault(oomScoreAdj, 0, 1000),
  nice: ({ nice }) => wholeFault(nice, -20, 19),
  umask: ({ umask }) => (unset(umask) || /^0?[0-7]{3}$/.test(umask.trim()) ? undefined : 'Enter three octal digits such as 022.'),
  user: ({ user }) => accountFault(user),
  group: ({ group }) => accountFault(group),
  maxRetries: ({ maxRetries }) => wholeFault(maxRetries, 1, 1000),
  grace: ({ grace }) => {
    const ms = parseGrace(grace);
    return ms === undefined || ms > MAX_GRACE_MS ? 'Enter seconds from 0 to 600.' : undefined;
  },
};

/**
 * Empty if nothing is wrong.
 * @param check the request’s schema; without it only what is checked here is found
 */
export function faultsOf(form: LaunchForm, machine: Machine, taken: readonly string[], check?: RequestCheck): Faults {
  const faults: Faults = {};
  for (const [field, checkField] of Object.entries(CHECKS) as [FormField, Check][]) {
    const fault = checkField(form, machine, taken);
    if (fault !== undefined) faults[field] = fault;
  }
  for (const { path, message } of check?.(toRequest(form)) ?? []) {
    const field = fieldOfPath(path);
    if (field && faults[field] === undefined) faults[field] = sentence(message);
  }
  return faults;
}

/** The schema’s messages continue the field’s name, which is above the field here. */
function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.?!]$/.test(message) ? '' : '.'}`;
}

function commandFault(command: string): string | undefined {
  const { argv, open } = splitCommand(command);
  if (open === '\\') return 'The backslash at the end escapes nothing.';
  if (open !== undefined) return `A quote (${open}) is not closed.`;
  return argv.length === 0 ? 'Enter a program and its arguments.' : undefined;
}

function envFault(env: LaunchForm['env']): string | undefined {
  if (env.some(({ name, value }) => (name === '' && value !== '') || name.includes('=') || name.includes('\0')))
    return 'A variable needs a name, without “=”.';
  const names = env.map(({ name }) => name).filter((name) => name !== '');
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined ? undefined : `${twice} is set twice.`;
}

function pathFault(path: string, what: string): string | undefined {
  return path.trimStart().startsWith('/') ? undefined : `${what} must start with a slash.`;
}

function memswFault({ memsw, hard, on }: LaunchForm): string | undefined {
  if (unset(memsw) || on.memory === 2) return undefined;
  const size = parseSize(memsw.trim());
  if (size === undefined) return `Enter max, or a size ${SIZE_HELP}.`;
  return size !== MAX && (hard === MAX || size < hard) ? 'It must be at least the hard limit.' : undefined;
}

function bindsFault({ binds, namespaces }: LaunchForm): string | undefined {
  if (!namespaces.includes('mnt')) return undefined;
  for (const [i, bind] of binds.entries()) {
    if (isEmptyBind(bind)) continue;
    if (unset(bind.source)) return `Directory ${i + 1} has no source.`;
    const fault = pathFault(bind.source, `The source of directory ${i + 1}`);
    if (fault !== undefined) return fault;
    const there = unset(bind.target) ? undefined : pathFault(bind.target, `The path inside of directory ${i + 1}`);
    if (there !== undefined) return there;
  }
  return undefined;
}

function rateFault(form: LaunchForm, text: string): string | undefined {
  if (unset(text) || networkModeOf(form) !== 'routed') return undefined;
  const parsed = parseRate(text);
  return 'fault' in parsed ? parsed.fault : undefined;
}

function accountFault(name: string): string | undefined {
  return unset(name) || /^[^:/,\s]{1,64}$/.test(name.trim()) ? undefined : 'Enter a name or a number.';
}

function rlimitsFault(rows: readonly RlimitRow[]): string | undefined {
  for (const [i, { name, soft, hard }] of rows.entries()) {
    if (!isRlimitName(name)) return 'Choose a resource from the list.';
    if (rows.findIndex((other) => other.name === name) !== i) return `${name} is limited twice.`;
    const first = parseRlimit(soft);
    const second = hard.trim() === '' ? first : parseRlimit(hard);
    if (first === undefined || second === undefined) return `${name} needs a whole number, a size such as 64M, or max.`;
    if (second !== MAX && (first === MAX || first > second)) return `${name} has a soft limit above its hard one.`;
  }
  return undefined;
}

function wholeFault(text: string, least: number, most: number): string | undefined {
  if (unset(text)) return undefined;
  const value = parseWhole(text);
  return value === undefined || value < least || value > most
    ? `Enter a whole number from ${String(least).replace('-', '−')} to ${most}.`
    : undefined;
}
