// The kinds of events, from the kernel and from people's actions.
import { z } from 'zod';
import { eventKinds, pressureLevels } from './event-kinds.ts';
import { HoldFacts, holdOutcomes, holdReasons } from './guards.ts';
import { pressureResources } from './pressure.ts';

const common = {
  /** Each event's id is greater than the one before, also across restarts. */
  id: z.number().int().positive(),
  /** Wall clock, milliseconds since 1970. */
  time: z.number(),
  /** From the kernel's signal (the return of the waiting call) to leaving the agent, in ms; absent if there was no signal. */
  latencyMs: z.number().optional(),
  /** The group's path; "/" for the machine. */
  group: z.string(),
  /** Found later: the agent was not running when it happened. */
  late: z.boolean().optional(),
};

/** Who acted: role and kind of login; absent for the kernel or another program. */
const by = z.string().optional();

const Victim = z.object({
  pid: z.number(),
  comm: z.string(),
  rssBytes: z.number().optional(),
  /** The sequence number of its record in the kernel's log of this boot. */
  record: z.number().optional(),
});
export type Victim = z.infer<typeof Victim>;

/** The names (comm) of the first processes of a kill, read before it. */
export const Named = z.array(z.object({ pid: z.number(), comm: z.string() }));
export type Named = z.infer<typeof Named>;

export const Event = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('oom'),
    /** Signals since `time`: a burst of them is one event that grows. */ count: z.number(),
    /** Whether the group's tasks sleep until the limit is raised. */ underOom: z.boolean(),
    /** The id of the burst's first version, which this one replaces with all others that replace it. */
    replaces: z.number().int().positive().optional(),
    /** When the last signal came, as `time`; absent for one signal. */ untilMs: z.number().optional(),
    /** The most signals within a second; absent for one. */ peakPerSec: z.number().optional(),
    /** Processes killed in the group so far; each is in an event of the kind oom_kill, too. */ killed: z.number().optional(),
  }),
  z.object({
    ...common,
    kind: z.literal('oom_kill'),
    /** Processes killed: more than one where many are killed within a second. */ count: z.number(),
    /** The first one that the kernel log names. */ victim: Victim.optional(),
    /** All that it names, where it is more than one. */ victims: z.array(Victim).optional(),
    /** The group whose limit was hit, if the kernel log names it: the group itself or an ancestor; "/" for the machine. */
    limitGroup: z.string().optional(),
    /** Of the machine's memory, the nodes without any left ("0-1,4"), where a cpuset or a memory policy of the task that allocated bound it to them. */
    nodes: z.string().optional(),
  }),
  z.object({
    ...common,
    kind: z.literal('pressure'),
    level: z.enum(pressureLevels),
    count: z.number(),
    /** What tasks wait for; absent for memory. */
    resource: z.enum(pressureResources).exclude(['memory']).optional(),
  }),
  /** A limit, soft limit or protection was hit (v2). */
  z.object({
    ...common,
    kind: z.literal('threshold'),
    /** The control file whose value was hit: memory.high, memory.max, memory.low, memory.oom.group, pids.max, hugetlb.2MB.max. */ file: z.string(),
    /** Times since the last such event. */ count: z.number(),
    /** The limit may also be that of a group above: the kernel counts what it refused in the group of the task that asked. */
    orAbove: z.boolean().optional(),
  }),
  /** At its present growth the group meets a limit soon; once for each approach. */
  z.object({
    ...common,
    kind: z.literal('forecast'),
    /** The group whose limit it is: the group itself or an ancestor; "/" for the machine. */ limitGroup: z.string(),
    /** The limit's control file; absent for the machine's memory. */ file: z.string().optional(),
    secondsLeft: z.number(),
    /** What is left below the limit, with what can be reclaimed. */ headroomBytes: z.number(),
    /** How fast that shrinks: over the last minute, or since a growth began within it. */ bytesPerSec: z.number(),
  }),
  z.object({ ...common, kind: z.literal('freeze'), by }),
  z.object({ ...common, kind: z.literal('thaw'), by }),
  /** The last process of the group and of those below it has ended or left (v2). */
  z.object({ ...common, kind: z.literal('empty'), count: z.number() }),
  z.object({
    ...common,
    kind: z.literal('write'),
    ...{ file: z.string(), old: z.string(), new: z.string(), asked: z.string(), by },
    /** The file that was written, where the kernel changed this one with it. */
    through: z.string().optional(),
    /** Another value was found, and no write was noticed: when it changed, and by whom, is not known. */
    found: z.boolean().optional(),
  }),
  z.object({ ...common, kind: z.literal('launch'), pid: z.number(), argv: z.array(z.string()), launchId: z.string().optional(), by }),
  z.object({
    ...common,
    kind: z.literal('exit'),
    pid: z.number(),
    /** Which process of the launch: absent for the launch itself, exec-1 and so on for those that joined. */
    launchId: z.string().optional(),
    code: z.number().optional(),
    signal: z.string().optional(),
    runMs: z.number().optional(),
    cpuMs: z.number().optional(),
    peakBytes: z.number().optional(),
    killed: z.number().optional(),
    left: z.number().optional(),
  }),
  /** It ended; its restart policy starts it again after `delayMs`. */
  z.object({ ...common, kind: z.literal('restart'), count: z.number(), delayMs: z.number(), pid: z.number().optional() }),
  z.object({ ...common, kind: z.literal('create'), by }),
  z.object({ ...common, kind: z.literal('remove'), by }),
  z.object({ ...common, kind: z.literal('move'), pid: z.number(), from: z.string(), by }),
  z.object({ ...common, kind: z.literal('kill'), pids: z.array(z.number()), named: Named.optional(), signal: z.string(), by }),
  /** A guard stopped the group: it waits for a decision. */
  z.object({
    ...common,
    kind: z.literal('hold'),
    reason: z.enum(holdReasons),
    pattern: z.string(),
    /** Of two reports of one hold (all tasks have stopped, more is known) the first one's id. */
    replaces: z.number().int().positive().optional(),
    facts: HoldFacts,
    /** When the guard's steps decide, and the first of them in words; wall clock, ms. */
    decidesAt: z.number(),
    next: z.string().optional(),
  }),
  /** What was done with a held group: by a person, by the guard's steps, or by another program. */
  z.object({
    ...common,
    kind: z.literal('decision'),
    /** The id of the hold, and how long the group had been held. */
    hold: z.number().int(),
    afterMs: z.number().optional(),
    do: z.string(),
    outcome: z.enum(holdOutcomes),
    sentence: z.string(),
    by,
  }),
]);
export type Event = z.infer<typeof Event>;
export type EventKind = Event['kind'];

/** A range of ids, both included, in which events of these kinds are missing. */
export const EventGap = z.object({
  from: z.number().int(),
  to: z.number().int(),
  kinds: z.array(z.enum(eventKinds satisfies readonly EventKind[])),
});
export type EventGap = z.infer<typeof EventGap>;

/** An event before the log gives it its id. */
export type NewEvent = Event extends infer E ? (E extends Event ? Omit<E, 'id'> : never) : never;
