// Problem documents (RFC 9457), and the closed list of their codes.
export const problemCodes = [
  'unauthenticated',
  'forbidden',
  'not_found',
  'invalid',
  'conflict',
  'busy',
  'replaced',
  'changed',
  'other_call',
  'answer_lost',
  'unknown_outcome',
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
  replaced: 412,
  changed: 412,
  other_call: 422,
  answer_lost: 503,
  unknown_outcome: 409,
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
  replaced: 'Not the one that was meant',
  changed: 'Changed meanwhile',
  other_call: 'Another call has this key',
  answer_lost: 'Unknown whether it was done',
  unknown_outcome: 'Unknown whether it was done',
  would_kill: 'This would kill',
  kernel_refused: 'The kernel refused',
  protected: 'Protected group',
  self_protected: 'cgdeck protects itself',
  unsupported: 'Not supported here',
  rate_limited: 'Too many requests',
  agent_unavailable: 'The agent does not answer',
};

/** RFC 9457, with what cgdeck adds. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  /** One or two sentences for a person: what was asked, the answer, what to do. */
  detail: string;
  /** The errno's name, if the kernel refused. */
  errno?: string | undefined;
  /** The control file or the path that refused. */
  file?: string | undefined;
  /** The value or name that was asked for. */
  asked?: string | undefined;
  /** With `changed`: the value that it has instead of the one that was to be replaced. */
  now?: string | undefined;
}

export interface ProblemFacts {
  readonly errno?: string | undefined;
  readonly file?: string | undefined;
  readonly asked?: string | undefined;
  readonly now?: string | undefined;
  readonly cause?: unknown;
}

/** Whether it is a problem document of cgdeck, and not a page of something between. */
export function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const { code, title, detail } = body as Partial<Record<string, unknown>>;
  return problemCodes.some((known) => known === code) && typeof title === 'string' && typeof detail === 'string';
}

/** An Error with its problem document. */
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
      ...(facts.now === undefined ? {} : { now: facts.now }),
    };
  }

  /** The error of a document that was received. */
  static from(problem: Problem): ProblemError {
    return new ProblemError(problem.code, problem.detail, problem);
  }
}
