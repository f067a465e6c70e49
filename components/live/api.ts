// The HTTP API as functions: every refusal becomes a ProblemError, every answer is checked by the contract's schema.
import { z } from 'zod';
import { type CallAnswer, type CallInput, type CallName, calls, roles } from '../../server/contract/calls.ts';
import type { DeviceRule } from '../../server/contract/devices.ts';
import type { Rates } from '../../server/contract/launch.ts';
import { Problem, ProblemError, type ProblemFacts } from '../../server/contract/problems.ts';

const BASE = '/api/v1';

/** A problem that says when to come back. */
export class RateLimitedError extends ProblemError {
  readonly retryAfterSec: number;

  constructor(problem: Problem, retryAfterSec: number) {
    super(problem.code, problem.detail, problem);
    this.retryAfterSec = retryAfterSec;
  }
}

const onDenied = new Set<() => void>();

/** Calls back when an answer says that nobody is logged in here any more. */
export function whenDenied(listener: () => void): () => void {
  onDenied.add(listener);
  return () => onDenied.delete(listener);
}

async function refusal(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = Problem.safeParse(body);
  if (!parsed.success)
    return new ProblemError('agent_unavailable', `The server answered ${response.status} without saying why. Try again.`);
  if (parsed.data.code === 'unauthenticated') for (const listener of onDenied) listener();
  const wait = Number(response.headers.get('retry-after'));
  return response.status === 429 ? new RateLimitedError(parsed.data, wait > 0 ? wait : 60) : ProblemError.from(parsed.data);
}

async function request(method: string, path: string, body?: unknown): Promise<unknown> {
  const facts: ProblemFacts = { asked: `${method} ${path}` };
  let response: Response;
  try {
    response = await fetch(`${BASE}${path}`, {
      method,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  } catch (cause) {
    throw new ProblemError('agent_unavailable', 'The server does not answer. Nothing was changed; try again once the page is live.', {
      ...facts,
      cause,
    });
  }
  if (!response.ok) throw await refusal(response);
  return response.status === 204 ? undefined : await response.json();
}

function ask<N extends CallName>(name: N, method: string, path: string, body?: unknown): Promise<CallAnswer<N>> {
  // The schema is the one that gives CallAnswer<N> its type; TypeScript cannot follow the lookup.
  return request(method, path, body).then((answer) => calls[name].answer.parse(answer) as CallAnswer<N>);
}

/** A group's path as it stands in a URL: each segment encoded, the root as nothing. */
export function urlOfGroup(path: string): string {
  return path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => `/${encodeURIComponent(segment)}`)
    .join('');
}

function query(params: Record<string, string | number | readonly string[] | undefined>): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (Array.isArray(value)) for (const one of value) search.append(key, String(one));
    else if (value !== undefined) search.set(key, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}

export const Session = z.object({ role: z.enum(roles), name: z.string() });
export type Session = z.infer<typeof Session>;

export const api = {
  get: (path: string) => request('GET', path),
  put: (path: string, body?: unknown) => request('PUT', path, body),
  post: (path: string, body?: unknown) => request('POST', path, body ?? {}),
  del: (path: string) => request('DELETE', path),

  session: async () => Session.parse(await request('GET', '/session')),
  login: (token: string) => request('POST', '/login', { token }),
  logout: () => request('POST', '/logout', {}),

  host: () => ask('host', 'GET', '/host'),
  group: (path: string) => ask('group', 'GET', `/groups${urlOfGroup(path) || '/'}`),
  createGroup: (body: CallInput<'createGroup'>) => ask('createGroup', 'POST', '/groups', body),
  /** @param kill ends its processes first; without it a group that holds any is refused */
  remove: (path: string, kill = false) => ask('removeGroup', 'DELETE', `/groups${urlOfGroup(path)}${kill ? '?kill=true' : ''}`),
  readFile: (group: string, file: string) => ask('readFile', 'GET', `/files${urlOfGroup(group)}/${file}`),
  /** @param mayKill where it was asked about: on v2 a hard memory limit under the usage kills */
  writeFile: (group: string, file: string, value: string | number, mayKill = false) =>
    ask('writeFile', 'PUT', `/files${urlOfGroup(group)}/${file}`, { value, ...(mayKill ? { mayKill } : {}) }),
  reclaim: (group: string, bytes: string | number) => ask('reclaim', 'POST', '/reclaim', { group, bytes }),
  freeze: (group: string) => ask('freeze', 'POST', '/freeze', { group }),
  thaw: (group: string) => ask('thaw', 'POST', '/thaw', { group }),
  kill: (target: CallInput<'kill'>) => ask('kill', 'POST', '/kill', target),
  attach: (pid: number, group: string) => ask('attach', 'POST', '/attach', { pid, group }),
  processes: (group: string) => ask('processes', 'GET', `/processes${query({ group })}`),
  launch: (body: CallInput<'launch'>) => ask('launch', 'POST', '/launch', body),
  join: (body: CallInput<'join'>) => ask('join', 'POST', '/join', body),
  stop: (body: CallInput<'stop'>) => ask('stop', 'POST', '/stop', body),
  /** The whole request, environment included: for operators. */
  launchRequest: (group: string) => ask('launchRequest', 'GET', `/launch-request${query({ group })}`),
  /** @param after what the last answer named as `next`: only what has come since */
  output: (group: string, id: string, after?: string) => ask('output', 'GET', `/output${query({ group, id, after })}`),
  setRates: (group: string, rates: Rates) => ask('setRates', 'PUT', '/rates', { group, rates }),
  devices: (group: string) => ask('devices', 'GET', `/devices${urlOfGroup(group) || '/'}`),
  setDevices: (group: string, rules: readonly DeviceRule[] | null) =>
    ask('setDevices', 'PUT', `/devices${urlOfGroup(group) || '/'}`, { rules }),
  namespaces: (group: string) => ask('namespaces', 'GET', `/namespaces${query({ group })}`),
  layer: (group: string) => ask('layer', 'GET', `/layer${query({ group })}`),
  layers: () => ask('layers', 'GET', '/layers'),
  keepLayer: (group: string, name: string) => ask('keepLayer', 'POST', '/layers', { group, name }),
  dropLayer: (name: string) => ask('dropLayer', 'DELETE', `/layers/${encodeURIComponent(name)}`),
  templates: () => ask('templates', 'GET', '/templates'),
  template: (name: string) => ask('template', 'GET', `/templates/${encodeURIComponent(name)}`),
  saveTemplate: (name: string, body: CallInput<'launch'>) => ask('saveTemplate', 'PUT', `/templates/${encodeURIComponent(name)}`, body),
  removeTemplate: (name: string) => ask('removeTemplate', 'DELETE', `/templates/${encodeURIComponent(name)}`),
  events: (params: { since?: number; group?: string; kind?: string; limit?: number }) => ask('events', 'GET', `/events${query(params)}`),
  /** @param readings one `reading=` parameter each */
  history: (params: { group: string; readings: readonly string[]; from?: number; to?: number; step?: number }) => {
    const { readings, ...rest } = params;
    return ask('history', 'GET', `/history${query({ ...rest, reading: readings })}`);
  },
};

/** Where a browser downloads all of the output that is on disk, as text. */
export function outputHref(group: string, id: string, stream: 'all' | 'out' | 'err'): string {
  return `${BASE}/output/download${query({ group, id, stream })}`;
}

/** The problem document of whatever was thrown: a refusal's own, or one that says that the page itself failed. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return new ProblemError('invalid', `The page could not understand the answer: ${error instanceof Error ? error.message : String(error)}`)
    .problem;
}
