// Ten minutes of readings: the agent's past joined with the stream.
import { describe, expect, it, vi } from 'vitest';
import { entry, frame, usage } from './fixtures/frames.ts';
import { LiveGroups } from './groups.ts';
import { HISTORY_MS, HistoryTracks, joinSeries } from './history.ts';

const patience = { timeout: 60_000 };

const USAGE = 'memory.usage_in_bytes';

describe('joinSeries', () => {
  it('carries a value on until it changes', () => {
    expect(
      joinSeries([
        {
          reading: 'a',
          points: [
            [1, 10],
            [3, 30],
          ],
        },
        {
          reading: 'b',
          points: [
            [2, 'max'],
            [3, 5],
          ],
        },
      ]),
    ).toEqual([
      { timeMs: 1, a: 10 },
      { timeMs: 2, a: 10, b: 'max' },
      { timeMs: 3, a: 30, b: 5 },
    ]);
  });
});

function setUp(
  fetch = vi.fn(async () => ({
    group: '/cgdeck/web',
    inode: 1003,
    series: [{ reading: USAGE, points: [[1_700_000_000_500, 7]] as [number, number][] }],
  })),
) {
  const groups = new LiveGroups();
  const tracks = new HistoryTracks(fetch);
  const send = (seq: number, part: Parameters<typeof frame>[1]) => {
    const next = frame(seq, part);
    groups.apply(next);
    tracks.onFrame(next, groups);
  };
  return { tracks, send, fetch };
}

const first = { full: true, groups: [entry(3, '/cgdeck/web')], changes: usage(3, 10, 0) };

describe('HistoryTracks', () => {
  it('shows the stream at once and adds the past when it arrives', async () => {
    const { tracks, send } = setUp();
    const stop = tracks.watch('/cgdeck/web', [USAGE], () => {});
    expect(tracks.get('/cgdeck/web', [USAGE]).loading).toBe(true);
    send(1, first);
    await vi.waitFor(() => expect(tracks.get('/cgdeck/web', [USAGE]).loading).toBe(false), patience);
    send(2, { changes: usage(3, 20, 0) });
    expect(tracks.get('/cgdeck/web', [USAGE]).points.map((point) => point[USAGE])).toEqual([7, 10, 20]);
    stop();
    expect(tracks.get('/cgdeck/web', [USAGE]).points).toEqual([]);
  });

  it('starts empty when the group was created again', async () => {
    const { tracks, send } = setUp();
    tracks.watch('/cgdeck/web', [USAGE], () => {});
    send(1, first);
    await vi.waitFor(() => expect(tracks.get('/cgdeck/web', [USAGE]).loading).toBe(false), patience);
    send(2, { removed: [3], groups: [entry(9, '/cgdeck/web', 4242)], changes: usage(9, 99, 0) });
    expect(tracks.get('/cgdeck/web', [USAGE]).points.map((point) => point[USAGE])).toEqual([99]);
  });

  it('drops what is older than ten minutes', async () => {
    const { tracks, send } = setUp();
    tracks.watch('/cgdeck/web', [USAGE], () => {});
    send(1, first);
    await vi.waitFor(() => expect(tracks.get('/cgdeck/web', [USAGE]).loading).toBe(false), patience);
    send(2, { timeMs: 1_700_000_000_000 + HISTORY_MS + 1400, changes: usage(3, 20, 0) });
    expect(tracks.get('/cgdeck/web', [USAGE]).points.map((point) => point[USAGE])).toEqual([20]);
  });

  it('has the reason why the past is missing, and continues with the stream', async () => {
    const { tracks, send } = setUp(vi.fn(() => Promise.reject(new Error('cut off'))));
    tracks.watch('/cgdeck/web', [USAGE], () => {});
    await vi.waitFor(() => expect(tracks.get('/cgdeck/web', [USAGE]).error).toBeDefined(), patience);
    send(1, first);
    expect(tracks.get('/cgdeck/web', [USAGE]).points).toHaveLength(1);
  });

  it.each([-3_600_000, 3_600_000])('continues when the clock is set by %d ms, with the agent’s past by the new clock', async (byMs) => {
    let points: [number, number][] = [[1_700_000_000_500, 7]];
    const { tracks, send, fetch } = setUp(vi.fn(async () => ({ group: '/cgdeck/web', inode: 1003, series: [{ reading: USAGE, points }] })));
    tracks.watch('/cgdeck/web', [USAGE], () => {});
    send(1, first);
    await vi.waitFor(() => expect(tracks.get('/cgdeck/web', [USAGE]).loading).toBe(false), patience);
    points = [
      [1_700_000_000_500 + byMs, 7],
      [1_700_000_001_000 + byMs, 10],
    ];
    send(2, { timeMs: 1_700_000_002_000 + byMs, changes: usage(3, 20, 0) });
    await vi.waitFor(() => expect(tracks.get('/cgdeck/web', [USAGE]).points).toHaveLength(3), patience);
    expect(fetch).toHaveBeenCalledTimes(2);
    send(3, { timeMs: 1_700_000_003_000 + byMs, changes: usage(3, 30, 0) });
    const now = tracks.get('/cgdeck/web', [USAGE]).points;
    expect(now.map((point) => point[USAGE])).toEqual([7, 10, 20, 30]);
    expect(now.map(({ timeMs }) => timeMs - byMs)).toEqual([1_700_000_000_500, 1_700_000_001_000, 1_700_000_002_000, 1_700_000_003_000]);
  });
});
