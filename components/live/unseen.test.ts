// A page that nobody sees renders nothing and catches up when it is shown; and eight hours leave nothing behind.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Event } from '../../server/contract/events.ts';
import { entry, frame, usage } from './fixtures/frames.ts';
import { full, hello, setUp } from './fixtures/live-store.ts';

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

test('while it is hidden no listener is called for a frame; shown again, each is called once and has the newest', async () => {
  const { store, last, hide } = setUp();
  store.start();
  last().text(hello(7));
  last().frame(full(1));
  const KEYS = ['memory.usage_in_bytes'];
  const calls = { group: 0, history: 0, state: 0 };
  store.groups.watch('/cgdeck/web', () => calls.group++);
  store.history.watch('/cgdeck/web', KEYS, () => calls.history++);
  await vi.advanceTimersByTimeAsync(100);
  store.state.subscribe(({ tick }, before) => {
    if (tick !== before.tick) calls.state++;
  });
  calls.history = 0;
  hide(true);
  for (let seq = 2; seq <= 60; seq++) last().frame(frame(seq, { changes: usage(3, seq * 1000, seq) }));
  expect(calls).toEqual({ group: 0, history: 0, state: 0 });
  expect(store.state.getState().tick?.seq).toBe(1);
  hide(false);
  expect(calls).toEqual({ group: 1, history: 1, state: 1 });
  expect(store.state.getState().tick?.seq).toBe(60);
  expect(store.groups.get('/cgdeck/web')?.readings['memory.usage_in_bytes']).toBe(60_000);
  // The minute that nobody saw is in the charts.
  expect(store.history.get('/cgdeck/web', KEYS).points.map((point) => point['memory.usage_in_bytes'])).toContain(30_000);
  expect(store.groups.spark('/cgdeck/web')?.count).toBe(60);
  last().frame(frame(61));
  expect(store.state.getState().tick?.seq).toBe(61);
  store.stop();
});

test('a group that came while it was hidden is there when it is shown', () => {
  const { store, last, hide } = setUp();
  store.start();
  hide(true);
  last().frame(full(1));
  last().frame(frame(2, { groups: [entry(4, '/cgdeck/new')] }));
  expect(store.state.getState().paths).toEqual([]);
  hide(false);
  expect(store.state.getState().paths).toEqual(['/cgdeck/new', '/cgdeck/web']);
  store.stop();
});

test('eight hours of groups that come, are killed and go leave nothing behind', async () => {
  const { store, last } = setUp();
  store.start();
  last().text(hello(7));
  last().frame(full(1));
  const KEYS = ['memory.usage_in_bytes'];
  store.history.watch('/cgdeck/web', KEYS, () => {});
  const SECONDS = 8 * 3600;
  let id = 10;
  for (let seq = 2; seq <= SECONDS; seq++) {
    const gid = 10 + seq;
    const path = `/cgdeck/job-${seq}`;
    last().frame(frame(seq, { groups: [entry(gid, path)], changes: usage(gid, 1000, seq), removed: seq > 12 ? [gid - 10] : [] }));
    const rest = { time: frame(seq).timeMs, group: path };
    const events: Event[] = [
      { ...rest, id: ++id, kind: 'create' },
      { ...rest, id: ++id, kind: 'remove' },
      // The kernel's log is read after the group was removed.
      { ...rest, id: ++id, kind: 'oom_kill', count: 1 },
    ];
    for (const one of events) last().text({ type: 'event', event: one });
    if (seq % 100 === 0) await vi.advanceTimersByTimeAsync(20);
  }
  const { paths, events } = store.state.getState();
  expect(paths.length).toBeLessThan(20);
  expect(events.length).toBeLessThanOrEqual(6000);
  expect(store.history.get('/cgdeck/web', KEYS).points.length).toBeLessThanOrEqual(601);
  expect(store.troubles.size).toBeLessThanOrEqual(1001);
  // Of what nobody looks at any more nothing is kept.
  expect([...store.groups.mirror.groups.values()]).toHaveLength(paths.length);
  store.stop();
});
