// The records of guards: many at once are few writes, each is on disk before its group may be changed, and a full disk refuses all that waited.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { JsonFile } from '../state/json-file.ts';
import { StateFaults } from '../state/state-faults.ts';
import { type GuardRecord, GuardStore } from './guard-record.ts';

let folder: string;
let store: GuardStore;
let faults: StateFaults;
const path = () => join(folder, 'guard-records.json');
const onDisk = () => (JSON.parse(readFileSync(path(), 'utf8')) as GuardRecord[]).map(({ group }) => group);
const record = (group: string): GuardRecord => ({ group, boot: 'b', inode: 1, version: 1, hardLimitAsked: false, before: {}, ours: {} });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-test-records-'));
  faults = new StateFaults();
  store = new GuardStore(folder, faults);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test('500 at once are two writes, and each is on disk once its promise resolves', async () => {
  const writes = vi.spyOn(JsonFile.prototype, 'writeApart');
  const groups = Array.from({ length: 500 }, (_, i) => `/g${i}`);
  await Promise.all(
    groups.map(async (group) => {
      await store.put(record(group));
      expect(onDisk()).toContain(group);
    }),
  );
  expect(writes).toHaveBeenCalledTimes(2);
  await Promise.all(groups.map((group) => store.drop(group)));
  expect(writes).toHaveBeenCalledTimes(4);
  expect(onDisk()).toEqual([]);
});

test('changes of one group happen in their order', async () => {
  void store.put(record('/a'));
  void store.drop('/a');
  await store.put(record('/a'));
  expect(onDisk()).toEqual(['/a']);
});

test('what the disk refuses is refused to all that waited for it, and is not written with the next', async () => {
  await store.put(record('/before'));
  // In the way of the file that is written.
  mkdirSync(`${path()}.new`);
  const all = await Promise.allSettled([store.put(record('/a')), store.put(record('/b')), store.drop('/before'), store.put(record('/c'))]);
  const refused = { status: 'rejected', reason: { problem: { code: 'busy', errno: 'EISDIR' } } };
  expect(all).toMatchObject([refused, refused, { status: 'fulfilled' }, refused]);
  rmSync(`${path()}.new`, { recursive: true });
  await store.put(record('/after'));
  expect(onDisk()).toEqual(['/after']);
  expect(faults.sentences).toEqual([]);
});
