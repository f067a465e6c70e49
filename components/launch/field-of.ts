// The field of the form for a part of the request, a control file or a step of the launcher.
import type { LaunchRequest } from '../../server/contract/launch.ts';
import type { Problem } from '../../server/contract/problems.ts';
import type { FormField } from './launch-form.ts';
import { limitFieldOf } from './limits-of-form.ts';

/** The parts of a request whose field has another name. */
const RENAMED = {
  argv: 'command',
  limits: 'written',
  rates: 'egress',
  rootfsWritable: 'writes',
  overlay: 'layer',
  restart: 'maxRetries',
  graceMs: 'grace',
} as const satisfies Partial<Record<keyof LaunchRequest, FormField>>;

type Renamed = keyof typeof RENAMED;

/** All parts of a request. */
const PARTS: Readonly<Record<keyof LaunchRequest, true>> = {
  ...{ name: true, argv: true, env: true, cwd: true, user: true, group: true, namespaces: true, init: true, hostname: true },
  ...{ limits: true, devices: true, network: true, rates: true, nat: true, rootfs: true, rootfsWritable: true, overlay: true },
  ...{ binds: true, tmpSize: true, shmSize: true, tty: true, capabilities: true, noNewPrivileges: true, seccomp: true },
  ...{ rlimits: true, oomScoreAdj: true, nice: true, umask: true, restart: true, graceMs: true, guard: true },
};

function isPart(name: unknown): name is keyof LaunchRequest {
  return typeof name === 'string' && Object.hasOwn(PARTS, name);
}

function isRenamed(part: keyof LaunchRequest): part is Renamed {
  return Object.hasOwn(RENAMED, part);
}

function fieldOfPart(part: keyof LaunchRequest): FormField {
  return isRenamed(part) ? RENAMED[part] : part;
}

/** The field of a place in the request. */
export function fieldOfPath([first, second]: readonly PropertyKey[]): FormField | undefined {
  if (first === 'limits') return limitFieldOf(String(second)) ?? 'written';
  if (second === 'ingressBitsPerSec') return 'ingress';
  return isPart(first) ? fieldOfPart(first) : undefined;
}

/** Steps of the launcher that fail because of one field. */
const FIELD_OF_STEP: Record<string, FormField> = {
  time: 'namespaces',
  clone: 'namespaces',
  maps: 'namespaces',
  groups: 'pids',
  limits: 'rlimits',
  trees: 'rootfs',
  cgroup: 'namespaces',
  mounts: 'namespaces',
  proc: 'namespaces',
  view: 'rootfs',
  bind: 'binds',
  root: 'rootfs',
  loopback: 'namespaces',
  capabilities: 'capabilities',
  privileges: 'noNewPrivileges',
  seccomp: 'seccomp',
  exec: 'command',
  user: 'user',
};

const FIELD_OF_FILE = new Map<string, FormField>([
  ['cpu.cfs_period_us', 'quota'],
  ['devices.allow', 'devices'],
  ['devices.deny', 'devices'],
  ['device program', 'devices'],
]);

/** "rootfs wants …", "binds[0].source is …": the name at the start of a refused request’s sentence. */
const NAMED = /^([a-zA-Z]+)(?:\[\d+\])?(?:\.([a-zA-Z]+))?\b/;

/** The field that a refusal concerns: by the control file, the launcher’s step, the request’s part, or the code; undefined for none. */
export function fieldOfProblem(problem: Problem): FormField | undefined {
  const { file, asked, code, detail } = problem;
  // The kernel’s refusals name the file with its group.
  const name = file?.slice(file.lastIndexOf('/') + 1);
  const byFile = name === undefined ? undefined : (limitFieldOf(name) ?? FIELD_OF_FILE.get(name));
  if (byFile) return byFile;
  if (asked !== undefined && Object.hasOwn(FIELD_OF_STEP, asked)) return FIELD_OF_STEP[asked];
  if (isPart(asked)) return fieldOfPart(asked);
  if (code === 'invalid') {
    const [, first, second] = NAMED.exec(detail) ?? [];
    if (isPart(first)) return fieldOfPath(second === undefined ? [first] : [first, second]);
  }
  return code === 'conflict' ? 'name' : undefined;
}
