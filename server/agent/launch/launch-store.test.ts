// What is kept of launches on disk, whole and damaged.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LaunchRecord, LaunchStore, OUTPUT_BYTES } from './launch-store.ts';

let dir: string;
let store: LaunchStore;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-store-'));
  store = new LaunchStore(dir);
});

afterEach(() => rmSync(dir, { recursive: true }));

const GROUP = '/cgdeck/größe "1"\\';

function record(change: Partial<LaunchRecord> = {}): LaunchRecord {
  return {
    group: GROUP,
    pid: 7,
    argv: ['/bin/true', 'a\nb'],
    namespaces: ['pid'],
    startedAt: 1,
    monitorPid: 8,
    monitorStartTicks: 1,
    startTicks: 5,
    boot: 'boot 1',
    hostId: 700_000,
    ...change,
  };
}

const write = (file: string, content: string | Buffer) => writeFileSync(join(store.dir(GROUP), file), content);

test('a record is found again, also by another store, until it is forgotten', () => {
  store.prepare(GROUP);
  store.save(record());
  store.save(record({ exit: { time: 9, code: 3 } }));
  expect(new LaunchStore(dir).all()).toEqual([record({ exit: { time: 9, code: 3 } })]);
  store.forget(GROUP);
  store.forget(GROUP);
  expect(store.all()).toEqual([]);
});

test('any group has a folder of its own, of a name that a file may have', () => {
  const dirs = [GROUP, '/a', '/a/b', '/a b', `/${'x'.repeat(255)}/${'y'.repeat(255)}`].map((group) => store.prepare(group));
  expect(new Set(dirs).size).toBe(5);
  for (const one of dirs) expect(one).toMatch(/launches\/[0-9a-f]{32}$/);
});

test('preparing forgets an earlier launch of the name', () => {
  store.prepare(GROUP);
  write('output', 'old');
  write('exit', '{"pid":7,"code":0,"time":1}');
  store.save(record());
  store.prepare(GROUP);
  expect(store.output(GROUP)).toEqual({ text: '', bytes: 0, truncated: false });
  expect([store.exit(GROUP, 7), store.all()]).toEqual([undefined, []]);
});

test.each([
  ['a code', '{"pid":7,"code":3,"time":12}', { code: 3, time: 12 }],
  ['a signal', '{"pid":7,"signal":9,"name":"SIGKILL","time":12}', { signal: 'SIGKILL', time: 12 }],
  ['of an earlier launch of the name', '{"pid":6,"code":3,"time":12}', undefined],
  ['torn', '{"pid":7,"code"', undefined],
  ['no time', '{"pid":7,"code":3}', undefined],
  ['not an object', '7', undefined],
  ['empty', '', undefined],
])('how it ended: %s', (_, text, exit) => {
  store.prepare(GROUP);
  write('exit', text);
  expect(store.exit(GROUP, 7)).toEqual(exit);
});

test.each(['', '{', '{"group":"/a"}', 'null', '[]'])('a record %j is passed over, and the others are found', (text) => {
  store.prepare(GROUP);
  store.save(record());
  store.prepare('/other');
  writeFileSync(join(store.dir('/other'), 'launch.json'), text);
  mkdirSync(join(dir, 'launches', 'stray'));
  writeFileSync(join(dir, 'launches', 'file'), 'x');
  expect(store.all().map(({ group }) => group)).toEqual([GROUP]);
});

describe('output', () => {
  const filled = (text: string, length: number) => Buffer.alloc(length, text);

  test.each<[string, Buffer | undefined, Buffer | undefined, number, boolean]>([
    ['none yet', undefined, undefined, 0, false],
    ['a little', undefined, Buffer.from('hello\n'), 6, false],
    ['as much as is kept', undefined, filled('n', OUTPUT_BYTES), OUTPUT_BYTES, false],
    ['the older file and the newer one', filled('o', OUTPUT_BYTES), filled('n', 100), OUTPUT_BYTES, true],
    ['a newer file that has just begun', filled('o', OUTPUT_BYTES), Buffer.alloc(0), OUTPUT_BYTES, true],
    ['both full', filled('o', OUTPUT_BYTES), filled('n', OUTPUT_BYTES), OUTPUT_BYTES, true],
  ])('%s', (_, older, newer, bytes, truncated) => {
    store.prepare(GROUP);
    if (older) write('output.1', older);
    if (newer) write('output', newer);
    const output = store.output(GROUP);
    expect([output.bytes, output.text.length, output.truncated]).toEqual([bytes, bytes, truncated]);
    if (newer) expect(output.text.endsWith(newer.toString())).toBe(true);
    if (older && newer) expect(output.text.startsWith('o')).toBe(newer.length < OUTPUT_BYTES);
  });

  test('a launch that is forgotten has none', () => {
    store.prepare(GROUP);
    write('output', 'x');
    store.forget(GROUP);
    expect(existsSync(store.dir(GROUP))).toBe(false);
    expect(store.output(GROUP).bytes).toBe(0);
  });
});
