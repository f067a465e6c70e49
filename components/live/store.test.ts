// The live store over a socket that the test controls: staleness by a fake clock, each event once.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Event } from '../../server/contract/events.ts';
import { ProblemError } from '../../server/contract/problems.ts';
import { frame } from './fixtures/frames.ts';
import { event, full, hello, setUp } from './fixtures/live-store.ts';

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

describe('LiveStore', () => {
  it('is live from the first frame on', () => {
    const { store, last, connection } = setUp();
    store.start();
    expect(connection().state).toBe('connecting');
    last().text(hello(7));
    last().frame(full(1));
    expect(connection()).toEqual({ state: 'live', via: 'socket', role: 'operator', name: 'link', full: false });
    expect(last().binaryType).toBe('arraybuffer');
    expect(store.state.getState().paths).toEqual(['/cgdeck/web']);
    store.stop();
  });

  it('is stale after more than two ticks without a frame, has since when, and recovers with the next frame', () => {
    const { store, last, connection } = setUp();
    store.start();
    last().frame(full(1));
    vi.advanceTimersByTime(2000);
    expect(connection().state).toBe('live');
    vi.advanceTimersByTime(500);
    expect(connection()).toMatchObject({ state: 'stale', sinceMs: 1_000_000, missing: 'server' });
    last().frame(frame(2));
    expect(connection().state).toBe('live');
    expect(connection().sinceMs).toBeUndefined();
    store.stop();
  });

  it('goes by the interval that the agent ticks at', () => {
    const { store, last, connection } = setUp();
    store.start();
    last().frame({ ...full(1), tick: { intervalMs: 10_000, durationMs: 1, late: 0 } });
    for (let beats = 0; beats < 4; beats++) {
      vi.advanceTimersByTime(5000);
      expect(connection().state).toBe('live');
      expect(last().sent).toHaveLength(beats + 1);
      last().text({ type: 'beat' });
    }
    vi.advanceTimersByTime(1000);
    expect(connection().state).toBe('stale');
    store.stop();
  });

  it('is stale at once when the server has no agent any more', () => {
    const { store, last, connection } = setUp();
    store.start();
    last().frame(full(1));
    vi.advanceTimersByTime(300);
    last().text({ type: 'agent', connected: false });
    expect(connection()).toMatchObject({ state: 'stale', sinceMs: 1_000_000, missing: 'agent' });
    store.stop();
  });

  it('asks for the host again soon until there is an answer', async () => {
    const { store, last, host } = setUp();
    host.mockRejectedValueOnce(new ProblemError('agent_unavailable', 'The server does not answer.'));
    store.start();
    last().text(hello(1));
    await vi.advanceTimersByTimeAsync(0);
    expect(store.state.getState().host).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1000);
    expect(store.state.getState().host).toBeDefined();
    expect(host).toHaveBeenCalledTimes(2);
    host.mockRejectedValueOnce(new ProblemError('agent_unavailable', 'The server does not answer.'));
    store.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(host).toHaveBeenCalledTimes(2);
  });

  it('asks for the last minute by the server’s clock, also where the browser’s is three hours ahead', () => {
    const { store, last, history } = setUp();
    store.start();
    last().frame(full(1));
    vi.setSystemTime(frame(1).timeMs + 3 * 3_600_000);
    store.backfill.want('/cgdeck/web');
    expect(history.mock.calls[0]?.[0].from).toBe(frame(1).timeMs - 65_000);
    store.stop();
  });

  it('has each event once, in order, with those from before the page', async () => {
    const { store, last, events } = setUp();
    store.start();
    last().text(hello(5002));
    last().text({ type: 'event', event: event(5004) });
    last().text({ type: 'event', event: event(5003) });
    last().text({ type: 'event', event: event(5004) });
    await vi.advanceTimersByTimeAsync(20);
    expect(events).toHaveBeenCalledWith({ since: 3002, limit: 2000 });
    expect(store.state.getState().events.map(({ id }) => id)).toEqual([3003, 3004, 5003, 5004]);
    expect(store.state.getState().eventsLoaded).toBe(true);
    last().drop();
    await vi.advanceTimersByTimeAsync(200);
    expect(last().sinceId).toBe(5004);
    last().text(hello(5004));
    await vi.advanceTimersByTimeAsync(20);
    expect(events).toHaveBeenCalledTimes(1);
    store.stop();
  });

  it('has an event that grows once, in its newest version, where it began', async () => {
    const { store, last } = setUp();
    const oom = (id: number, count: number, replaces?: number): Event => ({
      ...{ kind: 'oom', id, time: 1, group: '/a', count, underOom: false },
      ...(replaces === undefined ? {} : { replaces }),
    });
    store.start();
    last().text(hello(0));
    const sent = [oom(10, 1), oom(12, 400, 10), event(11), oom(13, 900, 10), oom(12, 400, 10)];
    for (const one of sent) last().text({ type: 'event', event: one });
    await vi.advanceTimersByTimeAsync(20);
    const { events } = store.state.getState();
    expect(events.map(({ id }) => id)).toEqual([1, 2, 13, 11]);
    last().drop();
    await vi.advanceTimersByTimeAsync(200);
    expect(last().sinceId).toBe(13);
    store.stop();
  });

  it('asks again which features and which events are missing', async () => {
    const { store, last, host } = setUp();
    store.start();
    last().text(hello(1));
    last().text({ type: 'gap', gap: { from: 1, to: 4, kinds: ['create'] } });
    expect(store.state.getState().gaps).toEqual([{ from: 1, to: 4, kinds: ['create'] }]);
    await vi.advanceTimersByTimeAsync(0);
    expect(store.state.getState().host?.missing).toEqual(['fault 1']);
    while (host.mock.calls.length < 2) await vi.advanceTimersToNextTimerAsync();
    expect(store.state.getState().host?.missing).toEqual(['fault 2']);
    store.stop();
    const { length } = host.mock.calls;
    await vi.runAllTimersAsync();
    expect(host).toHaveBeenCalledTimes(length);
  });

  it('knows when another version of the server answers, and goes on', () => {
    const { store, last } = setUp();
    store.start();
    last().text(hello(1));
    last().text(hello(1));
    expect(store.state.getState().newVersion).toBeUndefined();
    last().text(hello(1, '0.2.0'));
    expect(store.state.getState().newVersion).toBe('0.2.0');
    // That one is gone again, as after a failed upgrade.
    last().text(hello(1));
    expect(store.state.getState().newVersion).toBeUndefined();
    store.stop();
  });
});
