// Encodes a request for the launcher as NUL-terminated "key=value" records, which keep any argv byte for byte (native/launch/README.md).
import type { LaunchRequest } from '../../contract/launch.ts';
import { networkOf } from '../../contract/launch-options.ts';
import { parseSize } from '../../contract/units.ts';
import { MAPPED_IDS } from './host-ids.ts';
import type { Placed } from './shared-folders.ts';

type Rec = readonly [key: string, value: string];

interface Place {
  /** The launch's request; for a program that joins, that of the joined launch, whose privileges apply. */
  readonly request: LaunchRequest;
  /** cgroup.procs of the group in every hierarchy. */
  readonly procs: readonly string[];
  /** The folder for output and the exit record. */
  readonly dir: string;
  /** The folder with the presets' program, first in PATH. */
  readonly toolDir: string;
  /** The unprivileged host id to which root of the user namespace is mapped, or, without one, as which the program runs. */
  readonly hostId: number;
  readonly outputMaxBytes: number;
}

export interface LaunchPlan extends Place {
  readonly placed: Placed;
  /** Contains the overlay's upper and work, if the request has an overlay. */
  readonly layerDir?: string | undefined;
  /** The launch's own folder on disk for /var/tmp. */
  readonly scratchDir: string;
  /** Whether to append to the existing output, after a restart. */
  readonly append: boolean;
  /** Whether the launcher runs without root: its user is then the only one in the user namespace, as 0. */
  readonly rootless?: boolean;
  /** Folders of the host that are hidden from the program, and the folders shown instead. */
  readonly hidden?: readonly { readonly path: string; readonly instead: string }[];
}

export interface JoinPlan extends Place {
  /** The pid of the joined launch's program. */
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly tty: boolean;
  /** By default the launch's. */
  readonly user?: string | undefined;
  readonly rootless?: boolean;
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where a file system in memory is the home. */
const MEMORY_HOME = '/run/home';

/** root's own where the root can be written to, so that it is kept with the rest. Without own mounts there is none that a program could write to. */
function homeOf({ namespaces, overlay, rootfsWritable }: LaunchRequest): string {
  if (!namespaces.includes('mnt')) return '/';
  return (overlay || rootfsWritable) && namespaces.includes('user') ? '/root' : MEMORY_HOME;
}

/** The program's environment: these defaults, and the request's variables. */
function environment(
  { toolDir, request }: Place,
  asked: Readonly<Record<string, string>>,
  { tty, isRoot }: { readonly tty: boolean; readonly isRoot: boolean },
): Record<string, string> {
  const home = homeOf(request);
  return {
    PATH: `${toolDir}:${PATH}`,
    // Another user's own home is found by the launcher; in memory it is the program's, whoever that is.
    ...(isRoot || home === MEMORY_HOME ? { HOME: home } : {}),
    LANG: 'C.UTF-8',
    ...(tty ? { TERM: 'xterm-256color' } : {}),
    ...asked,
  };
}

const flag = (key: string, on: boolean): Rec[] => (on ? [[key, '1']] : []);
const given = (key: string, value: string | number | undefined): Rec[] => (value === undefined ? [] : [[key, String(value)]]);

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

/** The program's view of the file system. */
function view({ request, placed, layerDir, scratchDir, toolDir, hidden = [] }: LaunchPlan): Rec[] {
  if (!request.namespaces.includes('mnt')) return [];
  return [
    placed.rootfs === undefined ? ['view', 'host'] : ['rootfs', placed.rootfs],
    ...flag('rootrw', request.rootfsWritable),
    ...given('layer', layerDir),
    ['scratch', scratchDir],
    ...given('home', homeOf(request) === MEMORY_HOME ? MEMORY_HOME : undefined),
    ...given('tmpsize', request.tmpSize === undefined ? undefined : parseSize(request.tmpSize)),
    ...given('shmsize', request.shmSize === undefined ? undefined : parseSize(request.shmSize)),
    ...(placed.rootfs === undefined ? hidden : []).flatMap(({ path, instead }): Rec[] => [
      ['bind', instead],
      ['bindto', path],
      ['bindrw', '1'],
    ]),
    ['bind', toolDir],
    ['bindexec', '1'],
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

/** Without root there is no other user than the namespace's root, which the request may name. */
function account({ user, group }: Pick<LaunchRequest, 'user' | 'group'>, rootless: boolean | undefined): Rec[] {
  return rootless ? [] : [...given('user', user), ...given('group', group)];
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

/** The launcher's input for a launch. */
export function requestRecord(plan: LaunchPlan): Buffer {
  const { request } = plan;
  return encode([
    ...program(
      request.argv,
      environment(plan, request.env ?? {}, { tty: request.tty, isRoot: account(request, plan.rootless).length === 0 }),
      request.cwd,
      request.tty,
    ),
    ...request.namespaces.map((kind): Rec => ['ns', kind]),
    ...flag('init', request.init && request.namespaces.includes('pid')),
    ...given('hostname', request.hostname),
    ...ids(plan),
    ...account(request, plan.rootless),
    ...view(plan),
    ...privileges(request),
    ...flag('go', networkOf(request) === 'routed'),
    ...flag('append', plan.append),
    ['grace', String(request.graceMs)],
    ...place(plan),
  ]);
}

/** The launcher's input for a second program in a running launch's namespaces, with the first one's privileges. */
export function joinRecord(plan: JoinPlan): Buffer {
  const { request, pid, argv, env, cwd, tty, hostId, rootless } = plan;
  const as = account(plan.user === undefined ? request : { user: plan.user }, rootless);
  return encode([
    ...program(argv, environment(plan, { ...request.env, ...env }, { tty, isRoot: as.length === 0 }), cwd ?? request.cwd, tty),
    ['join', String(pid)],
    ...request.namespaces.map((kind): Rec => ['ns', kind]),
    ...(request.namespaces.includes('user')
      ? []
      : ([
          ['uid', String(hostId)],
          ['gid', String(hostId)],
        ] as const)),
    ...as,
    ...privileges(request),
    ...place(plan),
  ]);
}
