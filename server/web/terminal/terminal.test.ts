// A terminal's whole road: a real WebSocket, the web process's app, the link over a Unix socket, the agent's end, and a monitor that the test plays.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { openTerminal } from '../../agent/launch/terminal.ts';
import type { Problem } from '../../contract/problems.ts';
import { ProblemError } from '../../contract/problems.ts';
import { MAX_INPUT_BYTES, TerminalMessage, WINDOW_BYTES } from '../../contract/terminal.ts';
import { MAX_TERMINALS, UNSENT_OUTPUT_BYTES } from '../../link/bounds.ts';
import { eventually } from '../../link/fixtures/eventually.ts';
import { FakeMonitor } from '../../link/fixtures/fake-monitor.ts';
import { LINK_KEY, StandInAgent, temporaryFolder } from '../../link/fixtures/stand-in-agent.ts';
import { openTerminalLink } from '../../link/terminal-web-end.ts';
import { LOGIN, makeTestWeb, OPERATOR, type TestWeb, VIEWER } from '../fixtures/test-web.ts';

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
const MIB = 1024 * 1024;
/** What sockets and their buffers on two hops hold at the most. */
const ON_THE_WAY_BYTES = UNSENT_OUTPUT_BYTES + 3 * MIB;

let folder: ReturnType<typeof temporaryFolder>;
let monitor: FakeMonitor;
let agent: StandInAgent | undefined;
let web: TestWeb;
let port: number;
let sockets: WebSocket[];
let clockMs: number;

beforeEach(async () => {
  folder = temporaryFolder();
  sockets = [];
  clockMs = 0;
  monitor = await FakeMonitor.start(folder.path);
  await serveAgent();
  const socketPath = join(folder.path, 'agent.sock');
  web = await makeTestWeb({
    port: () => port,
    now: () => clockMs,
    openTerminalLink: (asked, hearer) => openTerminalLink({ socketPath, linkKey: LINK_KEY }, asked, hearer),
  });
  await web.app.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = web.app.server.address() as AddressInfo);
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await web.close();
  await agent?.stop();
  await monitor.stop();
  folder.remove();
});

async function serveAgent(): Promise<void> {
  agent = new StandInAgent('one');
  await agent.serve(join(folder.path, 'agent.sock'), {
    openTerminal: async ({ group, id }, peer) => {
      if (group === '/bug') throw new Error('a secret path');
      if (group !== '/a') throw new ProblemError('not_found', `Nothing was launched in ${group}.`);
      if (id !== 'main') throw new ProblemError('conflict', `${id} has no terminal.`);
      return openTerminal({ dir: folder.path }, peer);
    },
    onError: () => undefined,
  });
}

async function stopAgent(): Promise<void> {
  await agent?.stop();
  agent = undefined;
}

interface Client {
  readonly socket: WebSocket;
  readonly said: TerminalMessage[];
  readonly output: () => Buffer;
  outputBytes: number;
  readonly hash: ReturnType<typeof createHash>;
  /** The close code, once it is closed. */
  code: number | undefined;
}

const by = (token: string): ClientOptions => ({ headers: { authorization: `Bearer ${token}` } });

interface Opened {
  readonly query?: string;
  /** Acks everything at once, as a fast screen does. */
  readonly acks?: boolean;
}

function open(options: ClientOptions = by(OPERATOR), { query = '?group=/a', acks = true }: Opened = {}): Client {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/terminal${query}`, options);
  const parts: Buffer[] = [];
  const client: Client = {
    socket,
    said: [],
    output: () => Buffer.concat(parts),
    outputBytes: 0,
    hash: createHash('sha256'),
    code: undefined,
  };
  socket.on('error', () => undefined);
  socket.on('close', (code) => {
    client.code = code;
  });
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) {
      client.said.push(TerminalMessage.parse(JSON.parse(String(data))));
      return;
    }
    client.outputBytes += data.length;
    client.hash.update(data);
    if (client.outputBytes < MIB) parts.push(data);
    if (acks) ack(client, data.length);
  });
  sockets.push(socket);
  return client;
}

const ack = ({ socket }: Client, bytes: number) => socket.send(JSON.stringify({ type: 'ack', bytes }));
const problemOf = ({ said }: Client): Problem | undefined => said.flatMap((one) => (one.type === 'problem' ? [one.problem] : []))[0];

async function begun(client: Client, mayType = true): Promise<Client> {
  await eventually(() => expect(client.said).toEqual([{ type: 'begin', mayType }, { type: 'live' }]));
  return client;
}

/** Until nothing moves any more: every hop had its turn many times over, and the kernel takes no further byte. */
async function atRest(): Promise<number> {
  for (let last = -1, same = 0; same < 200; ) {
    await nextTurn();
    same = monitor.takenBytes === last ? same + 1 : 0;
    last = monitor.takenBytes;
  }
  return monitor.takenBytes;
}

async function cookieOf(token: string): Promise<string> {
  const headers = { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}` };
  const answer = await web.ask('POST', '/api/v1/login', undefined, { payload: { token }, headers });
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}

test('relays every byte both ways, and sizes', async () => {
  monitor.kept = Buffer.from('kept from before, ');
  const client = await begun(open());
  monitor.say(ALL_BYTES);
  client.socket.send(ALL_BYTES);
  client.socket.send(JSON.stringify({ type: 'resize', columns: 132, rows: 43 }));
  await eventually(() => expect(client.output()).toEqual(Buffer.concat([monitor.kept, ALL_BYTES])));
  await eventually(() => expect(monitor.sizes).toEqual([[132, 43]]));
  expect(monitor.input).toEqual(ALL_BYTES);
});

test('what was said before is told apart from what is said now, on the whole road', async () => {
  monitor.kept = Buffer.alloc(64 * 1024, 'kept');
  const client = open();
  let oldBytes: number | undefined;
  client.socket.on('message', (data, isBinary) => {
    if (!isBinary && String(data).includes('live')) oldBytes = client.outputBytes;
  });
  await eventually(() => expect(monitor.clients.size).toBe(1));
  monitor.say('now');
  await eventually(() => expect(client.outputBytes).toBe(monitor.kept.length + 3));
  expect(oldBytes).toBe(monitor.kept.length);
});

test('what is typed before the terminal is there is not lost', async () => {
  const client = open();
  await once(client.socket, 'open');
  client.socket.send(JSON.stringify({ type: 'resize', columns: 100, rows: 30 }));
  client.socket.send(Buffer.from('early'));
  await eventually(() => expect(monitor.input.toString()).toBe('early'));
  expect(monitor.sizes).toEqual([[100, 30]]);
});

test('several watch one terminal; a viewer sees everything, and nothing of theirs reaches the monitor', async () => {
  const operator = await begun(open());
  const viewer = await begun(open(by(VIEWER)), false);
  viewer.socket.send(Buffer.from('rm -rf'));
  viewer.socket.send(JSON.stringify({ type: 'resize', columns: 1, rows: 1 }));
  await eventually(() => expect(problemOf(viewer)).toMatchObject({ code: 'forbidden' }));
  viewer.socket.send(Buffer.from('again'));
  operator.socket.send(Buffer.from('ls'));
  await eventually(() => expect(monitor.input.toString()).toBe('ls'));
  monitor.say('for both');
  for (const client of [operator, viewer]) await eventually(() => expect(client.output().toString()).toBe('for both'));
  expect(monitor.messages).toHaveLength(1);
  expect(viewer.said).toHaveLength(3);
});

test('without acks a window’s worth comes and the program is held; with acks the rest comes, each byte as it was', async () => {
  const flood = randomBytes(24 * MIB);
  const client = await begun(open(by(OPERATOR), { acks: false }));
  monitor.say(flood);
  await eventually(() => expect(client.outputBytes).toBe(WINDOW_BYTES));
  expect(await atRest()).toBeLessThan(WINDOW_BYTES + ON_THE_WAY_BYTES);
  expect(client.outputBytes).toBe(WINDOW_BYTES);

  ack(client, 1000);
  await eventually(() => expect(client.outputBytes).toBe(WINDOW_BYTES + 1000));
  client.socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) ack(client, data.length);
  });
  ack(client, WINDOW_BYTES);
  await eventually(() => expect(client.outputBytes).toBe(flood.length));
  expect(client.hash.digest('hex')).toBe(createHash('sha256').update(flood).digest('hex'));
});

test('what is typed gets through while output is held', async () => {
  const client = await begun(open(by(OPERATOR), { acks: false }));
  monitor.say(Buffer.alloc(8 * MIB, 'y\n'));
  await eventually(() => expect(client.outputBytes).toBe(WINDOW_BYTES));
  client.socket.send(Buffer.from('\x03'));
  await eventually(() => expect(monitor.input.toString()).toBe('\x03'));
});

test('a client that acks nothing for 10 s while output waits is sent away, and the program is let go', async () => {
  const slow = await begun(open(by(OPERATOR), { acks: false }));
  const quick = await begun(open());
  monitor.say(Buffer.alloc(8 * MIB, 'y\n'));
  await eventually(() => expect(slow.outputBytes).toBe(WINDOW_BYTES));
  await eventually(() => expect(quick.outputBytes).toBe(8 * MIB));
  clockMs += 9_900;
  web.terminals.check();
  ack(slow, 1);
  await eventually(() => expect(slow.outputBytes).toBe(WINDOW_BYTES + 1));
  clockMs += 9_900;
  web.terminals.check();
  expect(slow.socket.readyState).toBe(WebSocket.OPEN);
  clockMs += 200;
  web.terminals.check();
  await eventually(() => expect(slow.code).toBe(1013));
  await eventually(() => expect(monitor.clients.size).toBe(1));
  expect(quick.socket.readyState).toBe(WebSocket.OPEN);
});

test('a browser that vanishes while output is held leaves nothing open on any hop', async () => {
  const client = await begun(open(by(OPERATOR), { acks: false }));
  monitor.say(Buffer.alloc(8 * MIB, 'y\n'));
  await eventually(() => expect(client.outputBytes).toBe(WINDOW_BYTES));
  client.socket.terminate();
  await eventually(() => expect(monitor.clients.size).toBe(0));
  await eventually(() => expect(web.terminals.open).toBe(0));
});

test('the program ends: all that it said, `end`, and a normal close; input after that harms nobody', async () => {
  const client = await begun(open(by(OPERATOR), { acks: false }));
  const last = randomBytes(WINDOW_BYTES + 5000);
  monitor.say(last);
  void monitor.end();
  await eventually(() => expect(client.outputBytes).toBe(WINDOW_BYTES));
  client.socket.send(Buffer.from('too late'));
  ack(client, WINDOW_BYTES);
  client.socket.send(Buffer.from('too late again'));
  await eventually(() => expect(client.code).toBe(1000));
  expect(client.outputBytes).toBe(last.length);
  expect(client.said).toEqual([{ type: 'begin', mayType: true }, { type: 'live' }, { type: 'end' }]);
  expect(client.hash.digest('hex')).toBe(createHash('sha256').update(last).digest('hex'));
});

test('the agent goes away: it says so and asks to come back; the program is not ended by it', async () => {
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

test('an agent that hangs keeps its sockets: once it counts as gone, terminals say so and ask to come back', async () => {
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
  ['text that is no JSON', '{{{', 1007],
  ['JSON that is no request', '{"type":"reboot"}', 1007],
  ['a size that no terminal has', '{"type":"resize","columns":0,"rows":24}', 1007],
  ['an ack of what was never sent', '{"type":"ack","bytes":1}', 1008],
  ['more input than a message may hold', Buffer.alloc(MAX_INPUT_BYTES + 1), 1009],
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

test('nobody gets in without a role, from another site, or without an Origin beside a cookie', async () => {
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

test('a logout closes the terminals of that session, and of no other', async () => {
  const origin = `http://127.0.0.1:${port}`;
  const cookies = [await cookieOf(OPERATOR), await cookieOf(OPERATOR)] as const;
  const [leaving, staying] = await Promise.all(cookies.map((cookie) => begun(open({ headers: { cookie, origin } }))));
  await web.ask('POST', '/api/v1/logout', undefined, { headers: { host: `127.0.0.1:${port}`, origin, cookie: cookies[0] } });
  await eventually(() => expect(leaving?.code).toBe(1008));
  expect(staying?.socket.readyState).toBe(WebSocket.OPEN);
  await eventually(() => expect(monitor.clients.size).toBe(1));
});

test(`no more than ${MAX_TERMINALS} at once; a closed one makes room`, async () => {
  const clients = Array.from({ length: MAX_TERMINALS }, () => open(by(VIEWER)));
  await Promise.all(clients.map((client) => begun(client, false)));
  const tooMany = open();
  await eventually(() => expect(tooMany.code).toBe(1000));
  expect(tooMany.said).toMatchObject([{ type: 'problem', problem: { code: 'rate_limited' } }]);
  clients[0]?.socket.close();
  await eventually(() => expect(web.terminals.open).toBe(MAX_TERMINALS - 1));
  await eventually(() => expect(monitor.clients.size).toBe(MAX_TERMINALS - 1));
  await begun(open());
});

test('a browser that does not answer pings is gone after three', async () => {
  const client = await begun(open(by(OPERATOR)));
  client.socket.pause();
  for (let i = 0; i < 3; i++) {
    clockMs += 20_000;
    web.terminals.check();
  }
  await eventually(() => expect(web.terminals.open).toBe(0));
  await eventually(() => expect(monitor.clients.size).toBe(0));
});
