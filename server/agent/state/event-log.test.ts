// The event log in a temporary folder: ids that only grow, whatever happened to the files.
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event } from '../../contract/events.ts';
import { EventLog } from './event-log.ts';

let dir: string;
let log: EventLog;

const path = () => join(dir, 'events.ndjson');
const create = (group: string) => log.append({ kind: 'create', group, time: 1 });
const ids = (since: number) => log.since(since).map(({ id }) => id);

function reopen(): void {
  log.close();
  log = new EventLog(dir);
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-log-'));
  log = new EventLog(dir);
});

afterEach(() => {
  log.close();
  rmSync(dir, { recursive: true });
});

test('ids start at 1, grow by one, and go on after reopening', () => {
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

test('whoever listens hears of an event before the disk is waited for, and then it is there as it was told', () => {
  const seen: { event: Event; disk: string }[] = [];
  log.onEvent((event) => seen.push({ event, disk: readFileSync(path(), 'utf8') }));
  create('/größe "x"\n');
  expect(seen[0]?.disk).toBe('');
  expect(JSON.parse(readFileSync(path(), 'utf8'))).toEqual(seen[0]?.event);
});

test('after a restart ids that may have been told and lost are left out', () => {
  create('/a');
  log.close();
  log = new EventLog(dir, 1000);
  create('/b');
  expect(ids(0)).toEqual([1, 1002]);
});

describe('damage', () => {
  test('a torn last line is dropped, and does not swallow the next', () => {
    create('/a');
    create('/b');
    truncateSync(path(), statSync(path()).size - 9);
    reopen();
    expect([log.lastId, ids(0)]).toEqual([1, [1]]);
    expect(create('/c').id).toBe(2);
    reopen();
    expect(log.since(1)).toMatchObject([{ id: 2, group: '/c' }]);
  });

  test('a damaged line in the middle loses itself, and none after it', () => {
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
  test('the last one counts, and events do not hide it', () => {
    log.mark({ boot: 'one', kernelLog: 5 });
    log.mark({ boot: 'two', kernelLog: 9 });
    create('/a');
    reopen();
    expect(log.lastMark).toEqual({ boot: 'two', kernelLog: 9 });
    expect(log.lastId).toBe(1);
  });
});

describe('size', () => {
  const big = (n: number) => log.append({ kind: 'launch', group: '/a', time: n, pid: n, argv: ['x'.repeat(1024 * 1024)] });

  test('at 8 MiB the file becomes events.1 and a new one starts; both are read again', () => {
    for (let n = 1; n <= 9; n++) big(n);
    expect(existsSync(join(dir, 'events.1.ndjson'))).toBe(true);
    expect(statSync(path()).size).toBeLessThan(3 * 1024 * 1024);
    reopen();
    expect([log.lastId, ids(0)]).toEqual([9, [1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    for (let n = 10; n <= 20; n++) big(n);
    expect(log.lastId).toBe(20);
    reopen();
    // What was rotated out twice is gone, and ids go on.
    expect(log.lastId).toBe(20);
    expect(ids(18)).toEqual([19, 20]);
  });

  test('memory keeps the last 20,000; who asks for older ones gets what there is', () => {
    for (let n = 0; n < 22_500; n++) create('/a');
    const kept = ids(0);
    expect(kept.length).toBeGreaterThanOrEqual(20_000);
    expect(kept.length).toBeLessThanOrEqual(22_000);
    expect(kept.at(-1)).toBe(22_500);
    expect(kept.every((id, at) => id === (kept[0] ?? 0) + at)).toBe(true);
    expect(ids(22_498)).toEqual([22_499, 22_500]);
  });
});
