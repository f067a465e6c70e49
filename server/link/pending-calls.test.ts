// Calls that wait for the agent: which take a place, and how long each may take.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MAX_GRACE_MS } from '../contract/launch.ts';
import type { LinkRequest } from '../contract/link.ts';
import { PendingCalls } from './pending-calls.ts';

const by = { role: 'operator', name: 'test' } as const;
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
  const all = [fails(stop), ...Array.from({ length: 32 }, () => fails(look)), fails({ ...stop, call: 'freeze' })];
  expect(sent).toHaveLength(33);
  pending.failAll();
  await Promise.all(all);
  expect([codes[0], codes.at(-1), new Set(codes.slice(1))]).toEqual(['answer_lost', 'agent_unavailable', new Set(['agent_unavailable'])]);
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
