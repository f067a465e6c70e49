// The stream as clients meet it: real WebSockets on loopback, and an agent on the other end of a real link.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import type { Event } from '../../contract/events.ts';
import { decodeFrame, type Frame } from '../../contract/frame.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import { type JsonFrame, StreamMessage } from '../../contract/stream.ts';
import { groupEntry, LINK_KEY, StandInAgent, temporaryFolder } from '../../link/fixtures/stand-in-agent.ts';
import { connectWebEnd, type WebEnd } from '../../link/web-end.ts';
import type { AgentLink } from '../agent-link.ts';
import { LOGIN, makeTestWeb, OPERATOR, type TestWeb, type TestWebOptions, VIEWER } from '../fixtures/test-web.ts';

const KIB = 1024;

let folder: ReturnType<typeof temporaryFolder>;
let agents: StandInAgent[];
let web: TestWeb;
let link: WebEnd;
let port: number;
let sockets: WebSocket[];

beforeEach(() => {
  folder = temporaryFolder();
  agents = [];
  sockets = [];
  port = 0;
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  link.close();
  await web.close();
  for (const agent of agents) await agent.stop();
  folder.remove();
});

const socketPath = () => join(folder.path, 'agent.sock');

async function serve(agent: StandInAgent): Promise<void> {
  agents.push(agent);
  await agent.serve(socketPath());
}

/** The web process's own wiring, with an agent that may not be there yet. */
async function start(options: TestWebOptions = {}): Promise<void> {
  const agent: AgentLink = {
    get connected() {
      return link.connected;
    },
    call: (name, params, by) => link.call(name, params, by),
  };
  web = await makeTestWeb({ agent, port: () => port, ...options });
  link = connectWebEnd({
    socketPath: socketPath(),
    linkKey: LINK_KEY,
    sinceId: () => web.hub.lastEventId,
    onHello: (hello) => web.hub.hello(hello),
    onFrame: (bytes) => web.hub.frame(bytes),
    onEvent: (event) => web.hub.event(event),
    onConnected: (connected) => web.hub.agentConnected(connected),
    onFault: (error) => {
      throw error;
    },
  });
  await web.app.listen({ host: '127.0.0.1', port: 0 });
  ({ port } = web.app.server.address() as AddressInfo);
}

async function startWith(agent: StandInAgent, options: TestWebOptions = {}): Promise<void> {
  await serve(agent);
  await start(options);
  await vi.waitFor(() => expect(web.hub.mirror.head).toBeDefined());
}

interface Client {
  readonly socket: WebSocket;
  /** Everything in the order it came: messages by their type, binary frames as frames. */
  readonly seen: (StreamMessage | JsonFrame | Frame)[];
  readonly raw: Buffer[];
  readonly events: number[];
  readonly frames: Frame[];
}

function open(query = '', options: ClientOptions = { headers: { authorization: `Bearer ${VIEWER}` } }): Client {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/stream${query}`, options);
  const client: Client = { socket, seen: [], raw: [], events: [], frames: [] };
  socket.on('error', () => undefined);
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      client.raw.push(data);
      const frame = decodeFrame(data);
      client.frames.push(frame);
      client.seen.push(frame);
      return;
    }
    const json = JSON.parse(String(data)) as { type: string };
    const message = json.type === 'frame' ? (json as unknown as JsonFrame) : StreamMessage.parse(json);
    client.seen.push(message);
    if (message.type === 'event') client.events.push(message.event.id);
  });
  sockets.push(socket);
  return client;
}

const idsOf = (events: readonly Event[]) => events.map(({ id }) => id);

test('begins with hello, the events since, a full frame; then the agent’s own bytes, and events at once', async () => {
  const agent = new StandInAgent('one');
  await startWith(
    (() => {
      agent.tick({ groups: [groupEntry(1, '/a')], changes: [[1, 'pids.current', 3]] });
      return agent;
    })(),
  );
  for (let i = 0; i < 3; i++) agent.event(`/e${i}`);
  await vi.waitFor(() => expect(web.hub.lastEventId).toBe(3));
  const client = open('?since=1');
  await vi.waitFor(() => expect(client.frames).toHaveLength(1));
  expect(client.seen[0]).toEqual({
    type: 'hello',
    host: 'stand-in',
    role: 'viewer',
    name: 'viewer (token)',
    version: '0.0.0-test',
    lastEventId: 3,
    intervalMs: 1000,
  });
  expect(client.seen.slice(1, 3)).toMatchObject([{ type: 'event', event: { id: 2 } }, { event: { id: 3 } }]);
  expect(client.frames[0]).toMatchObject({ full: true, changes: [[1, 'pids.current', 3]] });

  const sent = agent.tick({ changes: [[1, 'pids.current', 4]] });
  agent.event('/live');
  await vi.waitFor(() => expect(client.events).toEqual([2, 3, 4]));
  expect(client.raw[1]?.equals(sent)).toBe(true);

  const plain = open();
  await vi.waitFor(() => expect(plain.frames).toHaveLength(1));
  expect(plain.events).toEqual([]);
  expect(plain.frames[0]).toMatchObject({ full: true, changes: [[1, 'pids.current', 4]] });
});

test('?format=json: all groups first, then what changed; removed groups by name', async () => {
  const agent = new StandInAgent('one');
  agent.tick({
    groups: [groupEntry(1, '/a'), groupEntry(2, '/b')],
    changes: [
      [1, 'memory.limit_in_bytes', 'max'],
      [2, 'pids.current', 1],
    ],
  });
  await startWith(agent);
  const client = open('?format=json');
  const frames = () => client.seen.filter((message) => 'type' in message && message.type === 'frame');
  await vi.waitFor(() => expect(frames()).toHaveLength(1));
  agent.tick({ removed: [2], changes: [[1, 'memory.limit_in_bytes', 4096]] });
  agent.event('/b');
  await vi.waitFor(() => expect(client.events).toEqual([1]));
  expect(frames()).toMatchObject([
    {
      host: 'stand-in',
      seq: 1,
      full: true,
      groups: { '/a': { 'memory.limit_in_bytes': 'max' }, '/b': { 'pids.current': 1 } },
      removed: [],
    },
    { seq: 2, full: false, groups: { '/a': { 'memory.limit_in_bytes': 4096 } }, removed: ['/b'] },
  ]);
  expect(client.raw).toEqual([]);
});

test('events older than memory come from the agent’s log, in order and without a gap, while new ones happen', async () => {
  const agent = new StandInAgent('one');
  for (let i = 0; i < 2_500; i++) agent.event(`/old${i}`);
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await startWith(agent, { eventsKept: 10 });
  const client = open('?since=100');
  await vi.waitFor(() => expect(client.events.length).toBeGreaterThan(0));
  for (let i = 0; i < 50; i++) agent.event(`/new${i}`);
  await vi.waitFor(() => expect(client.events.at(-1)).toBe(2_550));
  expect(client.events).toEqual(Array.from({ length: 2_450 }, (_, i) => 101 + i));
  expect(agent.asked.filter(({ call }) => call === 'events').length).toBeGreaterThanOrEqual(3);
});

test('events that nobody has any more are said, before the ones that follow them', async () => {
  const agent = new StandInAgent('one');
  for (let i = 0; i < 20; i++) agent.event(`/old${i}`);
  agent.lost = 15;
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await startWith(agent, { eventsKept: 2 });
  const client = open('?since=3');
  await vi.waitFor(() => expect(client.events).toEqual([16, 17, 18, 19, 20]));
  const messages = client.seen.filter((message) => 'type' in message && (message.type === 'gap' || message.type === 'event'));
  expect(messages[0]).toEqual({ type: 'gap', gap: { from: 4, to: 15, kinds: ['create'] } });
  expect(messages).toHaveLength(6);
});

test('more events than the agent has in memory happen while the link is gone: clients are sent away, and find all of them when they come back', async () => {
  const first = new StandInAgent('one');
  first.event('/a');
  first.tick();
  await startWith(first);
  const client = open('?since=0');
  await vi.waitFor(() => expect(client.events).toEqual([1]));
  const closed = once(client.socket, 'close');
  await first.stop();
  const second = new StandInAgent('two', first.log);
  for (let i = 0; i < 10; i++) second.event(`/missed${i}`);
  second.completeSince = 7;
  second.tick();
  await serve(second);
  expect((await closed)[0]).toBe(1013);
  expect(client.events).toEqual([1]);
  const back = open('?since=1');
  await vi.waitFor(() => expect(back.events).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
});

test('the agent goes and another comes: clients are told, get its full frame, and miss no event', async () => {
  const first = new StandInAgent('one');
  first.event('/a');
  first.tick({ groups: [groupEntry(1, '/a')] });
  await startWith(first);
  const client = open('?since=0');
  await vi.waitFor(() => expect(client.events).toEqual([1]));
  await first.stop();
  await vi.waitFor(() => expect(client.seen.at(-1)).toEqual({ type: 'agent', connected: false }));

  const late = open('?since=0');
  await vi.waitFor(() => expect(late.frames).toHaveLength(1));
  expect(late.seen[1]).toEqual({ type: 'agent', connected: false });

  const second = new StandInAgent('two', first.log);
  for (const name of ['/missed', '/too']) second.event(name);
  second.tick({ groups: [groupEntry(1, '/b')] });
  await serve(second);
  for (const one of [client, late]) {
    await vi.waitFor(() => expect(one.events).toEqual([1, 2, 3]));
    await vi.waitFor(() => expect(one.frames.at(-1)).toMatchObject({ epoch: 'two', full: true, groups: [{ path: '/b' }] }));
    expect(one.seen).toContainEqual({ type: 'agent', connected: true });
  }
});

test('a client that comes before the agent gets everything once the agent is there', async () => {
  await start();
  const client = open('?since=0');
  await vi.waitFor(() => expect(client.seen.at(-1)).toEqual({ type: 'agent', connected: false }));
  const agent = new StandInAgent('one');
  for (const name of ['/a', '/b']) agent.event(name);
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await serve(agent);
  await vi.waitFor(() => expect(client.events).toEqual([1, 2]));
  await vi.waitFor(() => expect(client.frames).toMatchObject([{ full: true }]));
});

test('an agent whose log was started anew is believed', async () => {
  const first = new StandInAgent('one');
  for (let i = 0; i < 5; i++) first.event('/a');
  first.tick();
  await startWith(first);
  const client = open('?since=5');
  await vi.waitFor(() => expect(client.frames).toHaveLength(1));
  await first.stop();
  const second = new StandInAgent('two');
  second.tick();
  await serve(second);
  await vi.waitFor(() => expect(client.frames.at(-1)?.epoch).toBe('two'));
  second.event('/fresh');
  await vi.waitFor(() => expect(client.events).toEqual([1]));
});

test('a client that does not read skips frames, is resynced when it reads on, and loses no event; others notice nothing', async () => {
  const agent = new StandInAgent('one');
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await startWith(agent, { bounds: { frameBacklogBytes: 256 * KIB, eventBacklogBytes: 64 * KIB * KIB } });
  const slow = open('?since=0');
  const fast = open('?since=0');
  await vi.waitFor(() => expect([slow.frames.length, fast.frames.length]).toEqual([1, 1]));
  slow.socket.pause();
  let ticks = 0;
  while (web.hub.framesSkipped < 3) {
    agent.tick({
      changes: [
        [1, 'cpuset.cpus', randomBytes(256 * KIB).toString('hex')],
        [1, 'pids.current', ++ticks],
      ],
    });
    agent.event(`/e${ticks}`);
    await vi.waitFor(() => expect(fast.events).toHaveLength(ticks));
  }
  expect(fast.frames).toHaveLength(1 + ticks);
  expect(fast.seen.some((message) => 'type' in message && message.type === 'resync')).toBe(false);

  slow.socket.resume();
  await vi.waitFor(() => expect(slow.events).toEqual(idsOf(agent.log)));
  agent.tick({ changes: [[1, 'pids.current', -1]] });
  await vi.waitFor(() => expect(slow.frames.at(-1)).toMatchObject({ full: true }));
  const place = slow.seen.findIndex((message) => 'type' in message && message.type === 'resync');
  expect(slow.seen[place]).toEqual({ type: 'resync', skipped: 3 });
  expect(slow.seen[place + 1]).toMatchObject({ full: true, changes: expect.arrayContaining([[1, 'pids.current', -1]]) });
  agent.tick({ changes: [[1, 'pids.current', -2]] });
  const mirror = new GroupMirror();
  await vi.waitFor(() => expect(slow.frames.at(-1)).toMatchObject({ full: false, changes: [[1, 'pids.current', -2]] }));
  for (const frame of slow.frames.slice(-2)) expect(mirror.apply(frame)).toBe(true);
});

test('a client whose events pile up is sent away with 1013 and finds them all when it comes back', async () => {
  const agent = new StandInAgent('one');
  agent.tick();
  await startWith(agent, { bounds: { frameBacklogBytes: 64 * KIB, eventBacklogBytes: 256 * KIB } });
  const slow = open('?since=0');
  await vi.waitFor(() => expect(slow.frames).toHaveLength(1));
  const closed = once(slow.socket, 'close');
  slow.socket.pause();
  const long = `/${'x'.repeat(64 * KIB)}`;
  // 25 MiB: more than the socket's buffers and the bound together.
  while (agent.log.length < 400) agent.event(long);
  await vi.waitFor(() => expect(web.hub.lastEventId).toBe(400), 10_000);
  slow.socket.resume();
  expect((await closed)[0]).toBe(1013);
  expect(slow.events.length).toBeLessThan(400);
  expect(slow.events).toEqual(idsOf(agent.log).slice(0, slow.events.length));
  const back = open(`?since=${slow.events.at(-1)}`);
  // All at once they are more than the bound, too, but it reads.
  await vi.waitFor(() => expect(back.events).toEqual(idsOf(agent.log).slice(slow.events.length)), 10_000);
  agent.event('/live');
  await vi.waitFor(() => expect(back.events.at(-1)).toBe(401));
  expect(back.socket.readyState).toBe(WebSocket.OPEN);
});

async function refusal(query: string, options: ClientOptions, path = '/api/v1/stream'): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}${query}`, options);
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(response.headers['content-type']).toContain('application/problem+json');
  socket.terminate();
  return response.statusCode ?? 0;
}

test('only who may come in comes in', async () => {
  const agent = new StandInAgent('one');
  agent.tick();
  await startWith(agent);
  const own = `http://127.0.0.1:${port}`;
  const token = { authorization: `Bearer ${VIEWER}` };
  const login = await fetch(`${own}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: LOGIN }),
  });
  const cookie = login.headers.get('set-cookie')?.split(';', 1)[0] ?? '';

  expect(await refusal('', {})).toBe(401);
  expect(await refusal('', { headers: { authorization: 'Bearer wrong' } })).toBe(401);
  expect(await refusal('', { headers: { cookie } })).toBe(403);
  expect(await refusal('', { headers: { cookie, origin: 'https://evil.example' } })).toBe(403);
  expect(await refusal('', { headers: { ...token, origin: 'https://evil.example' } })).toBe(403);
  expect(await refusal('', { headers: { ...token, host: 'evil.example' } })).toBe(403);
  expect(await refusal('', { headers: token }, '/api/v1/other')).toBe(404);
  expect(await refusal('?since=-1', { headers: token })).toBe(400);
  expect(await refusal('?since=x', { headers: token })).toBe(400);
  expect(await refusal('?format=xml', { headers: token })).toBe(400);
  expect(web.hub.clients).toBe(0);

  const page = open('', { headers: { cookie, origin: own } });
  await vi.waitFor(() => expect(page.seen[0]).toMatchObject({ type: 'hello', role: 'operator', name: 'operator (browser)' }));
  const script = open('', { headers: { authorization: `Bearer ${OPERATOR}` } });
  await vi.waitFor(() => expect(script.seen[0]).toMatchObject({ type: 'hello', name: 'operator (token)' }));

  // Logging out ends what the session opened, and nothing else.
  const closed = once(page.socket, 'close');
  await fetch(`${own}/api/v1/logout`, { method: 'POST', headers: { cookie } });
  expect((await closed)[0]).toBe(1008);
  expect(script.socket.readyState).toBe(WebSocket.OPEN);
});

test.each([
  ['more than 4 KiB', (socket: WebSocket) => socket.send('x'.repeat(5 * KIB)), 1009],
  [
    'more than ten messages',
    (socket: WebSocket) => {
      for (let i = 0; i < 11; i++) socket.send(randomBytes(16));
    },
    1008,
  ],
  ['text that is no UTF-8', (socket: WebSocket) => socket.send(Buffer.from([0xff, 0xfe]), { binary: false }), 1007],
] as const)('a client that sends %s is closed', async (_what, send, code) => {
  const agent = new StandInAgent('one');
  agent.tick();
  await startWith(agent);
  const client = open();
  await vi.waitFor(() => expect(client.frames).toHaveLength(1));
  send(client.socket);
  const [closed] = await once(client.socket, 'close');
  expect(closed).toBe(code);
  await vi.waitFor(() => expect(web.hub.clients).toBe(0));
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
});

test('bytes that are no WebSocket after the handshake end only that client', async () => {
  const agent = new StandInAgent('one');
  agent.tick();
  await startWith(agent);
  const raw = connect(port, '127.0.0.1');
  raw.on('error', () => undefined);
  const upgrade = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}`;
  raw.write(`GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${VIEWER}\r\n${upgrade}\r\n\r\n`);
  await once(raw, 'data');
  raw.resume();
  raw.write(Buffer.alloc(64 * KIB, 0xff));
  await once(raw, 'close');
  await vi.waitFor(() => expect(web.hub.clients).toBe(0));
  const client = open();
  await vi.waitFor(() => expect(client.frames).toHaveLength(1));
});

test('a client that gives no sign of life is ended', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  try {
    const agent = new StandInAgent('one');
    agent.tick();
    await startWith(agent);
    const silent = open('', { headers: { authorization: `Bearer ${VIEWER}` }, autoPong: false });
    const alive = open();
    let pongs = 0;
    alive.socket.on('ping', () => pongs++);
    await vi.waitFor(() => expect([silent.frames.length, alive.frames.length]).toEqual([1, 1]));
    const closed = once(silent.socket, 'close');
    for (let i = 1; i <= 3; i++) {
      vi.advanceTimersByTime(20_000);
      if (i < 3) await vi.waitFor(() => expect(pongs).toBe(i));
      // The pong is behind the ping: an event of ours that comes back over the same socket shows that it has arrived.
      await roundTrip(alive.socket);
    }
    expect((await closed)[0]).toBe(1006);
    expect(alive.socket.readyState).toBe(WebSocket.OPEN);
  } finally {
    vi.useRealTimers();
  }
});

/** Our ping is answered after everything that this client sent before it was read. */
async function roundTrip(socket: WebSocket): Promise<void> {
  const pong = once(socket, 'pong');
  socket.ping();
  await pong;
}
