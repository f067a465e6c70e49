// Terminals that end or are refused: the program or the agent ends, access, logout, limits.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { MAX_INPUT_BYTES, WINDOW_BYTES } from '../../contract/terminal-bounds.ts';
import { MAX_TERMINALS, VIEWERS_MOST_TERMINALS } from '../../link/bounds.ts';
import { eventually } from '../../link/fixtures/eventually.ts';
import { LOGIN, OPERATOR, VIEWER } from '../fixtures/test-web.ts';
import {
  ack,
  begun,
  by,
  cookieOf,
  MIB,
  monitor,
  open,
  passTime,
  port,
  problemOf,
  serveAgent,
  stopAgent,
  web,
} from './fixtures/terminal-clients.ts';

test('the program ends: all its output, `end`, and a normal close; later input has no effect', async () => {
  const client = await begun(open(by(OPERATOR), { acks: false }));
  const last = randomBytes(WINDOW_BYTES + 5000);
  monitor.write(last);
  void monitor.end();
  await eventually(() => expect(client.outputBytes).toBe(WINDOW_BYTES));
  client.socket.send(Buffer.from('too late'));
  ack(client, WINDOW_BYTES);
  client.socket.send(Buffer.from('too late again'));
  await eventually(() => expect(client.code).toBe(1000));
  expect(client.outputBytes).toBe(last.length);
  expect(client.said).toMatchObject([{ type: 'begin', mayType: true }, { type: 'live' }, { type: 'end' }]);
  expect(client.hash.digest('hex')).toBe(createHash('sha256').update(last).digest('hex'));
});

test('the agent disconnects: clients are informed and may reconnect; the program continues', async () => {
  const client = await begun(open());
  await stopAgent();
  await eventually(() => expect(client.code).toBe(1013));
  expect(problemOf(client)).toMatchObject({ code: 'agent_unavailable' });
  const meanwhile = open();
  await eventually(() => expect(meanwhile.code).toBe(1013));
  expect(problemOf(meanwhile)).toMatchObject({ code: 'agent_unavailable' });

  await serveAgent();
  monitor.kept = Buffer.from('the last screen');
  const again = await begun(open());
  await eventually(() => expect(again.output().toString()).toBe('the last screen'));
});

test('an agent that hangs: once it counts as disconnected, terminals are closed and may reconnect', async () => {
  const client = await begun(open());
  web.terminals.agentGone();
  await eventually(() => expect(client.code).toBe(1013));
  expect(problemOf(client)).toMatchObject({ code: 'agent_unavailable' });
  await begun(open());
});

test.each([
  ['a group without a launch', '?group=/b', 'not_found'],
  ['a launch without a terminal', '?group=/a&id=exec-1', 'conflict'],
  ['a fault of the agent’s own', '?group=/bug', 'agent_unavailable'],
])('%s: the agent’s problem arrives, and nothing of a bug’s words', async (_what, query, code) => {
  const client = open(by(OPERATOR), { query });
  await eventually(() => expect(client.code).toBe(1000));
  expect(problemOf(client)).toMatchObject({ code });
  expect(JSON.stringify(client.said)).not.toContain('secret');
});

test.each([
  ['text that is not JSON', '{{{', 1007],
  ['JSON that is no request', '{"type":"reboot"}', 1007],
  ['a size that no terminal has', '{"type":"resize","columns":0,"rows":24}', 1007],
  ['an ack of what was never sent', '{"type":"ack","bytes":1}', 1008],
  ['more input than a message may have', Buffer.alloc(MAX_INPUT_BYTES + 1), 1009],
] as const)('%s closes this terminal, and no other', async (_what, garbage, code) => {
  const bad = await begun(open());
  const good = await begun(open());
  bad.socket.send(garbage);
  await eventually(() => expect(bad.code).toBe(code));
  good.socket.send(Buffer.alloc(MAX_INPUT_BYTES, 1));
  await eventually(() => expect(monitor.input).toEqual(Buffer.alloc(MAX_INPUT_BYTES, 1)));
});

async function statusOf(options: ClientOptions, query?: string): Promise<number | undefined> {
  const { socket } = open(options, query === undefined ? {} : { query });
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  return response.statusCode;
}

test('refuses clients without a role, from another site, or with a cookie and no Origin', async () => {
  const cookie = await cookieOf(LOGIN);
  const own = `http://127.0.0.1:${port}`;
  expect(await statusOf({})).toBe(401);
  expect(await statusOf(by('no-token-of-ours'))).toBe(401);
  expect(await statusOf({ headers: { cookie } })).toBe(403);
  expect(await statusOf({ headers: { cookie, origin: 'http://evil.example' } })).toBe(403);
  expect(await statusOf({ headers: { ...by(OPERATOR).headers, host: 'evil.example' } })).toBe(403);
  expect(monitor.clients.size).toBe(0);
  await begun(open({ headers: { cookie, origin: own } }));
});

test.each([
  ['no group', ''],
  ['a group that is none', '?group=a'],
  ['an id that is none', '?group=/a&id=exec-0'],
  ['what it does not know', '?group=/a&shell=1'],
])('refuses %s', async (_what, query) => {
  expect(await statusOf(by(OPERATOR), query)).toBe(400);
});

test('a logout closes the terminals of that session only', async () => {
  const origin = `http://127.0.0.1:${port}`;
  const cookies = [await cookieOf(OPERATOR), await cookieOf(OPERATOR)] as const;
  const [leaving, staying] = await Promise.all(cookies.map((cookie) => begun(open({ headers: { cookie, origin } }))));
  await web.ask('POST', '/api/v1/logout', undefined, { headers: { host: `127.0.0.1:${port}`, origin, cookie: cookies[0] } });
  await eventually(() => expect(leaving?.code).toBe(1008));
  expect(staying?.socket.readyState).toBe(WebSocket.OPEN);
  await eventually(() => expect(monitor.clients.size).toBe(1));
});

test(`no more than ${MAX_TERMINALS} at once; after one is closed another can be opened`, async () => {
  const clients = Array.from({ length: MAX_TERMINALS }, () => open());
  await Promise.all(clients.map((client) => begun(client)));
  const tooMany = open();
  await eventually(() => expect(tooMany.code).toBe(1000));
  expect(tooMany.said).toMatchObject([{ type: 'problem', problem: { code: 'rate_limited' } }]);
  clients[0]?.socket.close();
  await eventually(() => expect(web.terminals.open).toBe(MAX_TERMINALS - 1));
  await eventually(() => expect(monitor.clients.size).toBe(MAX_TERMINALS - 1));
  await begun(open());
});

test('viewers’ terminals leave places for operators', async () => {
  const viewers = Array.from({ length: VIEWERS_MOST_TERMINALS }, () => open(by(VIEWER)));
  await Promise.all(viewers.map((client) => begun(client, false)));
  const tooMany = open(by(VIEWER));
  await eventually(() => expect(tooMany.code).toBe(1000));
  expect(tooMany.said).toMatchObject([
    { type: 'problem', problem: { code: 'rate_limited', detail: expect.stringContaining('operators') } },
  ]);
  const operators = Array.from({ length: MAX_TERMINALS - VIEWERS_MOST_TERMINALS }, () => open());
  await Promise.all(operators.map((client) => begun(client)));
});

test(`one of ${MAX_TERMINALS} that misses output continues with a replay`, async () => {
  const slow = await begun(open(by(OPERATOR), { acks: false }));
  await Promise.all(Array.from({ length: MAX_TERMINALS - 1 }, () => begun(open())));
  monitor.write(Buffer.alloc(MIB, 'y\n'));
  await eventually(() => expect(slow.outputBytes).toBe(WINDOW_BYTES));
  web.terminals.check();
  web.terminals.check();
  monitor.kept = Buffer.from('the screen as it is');
  ack(slow, WINDOW_BYTES);
  await eventually(() => expect(slow.output().toString()).toMatch(/the screen as it is$/));
});

test('a browser that does not answer pings is disconnected at the third', async () => {
  const client = await begun(open(by(OPERATOR)));
  client.socket.pause();
  for (let i = 0; i < 3; i++) {
    passTime(20_000);
    web.terminals.check();
  }
  await eventually(() => expect(web.terminals.open).toBe(0));
  await eventually(() => expect(monitor.clients.size).toBe(0));
});
