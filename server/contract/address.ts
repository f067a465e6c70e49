// Calls as HTTP requests and back: which parameters are in the path, the query and the body.
import type { Address } from './call.ts';
import { joinPath, nameFault } from './paths.ts';
import { ProblemError } from './problems.ts';
import { escapeUnseen } from './spelling.ts';

export const API = '/api/v1';

type Params = Readonly<Record<string, unknown>>;

/** The names of the parameters in an address, in their order. */
export function namesIn(path: string): string[] {
  return [...path.matchAll(/\{\+?(\w+)\}/g)].map(([, name]) => name ?? '');
}

const encodedGroup = (path: string) => path.split('/').map(encodeURIComponent).join('/');

/** @returns the request that makes the call; `path` is below API, with the query */
export function requestOf(call: Address, params: Params): { method: string; path: string; body?: unknown } {
  const path = call.path
    // The root group has no segment of its own.
    .replace(/\{\+(\w+)\}(?=\/)/, (_, name: string) => (params[name] === '/' ? '' : encodedGroup(String(params[name]))))
    .replace(/\{\+(\w+)\}/, (_, name: string) => encodedGroup(String(params[name])))
    .replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const inAddress = new Set(namesIn(call.path));
  const rest = Object.entries(params).filter(([name, value]) => !inAddress.has(name) && name !== call.body && value !== undefined);
  const { method } = call;
  if (hasBody(call) && call.body === undefined) return { method, path, body: Object.fromEntries(rest) };
  const query = new URLSearchParams();
  for (const [name, value] of rest)
    for (const one of [value].flat()) query.append(name, typeof one === 'object' ? JSON.stringify(one) : String(one));
  const withQuery = query.size === 0 ? path : `${path}?${query}`;
  return call.body === undefined ? { method, path: withQuery } : { method, path: withQuery, body: params[call.body] };
}

export function hasBody({ method }: Address): boolean {
  return method === 'POST' || method === 'PUT';
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new ProblemError('invalid', 'The address cannot be read: encode each segment as UTF-8 with percent signs.', { asked: segment });
  }
}

/**
 * The parameters in a path that is not decoded yet: decoding all of it first would turn %2F into a separator.
 * @param template the call's path, such as /files{+path}/{file}
 * @param path of the request, below API, without the query
 * @throws ProblemError invalid if a segment cannot name a group: "..", "%2F" inside a name, or an empty one
 */
export function paramsInAddress(template: string, path: string): Record<string, string> {
  const names = namesIn(template);
  if (names.length === 0) return {};
  const rest = path.slice(template.indexOf('{')).replace(/^\//, '');
  const segments = rest === '' ? [] : rest.split('/').map(decoded);
  const params: Record<string, string> = {};
  for (const name of names.reverse()) {
    if (template.includes(`{+${name}}`)) params[name] = groupOf(segments);
    else {
      const segment = segments.pop();
      if (segment === undefined) throw new ProblemError('invalid', `The address ends before its ${name}: it is ${API}${template}.`);
      params[name] = segment;
    }
  }
  return params;
}

function groupOf(segments: readonly string[]): string {
  const names = segments.map(escapeUnseen);
  for (const name of names) {
    const fault = nameFault(name);
    if (fault) throw new ProblemError('invalid', fault, { asked: name });
  }
  return names.reduce(joinPath, '/');
}
