// A launch request: the program, its namespaces, files, privileges and limits, and whether it is restarted.
import { z } from 'zod';
import { DeviceRules } from './device-schemas.ts';
import { GuardPlan } from './guards.ts';
import { KEPT_NAME, MAX_GRACE_MS, namespaceKinds, networkModes, restartPolicies } from './launch-options.ts';
import { GroupName } from './path-schemas.ts';
import { capabilities, rlimitNames } from './privileges.ts';
import { parseSize, SIZE_HELP } from './units.ts';

const noNul = (text: string) => !text.includes('\0');
/** What the kernel takes in one word of execve(2), without its NUL. */
const WORD_BYTES = 131_071;
const bytesOf = (text: string) => new TextEncoder().encode(text).length;
const Word = z
  .string()
  .refine(noNul, 'contains a NUL character')
  .refine(
    (word) => bytesOf(word) <= WORD_BYTES,
    'has more than 131,071 bytes, which the kernel does not take in one argument: pass it in a file',
  );
const AbsolutePath = z
  .string()
  .max(4095)
  .refine((path) => noNul(path) && path.startsWith('/'), 'is not an absolute path');
const Argv = z
  .array(Word)
  .min(1)
  .max(1024)
  .refine((argv) => (argv[0] ?? '') !== '', 'names no program');
/** A user or group, by name or number, as the launcher takes it. */
const Account = z
  .string()
  .max(64)
  .regex(/^[^:/,\s\0]+$/, 'is not the name or number of a user or group');
const Environment = z
  .record(z.string().regex(/^[^=\0]+$/, 'a variable’s name'), z.string().refine(noNul, 'contains a NUL character'))
  .refine((variables) => Object.entries(variables).every(([name, value]) => bytesOf(`${name}=${value}`) <= WORD_BYTES), {
    message: 'has a variable of more than 131,071 bytes with its name, which the kernel does not take',
  });

/** A host name as sethostname(2) takes it. */
const Hostname = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9.-]+$/, 'letters, digits, dots and dashes');

/** Limits keyed by control file; sizes as numbers or as the kernel writes them. */
export const Limits = z.record(z.string(), z.union([z.string().max(4096), z.number()]));
export type Limits = z.infer<typeof Limits>;

const SMALLEST_BYTES = 4096;
const LARGEST_BYTES = 2 ** 46;
/** Of a file system in memory. A number of bytes, or as people write it. */
const MemorySize = z.union([z.int(), z.string().max(64)]).refine((size) => {
  const bytes = parseSize(size);
  return typeof bytes === 'number' && bytes >= SMALLEST_BYTES && bytes <= LARGEST_BYTES;
}, `is not a size from 4K to 64T, ${SIZE_HELP}`);

/** The name of a template or a kept layer, which is also the name of its file or folder. */
export const KeptName = z
  .string()
  .min(1)
  .max(64)
  .regex(KEPT_NAME, 'letters, digits, dots, dashes and underscores, not a dot or dash first');

/** A directory of the host that the program sees. */
export const Bind = z.strictObject({
  source: AbsolutePath,
  /** Where the program sees it; by default at the same path. */
  target: AbsolutePath.optional(),
  writable: z.boolean().default(false),
});
export type Bind = z.infer<typeof Bind>;

/** Bits a second; absent or null: no limit. Egress is what the process sends. */
const RateBits = z.int().min(1000).max(100_000_000_000).nullable();
export const Rates = z.strictObject({ egressBitsPerSec: RateBits.optional(), ingressBitsPerSec: RateBits.optional() });
export type Rates = z.infer<typeof Rates>;

export const Restart = z.strictObject({
  policy: z.enum(restartPolicies).default('never'),
  /** After so many restarts in a row it is not started again; absent: no maximum. */
  maxRetries: z.int().min(1).max(1000).optional(),
});

const DEFAULT_GRACE_MS = 10_000;
export const GraceMs = z.int().min(0).max(MAX_GRACE_MS);

const RlimitValue = z.union([z.int().min(0), z.literal('max')]);
export const Rlimit = z
  .strictObject({ soft: RlimitValue, hard: RlimitValue })
  .refine(({ soft, hard }) => hard === 'max' || (soft !== 'max' && soft <= hard), 'has a soft limit above its hard limit');

export const LaunchFields = z.strictObject({
  /** The group is created at <managed root>/<name> in every hierarchy. */
  name: GroupName,
  argv: Argv,
  env: Environment.optional(),
  cwd: AbsolutePath.optional(),
  /** As whom it runs in its user namespace, by the names in its own /etc/passwd and /etc/group, or by number: by default root, and the user's group. */
  user: Account.optional(),
  group: Account.optional(),
  namespaces: z
    .array(z.enum(namespaceKinds))
    .refine((kinds) => new Set(kinds).size === kinds.length, 'names a namespace twice')
    .default(['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user']),
  /** In a pid namespace a small init is pid 1: it reaps zombies and forwards signals. Without it the program is pid 1. */
  init: z.boolean().default(true),
  hostname: Hostname.optional(),
  limits: Limits.default({}),
  /** Its device rules: what is not listed is denied. Absent: only the rules of ancestors apply. */
  devices: DeviceRules.optional(),
  /** By default none with the net namespace, and host without. */
  network: z.enum(networkModes).optional(),
  rates: Rates.default({}),
  /** Address translation: a routed network reaches what the host reaches, from the host's address. */
  nat: z.boolean().default(false),
  /** The directory that becomes the root; by default the host's root, read-only. */
  rootfs: AbsolutePath.optional(),
  /** Whether writes go to the directory root itself. */
  rootfsWritable: z.boolean().default(false),
  /** Writes to the root go to a layer: a new one, or a kept one by name. */
  overlay: z.strictObject({ layer: KeptName.optional() }).optional(),
  binds: z.array(Bind).max(64).default([]),
  /** How much /tmp and /dev/shm take, in memory that counts as the group's; by default 256M and 64M. */
  tmpSize: MemorySize.optional(),
  shmSize: MemorySize.optional(),
  /** Give it a terminal instead of pipes for stdout and stderr. */
  tty: z.boolean().default(false),
  /** Capabilities to keep; all others are dropped from every set. */
  capabilities: z.array(z.enum(capabilities)).default([]),
  noNewPrivileges: z.boolean().default(true),
  /** The system-call filter; default refuses what containers usually refuse. */
  seccomp: z.enum(['default', 'unconfined']).default('default'),
  rlimits: z.partialRecord(z.enum(rlimitNames), Rlimit).default({}),
  /** Not below 0: the kernel would kill other programs of the machine first, cgdeck included. */
  oomScoreAdj: z.int().min(0).max(1000).optional(),
  nice: z.int().min(-20).max(19).optional(),
  umask: z
    .string()
    .regex(/^0?[0-7]{3}$/, 'is not a umask such as 022')
    .optional(),
  restart: Restart.default({ policy: 'never' }),
  /** How long a stop waits between SIGTERM and SIGKILL. */
  graceMs: GraceMs.default(DEFAULT_GRACE_MS),
  /** Its guard; one that is set for its group later applies instead. */
  guard: GuardPlan.optional(),
});

/** Rules between fields: the field, whether the request violates it, and the refusal. */
const RULES: readonly (readonly [keyof z.output<typeof LaunchFields>, (request: z.output<typeof LaunchFields>) => boolean, string])[] = [
  ['hostname', ({ hostname, namespaces }) => hostname !== undefined && !namespaces.includes('uts'), 'needs the namespace uts'],
  ['network', ({ network, namespaces }) => network === 'host' && namespaces.includes('net'), 'is "host" only without the namespace net'],
  [
    'network',
    ({ network, namespaces }) => (network === 'none' || network === 'routed') && !namespaces.includes('net'),
    'needs the namespace net',
  ],
  ['rates', ({ network, rates }) => network !== 'routed' && Object.values(rates).some((rate) => rate !== null), 'need a routed network'],
  [
    'rates',
    ({ rates, capabilities: kept }) => typeof rates.egressBitsPerSec === 'number' && kept.includes('CAP_NET_ADMIN'),
    'for egress cannot be kept with CAP_NET_ADMIN: it is set inside the program’s network namespace, where that capability could remove it',
  ],
  ['nat', ({ network, nat }) => nat && network !== 'routed', 'needs a routed network'],
  [
    'user',
    ({ user, namespaces }) => user !== undefined && !namespaces.includes('user'),
    'needs the namespace user: without it that would be a user of the host',
  ],
  [
    'group',
    ({ group, namespaces }) => group !== undefined && !namespaces.includes('user'),
    'needs the namespace user: without it that would be a group of the host',
  ],
  ['rootfs', ({ rootfs, namespaces }) => rootfs !== undefined && !namespaces.includes('mnt'), 'needs the namespace mnt'],
  [
    'rootfsWritable',
    ({ rootfsWritable, rootfs, overlay }) => rootfsWritable && (rootfs === undefined || overlay !== undefined),
    'needs a directory as root, and no layer',
  ],
  ['overlay', ({ overlay, namespaces }) => overlay !== undefined && !namespaces.includes('mnt'), 'needs the namespace mnt'],
  [
    'capabilities',
    ({ capabilities: kept, namespaces }) => kept.length > 0 && !namespaces.includes('user'),
    'need the namespace user: without it they would apply on the host',
  ],
  [
    'noNewPrivileges',
    ({ noNewPrivileges, namespaces }) => !noNewPrivileges && !namespaces.includes('user'),
    'can be off only with the namespace user: without it a set-user-id program would be root on the host',
  ],
  ['binds', ({ binds, namespaces }) => binds.length > 0 && !namespaces.includes('mnt'), 'need the namespace mnt'],
  ['tmpSize', ({ tmpSize, namespaces }) => tmpSize !== undefined && !namespaces.includes('mnt'), 'needs the namespace mnt'],
  ['shmSize', ({ shmSize, namespaces }) => shmSize !== undefined && !namespaces.includes('mnt'), 'needs the namespace mnt'],
];

/** The names of a path, whatever its slashes: the launcher compares targets in the same way. */
const namesOf = (path: string) =>
  path
    .split('/')
    .filter((name) => name !== '' && name !== '.')
    .join('/');

/** A target that two binds have. */
function targetTwice(binds: readonly Bind[]): string | undefined {
  const targets = binds.map(({ source, target = source }) => target);
  return targets.find((path, i) => targets.findIndex((other) => namesOf(other) === namesOf(path)) !== i);
}

export const LaunchRequest = LaunchFields.superRefine((request, context) => {
  for (const [field, violated, message] of RULES) {
    if (violated(request)) context.addIssue({ code: 'custom', path: [field], message });
  }
  const twice = targetTwice(request.binds);
  if (twice !== undefined) context.addIssue({ code: 'custom', path: ['binds'], message: `have the target ${twice} twice` });
});
export type LaunchRequest = z.output<typeof LaunchRequest>;

/** A request that was accepted when it was launched, perhaps by another version: today's rules apply to a new start only. */
export const StoredRequest = z.looseObject({ ...LaunchFields.shape, oomScoreAdj: z.int().optional() });
/** A request as written: fields with a default are optional. */
export type LaunchInput = z.input<typeof LaunchRequest>;

/** A second program in the namespaces and the group of a running launch, as `docker exec` does it. */
export const JoinRequest = z.strictObject({
  argv: Argv,
  env: Environment.optional(),
  cwd: AbsolutePath.optional(),
  tty: z.boolean().default(false),
  /** By default the launch's own. */
  user: Account.optional(),
});
export type JoinRequest = z.output<typeof JoinRequest>;

/** A saved request: a file in <state dir>/templates. */
export const Template = z.strictObject({ name: KeptName, request: LaunchRequest });
export type Template = z.infer<typeof Template>;

/** When a template was saved, wall clock, ms: another for each that is saved under its name. */
export const SavedAt = z.int().min(0);
export const SavedTemplate = Template.extend({ savedAt: SavedAt });
export type SavedTemplate = z.infer<typeof SavedTemplate>;
