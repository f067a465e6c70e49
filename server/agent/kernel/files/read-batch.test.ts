// A batch of files in a temporary folder: only what has changed comes back.
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findControlFile } from '../../../contract/control-files.ts';
import { OpenFile } from './open-file.ts';
import { ReadBatch } from './read-batch.ts';

let dir: string;
let batch: ReadBatch;
const open = new Map<string, OpenFile>();
const places = new Map<string, number>();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-batch-'));
  batch = new ReadBatch();
});

afterEach(() => {
  for (const file of open.values()) file.close();
  open.clear();
  rmSync(dir, { recursive: true });
});

const path = (name: string) => join(dir, name);

/** A file of the batch; `gid` is its place. */
function add(name: string, text: string | undefined, hold = true): OpenFile {
  if (text !== undefined) writeFileSync(path(name), text);
  const kind = findControlFile('memory.usage_in_bytes');
  const file = kind && OpenFile.open(kind, path(name), hold ? () => true : undefined);
  if (!file) throw new Error(`${name} cannot be opened`);
  places.set(name, batch.add({ gid: open.size, file }));
  open.set(name, file);
  return file;
}

function drop(name: string): void {
  const file = open.get(name);
  if (!file) throw new Error(`no ${name}`);
  batch.remove(places.get(name) ?? -1);
  file.close();
  open.delete(name);
}

/** One reading, as text by file name. */
async function read(during: () => void = () => {}): Promise<Record<string, string>> {
  const news: Record<string, string> = {};
  const name = (file: OpenFile) => file.path.slice(dir.length + 1);
  const done = batch.read({
    changed: ({ file }, bytes, start, end) => {
      news[name(file)] = bytes.toString('latin1', start, end);
    },
    failed: ({ file }) => {
      news[name(file)] = 'failed';
    },
    tooLong: ({ file }) => {
      news[name(file)] = 'too long';
    },
  });
  during();
  await done;
  return news;
}

test('the first read returns everything, the next only what changed', async () => {
  for (let i = 0; i < 5; i++) add(`f${i}`, `${i}\n`);
  expect(await read()).toEqual({ f0: '0\n', f1: '1\n', f2: '2\n', f3: '3\n', f4: '4\n' });
  expect(await read()).toEqual({});
  writeFileSync(path('f1'), 'longer than before\n');
  writeFileSync(path('f3'), '9\n');
  expect(await read()).toEqual({ f1: 'longer than before\n', f3: '9\n' });
  expect(await read()).toEqual({});
  truncateSync(path('f1'));
  expect(await read()).toEqual({ f1: '' });
  writeFileSync(path('f1'), '1\n');
  writeFileSync(path('f4'), '5\n');
  expect(await read()).toEqual({ f1: '1\n', f4: '5\n' });
});

test('a file added later is returned without the unchanged ones', async () => {
  add('a', '1\n');
  await read();
  add('b', '2\n');
  add('c', '3\n');
  expect(await read()).toEqual({ b: '2\n', c: '3\n' });
  expect(await read()).toEqual({});
});

test('a file that is not kept open is opened by its path at each read', async () => {
  add('held', '1\n');
  add('loose', '2\n', false);
  add('never', undefined, false);
  expect(await read()).toEqual({ held: '1\n', loose: '2\n', never: 'failed' });
  expect(await read()).toEqual({});
  unlinkSync(path('loose'));
  writeFileSync(path('never'), '3\n');
  expect(await read()).toEqual({ loose: 'failed', never: '3\n' });
  writeFileSync(path('loose'), '2\n');
  expect(await read()).toEqual({ loose: '2\n' });
});

test('a removed file is not read, even if its descriptor number is reused', async () => {
  const { fd } = add('a', 'of a\n');
  add('b', 'of b\n');
  await read();
  drop('a');
  writeFileSync(path('other'), 'of another\n');
  const reused = openSync(path('other'), 'r');
  expect(reused).toBe(fd);
  expect(await read()).toEqual({});
  closeSync(reused);
  expect([batch.live, batch.size]).toEqual([1, 2]);
});

test('a file that is removed during the read returns nothing', async () => {
  add('a', '1\n');
  add('b', '2\n');
  expect(await read(() => drop('a'))).toEqual({ b: '2\n' });
  writeFileSync(path('b'), '3\n');
  expect(await read()).toEqual({ b: '3\n' });
});

test('a file that is added during a read is returned by the next', async () => {
  add('a', '1\n');
  expect(await read(() => add('b', '2\n'))).toEqual({ a: '1\n' });
  expect(await read()).toEqual({ b: '2\n' });
});

test('a file that does not fit is reported as too long each time, since its end may have changed', async () => {
  add('short', '1\n');
  add('long', 'x'.repeat(9000));
  add('full', 'y'.repeat(8192));
  add('almost', 'z'.repeat(8191));
  expect(await read()).toEqual({ short: '1\n', long: 'too long', full: 'too long', almost: 'z'.repeat(8191) });
  writeFileSync(path('long'), `${'x'.repeat(9000)}more`);
  expect(await read()).toMatchObject({ long: 'too long' });
  writeFileSync(path('long'), 'short again\n');
  expect(await read()).toMatchObject({ long: 'short again\n' });
});

test('the buffer grows with the files, and each is returned once', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `f${i}`);
  for (const name of names) add(name, `${name}\n`);
  expect(Object.keys(await read())).toHaveLength(40);
  for (const name of names) writeFileSync(path(name), name.repeat(2000).slice(0, 8000));
  const grown = await read();
  for (const name of names) expect(grown[name]).toBe(name.repeat(2000).slice(0, 8000));
  expect(await read()).toEqual({});
});

test('an empty batch reads nothing', async () => {
  expect(await read()).toEqual({});
  add('a', '1\n');
  drop('a');
  expect(await read()).toEqual({});
});
