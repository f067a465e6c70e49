// The live store when its connection is lost, refused, or denied.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeFrame } from '../../server/contract/frame.ts';
import { frame } from './fixtures/frames.ts';
import { event, full, hello, setUp } from './fixtures/live-store.ts';

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

describe('LiveStore without a connection', () => {
  it('reconnects, waiting longer each time, and asks for the events after the last one', async () => {
    const waits: number[] = [];
    let lostMs = 0;
    const probe = vi.fn(async () => {
      waits.push(Date.now() - lostMs);
      lostMs = Date.now();
      if (waits.length < 6) throw new Error('no connection');
      return 'answers' as const;
    });
    const { store, sockets, last, connection } = setUp(probe);
    store.start();
    expect(last().sinceId).toBeUndefined();
    last().text(hello(7));
    last().frame(full(1));
    last().text({ type: 'event', event: event(9) });
    lostMs = Date.now();
    last().drop();
    expect(connection().state).toBe('stale');
    while (sockets.length < 2) await vi.advanceTimersByTimeAsync(100);
    expect(waits).toEqual([200, 400, 800, 1500, 1500, 1500]);
    expect(last().sinceId).toBe(9);
    last().text(hello(9));
    last().frame(full(1));
    last().drop();
    lostMs = Date.now();
    while (sockets.length < 3) await vi.advanceTimersByTimeAsync(100);
    expect(waits.at(-1)).toBe(200);
    store.stop();
  });

  it('starts over when a frame does not follow', async () => {
    const { store, sockets, last } = setUp();
    store.start();
    last().frame(full(1));
    last().frame(frame(5));
    expect(sockets[0]?.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(200);
    expect(sockets).toHaveLength(2);
    store.stop();
  });

  it('survives garbage instead of a frame', async () => {
    const { store, sockets, last, connection } = setUp();
    store.start();
    last().bytes(new Uint8Array([0xc1, 0xff]).buffer);
    await vi.advanceTimersByTimeAsync(200);
    expect(sockets).toHaveLength(2);
    last().frame(full(1));
    expect(connection().state).toBe('live');
    store.stop();
  });

  it('stops when the session has ended', async () => {
    const { store, sockets, last, connection } = setUp(async () => 'denied');
    store.start();
    last().drop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(connection().state).toBe('denied');
    expect(sockets).toHaveLength(1);
  });

  it('keeps trying while the server is down', async () => {
    const probe = vi.fn(() => Promise.reject(new Error('no connection')));
    const { store, last, connection } = setUp(probe);
    store.start();
    last().drop();
    await vi.advanceTimersByTimeAsync(250);
    expect(probe).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(probe.mock.calls.length).toBeGreaterThan(30);
    expect(connection()).toEqual({ state: 'connecting', missing: 'server' });
    store.stop();
  });

  it('asks by requests while a proxy lets no WebSocket through, and returns to the stream when one does', async () => {
    const { store, sockets, last, ask, connection } = setUp();
    let seq = 0;
    ask.mockImplementation(async () => [JSON.stringify(hello(7)), encodeFrame(full(++seq))]);
    store.start();
    last().drop();
    await vi.advanceTimersByTimeAsync(300);
    last().drop();
    await vi.advanceTimersByTimeAsync(1000);
    expect(connection()).toMatchObject({ state: 'live', via: 'requests', role: 'operator' });
    expect(store.state.getState().paths).toEqual(['/cgdeck/web']);
    await vi.advanceTimersByTimeAsync(2000);
    expect(ask).toHaveBeenLastCalledWith({ since: 7, group: undefined }, expect.anything());
    expect(store.state.getState().tick?.seq).toBe(2);
    ask.mockRejectedValueOnce(new Error('no connection'));
    await vi.advanceTimersByTimeAsync(2000);
    expect(connection()).toMatchObject({ state: 'stale', missing: 'server' });
    await vi.advanceTimersByTimeAsync(2000);
    expect(connection().state).toBe('live');
    while (sockets.length < 3) await vi.advanceTimersByTimeAsync(100);
    last().text(hello(7));
    last().frame(full(++seq));
    expect(connection()).toMatchObject({ state: 'live', via: 'socket' });
    const { length } = ask.mock.calls;
    await vi.advanceTimersByTimeAsync(4000);
    expect(ask).toHaveBeenCalledTimes(length);
    store.stop();
  });
});
