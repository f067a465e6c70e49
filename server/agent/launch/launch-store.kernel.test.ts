// Records of launches on disk: kept, damaged, and on a full disk.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LaunchRequest } from '../../contract/launch.ts';
import { StateFaults } from '../state/state-faults.ts';
import { type LaunchRecord, LaunchStore } from './launch-store.ts';
import { Trash } from './trash.ts';

let dir: string;
let store: LaunchStore;
let faults: StateFaults;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-store-'));
  faults = new StateFaults();
  store = new LaunchStore(dir, new Trash(dir, faults), faults);
});

afterEach(async () => {
  // Discarded folders are removed by another process.
  await vi.waitFor(() => expect(readdirSync(join(dir, 'trash'))).toEqual([]), { timeout: 60_000 });
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
    dir: '',
    ...change,
  };
}

const put = (dir: string, file: string, content: string) => writeFileSync(join(dir, file), content);
const reopened = () => new LaunchStore(dir, new Trash(dir, faults), faults).all();

test('reads a record, also in another store, until it is discarded', () => {
  const own = store.make();
  store.save(record({ dir: own }));
  const ended = record({ dir: own, exit: { time: 9, code: 3 } });
  store.save(ended);
  expect(reopened()).toEqual([ended]);
  store.discard(own);
  store.discard(own);
  expect(store.all()).toEqual([]);
});

test('makes a folder for each launch, also in the same group', () => {
  const [first, second] = [store.make(), store.make()];
  expect(first).not.toBe(second);
  store.save(record({ dir: first, pid: 1 }));
  store.save(record({ dir: second, pid: 2 }));
  put(first, 'exit', '{"pid":1,"code":4,"time":2}');
  store.discard(second);
  expect(store.exit({ dir: first, pid: 1 })?.code).toBe(4);
  expect(store.all().map(({ pid }) => pid)).toEqual([1]);
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
  const own = store.make();
  put(own, 'exit', text);
  expect(store.exit({ dir: own, pid: 7 })).toEqual(exit);
});

test.each(['', '{', '{"group":"/a"}', 'null', '[]', '\0\0\0'])('skips and keeps the damaged record %j, and reads the others', (text) => {
  store.save(record({ dir: store.make() }));
  const broken = store.make();
  put(broken, 'launch.json', text);
  mkdirSync(join(store.make(), 'launch.json'));
  writeFileSync(join(dir, 'launches', 'file'), 'x');
  expect(store.all().map(({ group }) => group)).toEqual([GROUP]);
  expect(existsSync(broken)).toBe(true);
  expect(faults.sentences).toEqual([expect.stringMatching(/^2 records/)]);
});

test('removes a folder that a crash left without a record', () => {
  const left = store.make();
  put(left, 'launch.json.new', '{');
  expect(reopened()).toEqual([]);
  expect(existsSync(left)).toBe(false);
});

test('lets only root in, and gives the scratch folder to the program', () => {
  const own = store.make();
  store.save(record({ dir: own }));
  const scratch = store.own(own, 'scratch', 700_000);
  expect(statSync(own).mode & 0o777).toBe(0o700);
  expect(statSync(join(own, 'launch.json')).mode & 0o777).toBe(0o600);
  expect([statSync(scratch).uid, statSync(scratch).gid]).toEqual([700_000, 700_000]);
});

describe('on a full disk', () => {
  let disk: string;
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), 'cgdeck-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'cgdeck-test', disk]);
  });
  afterEach(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  });
  const fill = () => {
    const full = join(disk, 'full');
    expect(() => writeFileSync(full, Buffer.alloc(1024 * 1024))).toThrow(/ENOSPC/);
    return full;
  };

  test('keeps the latest record in memory until it can be written', async () => {
    const small = new LaunchStore(disk, new Trash(disk, faults), faults);
    const own = small.make();
    const argv = ['x'.repeat(6000)];
    small.save(record({ dir: own, argv }));
    const full = fill();
    for (const code of [1, 2]) small.save(record({ dir: own, argv: [...argv, ...argv], exit: { time: 9, code } }));
    expect(small.all().map(({ exit }) => exit)).toEqual([undefined]);
    expect(faults.sentences).toEqual([expect.stringContaining('ENOSPC')]);
    rmSync(full);
    await vi.waitFor(() => expect(small.all().map(({ exit }) => exit?.code)).toEqual([2]), { timeout: 60_000 });
    expect(faults.sentences).toEqual([]);
    small.close();
  });

  test('reads and discards records, and refuses a new launch with the disk’s errno', async () => {
    const small = new LaunchStore(disk, new Trash(disk, faults), faults);
    const own = small.make();
    small.save(record({ dir: own }));
    for (let i = 0; i < 40; i++) put(own, `file${i}`, 'x');
    fill();
    const again = new LaunchStore(disk, new Trash(disk, faults), faults);
    expect(again.all()).toHaveLength(1);
    expect(() => again.own(own, 'scratch', 0) && put(join(own, 'scratch'), 'x', 'x')).toThrow(/ENOSPC/);
    again.discard(own);
    await vi.waitFor(() => expect(existsSync(own)).toBe(false), { timeout: 60_000 });
    again.close();
  });
});
