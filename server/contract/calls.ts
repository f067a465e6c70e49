// What can be asked of the agent: every call with its parameters, its answer and the role it needs. HTTP routes and the link derive from it.
import { z } from 'zod';
import { DeviceAnswer, DeviceView, SetDevices } from './devices.ts';
import { Event, eventKinds } from './events.ts';
import {
  Exit,
  GraceMs,
  JoinRequest,
  KeptLayer,
  KeptName,
  LaunchAnswer,
  Launched,
  LaunchId,
  LaunchRequest,
  Layer,
  Limits,
  OutputChunk,
  Rates,
  RoutedNetwork,
  Template,
} from './launch.ts';
import { GroupName, GroupPath } from './paths.ts';

/** viewer reads; operator acts. */
export const roles = ['viewer', 'operator'] as const;
export type Role = (typeof roles)[number];

const Value = z.union([z.number(), z.string()]);

export const Host = z.object({
  /** The host's name, which every message carries. */
  host: z.string(),
  kernel: z.string(),
  cpus: z.number().int(),
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

const Written = { file: z.string(), old: z.string(), asked: z.string(), new: z.string() };
/** A write's answer: what stood there, what was asked, what the kernel says now; `also` lists files that had to move first. */
export const WriteAnswer = z.object({ group: z.string(), ...Written, tookMs: z.number(), also: z.array(z.object(Written)).optional() });
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
  /** Pairs of wall-clock ms and value, where it changed or at the asked step. */ points: z.array(z.tuple([z.number(), Value])),
});
export type Series = z.infer<typeof Series>;

/** One namespace that processes of a group are in, and who else is in it. */
export const NamespaceView = z.object({
  kind: z.string(),
  /** Inode of the namespace (stat of /proc/<pid>/ns/<kind>). */
  id: z.number(),
  /** Another than the one cgdeck itself is in. */
  own: z.boolean(),
  /** The group's processes in it. */
  pids: z.array(z.number()),
  /** How many processes of other groups are in it, and some of them. */
  othersCount: z.number().int(),
  others: z.array(z.object({ pid: z.number(), comm: z.string(), group: z.string() })),
});
export type NamespaceView = z.infer<typeof NamespaceView>;

/** A signal's name as kill(1) prints it, with SIG. */
const Signal = z.enum(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGSTOP', 'SIGCONT', 'SIGUSR1', 'SIGUSR2']);
const ControlFileName = z.string().regex(/^[A-Za-z0-9_.]{1,64}$/, 'is no control file’s name');

interface Call {
  readonly role: Role;
  readonly params: z.ZodType;
  readonly answer: z.ZodType;
}

export const calls = {
  host: { role: 'viewer', params: z.strictObject({}), answer: Host },
  groups: { role: 'viewer', params: z.strictObject({}), answer: z.object({ groups: z.array(GroupView) }) },
  group: { role: 'viewer', params: z.strictObject({ path: GroupPath }), answer: GroupView },
  createGroup: {
    role: 'operator',
    params: z.strictObject({
      path: GroupPath,
      limits: Limits.optional(),
      /** On v2, where the parent holds processes: the group below the parent that takes them first. */
      leaf: GroupName.optional(),
    }),
    answer: GroupView.extend({
      /** Controllers that groups above had to hand down (v2). */
      also: z.array(z.object({ group: z.string(), ...Written })).optional(),
      /** Limits that were asked for in the other version's names: asked -> written. */
      translated: z.record(z.string(), z.string()).optional(),
    }),
  },
  /** Gives memory of a group back, as much as is asked for or can be had (v2). */
  reclaim: {
    role: 'operator',
    params: z.strictObject({ group: GroupPath, bytes: z.union([z.string().max(64), z.number()]) }),
    answer: z.object({
      group: z.string(),
      askedBytes: z.number(),
      /** By how much usage fell, with what the group took meanwhile. */
      reclaimedBytes: z.number(),
      /** False where the kernel could not find as much. */
      complete: z.boolean(),
      tookMs: z.number(),
    }),
  },
  removeGroup: {
    role: 'operator',
    params: z.strictObject({ path: GroupPath, kill: z.boolean().default(false) }),
    answer: z.object({ group: z.string(), killed: z.array(z.number()) }),
  },
  readFile: { role: 'viewer', params: z.strictObject({ path: GroupPath, file: ControlFileName }), answer: FileView },
  writeFile: {
    role: 'operator',
    params: z.strictObject({
      path: GroupPath,
      file: ControlFileName,
      value: z.union([z.string().max(4096), z.number()]),
      /** Whether processes may be killed for it: v2 takes a memory.max under the usage, and makes room by killing. */
      mayKill: z.boolean().default(false),
    }),
    answer: WriteAnswer,
  },
  freeze: { role: 'operator', params: z.strictObject({ group: GroupPath }), answer: FreezeAnswer },
  thaw: { role: 'operator', params: z.strictObject({ group: GroupPath }), answer: FreezeAnswer },
  kill: {
    role: 'operator',
    params: z.union([z.strictObject({ group: GroupPath }), z.strictObject({ pid: z.int().min(1), signal: Signal.default('SIGTERM') })]),
    answer: z.object({ killed: z.array(z.number()) }),
  },
  attach: {
    role: 'operator',
    params: z.strictObject({ pid: z.int().min(1), group: GroupPath }),
    answer: z.object({ pid: z.number(), group: z.string(), from: z.string() }),
  },
  processes: { role: 'viewer', params: z.strictObject({ group: GroupPath }), answer: z.object({ processes: z.array(Process) }) },
  launch: { role: 'operator', params: LaunchRequest, answer: LaunchAnswer },
  /** A second program in a running launch's namespaces and group. */
  join: {
    role: 'operator',
    params: JoinRequest.extend({ group: GroupPath }),
    answer: z.object({ group: z.string(), id: LaunchId, pid: z.number().int(), launchMs: z.number() }),
  },
  /** SIGTERM to the launched program, and after the grace time SIGKILL to the whole group; it is not started again. */
  stop: {
    role: 'operator',
    params: z.strictObject({ group: GroupPath, graceMs: GraceMs.optional() }),
    answer: z.object({
      group: z.string(),
      how: z.enum(['ended', 'killed']),
      killed: z.array(z.number()),
      tookMs: z.number(),
      exit: Exit.optional(),
    }),
  },
  /** The request of a launch as it was made, environment included. */
  launchRequest: { role: 'operator', params: z.strictObject({ group: GroupPath }), answer: LaunchRequest },
  /** The last 1 MiB that a launched process wrote, or what it has written since. */
  output: {
    role: 'viewer',
    params: z.strictObject({
      group: GroupPath,
      id: LaunchId.default('main'),
      /** Where to go on, as an answer said it in `next`. */
      after: z
        .string()
        .regex(/^\d{1,20}:\d{1,15}(?::(?:tty|out|err)=(?:[0-9a-f]{2}){1,3}){0,3}$/, 'is no place that an answer named')
        .optional(),
    }),
    answer: z.object({
      group: z.string(),
      id: LaunchId,
      tty: z.boolean(),
      chunks: z.array(OutputChunk),
      /** Bytes of output in `chunks`, and on disk (with its headers, where that is more). */
      bytes: z.number(),
      keptBytes: z.number(),
      /** Whether it wrote more than is kept on disk. */
      truncated: z.boolean(),
      /** Whether the chunks go on where `after` said; otherwise they are the last 1 MiB of all. */
      continues: z.boolean(),
      /** What to say as `after` the next time; absent where nothing was written yet. */
      next: z.string().optional(),
    }),
  },
  /** All that is on disk, piece by piece, without times: for a download. */
  outputPart: {
    role: 'viewer',
    params: z.strictObject({
      group: GroupPath,
      id: LaunchId.default('main'),
      stream: z.enum(['all', 'out', 'err']).default('all'),
      /** Where to go on, as an answer said it; left out: from the beginning. */
      at: z
        .string()
        .regex(/^\d{1,20}:\d{1,15}$/, 'is no place that an answer named')
        .optional(),
    }),
    /** `next` is absent at the end. */
    answer: z.object({ base64: z.string(), next: z.string().optional() }),
  },
  /** How fast a routed network may be, both ways; a rate that is left out stays, null lifts it. */
  setRates: { role: 'operator', params: z.strictObject({ group: GroupPath, rates: Rates }), answer: RoutedNetwork },
  /** What the group may do with which devices, and what else decides on that. */
  devices: { role: 'viewer', params: z.strictObject({ group: GroupPath }), answer: DeviceView },
  /** In place of the rules before; what is not listed is denied. */
  setDevices: { role: 'operator', params: SetDevices, answer: DeviceAnswer },
  /** Which namespaces the group's processes are in, and who shares them. */
  namespaces: { role: 'viewer', params: z.strictObject({ group: GroupPath }), answer: z.object({ namespaces: z.array(NamespaceView) }) },
  /** What a launch has written to its layer, or what a kept one holds. */
  layer: { role: 'viewer', params: z.union([z.strictObject({ group: GroupPath }), z.strictObject({ name: KeptName })]), answer: Layer },
  layers: { role: 'viewer', params: z.strictObject({}), answer: z.object({ layers: z.array(KeptLayer) }) },
  /** Keeps a launch's layer under a name once it has ended; otherwise it goes with the group. */
  keepLayer: { role: 'operator', params: z.strictObject({ group: GroupPath, name: KeptName }), answer: KeptLayer },
  dropLayer: { role: 'operator', params: z.strictObject({ name: KeptName }), answer: z.strictObject({}) },
  templates: {
    role: 'viewer',
    params: z.strictObject({}),
    answer: z.object({ templates: z.array(z.object({ name: KeptName, savedAt: z.number() })) }),
  },
  template: { role: 'operator', params: z.strictObject({ name: KeptName }), answer: Template },
  saveTemplate: { role: 'operator', params: Template, answer: Template },
  removeTemplate: { role: 'operator', params: z.strictObject({ name: KeptName }), answer: z.strictObject({}) },
  events: {
    role: 'viewer',
    params: z.strictObject({
      since: z.int().min(0).default(0),
      group: GroupPath.optional(),
      kind: z.enum(eventKinds).optional(),
      limit: z.int().min(1).max(10_000).default(1000),
    }),
    answer: z.object({ events: z.array(Event), lastId: z.number() }),
  },
  history: {
    role: 'viewer',
    params: z.strictObject({
      group: GroupPath,
      readings: z.array(z.string().max(128)).max(64).optional(),
      from: z.number().optional(),
      to: z.number().optional(),
      step: z.number().min(0.1).optional(),
    }),
    answer: z.object({ group: z.string(), inode: z.number(), series: z.array(Series) }),
  },
} as const satisfies Record<string, Call>;

export type CallName = keyof typeof calls;
export type CallParams<N extends CallName> = z.output<(typeof calls)[N]['params']>;
export type CallInput<N extends CallName> = z.input<(typeof calls)[N]['params']>;
export type CallAnswer<N extends CallName> = z.output<(typeof calls)[N]['answer']>;
