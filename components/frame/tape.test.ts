// The tape’s rows: a stretch of pressure is one row that keeps its place.
import { expect, test } from 'vitest';
import type { Event } from '../../server/contract/events.ts';
import { tapeOf as rowsOf, withStretches } from './tape.ts';

const tapeOf = (events: readonly Event[], rows = 80) => rowsOf(events, rows);

let id = 0;
const pressure = (group: string, level: 'low' | 'medium' | 'critical', time: number, count = 1): Event => ({
  kind: 'pressure',
  id: ++id,
  group,
  level,
  time,
  count,
});
const made = (group: string, time: number): Event => ({ kind: 'create', id: ++id, group, time });

test('pressure on one group is one row, with the strongest level and the counts of that level', () => {
  const rows = tapeOf([
    pressure('/a', 'low', 0, 3),
    pressure('/a', 'low', 1000, 4),
    pressure('/a', 'critical', 2000, 5),
    pressure('/a', 'low', 2000, 9),
    pressure('/a', 'critical', 3000, 6),
  ]);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ event: { level: 'critical', count: 11, time: 0 }, untilMs: 3000 });
});

test('it keeps its place and key while it continues', () => {
  const log = [pressure('/a', 'low', 0), made('/b', 500), pressure('/a', 'low', 1000)];
  const before = tapeOf(log.slice(0, 2));
  const after = tapeOf(log);
  expect(after.map((row) => row.event.group)).toEqual(['/b', '/a']);
  expect(after.map((row) => row.key)).toEqual(before.map((row) => row.key));
});

test('after a pause, and for another group, there is a new row', () => {
  expect(tapeOf([pressure('/a', 'low', 0), pressure('/c', 'low', 10), pressure('/a', 'low', 6000)])).toHaveLength(3);
});

test('a limit reached again and again is one row, apart from other limits and from pressure', () => {
  const met = (file: string, time: number, count = 1): Event => ({ kind: 'threshold', id: ++id, group: '/a', file, time, count });
  const rows = tapeOf([
    met('memory.high', 0, 3),
    met('pids.max', 10),
    pressure('/a', 'low', 20),
    met('memory.high', 1000, 4),
    met('memory.high', 2000),
  ]);
  expect(rows.map(({ event }) => event.kind)).toEqual(['pressure', 'threshold', 'threshold']);
  expect(rows.at(-1)).toMatchObject({ event: { file: 'memory.high', count: 8, time: 0 }, untilMs: 2000 });
});

test('kills in one group are one row with all names, and a storm is one with its end', () => {
  const kill = (pid: number, time: number): Event => ({
    kind: 'oom_kill',
    id: ++id,
    group: '/a',
    time,
    count: 1,
    victim: { pid, comm: 'hog' },
  });
  const storm: Event = { kind: 'oom', id: ++id, replaces: 1, group: '/a', time: 0, untilMs: 2000, count: 9, underOom: false };
  const rows = tapeOf([storm, kill(7, 0), kill(8, 1000), kill(9, 9000)]);
  expect(rows).toMatchObject([
    { event: { victim: { pid: 9 } } },
    { event: { count: 2, victims: [{ pid: 7 }, { pid: 8 }] }, untilMs: 1000 },
    { event: { kind: 'oom' }, key: 1, untilMs: 2000 },
  ]);
});

test('each resource’s pressure has its own row', () => {
  const io: Event = { ...pressure('/a', 'low', 10), kind: 'pressure', level: 'low', count: 1, resource: 'io' };
  expect(tapeOf([pressure('/a', 'low', 0), io, pressure('/a', 'low', 1000)])).toHaveLength(2);
});

test('only the chosen kinds become stretches, oldest first', () => {
  const kill: Event = { kind: 'oom_kill', id: ++id, group: '/a', time: 0, count: 1 };
  const log = [pressure('/a', 'low', 0), kill, { ...kill, id: ++id, time: 1000 }, pressure('/a', 'critical', 1000)];
  const rows = withStretches(log, ['pressure']);
  expect(rows.map(({ event, untilMs }) => [event.kind, untilMs])).toEqual([
    ['pressure', 1000],
    ['oom_kill', undefined],
    ['oom_kill', undefined],
  ]);
});

test('a kill, a limit and pressure stay while thousands of groups come and go, the gravest longest', () => {
  const kill: Event = { kind: 'oom_kill', id: ++id, group: '/a', time: 0, count: 1 };
  const strained = Array.from({ length: 100 }, (_, i) => pressure(`/p${i}`, 'low', i));
  const storm = Array.from({ length: 3000 }, (_, i) => made(`/s${i}`, 1000 + i));
  const rows = tapeOf([kill, ...strained, ...storm]);
  expect(rows).toHaveLength(80);
  expect(rows.slice(0, 40).every(({ event }) => event.kind === 'create')).toBe(true);
  expect(rows[0]?.event.id).toBe(id);
  expect(rows.slice(40).map(({ event }) => event.group)).toEqual([
    ...strained
      .slice(-39)
      .map(({ group }) => group)
      .reverse(),
    '/a',
  ]);
});

test('where nothing is grave, the newest have all rows', () => {
  const rows = tapeOf(Array.from({ length: 3000 }, (_, i) => made(`/s${i}`, i)));
  expect(rows.map(({ event }) => event.group)).toEqual(Array.from({ length: 80 }, (_, i) => `/s${2999 - i}`));
});
