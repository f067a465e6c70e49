// Every refusal as application/problem+json: the contract's problems, Fastify's own errors, and faults of ours.
import { type Problem, ProblemError } from '../contract/problems.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
export const BODY_LIMIT_BYTES = 1024 * 1024;

/** A problem that is answered with another HTTP status than its code's own, or with further headers. */
export class HttpProblem extends ProblemError {
  readonly headers: Readonly<Record<string, string>>;
  override readonly problem: Problem;

  constructor(problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.code, problem.detail, problem);
    this.problem = problem;
    this.headers = headers;
  }
}

function invalid(status: number, title: string, detail: string): Problem {
  return { ...new ProblemError('invalid', detail).problem, status, title };
}

export function wrongMethod(method: string, path: string, allowed: readonly string[]): HttpProblem {
  const allow = allowed.join(', ');
  return new HttpProblem(invalid(405, 'Wrong method', `${path} does not take ${method}: use ${allow}.`), { allow });
}

/** What Fastify and Node refuse before a route sees it, by their codes. */
function refusedEarly(code: string): Problem | undefined {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return invalid(413, 'Too large', 'The body is larger than 1 MiB: send less.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return invalid(415, 'Not JSON', 'The body is no JSON: send JSON with "content-type: application/json".');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return invalid(400, 'Invalid request', 'The body is empty: send a JSON object, or leave the content-type away.');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return invalid(400, 'Invalid request', 'The body is no valid JSON: check its quotes, commas and brackets.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalid(400, 'Invalid request', 'The body is not as long as its content-length says.');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_INVALID_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return invalid(400, 'Invalid request', 'The address cannot be read: encode each segment as UTF-8 with percent signs.');
    case 'HPE_HEADER_OVERFLOW':
      return invalid(431, 'Too large', 'The request’s headers are too large.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return invalid(408, 'Too slow', 'The request did not arrive in time.');
    default:
      return code.startsWith('HPE_') ? invalid(400, 'Invalid request', 'This is no HTTP request that can be read.') : undefined;
  }
}

export interface Refusal {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** A fault of ours, whose stack belongs in the log. */
  readonly isBug: boolean;
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof HttpProblem) return { problem: error.problem, headers: error.headers, isBug: false };
  if (error instanceof ProblemError) return { problem: error.problem, headers: {}, isBug: false };
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  const early = typeof code === 'string' ? refusedEarly(code) : undefined;
  if (early) return { problem: early, headers: {}, isBug: false };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    const detail = `The request cannot be taken: ${error instanceof Error ? error.message : 'it is malformed'}.`;
    return { problem: invalid(statusCode, 'Invalid request', detail), headers: {}, isBug: false };
  }
  const fault = new ProblemError('agent_unavailable', 'The server could not answer because of a fault of its own; its log says more.');
  return { problem: { ...fault.problem, status: 500, title: 'Internal fault' }, headers: {}, isBug: true };
}

/** A whole HTTP response, for a socket that no framework answers on. */
export function rawResponse({ problem, headers }: Pick<Refusal, 'problem' | 'headers'>): string {
  const body = JSON.stringify(problem);
  const lines = {
    'content-type': PROBLEM_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    connection: 'close',
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}`);
  return `HTTP/1.1 ${problem.status} ${problem.title}\r\n${head.join('\r\n')}\r\n\r\n${body}`;
}
