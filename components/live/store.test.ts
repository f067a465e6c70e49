// The live store over a socket that the test controls: reconnecting, staleness by a fake clock, each event once.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Host } from '../../server/contract/answers.ts';
import type { Event } from '../../server/contract/events.ts';
import { encodeFrame } from '../../server/contract/frame.ts';
import { ProblemError } from '../../server/contract/problems.ts';
import type { StreamMessage } from '../../server/contract/stream.ts';
import { FakeSocket } from './fixtures/fake-socket.ts';
import { entry, frame, usage } from './fixtures/frames.ts';
import { LiveStore } from './store.ts';

const hello = (lastEventId: number, version = '0.1.0'): StreamMessage => ({
  type: 'hello',
  host: 'nyx',
  role: 'operator',
  name: 'link',
  version,
  lastEventId,
  intervalMs: 1000,
});
const event = (id: number): Event => ({ id, time: id, group: '/cgdeck/web', kind: 'freeze' });

function setUp(probe: () => Promise<'answers' | 'denied'> = async () => 'answers') {
  const sockets: FakeSocket[] = [];
  const history = vi.fn(async (_asked: { from?: number }) => ({ group: '/', inode: 1, series: [] }));
  const ask = vi.fn<(sinceId: number | undefined) => Promise<readonly unknown[]>>(() => Promise.reject(new Error('no connection')));
  const events = vi.fn(async ({ since = 0 }: { since?: number } = {}) => ({
    events: [event(since + 1), event(since + 2)],
    lastId: since + 2,
  }));
  const host = vi.fn(async () => ({ missing: [`fault ${host.mock.calls.length}`] }) as unknown as Host);
  const store = new LiveStore({
    open: (sinceId) => {
      const socket = new FakeSocket(sinceId);
      sockets.push(socket);
      return socket;
    },
    ask,
    probe,
    onWake: () => () => undefined,
    isHidden: () => false,
    api: {
      host,
      events,
      history,
    },
    now: () => Date.now(),
  });
  const last = () => {
    const socket = sockets.at(-1);
    if (!socket) throw new Error('nothing was opened');
    return socket;
  };
  return { store, sockets, last, ask, events, history, host, connection: () => store.state.getState().connection };
}

const full = (seq: number) => frame(seq, { full: true, groups: [entry(3, '/cgdeck/web')], changes: usage(3, 1000, 0) });

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
    expect(ask).toHaveBeenLastCalledWith(7, expect.anything());
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
    store.stop();
  });
});
