// The report about an OOM kill, or about a group that a guard caught: what is known of it, each part absent where it is not.
import { z } from 'zod';
import { Series } from './answers.ts';
import { Event } from './events.ts';
import { HoldFacts, holdOutcomes, holdReasons } from './guards.ts';

/** Bytes, or "max" for no limit. */
const Bound = z.union([z.number(), z.literal('max')]);

/** A group's limits: of memory, of memory and swap together (v1), the soft limit, and of swap (v2). */
export const ReportLimit = z.object({
  group: z.string(),
  limitBytes: Bound.optional(),
  memswBytes: Bound.optional(),
  softBytes: Bound.optional(),
  swapBytes: Bound.optional(),
  usageBytes: z.number().optional(),
});
export type ReportLimit = z.infer<typeof ReportLimit>;

/** A task that the kernel listed before the kill. */
export const ReportTask = z.object({
  pid: z.number(),
  uid: z.number(),
  rssBytes: z.number(),
  swapBytes: z.number().optional(),
  oomScoreAdj: z.number().optional(),
  comm: z.string(),
  /** Where cgdeck had read it, and the process was the same. */
  command: z.string().optional(),
});
export type ReportTask = z.infer<typeof ReportTask>;

export const ReportVictim = z.object({
  pid: z.number(),
  comm: z.string(),
  rssBytes: z.number().optional(),
  command: z.string().optional(),
  uid: z.number().optional(),
  oomScoreAdj: z.number().optional(),
  ageMs: z.number().optional(),
});
export type ReportVictim = z.infer<typeof ReportVictim>;

const Counter = z.object({ usageBytes: z.number(), limitBytes: Bound, failcnt: z.number() });

/** What the kernel's log says of a kill, from "invoked oom-killer" to "Killed process". */
export const KernelBlock = z.object({
  /** Its lines as they are; `omitted` more are left out. */
  lines: z.array(z.string()),
  omitted: z.number().optional(),
  /** Lines are missing: the log was overrun, or the lines of two kills were mixed. */
  incomplete: z.boolean().optional(),
  /** The task whose allocation failed. */
  invokedBy: z.string().optional(),
  /** What it asked for: "0xcc0(GFP_KERNEL)", and 2 to the power of `order` pages. */
  gfp: z.string().optional(),
  order: z.number().optional(),
  constraint: z.string().optional(),
  /** Of the group whose limit was reached. */
  memory: Counter.optional(),
  memsw: Counter.optional(),
  swap: Counter.optional(),
  kmem: Counter.optional(),
  /** Whose statistics they are; the lines of memory.stat, in bytes or as counts. */
  statsOf: z.string().optional(),
  stats: z.record(z.string(), Bound).optional(),
  /** The largest first; `tasksCount` is how many the kernel listed. */
  tasks: z.array(ReportTask).optional(),
  tasksCount: z.number().optional(),
});
export type KernelBlock = z.infer<typeof KernelBlock>;

/** What the memory was, in bytes. */
export const Charged = z.object({
  anonymous: z.number().optional(),
  file: z.number().optional(),
  shmem: z.number().optional(),
  kernel: z.number().optional(),
  slab: z.number().optional(),
  swap: z.number().optional(),
  /** What the kernel could take back without swap: page cache, reclaimable slab. */
  reclaimable: z.number().optional(),
  usage: z.number().optional(),
  group: z.string(),
  /** The kernel's log has it from the moment of the kill; a reading is from the tick before. */
  from: z.enum(['kernel log', 'readings']),
});
export type Charged = z.infer<typeof Charged>;

/** What the group belongs to, as its path or its launch says. */
export const Owner = z.object({
  kind: z.enum(['launch', 'container', 'service', 'scope']),
  name: z.string(),
  argv: z.array(z.string()).optional(),
});
export type Owner = z.infer<typeof Owner>;

/** An action that somebody asked for, also one that was refused. */
export const ReportAction = z.object({
  time: z.number(),
  by: z.string(),
  action: z.string(),
  group: z.string(),
  facts: z.record(z.string(), z.unknown()).optional(),
  refused: z.string().optional(),
});
export type ReportAction = z.infer<typeof ReportAction>;

/** Why a guard held the group, and what was known then; of v1 with the limit that the group has without the guard. */
export const ReportHold = z.object({
  reason: z.enum(holdReasons),
  pattern: z.string(),
  facts: HoldFacts,
  /** How long people had to decide. */
  deadlineMs: z.number(),
  next: z.string().optional(),
});
export type ReportHold = z.infer<typeof ReportHold>;

/** What was decided, or tried, for a held group. */
export const ReportDecision = z.object({
  time: z.number(),
  /** How long the group had been held. */
  afterMs: z.number().optional(),
  /** A person's name, `guard` for its steps; absent where another program or an end overtook it. */
  by: z.string().optional(),
  do: z.string(),
  outcome: z.enum(holdOutcomes),
  sentence: z.string(),
});
export type ReportDecision = z.infer<typeof ReportDecision>;

export const ReportSummary = z.object({
  /** The id of the event that it is about; the first, if several are merged. */
  id: z.number().int().positive(),
  kind: z.enum(['kill', 'catch']),
  time: z.number(),
  group: z.string(),
  sentence: z.string(),
  /** Processes killed. */
  count: z.number(),
  victim: ReportVictim.optional(),
  /** The group whose limit was reached; "/" for the machine. */
  limitGroup: z.string().optional(),
  /** The ids of all events that it is about. */
  events: z.array(z.number()),
});
export type ReportSummary = z.infer<typeof ReportSummary>;

export const Report = ReportSummary.extend({
  host: z.string(),
  /** It was found later: the agent was not running at the time. */
  late: z.boolean().optional(),
  /** The memory nodes that had none left. */
  nodes: z.string().optional(),
  victims: z.array(ReportVictim),
  /** Of a catch. */
  hold: ReportHold.optional(),
  /** Of a catch, oldest first: added when they are made. The last one ended the hold, unless its outcome is `held` or `refused`. */
  decisions: z.array(ReportDecision).optional(),
  owner: Owner.optional(),
  kernel: KernelBlock.optional(),
  /** From the group itself up to the root, those that have memory limits. */
  limits: z.array(ReportLimit),
  charged: Charged.optional(),
  /** The growth up to the kill. */
  growth: z.object({ bytesPerSec: z.number(), forMs: z.number() }).optional(),
  /** The minute before, as ticks read it, of the group and of the one whose limit was reached. */
  history: z.array(z.object({ group: z.string(), series: z.array(Series) })),
  before: z.array(Event),
  actions: z.array(ReportAction),
});
export type Report = z.infer<typeof Report>;
