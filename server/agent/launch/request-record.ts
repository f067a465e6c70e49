// The launcher's input: NUL-terminated "key=value" records, which carry any argv byte for byte.
import type { LaunchRequest } from '../../contract/launch.ts';

export interface LaunchPlan {
  readonly request: LaunchRequest;
  /** cgroup.procs of the new group in every hierarchy. */
  readonly procs: readonly string[];
  /** Where output and the exit record go. */
  readonly dir: string;
  /** The folder of the presets' program, first on PATH. */
  readonly toolDir: string;
  /** An unprivileged host id: root inside a user namespace is mapped to it, and without one the program runs as it. */
  readonly hostId: number;
  readonly outputMaxBytes: number;
}

/** Ids mapped into a user namespace: enough for whatever a distribution's user database holds. */
export const MAPPED_IDS = 65_536;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What the program finds in its environment unless the request says otherwise. */
function environment(plan: LaunchPlan): Record<string, string> {
  return { PATH: `${plan.toolDir}:${PATH}`, HOME: '/', LANG: 'C.UTF-8', ...plan.request.env };
}

export function requestRecord(plan: LaunchPlan): Buffer {
  const { request } = plan;
  const records: [string, string][] = [
    ...request.argv.map((arg): [string, string] => ['arg', arg]),
    ...Object.entries(environment(plan)).map(([name, value]): [string, string] => ['env', `${name}=${value}`]),
    ...request.namespaces.map((kind): [string, string] => ['ns', kind]),
    ...plan.procs.map((path): [string, string] => ['procs', path]),
    ['cwd', request.cwd ?? '/'],
    ['dir', plan.dir],
    ['outputmax', String(plan.outputMaxBytes)],
  ];
  if (request.hostname !== undefined) records.push(['hostname', request.hostname]);
  if (request.namespaces.includes('user')) {
    records.push(['uidmap', `0 ${plan.hostId} ${MAPPED_IDS}`], ['gidmap', `0 ${plan.hostId} ${MAPPED_IDS}`]);
  } else {
    records.push(['uid', String(plan.hostId)], ['gid', String(plan.hostId)]);
  }
  return Buffer.from(records.map(([key, value]) => `${key}=${value}\0`).join(''));
}
