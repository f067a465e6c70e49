// Ten minutes of history: what is kept, and what a query returns.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Change } from '../../../contract/frame.ts';
import { History, type HistoryQuery } from './history.ts';

const USAGE = 'memory.usage_in_bytes';
const START = 1_700_000_000_000;
/** The monotonic clock at START. */
const MONO = 5_000;
const MINUTES = 60_000;

const at = (ms: number) => ({ timeMs: START + ms, monoMs: MONO + ms });

let history: History;

/** Adds USAGE of group 1, times in ms after START. */
function add(...steps: [ms: number, value: number | string | null][]): void {
  for (const [ms, value] of steps) history.add(MONO + ms, [[1, USAGE, value]]);
}

/** Points of USAGE in ms after START. */
function points(query: HistoryQuery, nowMs: number, gid = 1): [number, unknown][] | undefined {
  const shifted = {
    ...query,
    ...(query.from === undefined ? {} : { from: START + query.from }),
    ...(query.to === undefined ? {} : { to: START + query.to }),
  };
  return history
    .query(gid, shifted, at(nowMs))
    .find(({ reading }) => reading === USAGE)
    ?.points.map(([time, value]) => [time - START, value]);
}

beforeEach(() => {
  history = new History();
});

describe('without a step', () => {
  test.each<[string, HistoryQuery, [number, number | string][]]>([
    [
      'everything',
      {},
      [
        [0, 1],
        [1000, 2],
        [5000, 'max'],
        [9000, 4],
      ],
    ],
    [
      'from the middle of a step, which counts from there',
      { from: 3000 },
      [
        [3000, 2],
        [5000, 'max'],
        [9000, 4],
      ],
    ],
    [
      'from exactly a step',
      { from: 5000 },
      [
        [5000, 'max'],
        [9000, 4],
      ],
    ],
    [
      'up to a moment',
      { to: 5000 },
      [
        [0, 1],
        [1000, 2],
        [5000, 'max'],
      ],
    ],
    ['a stretch without a change', { from: 1500, to: 1600 }, [[1500, 2]]],
    ['behind the last change', { from: 9500 }, [[9500, 4]]],
    ['before the first', { to: -1 }, []],
    ['backwards', { from: 5000, to: 1000 }, []],
  ])('%s', (_, query, expected) => {
    add([0, 1], [1000, 2], [5000, 'max'], [9000, 4]);
    expect(points(query, 10_000)).toEqual(expected);
  });

  test('there are no points while the reading is absent', () => {
    add([0, 1], [1000, null], [3000, 2]);
    expect(points({}, 4000)).toEqual([
      [0, 1],
      [3000, 2],
    ]);
    expect(points({ from: 1500, to: 2500 }, 4000)).toEqual([]);
  });
});

describe('with a step', () => {
  test.each<[string, HistoryQuery, [number, number | string][]]>([
    [
      'a second',
      { step: 1 },
      [
        [0, 1],
        [1000, 2],
        [2000, 2],
        [3000, 'max'],
        [4000, 'max'],
      ],
    ],
    [
      'half a second in a stretch',
      { step: 0.5, from: 1000, to: 2000 },
      [
        [1000, 2],
        [1500, 2],
        [2000, 2],
      ],
    ],
    ['a step longer than all there is', { step: 60 }, [[0, 1]]],
  ])('%s', (_, query, expected) => {
    add([0, 1], [1000, 2], [2500, 'max']);
    expect(points(query, 4000)).toEqual(expected);
  });

  test('no points while the reading is absent', () => {
    add([0, 1], [1000, null], [3000, 2]);
    expect(points({ step: 1 }, 4000)).toEqual([
      [0, 1],
      [3000, 2],
      [4000, 2],
    ]);
  });

  test.each([1e15, Number.MAX_VALUE])('a query up to %d ends now', (to) => {
    add([0, 1]);
    expect(history.query(1, { step: 0.1, to }, at(1000))[0]?.points).toHaveLength(11);
    expect(history.query(1, { to }, at(1000))[0]?.points).toHaveLength(1);
  });
});

describe('a wall clock that is set', () => {
  /** Adds two values a second apart; the wall clock is set by `byMs` in between. */
  function set(byMs: number) {
    add([0, 1], [1000, 2]);
    return { timeMs: START + byMs + 2000, monoMs: MONO + 2000 };
  }

  test.each([-3_600_000, -86_400_000, 3_600_000])('by %d ms moves the earlier points too', (byMs) => {
    const now = set(byMs);
    const series = [
      [0, 1],
      [1000, 2],
    ].map(([ms = 0, value]) => [START + byMs + ms, value]);
    expect(history.query(1, {}, now)[0]?.points).toEqual(series);
    expect(history.query(1, { step: 1 }, now)[0]?.points).toEqual([...series, [START + byMs + 2000, 2]]);
    expect(history.query(1, { from: START + byMs + 500, to: START + byMs + 700 }, now)[0]?.points).toEqual([[START + byMs + 500, 1]]);
  });
});

describe('what is kept', () => {
  test('ten minutes, and the value at their beginning', () => {
    add([0, 1], [5 * MINUTES, 2], [9 * MINUTES, 3], [14 * MINUTES, 4]);
    history.trim(MONO + 16 * MINUTES);
    expect(points({}, 16 * MINUTES)).toEqual([
      [6 * MINUTES, 2],
      [9 * MINUTES, 3],
      [14 * MINUTES, 4],
    ]);
    // The first value is dropped: a query of that time returns nothing.
    expect(points({}, 10 * MINUTES)).toEqual([
      [5 * MINUTES, 2],
      [9 * MINUTES, 3],
    ]);
  });

  test('a reading that has not changed for hours is kept', () => {
    add([0, 7]);
    history.trim(MONO + 600 * MINUTES);
    expect(points({}, 600 * MINUTES)).toEqual([[590 * MINUTES, 7]]);
    expect(points({ step: 300 }, 600 * MINUTES)).toEqual([
      [590 * MINUTES, 7],
      [595 * MINUTES, 7],
      [600 * MINUTES, 7],
    ]);
  });

  test('only readings that the registry keeps', () => {
    const changes: Change[] = [
      [1, 'memory.stat:total_rss', 1],
      [1, 'memory.stat:total_dirty', 1],
      [1, 'cpuacct.usage_percpu:1', 1],
      [1, 'memory.pressure:some.avg10', 1],
      [1, 'memory.pressure:some.total', 1],
      [1, 'cpuset.cpus', '0'],
      [1, 'no.such', 1],
      [1, 'meminfo:MemTotal', 1],
    ];
    history.add(MONO, changes);
    expect(
      history
        .query(1, {}, at(0))
        .map(({ reading }) => reading)
        .sort(),
    ).toEqual(['cpuacct.usage_percpu:1', 'memory.pressure:some.avg10', 'memory.stat:total_rss']);
  });

  test('each group until it is removed', () => {
    history.add(MONO, [
      [1, USAGE, 1],
      [2, USAGE, 2],
    ]);
    history.remove(1);
    expect(points({}, 0, 1)).toBeUndefined();
    expect(points({}, 0, 2)).toEqual([[0, 2]]);
    expect(history.query(3, {}, at(0))).toEqual([]);
  });

  test('a query returns only the readings asked for', () => {
    history.add(MONO, [
      [1, USAGE, 1],
      [1, 'pids.current', 2],
    ]);
    expect(history.query(1, { readings: ['pids.current', 'pids.max'] }, at(0)).map(({ reading }) => reading)).toEqual(['pids.current']);
    expect(history.query(1, { readings: [] }, at(0))).toEqual([]);
  });

  test('as much of the past as fits into the memory for it, but a minute; more again once less changes', () => {
    const atMost = 100_000;
    history = new History(atMost);
    let ms = 0;
    /** A second of so many groups that change. */
    const second = (groups: number) => {
      ms += 1000;
      history.add(
        MONO + ms,
        Array.from({ length: groups }, (_, gid) => [gid + 1, USAGE, ms]),
      );
      history.trim(MONO + ms);
    };
    for (let i = 0; i < 900; i++) second(20);
    const span = () => ms - (points({}, ms)?.[0]?.[0] ?? 0);
    expect(history.bytes).toBeLessThan(atMost * 1.3);
    expect(history.bytes).toBeGreaterThan(atMost * 0.6);
    expect(span()).toBeGreaterThan(3 * MINUTES);
    for (let i = 0; i < 300; i++) second(500);
    expect(span()).toBeGreaterThanOrEqual(MINUTES);
    expect(span()).toBeLessThan(1.5 * MINUTES);
    for (let gid = 2; gid <= 500; gid++) history.remove(gid);
    for (let i = 0; i < 900; i++) second(1);
    expect(span()).toBeGreaterThan(9 * MINUTES);
    history.remove(1);
    expect(history.bytes).toBe(0);
  });
});
