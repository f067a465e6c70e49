// The calls about guards: which groups are held before they run out of memory, what is held now, and the decision.
import { z } from 'zod';
import { addresses } from '../addresses.ts';
import type { Call } from '../call.ts';
import { GuardedGroup, GuardFile, GuardPattern, GuardPlan, Hold, HoldChoice, holdOutcomes, WouldHold } from '../guards.ts';
import { GroupPath } from '../path-schemas.ts';

const GuardsAnswer = z.object({
  guards: GuardFile.shape.guards,
  groups: z.array(GuardedGroup),
  /** What is wrong with guards.json; the guards before it was changed apply. */
  problem: z.string().optional(),
});

export const guardCalls = {
  guards: {
    ...addresses.guards,
    summary: 'The guards, and the groups they match',
    params: z.strictObject({}),
    answer: GuardsAnswer,
  },
  setGuard: {
    ...addresses.setGuard,
    summary: 'Set the guard of a group, or of all groups that match a pattern',
    params: z.strictObject({
      pattern: GuardPattern,
      plan: GuardPlan,
      /** The plan that was seen, null for none: if the pattern has another by now, nothing is changed (changed). */
      replaces: GuardPlan.nullable().optional(),
    }),
    answer: GuardsAnswer,
  },
  removeGuard: {
    ...addresses.removeGuard,
    summary: 'Remove a guard: its groups get back what they had',
    params: z.strictObject({ pattern: GuardPattern, replaces: GuardPlan.optional() }),
    answer: GuardsAnswer,
  },
  tryGuard: {
    ...addresses.tryGuard,
    summary: 'When a guard would have held a group in the last ten minutes, by its line or growth; nothing is changed',
    params: z.strictObject({ group: GroupPath, plan: GuardPlan }),
    answer: z.object({
      group: z.string(),
      /** How far back the history goes; wall clock, ms. */
      since: z.number(),
      lineBytes: z.number().optional(),
      /** Why it could have no line. */
      sentence: z.string().optional(),
      would: z.array(WouldHold),
    }),
  },
  holds: {
    ...addresses.holds,
    summary: 'The groups that guards hold now',
    params: z.strictObject({}),
    answer: z.object({ holds: z.array(Hold) }),
  },
  decide: {
    ...addresses.decide,
    summary: 'Decide what becomes of a held group',
    params: z.strictObject({ hold: z.int(), choice: HoldChoice }),
    answer: z.object({ outcome: z.enum(holdOutcomes), sentence: z.string() }),
  },
  cancelReclaim: {
    ...addresses.cancelReclaim,
    summary: 'End the reclaim of a held group early: it is still held',
    params: z.strictObject({ hold: z.int() }),
    answer: z.object({ hold: z.int(), askedBytes: z.number(), reclaimedBytes: z.number() }),
  },
} as const satisfies Record<string, Call>;
