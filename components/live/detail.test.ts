// The detail of the group that the page shows: asked for, complete, and gone when another is shown.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { columnsOf } from '../../server/contract/columns.ts';
import type { Detail } from '../../server/contract/frame.ts';
import { entry, frame, usage } from './fixtures/frames.ts';
import { full, setUp } from './fixtures/live-store.ts';

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

const WEB = '/cgdeck/web';
const ANON = 'memory.stat:total_rss';
const anon = (bytes: number, of = WEB, gid = 3): Detail => ({ of, columns: columnsOf([[gid, ANON, bytes]]) });
const asks = (sent: readonly string[]) => sent.map((text) => JSON.parse(text)).filter(({ type }) => type === 'detail');

function begin() {
  const { store, last, sockets } = setUp();
  store.start();
  last().frame(full(1));
  const want = (path: string) => store.detail.want(path);
  return { store, last, sockets, want };
}

describe('the detail of a group', () => {
  it('is asked for, and the group is whole once it has come, with the same time and the same rates', () => {
    const { store, last, want } = begin();
    last().frame(frame(2, { changes: usage(3, 2000, 0) }));
    const changed = vi.fn();
    store.groups.watch(WEB, changed);
    want(WEB);
    vi.advanceTimersByTime(0);
    expect(asks(last().sent)).toEqual([{ type: 'detail', group: WEB }]);
    expect(store.groups.isWhole(WEB)).toBe(false);
    const before = store.groups.get(WEB);
    last().frame(frame(2, { adds: true, detail: anon(7) }));
    expect(store.groups.isWhole(WEB)).toBe(true);
    expect(changed).toHaveBeenCalledTimes(1);
    expect(store.groups.get(WEB)).toMatchObject({
      readings: { [ANON]: 7, 'memory.usage_in_bytes': 2000 },
      before: before?.before,
      atMs: before?.atMs,
    });
    expect(store.groups.spark(WEB)?.values('memory')).toEqual([1000, 2000]);
    last().frame(frame(3, { detail: anon(9) }));
    expect(store.groups.get(WEB)?.before?.readings[ANON]).toBe(7);
    expect(store.groups.get(WEB)?.readings[ANON]).toBe(9);
    store.stop();
  });

  it('is dropped when another group is shown, and what is still on its way is not taken', () => {
    const { store, last, want } = begin();
    last().frame(frame(2, { groups: [entry(4, '/other')] }));
    const leave = want(WEB);
    vi.advanceTimersByTime(0);
    last().frame(frame(2, { adds: true, detail: anon(7) }));
    leave();
    want('/other');
    vi.advanceTimersByTime(250);
    expect(asks(last().sent).at(-1)).toEqual({ type: 'detail', group: '/other' });
    last().frame(frame(3, { detail: anon(8) }));
    expect(store.groups.mirror.byPath(WEB)?.readings).not.toHaveProperty(ANON);
    expect(store.groups.isWhole('/other')).toBe(false);
    last().frame(frame(3, { adds: true, detail: anon(1, '/other', 4) }));
    expect(store.groups.isWhole('/other')).toBe(true);
    expect(store.groups.isWhole(WEB)).toBe(false);
    store.stop();
  });

  it('of a group that is shown again has nothing that it no longer has', () => {
    const { store, last, want } = begin();
    want(WEB);
    vi.advanceTimersByTime(0);
    last().frame(frame(1, { adds: true, detail: { of: WEB, columns: columnsOf([[3, 'net.rx_bytes', 1]]) } }));
    last().frame(frame(1, { adds: true, detail: anon(7) }));
    expect(store.groups.get(WEB)?.readings).toEqual({ 'memory.usage_in_bytes': 1000, 'cpuacct.usage': 0, [ANON]: 7 });
    store.stop();
  });

  it('is asked for once where one page replaces another, and not for groups that are passed by', () => {
    const { store, last, want } = begin();
    const first = want('/a');
    first();
    want('/b');
    vi.advanceTimersByTime(0);
    for (let i = 0; i < 40; i++) want(`/passed${i}`)();
    vi.advanceTimersByTime(249);
    const leave = want('/c');
    vi.advanceTimersByTime(1);
    leave();
    vi.advanceTimersByTime(250);
    expect(asks(last().sent).map(({ group }) => group)).toEqual(['/b', '/c', '/b']);
    store.stop();
  });

  it('is asked for once the connection is made, where a page is opened with it', () => {
    const { store, last } = setUp();
    store.start();
    last().readyState = 0;
    store.detail.want(WEB);
    vi.advanceTimersByTime(1000);
    expect(asks(last().sent)).toEqual([]);
    last().readyState = 1;
    last().frame(full(1));
    expect(asks(last().sent)).toEqual([{ type: 'detail', group: WEB }]);
    store.stop();
  });

  it('comes with the first frame of a new connection', () => {
    const { store, last, sockets, want } = begin();
    want(WEB);
    vi.advanceTimersByTime(0);
    last().drop();
    expect(store.groups.isWhole(WEB)).toBe(false);
    return vi.advanceTimersByTimeAsync(2000).then(() => {
      expect(sockets).toHaveLength(2);
      expect(last().group).toBe(WEB);
      last().frame({ ...full(9), detail: anon(5) });
      expect(store.groups.isWhole(WEB)).toBe(true);
      expect(store.groups.get(WEB)?.readings[ANON]).toBe(5);
      store.stop();
    });
  });

  it('of a group that does not exist is none, and that is known', () => {
    const { store, last, want } = begin();
    const changed = vi.fn();
    store.groups.watch('/nothing', changed);
    want('/nothing');
    vi.advanceTimersByTime(0);
    last().frame(frame(1, { adds: true, detail: { of: '/nothing', columns: [] } }));
    expect([store.groups.isWhole('/nothing'), changed.mock.calls.length]).toEqual([true, 1]);
    store.stop();
  });
});
