// A table of files in a temporary folder: only what has changed is reported.
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileTable } from './file-table.ts';

interface Owner {
  readonly name: string;
  readonly first: number;
  readonly count: number;
  pathOf(index: number): string;
}

let dir: string;
let table: FileTable<Owner>;
const owners = new Map<string, Owner>();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-table-'));
  table = new FileTable(() => true);
});

afterEach(() => {
  for (const name of [...owners.keys()]) drop(name);
  rmSync(dir, { recursive: true });
});

const path = (name: string) => join(dir, name);

/** An owner of one file, or of several: `a0`, `a1`, … */
function add(name: string, text?: string, { count = 1, keep = false } = {}): Owner {
  const nameOf = (index: number) => (count === 1 ? name : `${name}${index}`);
  if (text !== undefined) for (let index = 0; index < count; index++) writeFileSync(path(nameOf(index)), text);
  const owner = { name, count, first: 0, pathOf: (index: number) => path(nameOf(index)) };
  owner.first = table.add(owner, count);
  if (keep) for (let index = 0; index < count; index++) table.keep(owner.first + index);
  owners.set(name, owner);
  return owner;
}

function drop(name: string): void {
  const { first, count } = owners.get(name) ?? { first: 0, count: 0 };
  table.remove(first, count);
  owners.delete(name);
}

/** One reading of all, as text by file name. */
async function read(during: () => void = () => {}): Promise<Record<string, string>> {
  const news: Record<string, string> = {};
  const put = (owner: Owner, index: number, text: string) => {
    news[owner.pathOf(index).slice(dir.length + 1)] = text;
  };
  const places = [...owners.values()].flatMap(({ first, count }) => Array.from({ length: count }, (_, index) => first + index));
  const done = table.read(places, {
    changed: (owner, index, bytes, start, end) => put(owner, index, bytes.toString('latin1', start, end)),
    failed: (owner, index) => put(owner, index, 'failed'),
    tooLong: (owner, index) => put(owner, index, 'too long'),
  });
  during();
  await done;
  return news;
}

test.each([{ keep: true }, { keep: false }])('the first read reports everything, the next only what changed (%j)', async (options) => {
  for (let i = 0; i < 5; i++) add(`f${i}`, `${i}\n`, options);
  expect(await read()).toEqual({ f0: '0\n', f1: '1\n', f2: '2\n', f3: '3\n', f4: '4\n' });
  expect(table.open).toBe(options.keep ? 5 : 0);
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

test('a file added later is reported without the unchanged ones, also where the table grows', async () => {
  add('a', '1\n');
  await read();
  add('b', '2\n', { count: 600 });
  expect(Object.keys(await read())).toHaveLength(600);
  writeFileSync(path('b599'), '3\n');
  add('c', '4\n');
  expect(await read()).toEqual({ b599: '3\n', c: '4\n' });
});

test('a file that comes and goes is absent meanwhile', async () => {
  const { first } = add('kept', '1\n', { keep: true });
  const never = add('never');
  expect(await read()).toEqual({ kept: '1\n', never: 'failed' });
  expect([table.isAbsent(first), table.isAbsent(never.first)]).toEqual([false, true]);
  expect(await read()).toEqual({});
  writeFileSync(path('never'), '3\n');
  expect(await read()).toEqual({ never: '3\n' });
  expect(table.isAbsent(never.first)).toBe(false);
  unlinkSync(path('never'));
  expect(await read()).toEqual({ never: 'failed' });
});

test('a path that no file can have, and one that is not UTF-8', async () => {
  add('x'.repeat(5000));
  mkdirSync(Buffer.concat([Buffer.from(path('d')), Buffer.from([0xff])]));
  add('d\udcff/f', undefined);
  writeFileSync(Buffer.concat([Buffer.from(path('d')), Buffer.from([0xff]), Buffer.from('/f')]), '1\n');
  add('last', '2\n');
  expect(await read()).toEqual({ ['x'.repeat(5000)]: 'failed', 'd\udcff/f': '1\n', last: '2\n' });
});

test('a removed file is not read, even if its descriptor number and its place are used again', async () => {
  add('a', 'of a\n', { keep: true });
  add('b', 'of b\n', { keep: true });
  await read();
  drop('a');
  writeFileSync(path('other'), 'of another\n');
  const reused = openSync(path('other'), 'r');
  expect(await read()).toEqual({});
  add('c', 'of c\n');
  expect(await read()).toEqual({ c: 'of c\n' });
  closeSync(reused);
});

test('a file that is removed during the read is not reported, and its descriptors are closed', async () => {
  add('a', '1\n', { keep: true });
  await read();
  add('b', '2\n', { keep: true });
  add('c', '3\n');
  const before = readdirSync('/proc/self/fd').length;
  expect(
    await read(() => {
      drop('a');
      drop('b');
      // Takes no place that the read uses.
      add('d', '4\n');
    }),
  ).toEqual({ c: '3\n' });
  expect(readdirSync('/proc/self/fd').length).toBe(before - 1);
  expect(table.open).toBe(0);
  expect(await read()).toEqual({ d: '4\n' });
});

test('beyond the last descriptor that may be kept, files are opened for each read, until one is closed', async () => {
  const limit = openSync('/dev/null', 'r') + 2;
  table = new FileTable((fd) => fd < limit);
  for (let i = 0; i < 5; i++) add(`f${i}`, `${i}\n`, { keep: true });
  expect(Object.keys(await read())).toHaveLength(5);
  const kept = table.open;
  expect(kept).toBeLessThan(5);
  for (const { first } of owners.values()) table.keep(first);
  expect(await read()).toEqual({});
  expect(table.open).toBe(kept);
  for (const { first } of owners.values()) table.close(first);
  expect(table.open).toBe(0);
  table.keep(owners.get('f4')?.first ?? -1);
  writeFileSync(path('f4'), '5\n');
  expect(await read()).toEqual({ f4: '5\n' });
  expect(table.open).toBe(1);
});

test('a file that does not fit is reported as too long each time, since its end may have changed', async () => {
  add('short', '1\n');
  add('long', 'x'.repeat(9000));
  add('full', 'y'.repeat(8192));
  add('almost', 'z'.repeat(8191));
  expect(await read()).toEqual({ short: '1\n', long: 'too long', full: 'too long', almost: 'z'.repeat(8191) });
  expect(await read()).toEqual({ long: 'too long', full: 'too long' });
  writeFileSync(path('long'), 'short again\n');
  expect(await read()).toMatchObject({ long: 'short again\n' });
});

test('what is forgotten is reported again; every single byte counts', async () => {
  const { first } = add('a', '1\n');
  await read();
  table.forget(first);
  expect(await read()).toEqual({ a: '1\n' });
  const bytes = Buffer.alloc(67, '0');
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = 0x31;
    writeFileSync(path('a'), bytes);
    expect(await read()).toEqual({ a: bytes.toString() });
  }
});

test('nothing to read', async () => {
  expect(await read()).toEqual({});
  add('a', '1\n', { count: 0 });
  expect(await read()).toEqual({});
});
