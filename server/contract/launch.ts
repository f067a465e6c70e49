// A launch request: what to run, in which namespaces, held by which limits; and the presets that exist on any machine.
import { z } from 'zod';
import { GroupName } from './paths.ts';

export const namespaceKinds = ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user'] as const;
export type NamespaceKind = (typeof namespaceKinds)[number];

/** What each namespace isolates, in a sentence (namespaces(7)). */
export const namespaceHelp: Record<NamespaceKind, string> = {
  pid: 'Its own process numbers: it is pid 1 and sees no process but its own.',
  mnt: 'Its own mounts: what it mounts or unmounts, nobody else sees.',
  uts: 'Its own host name.',
  ipc: 'Its own System V IPC and POSIX message queues.',
  net: 'Its own network: only a loopback device, no way out.',
  cgroup: 'Its own view of the groups: its group looks like the root.',
  user: 'Its own users: root inside is nobody outside.',
};

const noNul = (text: string) => !text.includes('\0');
const Word = z.string().max(131_072).refine(noNul, 'holds a NUL character');

/** A host name as sethostname(2) takes it. */
const Hostname = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9.-]+$/, 'letters, digits, dots and dashes');

/** Limits keyed by control file; sizes as numbers or as the kernel writes them. */
export const Limits = z.record(z.string(), z.union([z.string().max(4096), z.number()]));
export type Limits = z.infer<typeof Limits>;

export const LaunchRequest = z.strictObject({
  /** The group is made at <managed root>/<name> in every hierarchy. */
  name: GroupName,
  argv: z
    .array(Word)
    .min(1)
    .max(1024)
    .refine((argv) => (argv[0] ?? '') !== '', 'names no program'),
  env: z.record(z.string().regex(/^[^=\0]+$/, 'a variable’s name'), Word).optional(),
  cwd: Word.refine((path) => path.startsWith('/'), 'is an absolute path').optional(),
  namespaces: z.array(z.enum(namespaceKinds)).default(['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user']),
  hostname: Hostname.optional(),
  limits: Limits.default({}),
});
export type LaunchRequest = z.infer<typeof LaunchRequest>;

export const LaunchAnswer = z.object({
  group: z.string(),
  pid: z.number().int(),
  /** From the request's arrival in the agent to the program's exec, in ms. */
  launchMs: z.number(),
  /** What the kernel made of each limit. */
  limits: z.record(z.string(), z.string()),
});
export type LaunchAnswer = z.infer<typeof LaunchAnswer>;

/** A process that was launched here, alive or not. */
export const Launched = z.object({
  group: z.string(),
  pid: z.number().int(),
  argv: z.array(z.string()),
  namespaces: z.array(z.enum(namespaceKinds)),
  cwd: z.string().optional(),
  hostname: z.string().optional(),
  startedAt: z.number(),
  exit: z.object({ time: z.number(), code: z.number().optional(), signal: z.string().optional() }).optional(),
});
export type Launched = z.infer<typeof Launched>;
