// When messages leave: at once, merged, again; and what bounds them.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Event } from '../../contract/events.ts';
import type { Batch } from './batch.ts';
import { type Attempt, Outbox } from './outbox.ts';
import type { Outcome } from './outcome.ts';

const WINDOW_MS = 30_000;
const fine: Outcome = { delivered: true, answer: '200', retry: false };
const bad: Outcome = { delivered: false, answer: '500', retry: true };

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

let id = 0;
const event = (kind: 'oom_kill' | 'threshold' = 'oom_kill'): Event =>
  kind === 'oom_kill'
    ? { id: ++id, time: 0, group: `/a${id}`, kind, count: 1 }
    : { id: ++id, time: 0, group: `/a${id}`, kind, file: 'memory.high', count: 1 };

function outbox(answer: (attempt: number) => Outcome | Promise<Outcome>) {
  const batches: Batch[] = [];
  const attempts: Attempt[] = [];
  let count = 0;
  const box = new Outbox((batch) => {
    batches.push(batch);
    return { attempt: async () => answer(++count), report: (attempt) => attempts.push(attempt) };
  });
  return { box, batches, attempts };
}

test('a burst of 1,000 events is two messages: the first at once, then one with the rest', async () => {
  const { box, batches } = outbox(() => fine);
  box.add(event());
  await vi.advanceTimersByTimeAsync(1000);
  for (let i = 1; i < 1000; i++) box.add(event(i === 500 ? 'oom_kill' : 'threshold'));
  expect(batches.map(({ count }) => count)).toEqual([1]);
  await vi.advanceTimersByTimeAsync(WINDOW_MS);
  expect(batches.map(({ count }) => count)).toEqual([1, 999]);
  // The grave one is shown, whenever it came.
  expect(batches[1]?.shown).toHaveLength(20);
  expect(batches[1]?.worst?.kind).toBe('oom_kill');
  expect(Object.fromEntries(batches[1]?.byKind ?? [])).toEqual({ threshold: 998, oom_kill: 1 });
  await vi.advanceTimersByTimeAsync(10 * WINDOW_MS);
  expect(batches).toHaveLength(2);
  box.add(event());
  await vi.advanceTimersByTimeAsync(1000);
  expect(batches).toHaveLength(3);
});

test('a steady stream is one message each half minute', async () => {
  const { box, batches } = outbox(() => fine);
  for (let second = 0; second < 300; second++) {
    box.add(event());
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(batches.length).toBeLessThanOrEqual(11);
  await vi.advanceTimersByTimeAsync(2 * WINDOW_MS);
  expect(batches.reduce((sum, { count }) => sum + count, 0)).toBe(300);
});

test('what fails is tried again, later and later, and meanwhile events wait in one message', async () => {
  const { box, batches, attempts } = outbox((attempt) => (attempt < 4 ? bad : fine));
  box.add(event());
  await vi.advanceTimersByTimeAsync(1000);
  for (let i = 0; i < 5000; i++) box.add(event());
  await vi.advanceTimersByTimeAsync(60_000);
  expect(attempts.map(({ retryInMs }) => retryInMs)).toEqual([5000, 10_000, 20_000, undefined]);
  await vi.advanceTimersByTimeAsync(WINDOW_MS);
  expect(batches.map(({ count }) => count)).toEqual([1, 5000]);
});

test('a destination that never works is given up after half an hour, and tried with what came since', async () => {
  const { box, batches, attempts } = outbox(() => bad);
  box.add(event());
  await vi.advanceTimersByTimeAsync(60_000);
  box.add(event());
  await vi.advanceTimersByTimeAsync(7_200_000);
  expect(batches).toHaveLength(2);
  expect(attempts.filter(({ retryInMs }) => retryInMs === undefined)).toMatchObject([{ attempts: 12 }, { attempts: 12 }]);
});

test('what another attempt cannot help is given up at once', async () => {
  const { box, attempts } = outbox(() => ({ ...bad, retry: false }));
  box.add(event());
  await vi.advanceTimersByTimeAsync(1000);
  expect(attempts).toMatchObject([{ attempts: 1, retryInMs: undefined }]);
});

test('a wait that the destination asks for is kept, within a bound', async () => {
  const { box, attempts } = outbox((attempt) => ({ ...bad, retryAfterMs: attempt === 1 ? 60_000 : 1e12 }));
  box.add(event());
  await vi.advanceTimersByTimeAsync(62_000);
  expect(attempts.map(({ retryInMs }) => retryInMs)).toEqual([60_000, 300_000]);
});

test('an attempt that has not ended keeps the next message waiting', async () => {
  const answered = Promise.withResolvers<Outcome>();
  const { box, batches } = outbox(() => answered.promise);
  box.add(event());
  await vi.advanceTimersByTimeAsync(1000);
  box.add(event());
  await vi.advanceTimersByTimeAsync(10 * WINDOW_MS);
  expect(batches).toHaveLength(1);
  answered.resolve(fine);
  await vi.advanceTimersByTimeAsync(WINDOW_MS);
  expect(batches).toHaveLength(2);
});

test('an event that grows is in a message once, as it is by then', async () => {
  const { box, batches } = outbox(() => fine);
  const oom: Event = { id: 1, time: 0, group: '/a', kind: 'oom', count: 1, underOom: false };
  box.add(oom);
  box.add({ ...oom, id: 2, replaces: 1, count: 9 });
  await vi.advanceTimersByTimeAsync(1000);
  expect(batches[0]).toMatchObject({ count: 1, shown: [{ id: 2, count: 9 }] });
});

test('a newer version of an event that has left is no news', async () => {
  const { box, batches } = outbox(() => fine);
  const oom: Event = { id: 1, time: 0, group: '/a', kind: 'oom', count: 1, underOom: false };
  box.add(oom);
  await vi.advanceTimersByTimeAsync(1000);
  box.add({ ...oom, id: 2, replaces: 1, count: 9 });
  await vi.advanceTimersByTimeAsync(2 * WINDOW_MS);
  expect(batches).toHaveLength(1);
});

test('nothing leaves once it is closed', async () => {
  const { box, batches } = outbox(() => fine);
  box.add(event());
  box.close();
  box.add(event());
  await vi.advanceTimersByTimeAsync(WINDOW_MS);
  expect(batches).toEqual([]);
});
