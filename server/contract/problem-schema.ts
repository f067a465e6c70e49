// The schema of problem documents.
import { z } from 'zod';
import { type Problem, problemCodes } from './problems.ts';

export const ProblemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(problemCodes),
  detail: z.string(),
  errno: z.string().optional(),
  file: z.string().optional(),
  asked: z.string().optional(),
  now: z.string().optional(),
}) satisfies z.ZodType<Problem>;
