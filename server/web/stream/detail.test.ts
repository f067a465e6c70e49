// Clients that get the summary, and the detail of the group that they show: each has what the agent has, however it joins, changes or falls behind.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Change } from '../../contract/columns.ts';
import { type Frame, summaryPart } from '../../contract/frame.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import { isInSummary, summaryOf } from '../../contract/summary.ts';
import { eventually } from '../../link/fixtures/eventually.ts';
import { groupEntry, StandInAgent } from '../../link/fixtures/stand-in-agent.ts';
import { OPERATOR } from '../fixtures/test-web.ts';
import { type Client, KIB, open, port, startWith, web } from './fixtures/stream-clients.ts';

const USAGE = 'memory.usage_in_bytes';
const ANON = 'memory.stat:total_rss';

const both = (gid: number, value: number): Change[] => [
  [gid, USAGE, value],
  [gid, ANON, value + 1],
];

async function begin(): Promise<StandInAgent> {
  const agent = new StandInAgent('one');
  agent.tick({ groups: [groupEntry(1, '/a'), groupEntry(2, '/b')], changes: [...both(1, 10), ...both(2, 20)] });
  await startWith(agent);
  return agent;
}

const ask = ({ socket }: Client, group?: string) => socket.send(JSON.stringify({ type: 'detail', group }));

/** What a page has after these frames. */
function readingsAfter(frames: readonly Frame[], path: string) {
  const mirror = new GroupMirror();
  for (const frame of frames) expect(mirror.apply(frame)).toBe(true);
  return mirror.byPath(path)?.readings;
}

test('the summary is the agent’s own bytes, the same for all; a detail follows it for who asked for that group', async () => {
  const agent = await begin();
  const plain = open('?readings=summary');
  const shows = open('?readings=summary&group=/b');
  await eventually(() => expect([plain.frames.length, shows.frames.length]).toEqual([1, 1]));
  const sent = agent.tick({ changes: [...both(1, 11), ...both(2, 21)] });
  await eventually(() => expect([plain.frames.length, shows.frames.length]).toEqual([2, 2]));
  expect(plain.raw[1]?.equals(summaryPart(sent))).toBe(true);
  expect(shows.raw[1]?.subarray(0, plain.raw[1]?.length).equals(summaryPart(sent))).toBe(true);
  expect(readingsAfter(plain.frames, '/b')).toEqual({ [USAGE]: 21 });
  expect(readingsAfter(shows.frames, '/b')).toEqual({ [USAGE]: 21, [ANON]: 22 });
  expect(readingsAfter(shows.frames, '/a')).toEqual({ [USAGE]: 11 });
});

test('a client that changes to another group has all of it at once, before the next tick, and of the last nothing more', async () => {
  const agent = await begin();
  const client = open('?readings=summary&group=/a');
  await eventually(() => expect(client.frames).toHaveLength(1));
  agent.tick({ changes: both(2, 21) });
  await eventually(() => expect(client.frames).toHaveLength(2));
  ask(client, '/b');
  await eventually(() => expect(client.frames.at(-1)).toMatchObject({ adds: true, seq: 2, detail: { of: '/b' } }));
  expect(readingsAfter(client.frames, '/b')).toEqual({ [USAGE]: 21, [ANON]: 22 });
  agent.tick({ changes: [...both(1, 12), [2, ANON, null], [2, 'pids.max', 'max']] });
  await eventually(() => expect(client.frames).toHaveLength(4));
  expect(readingsAfter(client.frames, '/b')).toEqual({ [USAGE]: 21, 'pids.max': 'max' });
  expect(client.frames[3]?.detail).toMatchObject({ of: '/b' });
  ask(client);
  ask(client, '/nothing');
  await eventually(() => expect(client.frames.at(-1)).toMatchObject({ adds: true, detail: { of: '/nothing', columns: [] } }));
});

test('a group that is made while it is asked for comes with all its readings, also in place of another', async () => {
  const agent = await begin();
  const client = open('?readings=summary&group=/new');
  await eventually(() => expect(client.frames).toHaveLength(1));
  agent.tick({ groups: [groupEntry(3, '/new')], changes: both(3, 30) });
  agent.tick({ removed: [3], groups: [groupEntry(4, '/new')], changes: both(4, 40) });
  await eventually(() => expect(client.frames).toHaveLength(3));
  expect(readingsAfter(client.frames.slice(0, 2), '/new')).toEqual({ [USAGE]: 30, [ANON]: 31 });
  expect(readingsAfter(client.frames, '/new')).toEqual({ [USAGE]: 40, [ANON]: 41 });
});

test('a slow client has the newest state of its group once it reads again, also of one that it asked for meanwhile', async () => {
  const agent = new StandInAgent('one');
  agent.tick({ groups: [groupEntry(1, '/a'), groupEntry(2, '/b')], changes: [...both(1, 10), ...both(2, 20)] });
  await startWith(agent, { bounds: { frameBacklogBytes: 64 * KIB, eventBacklogBytes: 64 * KIB * KIB } });
  const slow = open('?readings=summary&group=/a');
  const fast = open('?readings=summary');
  await eventually(() => expect([slow.frames.length, fast.frames.length]).toEqual([1, 1]));
  slow.socket.pause();
  let ticks = 0;
  while (web.hub.framesSkipped < 2) {
    agent.tick({ changes: [[1, 'cpuset.cpus', randomBytes(256 * KIB).toString('hex')], ...both(2, 100 + ++ticks)] });
    await eventually(() => expect(fast.frames).toHaveLength(1 + ticks));
  }
  ask(slow, '/b');
  slow.socket.resume();
  // It may still be behind at the first of these ticks.
  const fullAgain = () => slow.frames.findLast(({ full, seq }) => full && seq > 1);
  while (!fullAgain()) {
    agent.tick({ changes: [[1, 'cpuset.cpus', '0'], ...both(2, 100 + ++ticks)] });
    await eventually(() => expect(fast.frames).toHaveLength(1 + ticks));
  }
  expect(fullAgain()?.detail?.of).toBe('/b');
  await eventually(() => expect(slow.frames.at(-1)?.seq).toBe(1 + ticks));
  const again = slow.frames.slice(slow.frames.findLastIndex(({ full }) => full));
  expect(readingsAfter(again, '/b')).toEqual({ [USAGE]: 100 + ticks, [ANON]: 101 + ticks });
});

test('the agent is told which groups are shown: those of operators first, at most a hundred, and none that was left', async () => {
  const agent = await begin();
  const viewers = Array.from({ length: 105 }, (_, i) => open(`?readings=summary&group=/v${i}`));
  const operator = open('?readings=summary&group=/a', { headers: { authorization: `Bearer ${OPERATOR}` } });
  await eventually(() => expect(viewers.every(({ frames }) => frames.length === 1) && operator.frames.length === 1).toBe(true));
  agent.tick();
  await eventually(() => expect(agent.shown.size).toBe(100));
  expect(agent.shown).toContain('/a');
  ask(operator);
  await eventually(() => expect(operator.socket.bufferedAmount).toBe(0));
  operator.socket.send('{"type":"beat"}');
  await eventually(() => expect(operator.seen.at(-1)).toEqual({ type: 'beat' }));
  agent.shown.clear();
  agent.tick();
  await eventually(() => expect(agent.shown.size).toBe(100));
  expect(agent.shown).not.toContain('/a');
});

test('by plain HTTP too; asked for in a way that means nothing, it is refused', async () => {
  await begin();
  const asked = (query: string) => web.ask('GET', `/api/v1/stream${query}`, 'viewer', { headers: { host: `127.0.0.1:${port}` } });
  const all = await asked('?readings=all');
  const summary = await asked('?readings=summary');
  const detail = await asked('?readings=summary&group=/a');
  expect(summary.rawPayload.length).toBeLessThan(detail.rawPayload.length);
  expect(detail.rawPayload.length).toBeLessThan(all.rawPayload.length + 20);
  for (const query of ['?readings=some', '?group=/a', '?format=json&readings=summary', `?readings=summary&group=/${'x'.repeat(5000)}`])
    expect((await asked(query)).statusCode).toBe(400);
});

test.each(['{"type":"detail","group":5}', '{"type":"detail"', '[]', 'null', '{"type":"other","group":"/a"}'])(
  'a client that sends %s instead has what it had',
  async (text) => {
    const agent = await begin();
    const client = open('?readings=summary&group=/a');
    await eventually(() => expect(client.frames).toHaveLength(1));
    client.socket.send(text);
    client.socket.send('{"type":"beat"}');
    await eventually(() => expect(client.seen.at(-1)).toEqual({ type: 'beat' }));
    agent.tick({ changes: both(1, 50) });
    await eventually(() => expect(client.frames).toHaveLength(2));
    expect(readingsAfter(client.frames, '/a')).toEqual({ [USAGE]: 50, [ANON]: 51 });
  },
);

test('of readings, each is either in the summary or a detail', () => {
  const readings = { [USAGE]: 1, [ANON]: 2, 'meminfo:MemTotal': 3, 'stat:cpu0.busy': 4, 'pids.max': 'max' };
  expect(Object.keys(summaryOf(readings))).toEqual([USAGE, 'meminfo:MemTotal', 'stat:cpu0.busy']);
  expect(Object.keys(readings).filter((key) => !isInSummary(key))).toEqual([ANON, 'pids.max']);
});
