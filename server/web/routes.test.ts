// Every route: what it asks of the agent, for whom, and with which status it answers.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { calls } from '../contract/calls.ts';
import { LaunchRequest } from '../contract/launch.ts';
import { ProblemError } from '../contract/problems.ts';
import { FakeAgent, makeTestWeb, type TestWeb } from './fixtures/test-web.ts';

let agent: FakeAgent;
let web: TestWeb;

beforeEach(async () => {
  agent = new FakeAgent();
  web = await makeTestWeb({ agent });
});
afterEach(() => web.close());

type Row = readonly [
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  body: object | undefined,
  name: string,
  params: object,
  status: number,
];

/** What a launch request that names no more than a program asks for. */
const { name: _name, argv: _argv, ...defaults } = LaunchRequest.parse({ name: 'x', argv: ['x'] });

const reads: readonly Row[] = [
  ['GET', '/groups', undefined, 'groups', {}, 200],
  ['GET', '/groups/', undefined, 'group', { path: '/' }, 200],
  ['GET', '/groups/cgdeck/web', undefined, 'group', { path: '/cgdeck/web' }, 200],
  ['GET', '/groups/a%20b/%C3%A9%E2%82%AC', undefined, 'group', { path: '/a b/é€' }, 200],
  ['GET', '/groups/100%25', undefined, 'group', { path: '/100%' }, 200],
  ['GET', '/groups/a%3Fb%23c', undefined, 'group', { path: '/a?b#c' }, 200],
  ['GET', '/files/memory.stat', undefined, 'readFile', { path: '/', file: 'memory.stat' }, 200],
  ['GET', '/files/cgdeck/web/pids.max', undefined, 'readFile', { path: '/cgdeck/web', file: 'pids.max' }, 200],
  ['GET', '/files?group=/cgdeck/web', undefined, 'files', { group: '/cgdeck/web' }, 200],
  ['GET', '/processes?group=%2Fcgdeck', undefined, 'processes', { group: '/cgdeck', limit: 1000 }, 200],
  ['GET', '/output?group=/cgdeck/web', undefined, 'output', { group: '/cgdeck/web', id: 'main' }, 200],
  ['GET', '/output?group=/cgdeck/web&id=exec-3', undefined, 'output', { group: '/cgdeck/web', id: 'exec-3' }, 200],
  ['GET', '/namespaces?group=/cgdeck/web', undefined, 'namespaces', { group: '/cgdeck/web' }, 200],
  ['GET', '/layer?group=/cgdeck/web', undefined, 'layer', { group: '/cgdeck/web' }, 200],
  ['GET', '/layer?name=kept', undefined, 'layer', { name: 'kept' }, 200],
  ['GET', '/layers', undefined, 'layers', {}, 200],
  ['GET', '/templates', undefined, 'templates', {}, 200],
  ['GET', '/events', undefined, 'events', { since: 0, limit: 1000 }, 200],
  ['GET', '/events?since=12&group=/a&kind=oom&limit=5', undefined, 'events', { since: 12, group: '/a', kind: 'oom', limit: 5 }, 200],
  ['GET', '/history?group=/a', undefined, 'history', { group: '/a' }, 200],
  [
    'GET',
    '/history?group=/a&reading=memory.usage_in_bytes&from=1.5&to=9&step=2',
    undefined,
    'history',
    { group: '/a', reading: ['memory.usage_in_bytes'], from: 1.5, to: 9, step: 2 },
    200,
  ],
  ['GET', '/history?group=/a&reading=x&reading=y', undefined, 'history', { group: '/a', reading: ['x', 'y'] }, 200],
];

const acts: readonly Row[] = [
  [
    'POST',
    '/groups',
    { path: '/cgdeck/a', limits: { 'pids.max': 5 } },
    'createGroup',
    { path: '/cgdeck/a', limits: { 'pids.max': 5 } },
    201,
  ],
  ['DELETE', '/groups/cgdeck/a', undefined, 'removeGroup', { path: '/cgdeck/a', kill: false }, 200],
  ['DELETE', '/groups/cgdeck/a?kill=true', undefined, 'removeGroup', { path: '/cgdeck/a', kill: true }, 200],
  [
    'PUT',
    '/files/cgdeck/a/pids.max',
    { value: 'max' },
    'writeFile',
    { path: '/cgdeck/a', file: 'pids.max', value: 'max', mayKill: false },
    200,
  ],
  ['PUT', '/files/cgdeck/a/pids.max', { value: 5 }, 'writeFile', { path: '/cgdeck/a', file: 'pids.max', value: 5, mayKill: false }, 200],
  [
    'PUT',
    '/files/cgdeck/a/memory.max',
    { value: '1M', mayKill: true },
    'writeFile',
    { path: '/cgdeck/a', file: 'memory.max', value: '1M', mayKill: true },
    200,
  ],
  ['POST', '/freeze', { group: '/cgdeck/a' }, 'freeze', { group: '/cgdeck/a' }, 200],
  ['POST', '/thaw', { group: '/cgdeck/a' }, 'thaw', { group: '/cgdeck/a' }, 200],
  ['POST', '/kill', { group: '/cgdeck/a' }, 'kill', { group: '/cgdeck/a' }, 200],
  ['POST', '/kill', { pid: 7 }, 'kill', { pid: 7, signal: 'SIGTERM' }, 200],
  ['POST', '/attach', { pid: 7, group: '/cgdeck/a' }, 'attach', { pid: 7, group: '/cgdeck/a' }, 200],
  [
    'POST',
    '/launch',
    { name: 'a', argv: ['/bin/sh', '-c', 'echo "it\'s\nme"'], namespaces: [] },
    'launch',
    { ...defaults, name: 'a', argv: ['/bin/sh', '-c', 'echo "it\'s\nme"'], namespaces: [] },
    201,
  ],
  ['POST', '/join', { group: '/cgdeck/a', argv: ['sh'], tty: true }, 'join', { group: '/cgdeck/a', argv: ['sh'], tty: true }, 201],
  ['POST', '/stop', { group: '/cgdeck/a', graceMs: 5 }, 'stop', { group: '/cgdeck/a', graceMs: 5 }, 200],
  ['GET', '/launch-request?group=/cgdeck/a', undefined, 'launchRequest', { group: '/cgdeck/a' }, 200],
  [
    'PUT',
    '/rates',
    { group: '/cgdeck/a', rates: { egressBitsPerSec: 8000, ingressBitsPerSec: null } },
    'setRates',
    { group: '/cgdeck/a', rates: { egressBitsPerSec: 8000, ingressBitsPerSec: null } },
    200,
  ],
  ['POST', '/layers', { group: '/cgdeck/a', name: 'kept' }, 'keepLayer', { group: '/cgdeck/a', name: 'kept' }, 201],
  ['DELETE', '/layers/kept', undefined, 'dropLayer', { name: 'kept' }, 200],
  ['GET', '/templates/web-1.2', undefined, 'template', { name: 'web-1.2' }, 200],
  [
    'PUT',
    '/templates/web',
    { name: 'a', argv: ['x'] },
    'saveTemplate',
    { name: 'web', request: { ...defaults, name: 'a', argv: ['x'] } },
    200,
  ],
  ['DELETE', '/templates/web', undefined, 'removeTemplate', { name: 'web' }, 200],
];

describe.each([...reads, ...acts])('%s %s', (method, url, body, name, params, status) => {
  const forViewers = calls[name as keyof typeof calls].role === 'viewer';
  const send = (who?: 'operator' | 'viewer') => web.ask(method, `/api/v1${url}`, who, body ? { payload: body } : {});

  test('calls the agent as the operator', async () => {
    const answer = await send('operator');
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ answered: name });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(agent.asked).toEqual([{ name, params, by: { role: 'operator', name: 'operator (token)' } }]);
  });

  test('allows a viewer to read, not to act', async () => {
    const answer = await send('viewer');
    if (forViewers) {
      expect(answer.statusCode).toBe(status);
      expect(agent.asked[0]?.by).toEqual({ role: 'viewer', name: 'viewer (token)' });
    } else {
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'forbidden' });
      expect(agent.asked).toEqual([]);
    }
  });

  test('refuses requests without a login', async () => {
    const answer = await send();
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ code: 'unauthenticated', status: 401 });
    expect(agent.asked).toEqual([]);
  });
});

describe('a download of output', () => {
  const parts = new Map([
    [undefined, { base64: Buffer.from('one,').toString('base64'), next: '5:4' }],
    ['5:4', { base64: '', next: '5:9' }],
    ['5:9', { base64: Buffer.from('two').toString('base64') }],
  ]);

  test('is one file of all parts', async () => {
    agent.answer = (_, params) => parts.get((params as { at?: string }).at);
    const answer = await web.ask('GET', '/api/v1/output/download?group=/cgdeck/a%20b&id=exec-2&stream=err', 'viewer');
    expect([answer.statusCode, answer.body]).toEqual([200, 'one,two']);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="a_b-exec-2-err.log"');
    expect(agent.asked.map(({ params }) => params)).toEqual(
      [undefined, '5:4', '5:9'].map((at) => ({ group: '/cgdeck/a b', id: 'exec-2', stream: 'err', ...(at ? { at } : {}) })),
    );
  });

  test('if refused is a problem, not a file', async () => {
    agent.answer = () => {
      throw new ProblemError('not_found', 'Nothing was launched.');
    };
    const answer = await web.ask('GET', '/api/v1/output/download?group=/a', 'viewer');
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-disposition']).toBeUndefined();
    expect(answer.json()).toMatchObject({ code: 'not_found' });
  });
});

test.each(['/layer', '/layer?group=/a&name=b', '/layers/..', '/templates/.hidden', '/templates/a%2Fb', '/output?group=/a&id=exec-0'])(
  '%s is refused, and the agent hears nothing of it',
  async (url) => {
    const answer = await web.ask(url.startsWith('/layers/') ? 'DELETE' : 'GET', `/api/v1${url}`, 'operator');
    expect([400, 404, 405]).toContain(answer.statusCode);
    expect(agent.asked).toEqual([]);
  },
);

test('HEAD answers like GET, without a body', async () => {
  const answer = await web.ask('HEAD', '/api/v1/groups', 'viewer');
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toBe('');
});

test('the OpenAPI document describes every route', async () => {
  const document = (await web.ask('GET', '/api/v1/openapi.json')).json();
  expect(document.openapi).toBe('3.1.0');
  const routes = [...reads, ...acts].map(([method, url]) => {
    const path = url.split('?', 1)[0] ?? '';
    return `${method} /api/v1${path
      .replace(/^\/groups\/.*$/, '/groups/{path}')
      .replace(/^\/files\/.*$/, '/files/{path}/{file}')
      .replace(/^\/(layers|templates)\/.*$/, '/$1/{name}')}`;
  });
  const described = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described).toEqual(expect.arrayContaining([...new Set(routes)]));
  expect(document.paths['/api/v1/kill'].post.requestBody.content['application/json'].schema.anyOf).toHaveLength(2);
  expect(document.paths['/api/v1/groups'].post.responses['201']).toBeDefined();
  expect(document.paths['/api/v1/events'].get.parameters).toContainEqual(expect.objectContaining({ name: 'since', in: 'query' }));
});

test('the key of an act is passed on, one of a reading is not, and one of another form is refused', async () => {
  const freeze = (key: string) =>
    web.ask('POST', '/api/v1/freeze', 'operator', { payload: { group: '/a' }, headers: { 'idempotency-key': key } });
  await freeze('0123-key');
  await web.ask('GET', '/api/v1/groups', 'operator', { headers: { 'idempotency-key': '0123-key' } });
  expect(agent.asked.map(({ name, key }) => [name, key])).toEqual([
    ['freeze', '0123-key'],
    ['groups', undefined],
  ]);
  for (const key of ['short', 'x'.repeat(129), 'a b c d e f g'])
    expect((await freeze(key)).json()).toMatchObject({ code: 'invalid', detail: expect.stringContaining('Idempotency-Key') });
  expect(agent.asked).toHaveLength(2);
});
