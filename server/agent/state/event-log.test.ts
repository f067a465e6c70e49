// The event log in a temporary folder, with damaged files, and with more events than it keeps.
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../contract/events.ts';
import { big, create, dir, KILL, log, path, query, reopen } from './fixtures/test-event-log.ts';

const ids = (since: number) => log.since(since).map(({ id }) => id);

test('ids start at 1, grow by one, and continue after reopening', () => {
  expect([log.lastId, ids(0), log.lastMark]).toEqual([0, [], undefined]);
  expect([create('/a').id, create('/b').id]).toEqual([1, 2]);
  reopen();
  expect(log.lastId).toBe(2);
  expect(log.since(0)).toEqual([
    { id: 1, kind: 'create', group: '/a', time: 1 },
    { id: 2, kind: 'create', group: '/b', time: 1 },
  ]);
  expect(create('/c').id).toBe(3);
  expect([ids(0), ids(2), ids(3), ids(99)]).toEqual([[1, 2, 3], [3], [], []]);
});

test('listeners get an event before it is written, and the same event is on disk', () => {
  const seen: { event: Event; disk: string }[] = [];
  log.onEvent((event) => seen.push({ event, disk: readFileSync(path(), 'utf8') }));
  create('/größe "x"\n');
  expect(seen[0]?.disk).not.toContain('"id"');
  expect(JSON.parse(readFileSync(path(), 'utf8').trim().split('\n').at(-1) ?? '')).toEqual(seen[0]?.event);
});

test('after a restart ids that may have been sent and lost are skipped', () => {
  create('/a');
  reopen(undefined, 1000);
  create('/b');
  expect(ids(0)).toEqual([1, 1002]);
});

describe('damage', () => {
  test('an incomplete last line is dropped, and does not damage the next', () => {
    create('/a');
    create('/b');
    reopen(() => truncateSync(path(), statSync(path()).size - 9));
    expect([log.lastId, ids(0)]).toEqual([1, [1]]);
    expect(create('/c').id).toBe(2);
    reopen();
    expect(log.since(1)).toMatchObject([{ id: 2, group: '/c' }]);
  });

  test('a damaged line in the middle loses no other', () => {
    for (const group of ['/a', '/b', '/c', '/d']) create(group);
    writeFileSync(path(), readFileSync(path(), 'utf8').replace('"group":"/b"', '"gro\0p":"/b"'));
    reopen();
    expect(log.lastId).toBe(4);
    expect([ids(0), ids(1), ids(2), ids(3), ids(4)]).toEqual([[1, 3, 4], [3, 4], [3, 4], [4], []]);
    expect(create('/e').id).toBe(5);
    expect(ids(3)).toEqual([4, 5]);
  });

  test.each([
    ['an id again', '{"id":2,"kind":"create","group":"/x","time":1}'],
    ['a smaller id', '{"id":1,"kind":"create","group":"/x","time":1}'],
    ['no id', '{"kind":"create","group":"/x","time":1}'],
    ['an id that is none', '{"id":-7,"kind":"create","group":"/x","time":1}'],
    ['an unknown kind', '{"id":3,"kind":"hello","group":"/x","time":1}'],
    ['no JSON', '\0\0\0\0'],
    ['null', 'null'],
    ['empty lines', '\n\n'],
  ])('%s is passed over', (_, line) => {
    create('/a');
    create('/b');
    appendFileSync(path(), `${line}\n`);
    reopen();
    expect([log.lastId, ids(0)]).toEqual([2, [1, 2]]);
  });
});

describe('marks', () => {
  test('the last mark counts, also with events after it', () => {
    log.mark({ boot: 'one', kernelLog: 5 });
    log.mark({ boot: 'two', kernelLog: 9 });
    create('/a');
    reopen();
    expect(log.lastMark).toEqual({ boot: 'two', kernelLog: 9 });
    expect(log.lastId).toBe(1);
  });
});

describe('an event that grows', () => {
  const version = (count: number, replaces?: number) =>
    log.append({ kind: 'oom', group: '/a', time: 1, count, underOom: false, ...(replaces === undefined ? {} : { replaces }) });

  test('is in memory and in answers once, in its newest version, also after a restart', async () => {
    const first = version(1).id;
    create('/b');
    version(200, first);
    version(900, first);
    expect(log.since(0)).toMatchObject([{ kind: 'create' }, { count: 900, replaces: first }]);
    expect(log.since(first)).toHaveLength(2);
    reopen();
    expect(log.since(0)).toMatchObject([{ kind: 'create' }, { count: 900 }]);
    expect((await query()).events).toMatchObject([{ kind: 'create' }, { count: 900 }]);
    expect(log.lastId).toBe(4);
  });

  test('on disk, too, the older versions are left out of an answer', async () => {
    const first = version(1).id;
    version(900, first);
    for (let n = 0; n < 25_000; n++) create('/b');
    expect(log.completeSince).toBeGreaterThan(2);
    expect((await query({ group: '/a' })).events).toMatchObject([{ count: 900 }]);
  });
});

describe('size', () => {
  test('at 8 MiB the file becomes events.1 and a new one begins; all are read again, and the oldest of eight is removed', async () => {
    for (let n = 1; n <= 9; n++) big();
    expect(existsSync(path('events.1.ndjson'))).toBe(true);
    expect(statSync(path('events.ndjson')).size).toBeLessThan(3 * 1024 * 1024);
    reopen();
    expect([log.lastId, ids(0)]).toEqual([9, [1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    for (let n = 10; n <= 70; n++) big();
    reopen();
    expect(log.lastId).toBe(70);
    expect(
      readdirSync(dir)
        .filter((name) => name.startsWith('events.'))
        .sort(),
    ).toEqual(['events.ndjson', ...[1, 2, 3, 4, 5, 6, 7].map((n) => `events.${n}.ndjson`)].sort());
    const { events, gaps } = await query();
    const first = events[0]?.id ?? 0;
    expect(first).toBeGreaterThan(1);
    expect(events.map(({ id }) => id)).toEqual(Array.from({ length: 70 - first + 1 }, (_, at) => first + at));
    expect(gaps).toMatchObject([{ from: 1, to: first - 1 }]);
    expect(gaps?.[0]?.kinds).toContain('oom_kill');
    expect(gaps?.[0]?.kinds).not.toContain('create');
  });

  test('memory keeps the last 20,000; older events are read from disk, by kind and group', async () => {
    log.append(KILL);
    for (let n = 0; n < 45_000; n++) create(n % 1000 === 0 ? '/thousandth' : '/a');
    log.append(KILL);
    const kept = ids(0);
    expect(kept.length).toBeLessThanOrEqual(22_000);
    expect(kept.at(-1)).toBe(45_002);
    for (const again of [false, true]) {
      if (again) reopen();
      const all: number[] = [];
      for (let since = 0; ; since = all.at(-1) ?? 0) {
        const { events, gaps } = await query({ since, limit: 9_000 });
        expect(gaps).toBeUndefined();
        if (events.length === 0) break;
        all.push(...events.map(({ id }) => id));
      }
      expect(all).toEqual(Array.from({ length: 45_002 }, (_, at) => at + 1));
      expect((await query({ kind: 'oom_kill' })).events.map(({ id }) => id)).toEqual([1, 45_002]);
      expect((await query({ group: '/thousandth' })).events).toHaveLength(45);
      expect((await query({ group: '/thousandth', since: 30_000, limit: 3 })).events.map(({ id }) => id)).toEqual([30_002, 31_002, 32_002]);
      expect((await query({ group: '/none' })).events).toEqual([]);
      expect((await query({ limit: 2 })).events.map(({ id }) => id)).toEqual([1, 2]);
    }
  });

  test('groups that are made and removed do not displace an OOM kill, and what they displaced is a gap', async () => {
    log.append(KILL);
    const long = `/${'x'.repeat(2000)}`;
    for (let n = 0; n < 15_000; n++) create(long);
    reopen();
    expect((await query({ kind: 'oom_kill' })).events).toMatchObject([{ id: 1 }]);
    const { events, gaps } = await query({ limit: 5 });
    expect(events[0]).toMatchObject({ id: 1, kind: 'oom_kill' });
    expect(gaps).toEqual([
      { from: 1, to: (events[1]?.id ?? 0) - 1, kinds: ['pressure', 'threshold', 'forecast', 'empty', 'create', 'remove'] },
    ]);
    expect((await query({ kind: 'oom_kill' })).gaps).toBeUndefined();
    expect((await query({ since: events[1]?.id ?? 0 })).gaps).toBeUndefined();
  });

  test('the mark is kept over any number of new files', () => {
    log.mark({ boot: 'one', kernelLog: 7 });
    for (let n = 0; n < 30; n++) big();
    reopen();
    expect(log.lastMark).toEqual({ boot: 'one', kernelLog: 7 });
    for (let n = 0; n < 30; n++) big();
    reopen();
    expect(log.lastMark).toEqual({ boot: 'one', kernelLog: 7 });
  });
});
