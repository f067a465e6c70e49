// What calls answer: the machine, groups, control files, processes and namespaces as the API shows them.
import { z } from 'zod';
import { Launched } from './launched.ts';

const Value = z.union([z.number(), z.string()]);

export const Host = z.object({
  /** The host's name, which every message carries. */
  host: z.string(),
  kernel: z.string(),
  /** How many are online, and which: numbers as the kernel lists them, "0,2-3". */
  cpus: z.number().int(),
  cpuList: z.string(),
  memoryBytes: z.number(),
  swapBytes: z.number(),
  pageBytes: z.number(),
  mode: z.enum(['v1', 'v2', 'hybrid']),
  hierarchies: z.array(
    z.object({ mountPoint: z.string(), version: z.union([z.literal(1), z.literal(2)]), controllers: z.array(z.string()) }),
  ),
  /** The managed root, under which writes are allowed, and the further globs that the operator named. */
  managedRoot: z.string(),
  control: z.array(z.string()),
  intervalMs: z.number(),
  version: z.string(),
  startedAt: z.number(),
  /** What cannot be done on this machine, a sentence each. */
  missing: z.array(z.string()),
  /** Why launches can have no routed network here, or no address translation on it; absent where they can. */
  noNetwork: z.object({ routed: z.string().optional(), nat: z.string().optional() }),
  /** Added by the web process; absent where they cannot be read. */
  disks: z
    .array(z.object({ device: z.string(), type: z.string(), mountPoint: z.string(), sizeBytes: z.number(), usedBytes: z.number() }))
    .optional(),
  os: z.object({ name: z.string(), release: z.string(), architecture: z.string() }).optional(),
});
export type Host = z.infer<typeof Host>;

export const GroupView = z.object({
  path: z.string(),
  managed: z.boolean(),
  self: z.boolean(),
  controllers: z.array(z.string()),
  state: z.enum(['thawed', 'freezing', 'frozen']),
  readings: z.record(z.string(), Value),
  effective: z.record(z.string(), z.object({ value: Value, group: z.string() })),
  /** How many processes are in the group itself. */
  processes: z.number().int(),
  launched: Launched.optional(),
  /** Programs that joined the launch, newest last; the last few that ended are kept. */
  joined: z.array(Launched).optional(),
});
export type GroupView = z.infer<typeof GroupView>;

/** A control file read: its raw text, and the value where it is one number or word. */
export const FileView = z.object({
  group: z.string(),
  file: z.string(),
  raw: z.string(),
  value: Value.optional(),
  entries: z.record(z.string(), Value).optional(),
});
export type FileView = z.infer<typeof FileView>;

export const Written = { file: z.string(), old: z.string(), asked: z.string(), new: z.string() };
/** A write's answer: what stood there, what was asked, what the kernel says now; `also`: files that had to move first; `note`: it has no effect, and why. */
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
  /** As /proc/<pid>/status has it, such as "D (disk sleep)": uninterruptible, it stops when what it waits for has come. */
  state: z.string(),
  /** The kernel's function that it sleeps in; absent where the kernel does not say. */
  wchan: z.string().optional(),
});
export type UnstoppedTask = z.infer<typeof UnstoppedTask>;

export const FreezeAnswer = z.object({
  group: z.string(),
  /** `freezing`: asked for, and taken back by a thaw; the kernel says frozen once the last task has stopped. */
  state: z.enum(['thawed', 'freezing', 'frozen']),
  tookMs: z.number(),
  /** With `freezing`: how many tasks have not stopped, and the first of them. */
  unstopped: z.object({ count: z.number().int(), tasks: z.array(UnstoppedTask) }).optional(),
});
export type FreezeAnswer = z.infer<typeof FreezeAnswer>;

export const Process = z.object({
  pid: z.number(),
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
  /** Inode of each namespace, and whether it is another than the host's. */
  namespaces: z.record(z.string(), z.object({ id: z.number(), own: z.boolean() })),
});
export type Process = z.infer<typeof Process>;

export const Series = z.object({
  reading: z.string(),
  /** Pairs of wall-clock ms and value, where it changed or at the asked step. */
  points: z.array(z.tuple([z.number(), Value])),
});
export type Series = z.infer<typeof Series>;

/** One namespace that processes of a group are in, and who else is in it. */
export const NamespaceView = z.object({
  kind: z.string(),
  /** Inode of the namespace (stat of /proc/<pid>/ns/<kind>). */
  id: z.number(),
  /** Another than the one cgdeck itself is in. */
  own: z.boolean(),
  /** How many of the group's processes are in it, and some of them. */
  pidsCount: z.number().int(),
  pids: z.array(z.number()),
  /** How many processes of other groups are in it, and some of them. */
  othersCount: z.number().int(),
  others: z.array(z.object({ pid: z.number(), comm: z.string(), group: z.string() })),
});
export type NamespaceView = z.infer<typeof NamespaceView>;
