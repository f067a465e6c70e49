// Clients of the stream that are slow, not allowed, or broken.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { BEAT } from '../../contract/beat.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import { eventually } from '../../link/fixtures/eventually.ts';
import { groupEntry, StandInAgent } from '../../link/fixtures/stand-in-agent.ts';
import { LOGIN, OPERATOR, VIEWER } from '../fixtures/test-web.ts';
import { idsOf, KIB, open, port, startWith, web } from './fixtures/stream-clients.ts';
import { Places } from './places.ts';

test('a client that does not read skips frames, gets a full one when it reads again, and loses no event; others are not affected', async () => {
  const agent = new StandInAgent('one');
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await startWith(agent, { bounds: { frameBacklogBytes: 256 * KIB, eventBacklogBytes: 64 * KIB * KIB } });
  const slow = open('?since=0');
  const fast = open('?since=0');
  await eventually(() => expect([slow.frames.length, fast.frames.length]).toEqual([1, 1]));
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
    await eventually(() => expect(fast.events).toHaveLength(ticks));
  }
  expect(fast.frames).toHaveLength(1 + ticks);
  expect(fast.seen.some((message) => 'type' in message && message.type === 'resync')).toBe(false);

  slow.socket.resume();
  await eventually(() => expect(slow.events).toEqual(idsOf(agent.log)));
  agent.tick({ changes: [[1, 'pids.current', -1]] });
  await eventually(() => expect(slow.frames.at(-1)).toMatchObject({ full: true }));
  const place = slow.seen.findIndex((message) => 'type' in message && message.type === 'resync');
  expect(slow.seen[place]).toEqual({ type: 'resync', skipped: 3 });
  expect(slow.seen[place + 1]).toMatchObject({ full: true, changes: expect.arrayContaining([[1, 'pids.current', -1]]) });
  agent.tick({ changes: [[1, 'pids.current', -2]] });
  const mirror = new GroupMirror();
  await eventually(() => expect(slow.frames.at(-1)).toMatchObject({ full: false, changes: [[1, 'pids.current', -2]] }));
  for (const frame of slow.frames.slice(-2)) expect(mirror.apply(frame)).toBe(true);
});

test('a client with too many unread events is closed with 1013 and gets them all when it reconnects', async () => {
  const agent = new StandInAgent('one');
  agent.tick();
  await startWith(agent, { bounds: { frameBacklogBytes: 64 * KIB, eventBacklogBytes: 256 * KIB } });
  const slow = open('?since=0');
  await eventually(() => expect(slow.frames).toHaveLength(1));
  const closed = once(slow.socket, 'close');
  slow.socket.pause();
  const long = `/${'x'.repeat(64 * KIB)}`;
  // 25 MiB: more than the socket's buffers and the bound together.
  while (agent.log.length < 400) agent.event(long);
  await eventually(() => expect(web.hub.lastEventId).toBe(400));
  slow.socket.resume();
  expect((await closed)[0]).toBe(1013);
  expect(slow.events.length).toBeLessThan(400);
  expect(slow.events).toEqual(idsOf(agent.log).slice(0, slow.events.length));
  const back = open(`?since=${slow.events.at(-1)}`);
  // All at once they are more than the bound, too, but it reads.
  await eventually(() => expect(back.events).toEqual(idsOf(agent.log).slice(slow.events.length)));
  agent.event('/live');
  await eventually(() => expect(back.events.at(-1)).toBe(401));
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

async function logIn(): Promise<{ readonly own: string; readonly cookie: string }> {
  const own = `http://127.0.0.1:${port}`;
  const login = await fetch(`${own}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: LOGIN }),
  });
  return { own, cookie: login.headers.get('set-cookie')?.split(';', 1)[0] ?? '' };
}

test('connections without access are refused', async () => {
  const agent = new StandInAgent('one');
  agent.tick();
  await startWith(agent);
  const token = { authorization: `Bearer ${VIEWER}` };
  const { own, cookie } = await logIn();

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
  await eventually(() =>
    expect(page.seen[0]).toMatchObject({ type: 'hello', role: 'operator', name: expect.stringMatching(/^operator \(browser /) }),
  );
  const script = open('', { headers: { authorization: `Bearer ${OPERATOR}` } });
  await eventually(() => expect(script.seen[0]).toMatchObject({ type: 'hello', name: 'operator (token)' }));

  // Logging out ends what the session opened, and nothing else.
  const closed = once(page.socket, 'close');
  await fetch(`${own}/api/v1/logout`, { method: 'POST', headers: { cookie } });
  expect((await closed)[0]).toBe(1008);
  expect(script.socket.readyState).toBe(WebSocket.OPEN);
});

test.each([
  ['more than 4 KiB', (socket: WebSocket) => socket.send('x'.repeat(5 * KIB)), 1009],
  [
    'more than 120 messages at once',
    (socket: WebSocket) => {
      for (let i = 0; i < 121; i++) socket.send(randomBytes(16));
    },
    1008,
  ],
  ['text that is no UTF-8', (socket: WebSocket) => socket.send(Buffer.from([0xff, 0xfe]), { binary: false }), 1007],
] as const)('a client that sends %s is closed', async (_what, send, code) => {
  const agent = new StandInAgent('one');
  agent.tick();
  await startWith(agent);
  const client = open();
  await eventually(() => expect(client.frames).toHaveLength(1));
  send(client.socket);
  const [closed] = await once(client.socket, 'close');
  expect(closed).toBe(code);
  await eventually(() => expect(web.hub.clients).toBe(0));
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
});

test('invalid WebSocket bytes end only that client', async () => {
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
  await eventually(() => expect(web.hub.clients).toBe(0));
  const client = open();
  await eventually(() => expect(client.frames).toHaveLength(1));
});

test('beats are answered; a client that sends too many is closed', async () => {
  const agent = new StandInAgent('one');
  agent.tick();
  await startWith(agent);
  const client = open();
  await eventually(() => expect(client.frames).toHaveLength(1));
  const closed = once(client.socket, 'close');
  client.socket.send(BEAT);
  await eventually(() => expect(client.seen.at(-1)).toEqual({ type: 'beat' }));
  for (let i = 0; i < 120; i++) client.socket.send(BEAT);
  expect((await closed)[0]).toBe(1008);
});

test('a client that does not answer pings is disconnected', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  try {
    const agent = new StandInAgent('one');
    agent.tick();
    await startWith(agent);
    const silent = open('', { headers: { authorization: `Bearer ${VIEWER}` }, autoPong: false });
    const alive = open();
    let pongs = 0;
    alive.socket.on('ping', () => pongs++);
    await eventually(() => expect([silent.frames.length, alive.frames.length]).toEqual([1, 1]));
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

test('viewers’ streams leave places for operators', async () => {
  const agent = new StandInAgent('one');
  agent.tick({ groups: [groupEntry(1, '/a')] });
  const places = new Places(2 ** 34, 576);
  expect([places.for('viewer'), places.for('operator')]).toEqual([48, 64]);
  await startWith(agent, { places });
  const refused = vi.fn();
  for (let i = 0; i < 49; i++) open().socket.on('unexpected-response', (_, { statusCode }) => refused(statusCode));
  await eventually(() => expect(refused.mock.calls).toEqual([[429]]));
  const operator = open('', { headers: { authorization: `Bearer ${OPERATOR}` } });
  await eventually(() => expect(operator.seen[0]).toMatchObject({ type: 'hello', role: 'operator' }));
  // Browsers hide from pages why a WebSocket failed: who asks by HTTP has the reason.
  const asked = async (who: 'viewer' | 'operator') =>
    (await web.ask('GET', '/api/v1/stream?format=json', who, { headers: { host: `127.0.0.1:${port}` } })).json()[0];
  expect(await asked('viewer')).toMatchObject({ type: 'hello', full: true });
  expect(await asked('operator')).not.toHaveProperty('full');
});

test('a hundred tabs of one person are live, leave places for others, and end with the session', async () => {
  const agent = new StandInAgent('one');
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await startWith(agent);
  const { own, cookie } = await logIn();
  const tabs = Array.from({ length: 100 }, () => open('?since=0', { headers: { cookie, origin: own } }));
  await eventually(() => expect(tabs.filter(({ frames }) => frames.length === 1)).toHaveLength(100));
  const sent = agent.tick({ changes: [[1, 'pids.current', 4]] });
  for (let i = 0; i < 50; i++) agent.event(`/e${i}`);
  await eventually(() => expect(tabs.filter(({ events }) => events.length === 50)).toHaveLength(100));
  for (const { raw, events } of tabs) {
    expect(raw).toHaveLength(2);
    expect(raw[1]?.equals(sent)).toBe(true);
    expect(events).toEqual(idsOf(agent.log));
  }
  expect(web.hub.framesSkipped).toBe(0);
  for (const token of [OPERATOR, VIEWER]) {
    const other = open('', { headers: { authorization: `Bearer ${token}` } });
    await eventually(() => expect(other.frames).toHaveLength(1));
  }
  const closed = tabs.map(({ socket }) => once(socket, 'close'));
  await fetch(`${own}/api/v1/logout`, { method: 'POST', headers: { cookie } });
  expect(new Set((await Promise.all(closed)).map(([code]) => code))).toEqual(new Set([1008]));
  await eventually(() => expect(web.hub.clients).toBe(2));
});
