// What is kept of launches on disk, whole and damaged.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LaunchRequest } from '../../contract/launch.ts';
import { type LaunchRecord, LaunchStore } from './launch-store.ts';
import { Trash } from './trash.ts';

let dir: string;
let store: LaunchStore;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-store-'));
  store = new LaunchStore(dir, new Trash(dir));
});

afterEach(async () => {
  // What was thrown away is removed beside us.
  await vi.waitFor(() => expect(readdirSync(join(dir, 'trash'))).toEqual([]), { timeout: 10_000 });
  rmSync(dir, { recursive: true });
});

const GROUP = '/cgdeck/größe "1"\\';

function record(change: Partial<LaunchRecord> = {}): LaunchRecord {
  return {
    id: 'main',
    group: GROUP,
    request: LaunchRequest.parse({ name: 'x', argv: ['/bin/true'], env: { SECRET: 's' } }),
    by: 'operator',
    tty: false,
    restarts: { count: 0 },
    inARow: 0,
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
  expect(new LaunchStore(dir, new Trash(dir)).all()).toEqual([record({ exit: { time: 9, code: 3 } })]);
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
  expect(existsSync(join(store.dir(GROUP), 'output'))).toBe(false);
  expect([store.exit(GROUP, 'main', 7), store.all()]).toEqual([undefined, []]);
});

test.each([
  ['a code', '{"pid":7,"code":3,"time":12}', { code: 3, time: 12 }],
  ['a signal', '{"pid":7,"signal":9,"name":"SIGKILL","time":12}', { signal: 'SIGKILL', time: 12 }],
  [
    'with what it used',
    '{"pid":7,"code":0,"time":12,"runMs":5,"cpuMs":3,"peakRssBytes":4096}',
    { code: 0, time: 12, runMs: 5, cpuMs: 3, peakBytes: 4096 },
  ],
  ['of an earlier launch of the name', '{"pid":6,"code":3,"time":12}', undefined],
  ['torn', '{"pid":7,"code"', undefined],
  ['no time', '{"pid":7,"code":3}', undefined],
  ['not an object', '7', undefined],
  ['empty', '', undefined],
])('how it ended: %s', (_, text, exit) => {
  store.prepare(GROUP);
  write('exit', text);
  expect(store.exit(GROUP, 'main', 7)).toEqual(exit);
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

test('programs that joined have folders and exits of their own', () => {
  store.prepare(GROUP);
  const dir_ = store.prepare(GROUP, 'exec-1');
  expect(dir_).not.toBe(store.dir(GROUP));
  store.save(record());
  store.save(record({ id: 'exec-1', pid: 9 }));
  writeFileSync(join(dir_, 'exit'), '{"pid":9,"code":4,"time":2}');
  expect([store.exit(GROUP, 'exec-1', 9)?.code, store.exit(GROUP, 'main', 7)]).toEqual([4, undefined]);
  store.forget(GROUP, 'exec-1');
  expect(store.all().map(({ id }) => id)).toEqual(['main']);
});

test('nobody but root may look in, and the scratch folder is the program’s', () => {
  store.prepare(GROUP);
  store.save(record());
  const scratch = store.own(GROUP, 'scratch', 700_000);
  expect(statSync(store.dir(GROUP)).mode & 0o777).toBe(0o700);
  expect(statSync(join(store.dir(GROUP), 'launch.json')).mode & 0o777).toBe(0o600);
  expect([statSync(scratch).uid, statSync(scratch).gid]).toEqual([700_000, 700_000]);
});
