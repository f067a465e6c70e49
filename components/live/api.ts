// The HTTP API as functions: every refusal becomes a ProblemError. Answers are trusted: they are our own server’s, of the same origin and version.
import { decode } from '@msgpack/msgpack';
import type { z } from 'zod';
import { API, requestOf } from '../../server/contract/address.ts';
import { addresses, webAddresses } from '../../server/contract/addresses.ts';
import { type Address, CALL_KEY_HEADER, takesKey } from '../../server/contract/call.ts';
import type { CallAnswer, CallInput, CallName, webCalls } from '../../server/contract/calls.ts';
import { isProblem, type Problem, ProblemError, type ProblemFacts } from '../../server/contract/problems.ts';
import { formatClock } from '../../server/contract/units.ts';
import { actOnce } from './repeat.ts';
import type { StreamFrom } from './stream.ts';

/** A problem with a time to retry after. */
export class RateLimitedError extends ProblemError {
  readonly retryAfterSec: number;

  constructor(problem: Problem, retryAfterSec: number) {
    super(problem.code, problem.detail, problem);
    this.retryAfterSec = retryAfterSec;
  }
}

const onDenied = new Set<() => void>();

/** Calls back when an answer shows that the session has ended. */
export function whenDenied(listener: () => void): () => void {
  onDenied.add(listener);
  return () => onDenied.delete(listener);
}

async function refusal(response: Response, isAct = false): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => undefined);
  if (!isProblem(body))
    return new ProblemError(
      isAct && response.status >= 500 ? 'answer_lost' : 'agent_unavailable',
      `The server answered ${response.status} without a reason. Try again.`,
    );
  if (body.code === 'unauthenticated') for (const listener of onDenied) listener();
  const wait = Number(response.headers.get('retry-after'));
  return response.status === 429 ? new RateLimitedError(body, wait > 0 ? wait : 60) : ProblemError.from(body);
}

let openedMs = Date.now();

/** A person has gone to another page, on which groups are shown as they are now. */
export function pageOpened(): void {
  openedMs = Date.now();
}

/** A refusal of an act on a group that was replaced, with the time from which on the page had shown it. */
function sinceOpened({ problem }: ProblemError, shownMs: number): ProblemError {
  const detail = `${problem.file} was removed and made again since you opened this page at ${formatClock(shownMs)}: nothing was done to the new one.`;
  return new ProblemError('replaced', detail, problem);
}

/** @param key of an act, whose answer may be lost after it was carried out */
async function request({ method, path, body }: ReturnType<typeof requestOf>, key?: string): Promise<unknown> {
  const facts: ProblemFacts = { asked: `${method} ${path}` };
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(key === undefined ? {} : { [CALL_KEY_HEADER]: key }),
  };
  const lost = (cause: unknown) =>
    key === undefined
      ? new ProblemError('agent_unavailable', 'The server does not answer; try again once the page is live.', { ...facts, cause })
      : new ProblemError('answer_lost', 'The answer was lost.', { ...facts, cause });
  let response: Response;
  try {
    response = await fetch(`${API}${path}`, {
      method,
      credentials: 'same-origin',
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (cause) {
    throw lost(cause);
  }
  if (!response.ok) throw await refusal(response, key !== undefined);
  try {
    return response.status === 204 ? undefined : await response.json();
  } catch (cause) {
    // It was cut off.
    throw lost(cause);
  }
}

/** A call’s parameters; none where all are optional. */
type Given<I> = Record<string, never> extends I ? [params?: I] : [params: I];

/** The page always names the group or process that it has shown, where a call can name it. */
type Meant<I> = string extends keyof I
  ? I
  : I extends unknown
    ? I & { readonly [K in keyof I & ('inode' | 'startTicks')]-?: number }
    : never;

type Api = { readonly [N in CallName]: (...params: Given<Meant<CallInput<N>>>) => Promise<CallAnswer<N>> } & {
  readonly [N in keyof typeof webCalls]: (
    ...params: Given<z.input<(typeof webCalls)[N]['params']>>
  ) => Promise<z.output<(typeof webCalls)[N]['answer']>>;
};

const keyed: ReadonlySet<Address> = new Set(Object.values<Address>(addresses).filter(takesKey));

async function ask(call: Address, params: Readonly<Record<string, unknown>>): Promise<unknown> {
  const shownMs = openedMs;
  const wanted = requestOf(call, params);
  try {
    if (!keyed.has(call)) return await request(wanted);
    const what = `${wanted.method} ${wanted.path}`;
    return await actOnce({ what, act: (key) => request(wanted, key), outcome: (key) => api.outcome({ key }) });
  } catch (error) {
    const wasReplaced = error instanceof ProblemError && error.problem.code === 'replaced' && error.problem.file !== undefined;
    throw wasReplaced ? sinceOpened(error, shownMs) : error;
  }
}

/** A function for each call of the table, by its name. */
export const api = Object.fromEntries(
  Object.entries<Address>({ ...addresses, ...webAddresses }).map(([name, call]) => [
    name,
    (params: Readonly<Record<string, unknown>> = {}) => ask(call, params),
  ]),
  // The table of calls gives the types.
) as unknown as Api;

/** The URL to download all stored output as text. */
export function outputHref(params: CallInput<'outputPart'>): string {
  return `${API}${requestOf(addresses.outputPart, params).path}`;
}

/** The problem document for whatever was thrown: a refusal’s own, or one for a failure of the page. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return new ProblemError('invalid', `The page could not understand the answer: ${error instanceof Error ? error.message : String(error)}`)
    .problem;
}

/** Of the groups the summary, and all readings of one. */
export function streamPath({ since, group }: StreamFrom): string {
  const query = new URLSearchParams({
    readings: 'summary',
    ...(group === undefined ? {} : { group }),
    ...(since === undefined ? {} : { since: String(since) }),
  });
  return `/stream?${query}`;
}

/** What a stream that is opened now would bring first: messages as text, frames as bytes. */
export async function askStream(from: StreamFrom, signal: AbortSignal): Promise<readonly unknown[]> {
  const response = await fetch(`${API}${streamPath(from)}`, { signal, credentials: 'same-origin', cache: 'no-store' });
  if (!response.ok) throw await refusal(response);
  const messages = decode(new Uint8Array(await response.arrayBuffer()));
  if (!Array.isArray(messages)) throw new Error('no messages');
  return messages;
}

/** A WebSocket of the API, as the part of one that S needs: a browser’s has all of it, and its handlers take more than S uses. */
export function openSocket<S>(path: string): S {
  return new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${API}${path}`) as S;
}

/**
 * Whether the server answers, and whether the session is still valid.
 * @throws where it does not answer: no connection, no time left, or another server on the way
 */
export async function probe(signal: AbortSignal): Promise<'answers' | 'denied'> {
  const response = await fetch(`${API}${requestOf(webAddresses.session, {}).path}`, {
    signal,
    credentials: 'same-origin',
    cache: 'no-store',
  });
  const isOurs = /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '');
  if (!isOurs || response.status >= 500) throw new Error(`${response.status} of another server`);
  return response.status === 401 ? 'denied' : 'answers';
}
