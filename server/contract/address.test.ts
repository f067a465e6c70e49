// A call's parameters survive the way through an HTTP request, whatever characters they contain.
import { describe, expect, test } from 'vitest';
import { namesIn, paramsInAddress, requestOf } from './address.ts';
import { bodyOf, inAddress, paramsInQuery, queryOf } from './address-schemas.ts';
import type { Call } from './call.ts';
import { type CallName, calls, webCalls } from './calls.ts';
import { GuardPlan } from './guards.ts';
import { LaunchRequest } from './launch.ts';

const all: Record<string, Call> = { ...calls, ...webCalls };

function overHttp(call: Call, params: Record<string, unknown>): unknown {
  const { path, body } = requestOf(call, params);
  const [address = '', search = ''] = path.split('?', 2);
  const query: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(search)) query[name] = name in query ? [query[name], value].flat() : value;
  const inQuery = queryOf(call).parse(paramsInQuery(call, query)) as object;
  const inBody = bodyOf(call)?.parse(JSON.parse(JSON.stringify(body ?? null))) as object | undefined;
  return { ...paramsInAddress(call.path, address), ...inQuery, ...(call.body === undefined ? inBody : { [call.body]: inBody }) };
}

describe.each(['/', '/a', '/cgdeck/größe %2F?#&=+', '/x/{path}/…'])('the group %s', (group) => {
  test.each<[CallName, Record<string, unknown>]>([
    ['group', { path: group }],
    ['removeGroup', { path: group, kill: true }],
    ['readFile', { path: group, file: 'memory.stat' }],
    ['writeFile', { path: group, file: 'pids.max', value: '5', mayKill: false }],
    ['setDevices', { group, rules: null }],
    ['processes', { group, limit: 10 }],
    ['events', { since: 3, group, kind: 'oom', limit: 7 }],
    ['history', { group, reading: ['a', 'b'], from: 1.5, step: 2 }],
    ['history', { group, reading: ['a'] }],
    ['removeGuard', { pattern: '/a/*', replaces: GuardPlan.parse({ line: '90%' }) }],
    ['saveTemplate', { name: 'a', request: LaunchRequest.parse({ name: 'b', argv: [group] }), replaces: 1_790_000_000_000 }],
  ])('%s', (name, params) => {
    expect(overHttp(all[name] as Call, params)).toEqual(params);
  });
});

test('every parameter of an address is one of the call’s, and no two calls share method and address', () => {
  for (const call of Object.values(all)) for (const name of namesIn(call.path)) expect(inAddress(call, name), name).toBeDefined();
  const addresses = Object.values(all).map(({ method, path }) => `${method} ${path}`);
  expect(new Set(addresses).size).toBe(addresses.length);
});

test('an empty value and a file that is missing are refused', () => {
  expect(() => paramsInQuery(calls.events, { since: '' })).toThrow('since is empty');
  expect(() => paramsInAddress(calls.readFile.path, '/files/')).toThrow('ends before its file');
  expect(() => paramsInAddress(calls.group.path, '/groups/%zz')).toThrow('cannot be read');
});
