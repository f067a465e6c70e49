// Every refusal as application/problem+json: the contract's problems, Fastify's errors, and internal errors.
import { type Problem, ProblemError } from '../contract/problems.ts';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
export const BODY_LIMIT_BYTES = 1024 * 1024;

/** A problem with another HTTP status than its code's, or with further headers. */
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

/** What Fastify and Node refuse before a route is called, by their error codes. */
function refusedEarly(code: string): Problem | undefined {
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return invalid(413, 'Too large', 'The body is larger than 1 MiB: send less.');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return invalid(415, 'Not JSON', 'The body is not JSON: send JSON with "content-type: application/json".');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return invalid(400, 'Invalid request', 'The body is empty: send a JSON object, or omit the content-type.');
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return invalid(400, 'Invalid request', 'The body is not valid JSON: check its quotes, commas and brackets.');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return invalid(400, 'Invalid request', 'The body’s length differs from its content-length.');
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_INVALID_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return invalid(400, 'Invalid request', 'The address cannot be read: encode each segment as UTF-8 with percent signs.');
    case 'HPE_HEADER_OVERFLOW':
      return invalid(431, 'Too large', 'The request’s headers are too large.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return invalid(408, 'Too slow', 'The request did not arrive in time.');
    default:
      return code.startsWith('HPE_') ? invalid(400, 'Invalid request', 'This is not a valid HTTP request.') : undefined;
  }
}

export interface Refusal {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
  /** An internal error, to be logged with its stack. */
  readonly isBug: boolean;
}

export function refusalOf(error: unknown): Refusal {
  if (error instanceof HttpProblem) return { problem: error.problem, headers: error.headers, isBug: false };
  if (error instanceof ProblemError) return { problem: error.problem, headers: {}, isBug: false };
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  const early = typeof code === 'string' ? refusedEarly(code) : undefined;
  if (early) return { problem: early, headers: {}, isBug: false };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    const detail = `The request is not accepted: ${error instanceof Error ? error.message : 'it is malformed'}.`;
    return { problem: invalid(statusCode, 'Invalid request', detail), headers: {}, isBug: false };
  }
  const fault = new ProblemError('agent_unavailable', 'The server could not answer because of an internal error; see its log.');
  return { problem: { ...fault.problem, status: 500, title: 'Internal error' }, headers: {}, isBug: true };
}

/** A whole HTTP response, for a raw socket. */
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
