// Every route: what it asks of the agent, for whom, and with which status it answers.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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

const reads: readonly Row[] = [
  ['GET', '/groups', undefined, 'groups', {}, 200],
  ['GET', '/groups/', undefined, 'group', { path: '/' }, 200],
  ['GET', '/groups/cgdeck/web', undefined, 'group', { path: '/cgdeck/web' }, 200],
  ['GET', '/groups/a%20b/%C3%A9%E2%82%AC', undefined, 'group', { path: '/a b/é€' }, 200],
  ['GET', '/groups/100%25', undefined, 'group', { path: '/100%' }, 200],
  ['GET', '/groups/a%3Fb%23c', undefined, 'group', { path: '/a?b#c' }, 200],
  ['GET', '/files/memory.stat', undefined, 'readFile', { path: '/', file: 'memory.stat' }, 200],
  ['GET', '/files/cgdeck/web/pids.max', undefined, 'readFile', { path: '/cgdeck/web', file: 'pids.max' }, 200],
  ['GET', '/processes?group=%2Fcgdeck', undefined, 'processes', { group: '/cgdeck' }, 200],
  ['GET', '/output?group=/cgdeck/web', undefined, 'output', { group: '/cgdeck/web' }, 200],
  ['GET', '/events', undefined, 'events', { since: 0, limit: 1000 }, 200],
  ['GET', '/events?since=12&group=/a&kind=oom&limit=5', undefined, 'events', { since: 12, group: '/a', kind: 'oom', limit: 5 }, 200],
  ['GET', '/history?group=/a', undefined, 'history', { group: '/a' }, 200],
  [
    'GET',
    '/history?group=/a&reading=memory.usage_in_bytes&from=1.5&to=9&step=2',
    undefined,
    'history',
    { group: '/a', readings: ['memory.usage_in_bytes'], from: 1.5, to: 9, step: 2 },
    200,
  ],
  ['GET', '/history?group=/a&reading=x&reading=y', undefined, 'history', { group: '/a', readings: ['x', 'y'] }, 200],
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
  ['PUT', '/files/cgdeck/a/pids.max', { value: 'max' }, 'writeFile', { path: '/cgdeck/a', file: 'pids.max', value: 'max' }, 200],
  ['PUT', '/files/cgdeck/a/pids.max', { value: 5 }, 'writeFile', { path: '/cgdeck/a', file: 'pids.max', value: 5 }, 200],
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
    { name: 'a', argv: ['/bin/sh', '-c', 'echo "it\'s\nme"'], namespaces: [], limits: {} },
    201,
  ],
];

describe.each([...reads, ...acts])('%s %s', (method, url, body, name, params, status) => {
  const send = (who?: 'operator' | 'viewer') => web.ask(method, `/api/v1${url}`, who, body ? { payload: body } : {});

  test('asks the agent in the operator’s name', async () => {
    const answer = await send('operator');
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ answered: name });
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(agent.asked).toEqual([{ name, params, by: { role: 'operator', name: 'operator (token)' } }]);
  });

  test('lets a viewer look, not act', async () => {
    const answer = await send('viewer');
    if (method === 'GET') {
      expect(answer.statusCode).toBe(status);
      expect(agent.asked[0]?.by).toEqual({ role: 'viewer', name: 'viewer (token)' });
    } else {
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'forbidden' });
      expect(agent.asked).toEqual([]);
    }
  });

  test('is closed to whoever is not logged in', async () => {
    const answer = await send();
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ code: 'unauthenticated', status: 401 });
    expect(agent.asked).toEqual([]);
  });
});

test('HEAD answers as GET does, without a body', async () => {
  const answer = await web.ask('HEAD', '/api/v1/groups', 'viewer');
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toBe('');
});

test('the agent’s problem is the answer’s status and document', async () => {
  agent.answer = () => {
    throw new ProblemError('kernel_refused', 'The kernel refused 5.', { errno: 'EINVAL', file: 'pids.max', asked: '5' });
  };
  const answer = await web.ask('PUT', '/api/v1/files/a/pids.max', 'operator', { payload: { value: 5 } });
  expect(answer.statusCode).toBe(422);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(answer.json()).toEqual({
    type: 'urn:cgdeck:problem:kernel_refused',
    title: 'The kernel refused',
    status: 422,
    code: 'kernel_refused',
    detail: 'The kernel refused 5.',
    errno: 'EINVAL',
    file: 'pids.max',
    asked: '5',
  });
});

test('a bug is logged with its stack and told without it', async () => {
  agent.answer = () => {
    throw new TypeError('secret detail');
  };
  const answer = await web.ask('GET', '/api/v1/groups', 'viewer');
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('secret');
  expect(web.lines.join('')).toContain('secret detail');
});

test('GET /host adds disks and the system where they are known', async () => {
  const disk = { fs: '/dev/vda', type: 'ext4', mount: '/', size: 100, used: 40 };
  let reads = 0;
  const system = {
    fsSize: async () => {
      reads++;
      return [disk];
    },
    osInfo: async () => ({ distro: 'Debian', release: '12', arch: 'x64' }),
  };
  agent.answer = () => ({ kernel: '6.18' });
  const bare = await web.ask('GET', '/api/v1/host', 'viewer');
  expect(bare.json()).toEqual({ kernel: '6.18' });

  const full = await makeTestWeb({ agent, system });
  for (let i = 0; i < 2; i++) {
    const answer = await full.ask('GET', '/api/v1/host', 'viewer');
    expect(answer.json()).toEqual({
      kernel: '6.18',
      disks: [{ device: '/dev/vda', type: 'ext4', mountPoint: '/', sizeBytes: 100, usedBytes: 40 }],
      os: { name: 'Debian', release: '12', architecture: 'x64' },
    });
  }
  expect(reads).toBe(1);
  await full.close();
});

test('GET /controls is the registry', async () => {
  const answer = await web.ask('GET', '/api/v1/controls', 'viewer');
  expect(answer.json().controls).toContainEqual(expect.objectContaining({ name: 'memory.limit_in_bytes', kind: 'limit' }));
  expect(agent.asked).toEqual([]);
});

test('GET /healthz is ok only while the agent is heard', async () => {
  expect((await web.ask('GET', '/healthz')).statusCode).toBe(200);
  agent.connected = false;
  const answer = await web.ask('GET', '/healthz');
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({ code: 'agent_unavailable' });
});

test('the OpenAPI document describes every route', async () => {
  const document = (await web.ask('GET', '/api/v1/openapi.json')).json();
  expect(document.openapi).toBe('3.1.0');
  const routes = [...reads, ...acts].map(([method, url]) => {
    const path = url.split('?', 1)[0] ?? '';
    return `${method} /api/v1${path.replace(/^\/(groups|files)\/.*$/, '/$1/{path}')}`;
  });
  const described = Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described).toEqual(expect.arrayContaining([...new Set(routes)]));
  expect(document.paths['/api/v1/kill'].post.requestBody.content['application/json'].schema.anyOf).toHaveLength(2);
  expect(document.paths['/api/v1/groups'].post.responses['201']).toBeDefined();
  expect(document.paths['/api/v1/events'].get.parameters).toContainEqual(expect.objectContaining({ name: 'since', in: 'query' }));
});
