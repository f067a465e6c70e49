import { once } from 'node:events';
import { decode } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { withChanges } from '../../contract/fixtures/test-frame.ts';
import { decodeFrame } from '../../contract/frame.ts';
import { eventually } from '../../link/fixtures/eventually.ts';
import { groupEntry, StandInAgent } from '../../link/fixtures/stand-in-agent.ts';
import { open, port, serve, start, startWith, web } from './fixtures/stream-clients.ts';

test('sends hello, the events since, and a full frame; then the agent’s frames unchanged, and events at once', async () => {
  const agent = new StandInAgent('one');
  await startWith(
    (() => {
      agent.tick({ groups: [groupEntry(1, '/a')], changes: [[1, 'pids.current', 3]] });
      return agent;
    })(),
  );
  for (let i = 0; i < 3; i++) agent.event(`/e${i}`);
  await eventually(() => expect(web.hub.lastEventId).toBe(3));
  const client = open('?since=1');
  await eventually(() => expect(client.frames).toHaveLength(1));
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
  await eventually(() => expect(client.events).toEqual([2, 3, 4]));
  expect(client.raw[1]?.equals(sent)).toBe(true);

  const plain = open();
  await eventually(() => expect(plain.frames).toHaveLength(1));
  expect(plain.events).toEqual([]);
  expect(plain.frames[0]).toMatchObject({ full: true, changes: [[1, 'pids.current', 4]] });
});

test('by plain HTTP: hello, the events since, and a full frame in one answer, for viewers; no old frame', async () => {
  const agent = new StandInAgent('one');
  agent.tick({ groups: [groupEntry(1, '/a')], changes: [[1, 'pids.current', 3]] });
  await startWith(agent);
  for (let i = 0; i < 3; i++) agent.event(`/e${i}`);
  await eventually(() => expect(web.hub.lastEventId).toBe(3));
  const answer = await web.ask('GET', '/api/v1/stream?since=1', 'viewer', { headers: { host: `127.0.0.1:${port}` } });
  expect(answer.headers['content-type']).toBe('application/vnd.msgpack');
  const [hello, ...rest] = decode(answer.rawPayload) as [string, string, string, Uint8Array];
  expect(JSON.parse(hello)).toMatchObject({ type: 'hello', role: 'viewer', lastEventId: 3 });
  expect(rest.slice(0, 2).map((text) => JSON.parse(String(text)).event.id)).toEqual([2, 3]);
  expect(withChanges(decodeFrame(rest[2]))).toMatchObject({ full: true, changes: [[1, 'pids.current', 3]] });

  const asked = async (query: string, who?: 'viewer') =>
    web.ask('GET', `/api/v1/stream${query}`, who, { headers: { host: `127.0.0.1:${port}` } });
  const json = (await asked('?format=json', 'viewer')).json() as { type: string }[];
  expect(json.map(({ type }) => type)).toEqual(['hello', 'frame']);
  expect((await asked('')).statusCode).toBe(401);
  expect((await asked('?since=x', 'viewer')).statusCode).toBe(400);
  await agent.stop();
  await eventually(() => expect(web.hub.connected).toBe(false));
  const without = (await asked('?format=json', 'viewer')).json() as { type: string }[];
  expect(without.map(({ type }) => type)).toEqual(['hello', 'agent']);
});

test('?format=json: all groups first, then changes; removed groups by path', async () => {
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
  await eventually(() => expect(frames()).toHaveLength(1));
  agent.tick({ removed: [2], changes: [[1, 'memory.limit_in_bytes', 4096]] });
  agent.event('/b');
  await eventually(() => expect(client.events).toEqual([1]));
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

test('events older than memory come from the agent’s log, in order and complete, while new ones happen', async () => {
  const agent = new StandInAgent('one');
  for (let i = 0; i < 2_500; i++) agent.event(`/old${i}`);
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await startWith(agent, { eventsKept: 10 });
  const client = open('?since=100');
  await eventually(() => expect(client.events.length).toBeGreaterThan(0));
  for (let i = 0; i < 50; i++) agent.event(`/new${i}`);
  await eventually(() => expect(client.events.at(-1)).toBe(2_550));
  expect(client.events).toEqual(Array.from({ length: 2_450 }, (_, i) => 101 + i));
  expect(agent.asked.filter(({ call }) => call === 'events').length).toBeGreaterThanOrEqual(3);
});

test('a gap is reported before the events that follow it', async () => {
  const agent = new StandInAgent('one');
  for (let i = 0; i < 20; i++) agent.event(`/old${i}`);
  agent.lost = 15;
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await startWith(agent, { eventsKept: 2 });
  const client = open('?since=3');
  await eventually(() => expect(client.events).toEqual([16, 17, 18, 19, 20]));
  const messages = client.seen.filter((message) => 'type' in message && (message.type === 'gap' || message.type === 'event'));
  expect(messages[0]).toEqual({ type: 'gap', gap: { from: 4, to: 15, kinds: ['create'] } });
  expect(messages).toHaveLength(6);
});

test('more events than the agent has in memory happen while the link is down: clients are disconnected, and get all when they reconnect', async () => {
  const first = new StandInAgent('one');
  first.event('/a');
  first.tick();
  await startWith(first);
  const client = open('?since=0');
  await eventually(() => expect(client.events).toEqual([1]));
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
  await eventually(() => expect(back.events).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
});

test('the agent is replaced: clients are informed, get its full frame, and miss no event', async () => {
  const first = new StandInAgent('one');
  first.event('/a');
  first.tick({ groups: [groupEntry(1, '/a')] });
  await startWith(first);
  const client = open('?since=0');
  await eventually(() => expect(client.events).toEqual([1]));
  await first.stop();
  await eventually(() => expect(client.seen.at(-1)).toEqual({ type: 'agent', connected: false }));

  const late = open('?since=0');
  await eventually(() => expect(late.frames).toHaveLength(1));
  expect(late.seen[1]).toEqual({ type: 'agent', connected: false });

  const second = new StandInAgent('two', first.log);
  for (const name of ['/missed', '/too']) second.event(name);
  second.tick({ groups: [groupEntry(1, '/b')] });
  await serve(second);
  for (const one of [client, late]) {
    await eventually(() => expect(one.events).toEqual([1, 2, 3]));
    await eventually(() => expect(one.frames.at(-1)).toMatchObject({ epoch: 'two', full: true, groups: [{ path: '/b' }] }));
    expect(one.seen).toContainEqual({ type: 'agent', connected: true });
  }
});

test('a client that connects before the agent gets everything once the agent is connected', async () => {
  await start();
  const client = open('?since=0');
  await eventually(() => expect(client.seen.at(-1)).toEqual({ type: 'agent', connected: false }));
  const agent = new StandInAgent('one');
  for (const name of ['/a', '/b']) agent.event(name);
  agent.tick({ groups: [groupEntry(1, '/a')] });
  await serve(agent);
  await eventually(() => expect(client.events).toEqual([1, 2]));
  await eventually(() => expect(client.frames).toMatchObject([{ full: true }]));
});

test('an agent with a new log replaces the events in memory', async () => {
  const first = new StandInAgent('one');
  for (let i = 0; i < 5; i++) first.event('/a');
  first.tick();
  await startWith(first);
  const client = open('?since=5');
  await eventually(() => expect(client.frames).toHaveLength(1));
  await first.stop();
  const second = new StandInAgent('two');
  second.tick();
  await serve(second);
  await eventually(() => expect(client.frames.at(-1)?.epoch).toBe('two'));
  second.event('/fresh');
  await eventually(() => expect(client.events).toEqual([1]));
});
