// A launch request: what to run, in which namespaces, in what view of the files, with which powers, held by which limits; and what becomes of it.
import { z } from 'zod';
import { DeviceRules } from './devices.ts';
import { GroupName } from './paths.ts';

export const namespaceKinds = ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user', 'time'] as const;
export type NamespaceKind = (typeof namespaceKinds)[number];

/** What each namespace isolates, in a sentence (namespaces(7)). */
export const namespaceHelp: Record<NamespaceKind, string> = {
  pid: 'Its own process numbers: it sees no process but its own.',
  mnt: 'Its own mounts and its own view of the files: what it mounts or unmounts, nobody else sees.',
  uts: 'Its own host name.',
  ipc: 'Its own System V IPC and POSIX message queues.',
  net: 'Its own network: only a loopback device, unless it is given more.',
  cgroup: 'Its own view of the groups: its group looks like the root.',
  user: 'Its own users: root inside is nobody outside.',
  time: 'Its own clocks since boot: they start at 0.',
};

const noNul = (text: string) => !text.includes('\0');
const Word = z.string().max(131_072).refine(noNul, 'holds a NUL character');
const AbsolutePath = z
  .string()
  .max(4095)
  .refine((path) => noNul(path) && path.startsWith('/'), 'is no absolute path');
const Argv = z
  .array(Word)
  .min(1)
  .max(1024)
  .refine((argv) => (argv[0] ?? '') !== '', 'names no program');
const Environment = z.record(z.string().regex(/^[^=\0]+$/, 'a variable’s name'), Word);

/** A host name as sethostname(2) takes it. */
const Hostname = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9.-]+$/, 'letters, digits, dots and dashes');

/** Limits keyed by control file; sizes as numbers or as the kernel writes them. */
export const Limits = z.record(z.string(), z.union([z.string().max(4096), z.number()]));
export type Limits = z.infer<typeof Limits>;

/** The name of something that is kept as a file or folder: a template, a layer. */
export const KeptName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dots, dashes and underscores, not a dot or dash first');

/** A directory of the host shown to the program. */
export const Bind = z.strictObject({
  source: AbsolutePath,
  /** Where it is seen; the same path if left out. */
  target: AbsolutePath.optional(),
  writable: z.boolean().default(false),
});
export type Bind = z.infer<typeof Bind>;

export const networkModes = ['none', 'host', 'routed'] as const;
export type NetworkMode = (typeof networkModes)[number];
export const networkHelp: Record<NetworkMode, string> = {
  none: 'Only a loopback device, no way out and none in.',
  host: 'The host’s own network, as it is.',
  routed: 'A pair of devices with an address of its own, routed by the host; its rate can be held both ways.',
};

/** Bits a second; left out or null: no limit. Egress is what the process sends. */
const RateBits = z.int().min(1000).max(100_000_000_000).nullable();
export const Rates = z.strictObject({ egressBitsPerSec: RateBits.optional(), ingressBitsPerSec: RateBits.optional() });
export type Rates = z.infer<typeof Rates>;

/** capabilities(7) that can be kept; the rest of what the kernel has is dropped in any case. */
export const capabilities = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_KILL',
  'CAP_LEASE',
  'CAP_MKNOD',
  'CAP_NET_ADMIN',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_ADMIN',
  'CAP_SYS_CHROOT',
  'CAP_SYS_NICE',
  'CAP_SYS_PTRACE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
] as const;
export type Capability = (typeof capabilities)[number];

/** getrlimit(2), as prlimit(1) and systemd name them. */
export const rlimitNames = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
] as const;
const RlimitValue = z.union([z.int().min(0), z.literal('max')]);
export const Rlimit = z
  .strictObject({ soft: RlimitValue, hard: RlimitValue })
  .refine(({ soft, hard }) => hard === 'max' || (soft !== 'max' && soft <= hard), 'has a soft limit above its hard one');

export const restartPolicies = ['never', 'on-failure', 'always'] as const;
export type RestartPolicy = (typeof restartPolicies)[number];
export const Restart = z.strictObject({
  policy: z.enum(restartPolicies).default('never'),
  /** After so many in a row it stays down; left out: without end. */
  maxRetries: z.int().min(1).max(1000).optional(),
});

const DEFAULT_GRACE_MS = 10_000;
export const MAX_GRACE_MS = 600_000;
export const GraceMs = z.int().min(0).max(MAX_GRACE_MS);

export const LaunchFields = z.strictObject({
  /** The group is made at <managed root>/<name> in every hierarchy. */
  name: GroupName,
  argv: Argv,
  env: Environment.optional(),
  cwd: AbsolutePath.optional(),
  namespaces: z
    .array(z.enum(namespaceKinds))
    .refine((kinds) => new Set(kinds).size === kinds.length, 'names a namespace twice')
    .default(['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user']),
  /** In a pid namespace, a small init is pid 1: it reaps zombies and passes signals on. Without it, the program is pid 1 itself. */
  init: z.boolean().default(true),
  hostname: Hostname.optional(),
  limits: Limits.default({}),
  /** What it may do with which devices: what is not listed is denied. Left out: as the groups above say. */
  devices: DeviceRules.optional(),
  /** Left out: none with a net namespace of its own, host without one. */
  network: z.enum(networkModes).optional(),
  rates: Rates.default({}),
  /** Lets a routed network reach what the host reaches, by the host's address. */
  nat: z.boolean().default(false),
  /** A directory that becomes the root; left out: the host's root, read-only. */
  rootfs: AbsolutePath.optional(),
  /** Whether a directory root may be written to as it is. */
  rootfsWritable: z.boolean().default(false),
  /** What is written to the root goes to a layer of its own: a fresh one, or a kept one by its name. */
  overlay: z.strictObject({ layer: KeptName.optional() }).optional(),
  binds: z.array(Bind).max(64).default([]),
  /** A terminal of its own instead of stdout and stderr. */
  tty: z.boolean().default(false),
  /** Capabilities that are kept; all others are dropped from every set. */
  capabilities: z.array(z.enum(capabilities)).default([]),
  noNewPrivileges: z.boolean().default(true),
  /** The system-call filter: default refuses what containers refuse. */
  seccomp: z.enum(['default', 'unconfined']).default('default'),
  rlimits: z.partialRecord(z.enum(rlimitNames), Rlimit).default({}),
  oomScoreAdj: z.int().min(-1000).max(1000).optional(),
  nice: z.int().min(-20).max(19).optional(),
  umask: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'is no umask such as 022')
    .optional(),
  restart: Restart.default({ policy: 'never' }),
  /** How long a stop waits between SIGTERM and SIGKILL. */
  graceMs: GraceMs.default(DEFAULT_GRACE_MS),
});

/** What holds between the fields: each as field, whether it is violated, and why it is refused. */
const RULES: readonly (readonly [keyof z.output<typeof LaunchFields>, (request: z.output<typeof LaunchFields>) => boolean, string])[] = [
  ['hostname', ({ hostname, namespaces }) => hostname !== undefined && !namespaces.includes('uts'), 'needs the namespace uts'],
  ['network', ({ network, namespaces }) => network === 'host' && namespaces.includes('net'), 'is "host" only without the namespace net'],
  [
    'network',
    ({ network, namespaces }) => (network === 'none' || network === 'routed') && !namespaces.includes('net'),
    'needs the namespace net',
  ],
  [
    'rates',
    ({ network, rates }) => network !== 'routed' && Object.values(rates).some((rate) => rate !== null),
    'hold only a routed network',
  ],
  ['nat', ({ network, nat }) => nat && network !== 'routed', 'is for a routed network'],
  ['rootfs', ({ rootfs, namespaces }) => rootfs !== undefined && !namespaces.includes('mnt'), 'needs the namespace mnt'],
  [
    'rootfsWritable',
    ({ rootfsWritable, rootfs, overlay }) => rootfsWritable && (rootfs === undefined || overlay !== undefined),
    'is for a directory root without a layer',
  ],
  ['overlay', ({ overlay, namespaces }) => overlay !== undefined && !namespaces.includes('mnt'), 'needs the namespace mnt'],
  [
    'capabilities',
    ({ capabilities: kept, namespaces }) => kept.length > 0 && !namespaces.includes('user'),
    'need the namespace user: without it they would hold on the host',
  ],
  [
    'noNewPrivileges',
    ({ noNewPrivileges, namespaces }) => !noNewPrivileges && !namespaces.includes('user'),
    'can be left out only with the namespace user: without it a set-user-id program would be root of the host',
  ],
  ['binds', ({ binds, namespaces }) => binds.length > 0 && !namespaces.includes('mnt'), 'need the namespace mnt'],
];

export const LaunchRequest = LaunchFields.superRefine((request, context) => {
  for (const [field, violated, message] of RULES) {
    if (violated(request)) context.addIssue({ code: 'custom', path: [field], message });
  }
});
export type LaunchRequest = z.output<typeof LaunchRequest>;
/** A request as it may be written: what has a default can be left out. */
export type LaunchInput = z.input<typeof LaunchRequest>;

/** The network that a request gets. */
export function networkOf({ network, namespaces }: Pick<LaunchRequest, 'network' | 'namespaces'>): NetworkMode {
  return network ?? (namespaces.includes('net') ? 'none' : 'host');
}

/** A second program in the namespaces and the group of a running launch, as `docker exec` does it. */
export const JoinRequest = z.strictObject({
  argv: Argv,
  env: Environment.optional(),
  cwd: AbsolutePath.optional(),
  tty: z.boolean().default(false),
});
export type JoinRequest = z.output<typeof JoinRequest>;

/** A saved request: a file in <state dir>/templates that can be kept in git. */
export const Template = z.object({ name: KeptName, request: LaunchRequest });
export type Template = z.infer<typeof Template>;
