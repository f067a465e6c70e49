// The id of one act, which its caller makes (the header Idempotency-Key): repeated after a lost answer, the act is done once and answers the same.
import { z } from 'zod';
import { ProblemSchema } from './problem-schema.ts';

/** Made at random by the caller, for each act its own. */
export const CallKey = z.string().regex(/^[\w.:-]{8,128}$/, 'is no key of a call: 8 to 128 letters, digits and . : _ -');

/** What became of an act. `none`: it has not arrived, and is refused if it arrives later; `unknown`: cgdeck ended while it was under way. */
export const Outcome = z.object({
  state: z.enum(['none', 'running', 'done', 'refused', 'unknown']),
  answer: z.unknown().optional(),
  problem: ProblemSchema.optional(),
});
export type Outcome = z.infer<typeof Outcome>;
