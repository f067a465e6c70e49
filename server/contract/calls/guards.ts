// The calls about guards: which groups are held before they run out of memory, what is held now, and the decision.
import { z } from 'zod';
import type { Call } from '../call.ts';
import { GuardedGroup, GuardFile, GuardPattern, GuardPlan, Hold, HoldChoice, holdOutcomes, WouldHold } from '../guards.ts';
import { GroupPath } from '../paths.ts';

const GuardsAnswer = z.object({
  guards: GuardFile.shape.guards,
  groups: z.array(GuardedGroup),
  /** What is wrong with guards.json; the guards before it was changed apply. */
  problem: z.string().optional(),
});

export const guardCalls = {
  guards: {
    method: 'GET',
    path: '/guards',
    summary: 'The guards, and the groups they match',
    role: 'viewer',
    params: z.strictObject({}),
    answer: GuardsAnswer,
  },
  setGuard: {
    method: 'PUT',
    path: '/guards',
    summary: 'Set the guard of a group, or of all groups that match a pattern',
    role: 'operator',
    params: z.strictObject({
      pattern: GuardPattern,
      plan: GuardPlan,
      /** The plan that was seen, null for none: if the pattern has another by now, nothing is changed (changed). */
      replaces: GuardPlan.nullable().optional(),
    }),
    answer: GuardsAnswer,
  },
  removeGuard: {
    method: 'DELETE',
    path: '/guards',
    summary: 'Remove a guard: its groups get back what they had',
    role: 'operator',
    params: z.strictObject({ pattern: GuardPattern, replaces: GuardPlan.optional() }),
    answer: GuardsAnswer,
  },
  tryGuard: {
    method: 'POST',
    path: '/guards/try',
    summary: 'When a guard would have held a group in the last ten minutes, by its line or growth; nothing is changed',
    role: 'viewer',
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
    method: 'GET',
    path: '/holds',
    summary: 'The groups that guards hold now',
    role: 'viewer',
    params: z.strictObject({}),
    answer: z.object({ holds: z.array(Hold) }),
  },
  decide: {
    method: 'POST',
    path: '/decide',
    summary: 'Decide what becomes of a held group',
    role: 'operator',
    params: z.strictObject({ hold: z.int(), choice: HoldChoice }),
    answer: z.object({ outcome: z.enum(holdOutcomes), sentence: z.string() }),
  },
  cancelReclaim: {
    method: 'POST',
    path: '/decide/cancel',
    summary: 'End the reclaim of a held group early: it is still held',
    role: 'operator',
    params: z.strictObject({ hold: z.int() }),
    answer: z.object({ hold: z.int(), askedBytes: z.number(), reclaimedBytes: z.number() }),
  },
} as const satisfies Record<string, Call>;
