// Calls that wait for the agent: which take a place, and how long each may take.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MAX_GRACE_MS } from '../contract/launch-options.ts';
import type { LinkRequest } from '../contract/link.ts';
import { PendingCalls } from './pending-calls.ts';

const by = { role: 'operator', name: 'test' } as const;
const viewer = { role: 'viewer', name: 'test' } as const;
const stop: Omit<LinkRequest, 'id'> = { call: 'stop', params: { group: '/x' }, by };
const look: Omit<LinkRequest, 'id'> = { call: 'groups', params: {}, by };

let sent: LinkRequest[];
let pending: PendingCalls;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  pending = new PendingCalls((text) => void sent.push(JSON.parse(text)));
});
afterEach(() => {
  vi.useRealTimers();
});

test('a stop may take the longest grace time', async () => {
  const asked = pending.ask(stop);
  await vi.advanceTimersByTimeAsync(MAX_GRACE_MS + 10_000);
  pending.answer(sent[0]?.id ?? 0, 'ended');
  expect(await asked).toBe('ended');
});

test('a stop that is never answered fails in the end, and so does any other call', async () => {
  const failed: string[] = [];
  for (const request of [stop, look]) void pending.ask(request).catch(() => failed.push(request.call));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(failed).toEqual(['groups']);
  await vi.advanceTimersByTimeAsync(MAX_GRACE_MS);
  expect(failed).toEqual(['groups', 'stop']);
});

test('where the connection is lost, an act that was sent may have been done, and one that waited was not', async () => {
  const codes: string[] = [];
  const fails = (request: Omit<LinkRequest, 'id'>) => pending.ask(request).catch(({ problem }) => void codes.push(problem.code));
  const all = [fails(stop), ...Array.from({ length: 32 }, () => fails(look)), fails({ ...look, by: viewer })];
  const acts = Array.from({ length: 5 }, () => fails({ ...stop, call: 'freeze' }));
  expect(sent).toHaveLength(37);
  pending.failAll();
  await Promise.all([...all, ...acts]);
  // The stop and four of the five acts had been sent.
  expect(codes.filter((code) => code === 'answer_lost')).toHaveLength(5);
  expect(codes.filter((code) => code === 'agent_unavailable')).toHaveLength(34);
});

test('stops delay no other call, and other calls wait while 32 are under way', async () => {
  const stops = Array.from({ length: 100 }, () => pending.ask(stop));
  const looks = Array.from({ length: 33 }, () => pending.ask(look));
  const asked = (call: string) => sent.filter((request) => request.call === call);
  expect([asked('stop').length, asked('groups').length]).toEqual([100, 32]);
  for (const { id } of asked('groups')) pending.answer(id, 'seen');
  expect(asked('groups')).toHaveLength(33);
  for (const { id } of sent) pending.answer(id, 'done');
  expect((await Promise.all([...stops, ...looks])).filter((answer) => answer === 'done')).toHaveLength(101);
});

const count = (call: string) => sent.filter((request) => request.call === call).length;

test('an act is sent at once while 32 others are under way, and before what waited longer', () => {
  for (let i = 0; i < 100; i++) void pending.ask(look);
  for (let i = 0; i < 6; i++) void pending.ask({ call: 'freeze', params: { group: '/x' }, by });
  expect([count('groups'), count('freeze')]).toEqual([32, 4]);
  pending.answer(sent[0]?.id ?? 0, 'seen');
  expect([count('groups'), count('freeze')]).toEqual([32, 5]);
});

test('pages of events are under way four at a time, an operator’s first, and delay no other call', () => {
  const page: Omit<LinkRequest, 'id'> = { call: 'events', params: { since: 0 }, by: viewer };
  for (let i = 0; i < 150; i++) void pending.ask(page);
  void pending.ask({ ...page, by });
  void pending.ask({ ...look, by: viewer });
  expect([count('events'), count('groups')]).toEqual([4, 1]);
  pending.answer(sent[0]?.id ?? 0, {});
  expect(sent.at(-1)).toMatchObject({ call: 'events', by });
  for (let answered = 1; answered < sent.length; answered++) {
    pending.answer(sent[answered]?.id ?? 0, {});
    expect(sent.length - answered - 1).toBeLessThanOrEqual(5);
  }
  expect(count('events')).toBe(151);
});

test('viewers’ calls leave places for operators’, at the agent and in the queue', async () => {
  const refused = vi.fn();
  for (let i = 0; i < 1525; i++) pending.ask({ ...look, by: viewer }).catch(({ problem }) => refused(problem.code));
  await vi.advanceTimersByTimeAsync(0);
  expect(refused.mock.calls).toEqual([['rate_limited']]);
  expect(sent).toHaveLength(24);
  void pending.ask(look);
  void pending.ask({ call: 'freeze', params: { group: '/x' }, by });
  expect(sent.slice(24).map(({ call }) => call)).toEqual(['groups', 'freeze']);
});
