// The answers of calls: the machine, groups, control files, processes and namespaces.
import { z } from 'zod';
import { Launched } from './launched.ts';

const Value = z.union([z.number(), z.string()]);

export const Host = z.object({
  /** The host's name, which every message carries. */
  host: z.string(),
  kernel: z.string(),
  /** How many CPUs are online, and which, as the kernel lists them: "0,2-3". */
  cpus: z.number().int(),
  cpuList: z.string(),
  memoryBytes: z.number(),
  swapBytes: z.number(),
  pageBytes: z.number(),
  mode: z.enum(['v1', 'v2', 'hybrid']),
  hierarchies: z.array(
    z.object({ mountPoint: z.string(), version: z.union([z.literal(1), z.literal(2)]), controllers: z.array(z.string()) }),
  ),
  /** Whether what memory.low of a group protects, and the groups below do not claim, is shared among them (mount option memory_recursiveprot of v2). */
  recursiveProtection: z.boolean().optional(),
  /** Where writes are allowed: below the managed root, and in groups that match the globs of --control. */
  managedRoot: z.string(),
  control: z.array(z.string()),
  intervalMs: z.number(),
  version: z.string(),
  startedAt: z.number(),
  /** What this machine cannot do, a sentence each. */
  missing: z.array(z.string()),
  /** Why launches cannot have a routed network here, or address translation; absent if they can. */
  noNetwork: z.object({ routed: z.string().optional(), nat: z.string().optional() }),
  /** Added by the web process; absent if they cannot be read. */
  disks: z
    .array(z.object({ device: z.string(), type: z.string(), mountPoint: z.string(), sizeBytes: z.number(), usedBytes: z.number() }))
    .optional(),
  os: z.object({ name: z.string(), release: z.string(), architecture: z.string() }).optional(),
});
export type Host = z.infer<typeof Host>;

export const GroupView = z.object({
  path: z.string(),
  /** Of its directory in one hierarchy: another group of the same name has another. */
  inode: z.number(),
  managed: z.boolean(),
  self: z.boolean(),
  controllers: z.array(z.string()),
  state: z.enum(['thawed', 'freezing', 'frozen']),
  readings: z.record(z.string(), Value),
  /** How long ago all of them were read, in ms: of a group at rest what others can change is read once in ten seconds, all once in a minute. */
  ageMs: z.number().int(),
  effective: z.record(z.string(), z.object({ value: Value, group: z.string() })),
  /** How many processes are in the group itself. */
  processes: z.number().int(),
  launched: Launched.optional(),
  /** Programs that joined the launch, newest last, with the last few that ended. */
  joined: z.array(Launched).optional(),
});
export type GroupView = z.infer<typeof GroupView>;

/** The control files that a group has. `known`: explained by the registry (GET /controls); any other is only shown, as text. */
export const FileList = z.object({
  group: z.string(),
  files: z.array(
    z.object({
      name: z.string(),
      version: z.union([z.literal(1), z.literal(2)]),
      access: z.enum(['read', 'write', 'both']),
      known: z.boolean(),
    }),
  ),
});
export type FileList = z.infer<typeof FileList>;

/** A control file: its raw text, and the value if it is one number or word. Numbers above 2^53 have all their digits in `raw` alone. */
export const FileView = z.object({
  group: z.string(),
  file: z.string(),
  raw: z.string(),
  /** `raw` is only the beginning of a long file that cgdeck does not know. */
  cut: z.literal(true).optional(),
  value: Value.optional(),
  entries: z.record(z.string(), Value).optional(),
});
export type FileView = z.infer<typeof FileView>;

export const Written = { file: z.string(), old: z.string(), asked: z.string(), new: z.string() };
/** `old` and `new` were read before and after the write; `also`: files that had to be written first; `note`: why the write has no effect, or another one than asked. */
export const WriteAnswer = z.object({
  group: z.string(),
  ...Written,
  tookMs: z.number(),
  also: z.array(z.object(Written)).optional(),
  note: z.string().optional(),
});
export type WriteAnswer = z.infer<typeof WriteAnswer>;

/** A task (a thread) that a freeze has not stopped yet. */
export const UnstoppedTask = z.object({
  pid: z.number().int(),
  tid: z.number().int(),
  comm: z.string(),
  /** As /proc/<pid>/status has it, such as "D (disk sleep)": uninterruptible, it stops when its wait ends. */
  state: z.string(),
  /** The kernel function that it sleeps in; absent if the kernel does not show it. */
  wchan: z.string().optional(),
});
export type UnstoppedTask = z.infer<typeof UnstoppedTask>;

export const FreezeAnswer = z.object({
  group: z.string(),
  /** `freezing`: requested, but not all tasks have stopped yet; a thaw cancels it. */
  state: z.enum(['thawed', 'freezing', 'frozen']),
  tookMs: z.number(),
  /** With `freezing`: how many tasks have not stopped, and the first of them. */
  unstopped: z.object({ count: z.number().int(), tasks: z.array(UnstoppedTask) }).optional(),
});
export type FreezeAnswer = z.infer<typeof FreezeAnswer>;

export const Process = z.object({
  pid: z.number(),
  /** When it started, in clock ticks since boot (proc_pid_stat(5)): another process with its pid has another. */
  startTicks: z.number(),
  ppid: z.number(),
  /** Its number in the innermost pid namespace. */
  pidInside: z.number(),
  command: z.string(),
  comm: z.string(),
  state: z.string(),
  rssBytes: z.number(),
  /** CPU time used since it started, ms. */
  cpuMs: z.number(),
  threads: z.number(),
  uid: z.number(),
  /** Inode of each namespace, and whether it differs from the host's. */
  namespaces: z.record(z.string(), z.object({ id: z.number(), own: z.boolean() })),
});
export type Process = z.infer<typeof Process>;

export const Series = z.object({
  reading: z.string(),
  /** Pairs of wall-clock ms and value, one for each change or for each requested step. */
  points: z.array(z.tuple([z.number(), Value])),
});
export type Series = z.infer<typeof Series>;

/** A namespace of a group's processes, and which other processes are in it. */
export const NamespaceView = z.object({
  kind: z.string(),
  /** Inode of the namespace (stat of /proc/<pid>/ns/<kind>). */
  id: z.number(),
  /** Not the one that cgdeck itself is in. */
  own: z.boolean(),
  /** How many of the group's processes are in it, and some of them. */
  pidsCount: z.number().int(),
  pids: z.array(z.number()),
  /** How many processes of other groups are in it, and some of them. */
  othersCount: z.number().int(),
  others: z.array(z.object({ pid: z.number(), comm: z.string(), group: z.string() })),
});
export type NamespaceView = z.infer<typeof NamespaceView>;
