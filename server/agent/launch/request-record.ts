// The launcher's input: NUL-terminated "key=value" records, which carry any argv byte for byte (native/launch/README.md).
import { type LaunchRequest, networkOf } from '../../contract/launch.ts';
import { MAPPED_IDS } from './host-ids.ts';
import type { Placed } from './shared-folders.ts';

type Rec = readonly [key: string, value: string];

interface Place {
  /** cgroup.procs of the group in every hierarchy. */
  readonly procs: readonly string[];
  /** Where output and the exit record go. */
  readonly dir: string;
  /** The folder of the presets' program, first on PATH. */
  readonly toolDir: string;
  /** An unprivileged host id: root inside a user namespace is mapped to it, and without one the program runs as it. */
  readonly hostId: number;
  readonly outputMaxBytes: number;
}

export interface LaunchPlan extends Place {
  readonly request: LaunchRequest;
  readonly placed: Placed;
  /** Holds the overlay's upper and work, where the request wants one. */
  readonly layerDir?: string | undefined;
  /** A folder of the launch's own on disk. */
  readonly scratchDir: string;
  /** Whether the output of the process before goes on: it was started again. */
  readonly append: boolean;
  /** The launcher is no root: in the namespace that it makes, its own user is 0, and there is nobody else. */
  readonly rootless?: boolean;
  /** Folders of the host that the program does not see, and what it sees there instead. */
  readonly hidden?: readonly { readonly path: string; readonly instead: string }[];
}

export interface JoinPlan extends Place {
  /** The launch that is joined: it gets the same powers and no more. */
  readonly request: LaunchRequest;
  /** Its program. */
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly tty: boolean;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What the program finds in its environment unless the request says otherwise. */
function environment({ toolDir }: Place, asked: Readonly<Record<string, string>>, tty: boolean): Record<string, string> {
  return { PATH: `${toolDir}:${PATH}`, HOME: '/', LANG: 'C.UTF-8', ...(tty ? { TERM: 'xterm-256color' } : {}), ...asked };
}

const flag = (key: string, on: boolean): Rec[] => (on ? [[key, '1']] : []);
const given = (key: string, value: string | number | undefined): Rec[] => (value === undefined ? [] : [[key, String(value)]]);

/** What the program and all that runs beside it may do. */
function privileges({ capabilities, noNewPrivileges, seccomp, rlimits, oomScoreAdj, nice, umask }: LaunchRequest): Rec[] {
  return [
    ...capabilities.map((name): Rec => ['cap', name]),
    ...(noNewPrivileges ? [] : [['nnp', '0'] as const]),
    ['seccomp', seccomp === 'default' ? 'default' : 'none'],
    ...Object.entries(rlimits).map(([name, { soft, hard }]): Rec => ['rlimit', `${name} ${soft} ${hard}`]),
    ...given('oomscore', oomScoreAdj),
    ...given('nice', nice),
    ...given('umask', umask),
  ];
}

/** What it sees as its files. */
function view({ request, placed, layerDir, scratchDir, toolDir, hidden = [] }: LaunchPlan): Rec[] {
  if (!request.namespaces.includes('mnt')) return [];
  return [
    placed.rootfs === undefined ? ['view', 'host'] : ['rootfs', placed.rootfs],
    ...flag('rootrw', request.rootfsWritable),
    ...given('layer', layerDir),
    ['scratch', scratchDir],
    ...(placed.rootfs === undefined ? hidden : []).flatMap(({ path, instead }): Rec[] => [
      ['bind', instead],
      ['bindto', path],
      ['bindrw', '1'],
    ]),
    ['bind', toolDir],
    ...placed.binds.flatMap(({ source, target, writable, links }): Rec[] => [
      ['bind', source],
      ['bindto', target],
      ...flag('bindrw', writable),
      ...given('bindlinks', links),
    ]),
  ];
}

function ids({ request, hostId, rootless }: LaunchPlan): Rec[] {
  if (rootless) {
    return [
      ['uidmap', '0 0 1'],
      ['gidmap', '0 0 1'],
    ];
  }
  if (request.namespaces.includes('user')) {
    return [
      ['uidmap', `0 ${hostId} ${MAPPED_IDS}`],
      ['gidmap', `0 ${hostId} ${MAPPED_IDS}`],
    ];
  }
  return [
    ['uid', String(hostId)],
    ['gid', String(hostId)],
  ];
}

function place({ procs, dir, outputMaxBytes }: Place): Rec[] {
  return [...procs.map((path): Rec => ['procs', path]), ['dir', dir], ['outputmax', String(outputMaxBytes)]];
}

function program(argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string | undefined, tty: boolean): Rec[] {
  return [
    ...argv.map((arg): Rec => ['arg', arg]),
    ...Object.entries(env).map(([name, value]): Rec => ['env', `${name}=${value}`]),
    ['cwd', cwd ?? '/'],
    ...flag('tty', tty),
  ];
}

function encode(records: readonly Rec[]): Buffer {
  return Buffer.from(records.map(([key, value]) => `${key}=${value}\0`).join(''));
}

/** A launch as the launcher takes it. */
export function requestRecord(plan: LaunchPlan): Buffer {
  const { request } = plan;
  return encode([
    ...program(request.argv, environment(plan, request.env ?? {}, request.tty), request.cwd, request.tty),
    ...request.namespaces.map((kind): Rec => ['ns', kind]),
    ...flag('init', request.init && request.namespaces.includes('pid')),
    ...given('hostname', request.hostname),
    ...ids(plan),
    ...view(plan),
    ...privileges(request),
    ...flag('go', networkOf(request) === 'routed'),
    ...flag('append', plan.append),
    ...place(plan),
  ]);
}

/** A second program in a running launch's namespaces, with the powers that the first one has. */
export function joinRecord(plan: JoinPlan): Buffer {
  const { request, pid, argv, env, cwd, tty, hostId } = plan;
  return encode([
    ...program(argv, environment(plan, { ...request.env, ...env }, tty), cwd ?? request.cwd, tty),
    ['join', String(pid)],
    ...request.namespaces.map((kind): Rec => ['ns', kind]),
    ...(request.namespaces.includes('user')
      ? []
      : ([
          ['uid', String(hostId)],
          ['gid', String(hostId)],
        ] as const)),
    ...privileges(request),
    ...place(plan),
  ]);
}
