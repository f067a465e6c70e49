// Both ends of the link over a real Unix socket.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createConnection, createServer as createNetServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Event } from '../contract/events.ts';
import { decodeFrame, type Frame } from '../contract/frame.ts';
import { LINK_VERSION } from '../contract/link.ts';
import { ProblemError } from '../contract/problems.ts';
import { HUNG_PEER_BYTES } from './bounds.ts';
import { eventually } from './fixtures/eventually.ts';
import { groupEntry, LINK_KEY, StandInAgent, temporaryFolder } from './fixtures/stand-in-agent.ts';
import { connectWebEnd, type Hello, type WebEnd, type WebEndOptions } from './web-end.ts';

const OPERATOR = { role: 'operator', name: 'operator (token)' } as const;
const VIEWER = { role: 'viewer', name: 'viewer (token)' } as const;

let folder: ReturnType<typeof temporaryFolder>;
let socketPath: string;
let agents: StandInAgent[];
let ends: WebEnd[];

beforeEach(() => {
  folder = temporaryFolder();
  socketPath = join(folder.path, 'agent.sock');
  agents = [];
  ends = [];
});

afterEach(async () => {
  for (const end of ends) end.close();
  for (const agent of agents) await agent.stop();
  folder.remove();
});

function newAgent(epoch = 'one', earlier: readonly Event[] = []): StandInAgent {
  const agent = new StandInAgent(epoch, earlier);
  agents.push(agent);
  return agent;
}

interface Heard {
  readonly end: WebEnd;
  readonly hellos: Hello[];
  readonly frames: Frame[];
  readonly bytes: Uint8Array[];
  readonly events: Event[];
  readonly states: boolean[];
  readonly faults: unknown[];
}

function connect(changed: Partial<WebEndOptions> = {}): Heard {
  const heard: Omit<Heard, 'end'> = { hellos: [], frames: [], bytes: [], events: [], states: [], faults: [] };
  const end = connectWebEnd({
    socketPath,
    linkKey: LINK_KEY,
    sinceId: () => heard.events.at(-1)?.id ?? heard.hellos.at(-1)?.lastEventId,
    onHello: (hello) => heard.hellos.push(hello),
    onFrame: (bytes) => {
      heard.bytes.push(bytes);
      heard.frames.push(decodeFrame(bytes));
    },
    onEvent: (event) => heard.events.push(event),
    onConnected: (connected) => heard.states.push(connected),
    onFault: (error) => heard.faults.push(error),
    ...changed,
  });
  ends.push(end);
  return { ...heard, end };
}

test('begins with a hello, the events since, and a full frame; then frames arrive byte for byte', async () => {
  const agent = newAgent();
  for (const name of ['/a', '/b', '/c']) agent.event(name);
  agent.tick({ groups: [groupEntry(1, '/a')], changes: [[1, 'pids.current', 3]] });
  await agent.serve(socketPath);
  const heard = connect({ sinceId: () => 1 });
  await vi.waitFor(() => expect(heard.frames).toHaveLength(1));
  expect(heard.hellos).toMatchObject([{ host: 'stand-in', epoch: 'one', lastEventId: 3 }]);
  expect(heard.events.map(({ id }) => id)).toEqual([2, 3]);
  expect(heard.frames[0]).toMatchObject({ full: true, changes: [[1, 'pids.current', 3]] });

  const sent = agent.tick({ changes: [[1, 'pids.current', 4]] });
  agent.event('/d');
  await vi.waitFor(() => expect(heard.events.map(({ id }) => id)).toEqual([2, 3, 4]));
  expect(Buffer.from(heard.bytes[1] ?? []).equals(sent)).toBe(true);
});

test('the socket is closed to other users, and one left behind by an earlier agent is replaced', async () => {
  writeFileSync(socketPath, 'left behind');
  await newAgent().serve(socketPath);
  const stats = statSync(socketPath);
  expect(stats.isSocket()).toBe(true);
  expect(stats.mode & 0o777).toBe(0o600);
});

const refused: readonly [string, Record<string, string>, () => number, number][] = [
  ['a wrong key', { authorization: 'Bearer another' }, () => 0, 401],
  ['no key', {}, () => 0, 401],
  ['the key as another user', { authorization: `Bearer ${LINK_KEY}` }, () => 4242, 403],
  [
    'the key where the user cannot be told',
    { authorization: `Bearer ${LINK_KEY}` },
    () => {
      throw new Error('EBADF');
    },
    403,
  ],
];

test.each(refused)('refuses %s', async (_what, headers, peerUid, status) => {
  await newAgent().serve(socketPath, { peerUid, webUid: 0 });
  const socket = new WebSocket(`ws+unix:${socketPath}:/`, { headers });
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(response.statusCode).toBe(status);
  socket.terminate();
});

test('asks the kernel’s answer about the very socket that connected', async () => {
  const descriptors: number[] = [];
  await newAgent().serve(socketPath, {
    peerUid: (fd) => {
      descriptors.push(fd);
      return 0;
    },
  });
  const heard = connect();
  await vi.waitFor(() => expect(heard.states).toEqual([true]));
  expect(descriptors).toHaveLength(1);
  expect(descriptors[0]).toBeGreaterThan(2);
});

test('a call is checked, carries who asks, and gets its answer', async () => {
  const agent = newAgent();
  agent.answer = async (_call, params) => ({ group: (params as { group: string }).group, state: 'frozen', tookMs: 1 });
  await agent.serve(socketPath);
  const { end, states } = connect();
  await vi.waitFor(() => expect(states).toEqual([true]));
  await expect(end.call('freeze', { group: '/a' }, OPERATOR)).resolves.toEqual({ group: '/a', state: 'frozen', tookMs: 1 });
  expect(agent.asked).toEqual([{ call: 'freeze', params: { group: '/a' }, by: OPERATOR }]);

  await expect(end.call('freeze', { group: 'no path' }, OPERATOR)).rejects.toMatchObject({
    problem: { code: 'invalid', detail: 'group: A group’s path starts with a slash.' },
  });
  await expect(end.call('freeze', { group: '/a' }, VIEWER)).rejects.toMatchObject({ problem: { code: 'forbidden' } });
  expect(agent.asked).toHaveLength(1);
});

test('the agent’s problems arrive whole; its bugs arrive without what they say', async () => {
  const agent = newAgent();
  const bugs: unknown[] = [];
  agent.answer = async (call) => {
    if (call === 'thaw') throw new Error('a secret path');
    throw new ProblemError('busy', 'The kernel is using it.', { errno: 'EBUSY', file: 'memory.limit_in_bytes', asked: '1M' });
  };
  await agent.serve(socketPath, { onError: (error) => bugs.push(error) });
  const { end, states } = connect();
  await vi.waitFor(() => expect(states).toEqual([true]));
  await expect(end.call('freeze', { group: '/a' }, OPERATOR)).rejects.toMatchObject({
    problem: { code: 'busy', status: 409, errno: 'EBUSY', file: 'memory.limit_in_bytes', asked: '1M', detail: 'The kernel is using it.' },
  });
  const refusal = await end.call('thaw', { group: '/a' }, OPERATOR).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ problem: { code: 'agent_unavailable' } });
  expect(JSON.stringify((refusal as ProblemError).problem)).not.toContain('secret');
  expect(bugs).toHaveLength(1);
});

test('many calls at once all get their own answers, and no more than 32 are worked on together', async () => {
  const agent = newAgent();
  let working = 0;
  let most = 0;
  const turn = Promise.withResolvers<void>();
  agent.answer = async (_call, params) => {
    most = Math.max(most, ++working);
    if (working === 32) turn.resolve();
    await turn.promise;
    working--;
    return { group: (params as { group: string }).group, state: 'frozen', tookMs: 0 };
  };
  await agent.serve(socketPath);
  const { end, states } = connect();
  await vi.waitFor(() => expect(states).toEqual([true]));
  const paths = Array.from({ length: 200 }, (_, i) => `/g${i}`);
  const answers = await Promise.all(paths.map((group) => end.call('freeze', { group }, OPERATOR)));
  expect(answers.map(({ group }) => group)).toEqual(paths);
  expect(most).toBe(32);
});

test('an agent that goes away: calls fail, and what was missed comes with the reconnect', async () => {
  const first = newAgent('one');
  first.event('/a');
  first.tick({ groups: [groupEntry(1, '/a')] });
  first.answer = () => new Promise(() => undefined);
  await first.serve(socketPath);
  const heard = connect();
  await vi.waitFor(() => expect(heard.frames).toHaveLength(1));
  const open = heard.end.call('freeze', { group: '/a' }, OPERATOR);
  const refused = expect(open).rejects.toMatchObject({ problem: { code: 'agent_unavailable' } });
  await vi.waitFor(() => expect(first.asked).toHaveLength(1));
  await first.stop();
  await refused;
  await vi.waitFor(() => expect(heard.states).toEqual([true, false]));
  await expect(heard.end.call('groups', {}, VIEWER)).rejects.toMatchObject({ problem: { code: 'agent_unavailable' } });

  const second = newAgent('two', first.log);
  second.event('/missed');
  second.tick({ groups: [groupEntry(1, '/b')] });
  await second.serve(socketPath);
  await vi.waitFor(() => expect(heard.frames).toHaveLength(2));
  expect(heard.states).toEqual([true, false, true]);
  expect(heard.hellos.map(({ epoch }) => epoch)).toEqual(['one', 'two']);
  expect(heard.events.map(({ group }) => group)).toEqual(['/missed']);
  expect(heard.frames[1]).toMatchObject({ epoch: 'two', full: true });
});

test('a peer that does not read loses frames, gets a full one once it reads on, and loses no event', async () => {
  const agent = newAgent();
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await agent.serve(socketPath);
  const socket = new WebSocket(`ws+unix:${socketPath}:/?since=0`, { headers: { authorization: `Bearer ${LINK_KEY}` } });
  const frames: Frame[] = [];
  const events: number[] = [];
  socket.on('message', (data, isBinary) => {
    if (isBinary) frames.push(decodeFrame(data as Buffer));
    else {
      const message = JSON.parse(String(data)) as { type: string; event: Event };
      if (message.type === 'event') events.push(message.event.id);
    }
  });
  await once(socket, 'open');
  await vi.waitFor(() => expect(frames).toHaveLength(1));
  socket.pause();
  // Words of a MiB that do not repeat: forty of them are more than socket buffers and the bound together.
  for (let i = 0; i < 40; i++) {
    agent.tick({ changes: [[1, 'cpuset.cpus', randomBytes(512 * 1024).toString('hex')]] });
    agent.event(`/e${i}`);
  }
  socket.resume();
  await vi.waitFor(() => expect(events).toHaveLength(40));
  expect(events).toEqual(agent.log.map(({ id }) => id));
  const before = frames.length;
  expect(before).toBeLessThan(41);
  expect(frames.slice(1).some(({ full }) => full)).toBe(false);

  agent.tick({ changes: [[1, 'cpuset.cpus', '0-1']] });
  agent.tick({ changes: [[1, 'pids.current', 7]] });
  await vi.waitFor(() => expect(frames).toHaveLength(before + 2));
  expect(frames[before]).toMatchObject({ full: true, changes: [[1, 'cpuset.cpus', '0-1']] });
  expect(frames[before + 1]).toMatchObject({ full: false, seq: (frames[before]?.seq ?? 0) + 1 });
  socket.terminate();
});

test('a web process that does not read is cut off before the agent grows, and has every event once it is back', async () => {
  const agent = newAgent();
  await agent.serve(socketPath);
  const hung = new WebSocket(`ws+unix:${socketPath}:/?since=0`, { headers: { authorization: `Bearer ${LINK_KEY}` } });
  await once(hung, 'open');
  hung.pause();
  const name = `/${'x'.repeat(64 * 1024)}`;
  const count = (2 * HUNG_PEER_BYTES) / name.length;
  for (let i = 0; i < count; i++) agent.event(name);
  hung.resume();
  await once(hung, 'close');

  const heard = connect({ sinceId: () => 0 });
  await eventually(() => expect(heard.events).toHaveLength(agent.log.length));
  expect(heard.events.map(({ id }) => id)).toEqual(agent.log.map(({ id }) => id));
});

test('a web process that gives no sign of life is cut off', async () => {
  await newAgent().serve(socketPath, { pingEveryMs: 5 });
  const hung = new WebSocket(`ws+unix:${socketPath}:/`, { headers: { authorization: `Bearer ${LINK_KEY}` }, autoPong: false });
  await once(hung, 'close');
});

test('an agent that gives no sign of life: its calls fail, and the link comes back with it', async () => {
  // An agent that says hello, and hangs for as long as the test wants.
  const agent = newAgent();
  const server = createServer();
  const sockets = new WebSocketServer({ server, autoPong: false });
  sockets.on('connection', (socket) => {
    socket.send(JSON.stringify({ type: 'hello', host: 'h', version: LINK_VERSION, epoch: 'one', lastEventId: 0, completeSince: 0 }));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const heard = connect({ pingEveryMs: 20 });
  await eventually(() => expect(heard.states).toEqual([true]));
  await expect(heard.end.call('groups', {}, VIEWER)).rejects.toMatchObject({ problem: { code: 'agent_unavailable' } });
  await eventually(() => expect(heard.states.slice(0, 2)).toEqual([true, false]));
  for (const socket of sockets.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));

  agent.tick({ groups: [groupEntry(1, '/a')] });
  await agent.serve(socketPath);
  await eventually(() => expect(heard.frames).toHaveLength(1));
});

test('an agent that hangs before it has said hello is not waited for', async () => {
  const accepted: Socket[] = [];
  const server = createNetServer((socket) => accepted.push(socket));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  connect({ pingEveryMs: 20 });
  await eventually(() => expect(accepted.length).toBeGreaterThan(1));
  for (const socket of accepted) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  ['text that is no JSON', '{{{', 1007],
  ['JSON that is no request', '{"id":1,"call":"reboot","params":{},"by":{"role":"operator","name":"x"}}', 1007],
  ['a role that is none', '{"id":1,"call":"host","params":{},"by":{"role":"root","name":"x"}}', 1007],
  ['bytes', Buffer.from([1, 2, 3]), 1003],
  ['more than a request can be', 'x'.repeat(5 * 1024 * 1024), 1009],
] as const)('closes on %s, and serves others on', async (_what, garbage, code) => {
  const agent = newAgent();
  await agent.serve(socketPath);
  const { end, states } = connect();
  await vi.waitFor(() => expect(states).toEqual([true]));
  const socket = new WebSocket(`ws+unix:${socketPath}:/`, { headers: { authorization: `Bearer ${LINK_KEY}` } });
  await once(socket, 'open');
  socket.send(garbage);
  const [closed] = await once(socket, 'close');
  expect(closed).toBe(code);
  await expect(end.call('events', {}, VIEWER)).resolves.toEqual({ events: [], lastId: 0 });
});

test('bytes that are no HTTP do not disturb it', async () => {
  await newAgent().serve(socketPath);
  const raw = createConnection(socketPath);
  raw.on('error', () => undefined);
  raw.write(randomBytes(4096));
  raw.resume();
  await once(raw, 'close');
  const { states } = connect();
  await vi.waitFor(() => expect(states).toEqual([true]));
});

test('a frame that cannot be read makes the connection anew', async () => {
  const agent = newAgent();
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await agent.serve(socketPath);
  let frames = 0;
  const heard = connect({
    onFrame: () => {
      if (++frames === 1) throw new Error('no frame of this version');
    },
  });
  await vi.waitFor(() => expect(frames).toBe(2));
  expect(heard.faults).toHaveLength(1);
  expect(heard.hellos).toHaveLength(2);
});
