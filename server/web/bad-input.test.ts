// What must not get through: each gets a problem document that names what is wrong, and the agent gets nothing of it.
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeAgent, HOST, makeTestWeb, OPERATOR, type TestWeb } from './fixtures/test-web.ts';

let agent: FakeAgent;
let web: TestWeb;

beforeEach(async () => {
  agent = new FakeAgent();
  web = await makeTestWeb({ agent });
});
afterEach(() => web.close());

async function refused(answer: Awaited<ReturnType<TestWeb['ask']>>, status: number, detail: string | RegExp): Promise<void> {
  expect(answer.json()).toMatchObject({ status, detail: expect.stringMatching(detail) });
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(agent.asked).toEqual([]);
}

test.each([
  ['a%2Fb', /contains a slash/],
  ['a%2F..%2Fb', /contains a slash/],
  ['a//b', /is empty/],
  ['a/', /is empty/],
  ['a%0Ab', /a line break/],
  ['a%00b', /NUL/],
  ['%ff', /encode each segment/],
  ['x'.repeat(300), /longer than 255 bytes/],
  ['%E2%82%AC'.repeat(100), /longer than 255 bytes/],
] as const)('a group in the address: %s', async (path, detail) => {
  await refused(await web.ask('GET', `/api/v1/groups/${path}`, 'operator'), 400, detail);
  await refused(await web.ask('DELETE', `/api/v1/groups/${path}`, 'operator'), 400, detail);
  await refused(await web.ask('GET', `/api/v1/files/${path}/pids.max`, 'operator'), 400, detail);
  await refused(await web.ask('PUT', `/api/v1/files/${path}/pids.max`, 'operator', { payload: { value: 1 } }), 400, detail);
});

/** As it is: most clients would resolve the dots themselves. */
function askRaw(port: number, method: string, path: string): Promise<{ status: number; body: string }> {
  const options = { host: '127.0.0.1', port, method, path, headers: { host: HOST, authorization: `Bearer ${OPERATOR}` } };
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    asked.on('error', reject).end();
  });
}

test.each(['..', 'a/../b', 'a/%2e%2e/b', '%2E.', 'a/.', '../../../etc'])('dots that the client did not resolve: %s', async (path) => {
  await web.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = web.app.server.address() as AddressInfo;
  for (const [method, url] of [
    ['GET', `/api/v1/groups/${path}`],
    ['DELETE', `/api/v1/groups/${path}?kill=true`],
    ['GET', `/api/v1/files/${path}/pids.max`],
  ] as const) {
    const { status, body } = await askRaw(port, method, url);
    expect(JSON.parse(body)).toMatchObject({ code: 'invalid', detail: 'A group cannot be named "." or "..".' });
    expect(status).toBe(400);
  }
  expect(agent.asked).toEqual([]);
});

test('an address that is no text in any encoding', async () => {
  await refused(await web.ask('GET', '/api/v1/groups/%zz', 'operator'), 400, /encode each segment/);
  await refused(await web.ask('GET', '/api/v1/files/', 'operator'), 400, /ends before its file/);
});

test.each([
  [{ path: '/cgdeck/..' }, /^path: A group’s name|^path: A group cannot be named/],
  [{ path: 'cgdeck' }, /^path: .*starts with a slash/],
  [{ path: '/cgdeck/a\nb' }, /^path: .*control character/],
  [{ path: `/cgdeck/${'x'.repeat(300)}` }, /^path: .*longer than 255/],
  [{ path: 7 }, /^path: wants a text, got 7/],
  [{}, /^path: wants a text, got nothing/],
  [{ path: '/a', limits: { 'pids.max': null } }, /^limits\["pids.max"\]: wants a text or a number, got null/],
  [{ path: '/a', limit: {} }, /has the unknown field "limit"/],
  [[], /The body wants an object, got a list/],
  ['text', /The body wants an object, got "text"/],
  [null, /The body wants an object, got null/],
] as const)('POST /groups %j', async (body, detail) => {
  const more = { payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  await refused(await web.ask('POST', '/api/v1/groups', 'operator', more), 400, detail);
});

test.each([
  ['PUT', '/files/a/pids.max', {}, /^value: wants a text or a number, got nothing/],
  ['PUT', '/files/a/pids.max', { value: ['1'] }, /^value: wants a text or a number, got a list/],
  ['PUT', '/files/a/pids.max', { value: 'x'.repeat(5000) }, /^value: wants at most 4096 characters, got a text of 5000/],
  ['POST', '/freeze', { group: '' }, /^group: /],
  ['POST', '/kill', {}, /group: .*, or pid: /],
  ['POST', '/kill', { pid: 0 }, /^pid: wants at least 1, got 0/],
  ['POST', '/kill', { pid: 1.5 }, /^pid: /],
  ['POST', '/kill', { pid: 5, signal: 'SIGFOO' }, /^signal: wants one of SIGTERM, .*got "SIGFOO"/],
  ['POST', '/attach', { pid: 5 }, /^group: wants a text, got nothing/],
  ['POST', '/launch', { name: 'a', argv: [] }, /^argv: wants at least 1 item, got a list of 0/],
  ['POST', '/launch', { name: 'a/b', argv: ['x'] }, /^name: .*slash/],
  ['POST', '/launch', { name: 'a', argv: ['a\0b'] }, /^argv\[0\]: contains a NUL/],
  ['POST', '/launch', { name: 'a', argv: [''] }, /^argv: names no program/],
  ['POST', '/launch', { name: 'a', argv: ['x'], namespaces: ['disk'] }, /^namespaces\[0\]: wants one of pid/],
  ['POST', '/launch', { name: 'a', argv: ['x'], hostname: 'a b' }, /^hostname: letters/],
] as const)('%s %s %j', async (method, url, body, detail) => {
  await refused(await web.ask(method, `/api/v1${url}`, 'operator', { payload: body }), 400, detail);
});

test.each([
  ['/events?since=-1', /^since: wants at least 0/],
  ['/events?since=abc', /^since: wants a number/],
  ['/events?since=', /^since is empty/],
  ['/events?since=1&since=2', /^since: wants a number/],
  ['/events?limit=0', /^limit: wants at least 1/],
  ['/events?kind=meteor', /^kind: wants one of oom/],
  ['/events?sicne=1', /has the unknown field "sicne"/],
  ['/history', /^group: wants a text, got nothing/],
  ['/history?group=/a&step=0', /^step: wants at least 0.1/],
  ['/processes', /^group: wants a text, got nothing/],
] as const)('GET %s', async (url, detail) => {
  await refused(await web.ask('GET', `/api/v1${url}`, 'operator'), 400, detail);
});

test.each([
  ['{"group":', 'application/json', 400, /not valid JSON/],
  ['{"group":NaN}', 'application/json', 400, /not valid JSON/],
  ['', 'application/json', 400, /is empty/],
  ['{"__proto__":{"x":1}}', 'application/json', 400, /not valid JSON|has the unknown field|is not accepted/],
  ['group=/a', 'application/x-www-form-urlencoded', 415, /not JSON/],
  ['{"group":"/a"}', 'text/plain', 415, /not JSON/],
] as const)('the body %j as %s', async (payload, type, status, detail) => {
  await refused(await web.ask('POST', '/api/v1/freeze', 'operator', { payload, headers: { 'content-type': type } }), status, detail);
});

test('a number that JSON has and a double cannot represent', async () => {
  const more = { payload: '{"pid":1e999}', headers: { 'content-type': 'application/json' } };
  await refused(await web.ask('POST', '/api/v1/kill', 'operator', more), 400, /pid: /);
});

test('no body where one is wanted', async () => {
  await refused(await web.ask('POST', '/api/v1/freeze', 'operator'), 400, /The body wants an object/);
});

test('a body of 10 MiB is refused, with its length declared or not, and the server keeps running', async () => {
  const payload = JSON.stringify({ group: 'x'.repeat(10 * 1024 * 1024) });
  await refused(
    await web.ask('POST', '/api/v1/freeze', 'operator', { payload, headers: { 'content-type': 'application/json' } }),
    413,
    /1 MiB/,
  );
  await web.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = web.app.server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  // It may hang up while we still send.
  socket.on('error', () => undefined);
  const head = `POST /api/v1/freeze HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer ${OPERATOR}\r\nContent-Type: application/json`;
  socket.write(`${head}\r\nTransfer-Encoding: chunked\r\n\r\n${payload.length.toString(16)}\r\n${payload}\r\n0\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
  socket.destroy();
  expect((await askRaw(port, 'GET', '/healthz')).status).toBe(200);
});

test('an unknown address, and a known one with the wrong method', async () => {
  await refused(await web.ask('GET', '/api/v1/nothing', 'operator'), 404, /There is no \/api\/v1\/nothing/);
  await refused(await web.ask('GET', '/api/v2/groups', 'operator'), 404, /openapi/);
  const answer = await web.ask('GET', '/api/v1/freeze', 'operator');
  await refused(answer, 405, /does not take GET: use POST/);
  expect(answer.headers.allow).toBe('POST');
  expect((await web.ask('PATCH', '/api/v1/files/a/pids.max', 'operator')).headers.allow).toBe('GET, HEAD, PUT');
  await refused(await web.ask('POST', '/', 'operator'), 405, /GET/);
});

test('a failed request is one log line, without its query and without the token', async () => {
  await web.ask('GET', `/api/v1/events?since=x&token=${OPERATOR}`, 'operator', { headers: { host: HOST } });
  expect(web.lines).toHaveLength(1);
  expect(JSON.parse(web.lines[0] ?? '')).toMatchObject({ method: 'GET', path: '/api/v1/events', status: 400, by: 'operator (token)' });
  expect(web.lines.join('')).not.toContain(OPERATOR);
});
