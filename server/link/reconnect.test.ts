// Lost connections on the link: an agent or a web process that disconnects, hangs, or does not read.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createConnection, createServer as createNetServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Event } from '../contract/events.ts';
import { withChanges } from '../contract/fixtures/test-frame.ts';
import { decodeFrame } from '../contract/frame.ts';
import { LINK_VERSION } from '../contract/link.ts';
import { HUNG_PEER_BYTES } from './bounds.ts';
import { connect, newAgent, OPERATOR, socketPath, VIEWER } from './fixtures/connected-ends.ts';
import { eventually } from './fixtures/eventually.ts';
import { groupEntry, LINK_KEY } from './fixtures/stand-in-agent.ts';

test('an agent disconnects: calls fail, and missed events come with the reconnect', async () => {
  const first = newAgent('one');
  first.event('/a');
  first.tick({ groups: [groupEntry(1, '/a')] });
  first.answer = () => new Promise(() => undefined);
  await first.serve(socketPath);
  const received = connect();
  await eventually(() => expect(received.frames).toHaveLength(1));
  const open = received.end.call('freeze', { group: '/a' }, OPERATOR);
  const read = received.end.call('groups', {}, VIEWER);
  const refused = Promise.all([
    expect(open).rejects.toMatchObject({ problem: { code: 'answer_lost' } }),
    expect(read).rejects.toMatchObject({ problem: { code: 'agent_unavailable' } }),
  ]);
  await eventually(() => expect(first.asked).toHaveLength(2));
  await first.stop();
  await refused;
  await eventually(() => expect(received.states).toEqual([true, false]));
  await expect(received.end.call('groups', {}, VIEWER)).rejects.toMatchObject({ problem: { code: 'agent_unavailable' } });

  const second = newAgent('two', first.log);
  second.event('/missed');
  second.tick({ groups: [groupEntry(1, '/b')] });
  await second.serve(socketPath);
  await eventually(() => expect(received.frames).toHaveLength(2));
  expect(received.states).toEqual([true, false, true]);
  expect(received.hellos.map(({ epoch }) => epoch)).toEqual(['one', 'two']);
  expect(received.events.map(({ group }) => group)).toEqual(['/missed']);
  expect(received.frames[1]).toMatchObject({ epoch: 'two', full: true });
});

test('a peer that does not read skips frames, gets a full one when it reads again, and loses no event', async () => {
  const agent = newAgent();
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await agent.serve(socketPath);
  const socket = new WebSocket(`ws+unix:${socketPath}:/?since=0`, { headers: { authorization: `Bearer ${LINK_KEY}` } });
  const frames: ReturnType<typeof withChanges>[] = [];
  const events: number[] = [];
  socket.on('message', (data, isBinary) => {
    if (isBinary) frames.push(withChanges(decodeFrame(data as Buffer)));
    else {
      const message = JSON.parse(String(data)) as { type: string; event: Event };
      if (message.type === 'event') events.push(message.event.id);
    }
  });
  await once(socket, 'open');
  await eventually(() => expect(frames).toHaveLength(1));
  socket.pause();
  // Words of a MiB that do not repeat: forty of them are more than socket buffers and the bound together.
  for (let i = 0; i < 40; i++) {
    agent.tick({ changes: [[1, 'cpuset.cpus', randomBytes(512 * 1024).toString('hex')]] });
    agent.event(`/e${i}`);
  }
  socket.resume();
  await eventually(() => expect(events).toHaveLength(40));
  expect(events).toEqual(agent.log.map(({ id }) => id));
  const before = frames.length;
  expect(before).toBeLessThan(41);
  expect(frames.slice(1).some(({ full }) => full)).toBe(false);

  agent.tick({ changes: [[1, 'cpuset.cpus', '0-1']] });
  agent.tick({ changes: [[1, 'pids.current', 7]] });
  await eventually(() => expect(frames).toHaveLength(before + 2));
  expect(frames[before]).toMatchObject({ full: true, changes: [[1, 'cpuset.cpus', '0-1']] });
  expect(frames[before + 1]).toMatchObject({ full: false, seq: (frames[before]?.seq ?? 0) + 1 });
  socket.terminate();
});

test('a web process that does not read is disconnected before the agent grows, and gets every event when it reconnects', async () => {
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

  const received = connect({ sinceId: () => 0 });
  await eventually(() => expect(received.events).toHaveLength(agent.log.length));
  expect(received.events.map(({ id }) => id)).toEqual(agent.log.map(({ id }) => id));
});

test('a web process that does not answer pings is disconnected', async () => {
  await newAgent().serve(socketPath, { pingEveryMs: 5 });
  const hung = new WebSocket(`ws+unix:${socketPath}:/`, { headers: { authorization: `Bearer ${LINK_KEY}` }, autoPong: false });
  await once(hung, 'close');
});

test('an agent that does not answer pings: its calls fail, and the link reconnects', async () => {
  // An agent that sends its hello, and hangs for as long as the test wants.
  const agent = newAgent();
  const server = createServer();
  const sockets = new WebSocketServer({ server, autoPong: false });
  sockets.on('connection', (socket) => {
    socket.send(JSON.stringify({ type: 'hello', host: 'h', version: LINK_VERSION, epoch: 'one', lastEventId: 0, completeSince: 0 }));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const received = connect({ pingEveryMs: 20 });
  await eventually(() => expect(received.states).toEqual([true]));
  await expect(received.end.call('groups', {}, VIEWER)).rejects.toMatchObject({ problem: { code: 'agent_unavailable' } });
  await eventually(() => expect(received.states.slice(0, 2)).toEqual([true, false]));
  for (const socket of sockets.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));

  agent.tick({ groups: [groupEntry(1, '/a')] });
  await agent.serve(socketPath);
  await eventually(() => expect(received.frames).toHaveLength(1));
});

test('an agent that hangs before its hello is not waited for', async () => {
  const accepted: Socket[] = [];
  const server = createNetServer((socket) => accepted.push(socket));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  connect({ pingEveryMs: 20 });
  await eventually(() => expect(accepted.length).toBeGreaterThan(1));
  for (const socket of accepted) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  ['text that is not JSON', '{{{', 1007],
  ['JSON that is no request', '{"id":1,"call":"reboot","params":{},"by":{"role":"operator","name":"x"}}', 1007],
  ['a role that is none', '{"id":1,"call":"host","params":{},"by":{"role":"root","name":"x"}}', 1007],
  ['bytes', Buffer.from([1, 2, 3]), 1003],
  ['more than a request can be', 'x'.repeat(5 * 1024 * 1024), 1009],
] as const)('closes on %s, and serves others on', async (_what, garbage, code) => {
  const agent = newAgent();
  await agent.serve(socketPath);
  const { end, states } = connect();
  await eventually(() => expect(states).toEqual([true]));
  const socket = new WebSocket(`ws+unix:${socketPath}:/`, { headers: { authorization: `Bearer ${LINK_KEY}` } });
  await once(socket, 'open');
  socket.send(garbage);
  const [closed] = await once(socket, 'close');
  expect(closed).toBe(code);
  await expect(end.call('events', {}, VIEWER)).resolves.toEqual({ events: [], lastId: 0 });
});

test('bytes that are not HTTP have no effect', async () => {
  await newAgent().serve(socketPath);
  const raw = createConnection(socketPath);
  raw.on('error', () => undefined);
  raw.write(randomBytes(4096));
  raw.resume();
  await once(raw, 'close');
  const { states } = connect();
  await eventually(() => expect(states).toEqual([true]));
});

test('a frame that cannot be decoded makes the link reconnect', async () => {
  const agent = newAgent();
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await agent.serve(socketPath);
  let frames = 0;
  const received = connect({
    onFrame: () => {
      if (++frames === 1) throw new Error('no frame of this version');
    },
  });
  await eventually(() => expect(frames).toBe(2));
  expect(received.faults).toHaveLength(1);
  expect(received.hellos).toHaveLength(2);
});
