// Guards: which groups are held before they run out of memory, what is known of a held group, and how it is decided.
import { z } from 'zod';
import { patternFault } from './group-pattern.ts';
import { parseSize, partOf, SIZE_HELP } from './units.ts';

const Bytes = z.union([z.int().min(65_536), z.string().max(32)]);

/** Bytes ("400M", 419430400), or a part of the limit that applies to the group ("90%"). */
const Line = Bytes.refine((line) => {
  const part = partOf(line);
  if (part !== undefined) return part >= 0.1 && part <= 1;
  const size = parseSize(line);
  return typeof size === 'number' && size >= 65_536;
}, 'is a size of at least 64K, or 10% to 100%');

const Size = Bytes.refine((size) => typeof parseSize(size) === 'number', `is not a size, ${SIZE_HELP}`);

/** What is tried, in order, when no person decided in time; the first that lets the group continue is the last that is tried. */
export const GuardStep = z.discriminatedUnion('do', [
  /** v2 only: reclaim so much, or a quarter of its usage; then continue if the usage is below the line. */
  z.strictObject({ do: z.literal('reclaim'), bytes: Size.optional() }),
  /** Raise the limit by so many per cent, at most to `upTo`, at most `times` times since the guard was armed. */
  z.strictObject({ do: z.literal('raise'), percent: z.number().min(1).max(1000), upTo: Size, times: z.int().min(1).max(1000).default(1) }),
  z.strictObject({ do: z.literal('killLargest') }),
  z.strictObject({ do: z.literal('kill') }),
  /** Continue without the guard: the kernel acts as if there was none. */
  z.strictObject({ do: z.literal('thaw') }),
]);
export type GuardStep = z.infer<typeof GuardStep>;

export const GuardPlan = z
  .strictObject({
    /** Held where its memory, with nothing left to reclaim, meets this line. */
    line: Line.optional(),
    /** v1: held where its memory and swap together meet this line, in bytes or as a part of that limit. v2 has no such limit. */
    memswLine: Line.optional(),
    /** Held where all its tasks waited for memory (PSI, full) for more than this part of the time, for so long. */
    thrashing: z.strictObject({ percent: z.number().min(1).max(100).default(20), seconds: z.int().min(2).max(600).default(10) }).optional(),
    /** Held where it will meet its limit within so many seconds, by its growth over the last minute. */
    growth: z.strictObject({ seconds: z.int().min(1).max(600) }).optional(),
    /** Held while the machine runs short of memory: those of a lower priority first. */
    machine: z.strictObject({ priority: z.int().min(0).max(100).default(50) }).optional(),
    /** None of the groups that match is guarded, whatever wider patterns have. */
    off: z.literal(true).optional(),
    /** How long people have to decide; 0: the steps decide at once. */
    deadlineSeconds: z.int().min(0).max(86_400).default(300),
    steps: z.array(GuardStep).max(16).default([]),
    /** What is done when no step let it continue. */
    finally: z.enum(['thaw', 'killLargest', 'kill']).default('thaw'),
  })
  .refine(
    ({ off, line, memswLine, thrashing, growth, machine }) =>
      [off, line, memswLine, thrashing, growth, machine].some((one) => one !== undefined),
    'A guard needs at least one of line, memswLine, thrashing, growth and machine, or off.',
  );
export type GuardPlan = z.infer<typeof GuardPlan>;

/** A group's path, or a glob as --control takes it: `/docker/**`. */
export const GuardPattern = z
  .string()
  .max(4096)
  .superRefine((pattern, context) => {
    const fault = patternFault(pattern);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  });

/** Each new group is matched against all. */
export const MOST_GUARDS = 1000;

/** guards.json: a plan for each pattern; of several that match a group, the narrowest applies. */
export const GuardFile = z.strictObject({
  guards: z
    .record(GuardPattern, GuardPlan)
    .refine((guards) => Object.keys(guards).length <= MOST_GUARDS, `has more than ${MOST_GUARDS} guards`),
});
export type GuardFile = z.infer<typeof GuardFile>;

/** Why a group was held. `memsw`: its memory and swap together met their line; `found`: held before this agent started. */
export const holdReasons = ['line', 'memsw', 'thrashing', 'growth', 'machine', 'found'] as const;
export type HoldReason = (typeof holdReasons)[number];

const LargeProcess = z.object({ pid: z.number(), comm: z.string(), command: z.string(), rssBytes: z.number() });

const BindingLimit = z.object({ value: z.union([z.number(), z.literal('max')]), group: z.string() });

/** What is known of a held group at one moment. */
export const HoldFacts = z.object({
  /** Wall clock, ms. */
  time: z.number(),
  state: z.enum(['freezing', 'frozen']),
  usageBytes: z.number(),
  lineBytes: z.number().optional(),
  /** The limit that binds: its own or an ancestor's. */
  limit: BindingLimit,
  /** v1: of memory and swap together, where the guard has a line on them. */
  memsw: z
    .object({
      usageBytes: z.number(),
      lineBytes: z.number(),
      limit: BindingLimit,
      /** It is this line that the group met: raising raises this limit. */
      isMet: z.boolean(),
    })
    .optional(),
  /** Of memory.stat; absent where the kernel does not write it. */
  kinds: z.object({
    anonBytes: z.number().optional(),
    fileBytes: z.number().optional(),
    shmemBytes: z.number().optional(),
    kernelBytes: z.number().optional(),
    slabBytes: z.number().optional(),
    swapBytes: z.number().optional(),
    reclaimableBytes: z.number().optional(),
  }),
  /** Over the last ten seconds before it was held. */
  bytesPerSec: z.number().optional(),
  /** Until the limit, at that rate. */
  secondsLeft: z.number().optional(),
  /** Those with the most memory, at most five. */
  processes: z.array(LargeProcess),
  processCount: z.number(),
  /** MemAvailable of the machine. */
  machineBytes: z.number().optional(),
});
export type HoldFacts = z.infer<typeof HoldFacts>;

export const HoldChoice = z.discriminatedUnion('do', [
  /** Raise its limit (that of memory and swap together where it met its line on them) to so much, and let it continue; it is held again at its new line. */
  z.strictObject({ do: z.literal('raise'), bytes: Size }),
  z.strictObject({ do: z.literal('dropLimit') }),
  z.strictObject({ do: z.literal('move'), pid: z.int().min(1), to: z.string().startsWith('/').max(4096) }),
  /** v2 only: reclaim so much, or a quarter of its usage, in pieces: may be cancelled, also by another decision. */
  z.strictObject({ do: z.literal('reclaim'), bytes: Size.optional() }),
  z.strictObject({ do: z.literal('killProcess'), pid: z.int().min(1) }),
  z.strictObject({ do: z.literal('kill') }),
  z.strictObject({ do: z.literal('thaw') }),
]);
export type HoldChoice = z.infer<typeof HoldChoice>;

/** How a choice or step came out. `held`: done, and the group is still held. */
export const holdOutcomes = ['continues', 'killed', 'held', 'refused', 'gone'] as const;
export type HoldOutcome = (typeof holdOutcomes)[number];

export const Tried = z.object({
  time: z.number(),
  do: z.string(),
  outcome: z.enum(holdOutcomes),
  /** What the kernel made of it. */
  sentence: z.string(),
  by: z.string(),
});
export type Tried = z.infer<typeof Tried>;

/** A held group that waits for a decision. */
export const Hold = z.object({
  /** That of the event that reported it. */
  id: z.number(),
  group: z.string(),
  pattern: z.string(),
  reason: z.enum(holdReasons),
  /** Wall clock, ms. */
  since: z.number(),
  /** When the steps decide, if no person does; wall clock, ms. */
  decidesAt: z.number(),
  /** The next step, or the last one. */
  next: z.string(),
  facts: HoldFacts,
  /** A limit that would give it room. */
  suggestedBytes: z.number(),
  /** Oldest first. */
  tried: z.array(Tried),
  /** What is being reclaimed now. */
  reclaim: z.object({ askedBytes: z.number(), reclaimedBytes: z.number(), by: z.string() }).optional(),
});
export type Hold = z.infer<typeof Hold>;

/** A group that a pattern matches. */
export const GuardedGroup = z.object({
  group: z.string(),
  pattern: z.string(),
  /** `waiting`: cannot be armed now; `paused`: continues without the guard, which is armed again once the usage is well below the line. */
  state: z.enum(['armed', 'held', 'paused', 'waiting']),
  lineBytes: z.number().optional(),
  memswLineBytes: z.number().optional(),
  /** Its own limit without the guard, which on v1 writes its line to the kernel's limit file; absent while it has no guard. */
  ownLimit: z.union([z.number(), z.literal('max')]).optional(),
  /** Why it waits. */
  sentence: z.string().optional(),
  /** Of a guard that came with a launch, which guards.json does not have. */
  plan: GuardPlan.optional(),
});
export type GuardedGroup = z.infer<typeof GuardedGroup>;

/** When a guard would have held a group. */
export const WouldHold = z.object({ time: z.number(), reason: z.enum(['line', 'growth']), usageBytes: z.number() });
export type WouldHold = z.infer<typeof WouldHold>;
