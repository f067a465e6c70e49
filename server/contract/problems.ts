// Problem documents (RFC 9457): the one closed list of codes, and the one place that composes the sentences for refused actions.
import { z } from 'zod';

export const problemCodes = [
  'unauthenticated',
  'forbidden',
  'not_found',
  'invalid',
  'conflict',
  'busy',
  'would_kill',
  'kernel_refused',
  'protected',
  'self_protected',
  'unsupported',
  'rate_limited',
  'agent_unavailable',
] as const;

export type ProblemCode = (typeof problemCodes)[number];

const STATUS: Record<ProblemCode, number> = {
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  invalid: 400,
  conflict: 409,
  busy: 409,
  would_kill: 409,
  kernel_refused: 422,
  protected: 403,
  self_protected: 403,
  unsupported: 501,
  rate_limited: 429,
  agent_unavailable: 503,
};

const TITLE: Record<ProblemCode, string> = {
  unauthenticated: 'Not logged in',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  invalid: 'Invalid request',
  conflict: 'Conflict',
  busy: 'Busy',
  would_kill: 'This would kill',
  kernel_refused: 'The kernel refused',
  protected: 'Protected group',
  self_protected: 'cgdeck protects itself',
  unsupported: 'Not supported here',
  rate_limited: 'Too many requests',
  agent_unavailable: 'The agent does not answer',
};

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(problemCodes),
  /** One or two sentences for a person: what was asked, what the answer was, what to do. */
  detail: z.string(),
  /** The errno's name, where the kernel refused. */
  errno: z.string().optional(),
  /** The control file or the path that refused. */
  file: z.string().optional(),
  /** What was to be written. */
  asked: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;

export interface ProblemFacts {
  readonly errno?: string | undefined;
  readonly file?: string | undefined;
  readonly asked?: string | undefined;
  readonly cause?: unknown;
}

/** An Error that carries a problem document across the agent, the link and HTTP. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(code: ProblemCode, detail: string, facts: ProblemFacts = {}) {
    super(detail, { cause: facts.cause });
    this.name = 'ProblemError';
    this.problem = {
      type: `urn:cgdeck:problem:${code}`,
      title: TITLE[code],
      status: STATUS[code],
      code,
      detail,
      ...(facts.errno === undefined ? {} : { errno: facts.errno }),
      ...(facts.file === undefined ? {} : { file: facts.file }),
      ...(facts.asked === undefined ? {} : { asked: facts.asked }),
    };
  }

  /** The same error from a document that came over a wire. */
  static from(problem: Problem): ProblemError {
    return new ProblemError(problem.code, problem.detail, problem);
  }
}
