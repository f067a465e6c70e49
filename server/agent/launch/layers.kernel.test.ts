// Listing, keeping and removing layers, also hostile ones. Needs root, which alone can make whiteouts.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StateFaults } from '../state/state-faults.ts';
import { Layers } from './layers.ts';
import { Trash } from './trash.ts';

const HOST_ID = 700_000;
let dir: string;
let layers: Layers;
let launchDir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-layers-'));
  const faults = new StateFaults();
  layers = new Layers(dir, new Trash(dir, faults), faults);
  launchDir = join(dir, 'launch');
  mkdirSync(launchDir);
});
afterEach(async () => {
  await emptied();
  rmSync(dir, { recursive: true });
});

/** Discarded layers are removed by another process. */
const emptied = () => vi.waitFor(() => expect(readdirSync(join(dir, 'trash'))).toEqual([]), { timeout: 60_000 });

const code = (wanted: string) => expect.objectContaining({ problem: expect.objectContaining({ code: wanted }) });

test('makes an empty layer whose upper folder the program owns', async () => {
  const place = layers.create(launchDir, HOST_ID);
  expect(statSync(join(place.dir, 'upper')).uid).toBe(HOST_ID);
  expect(layers.of(launchDir)).toEqual(place);
  expect(await layers.list(place.dir)).toEqual({ files: [], count: 0, bytes: 0 });
});

test('lists written and removed files and empty folders, without following links', async () => {
  const { dir: layer } = layers.create(launchDir, HOST_ID);
  const upper = join(layer, 'upper');
  mkdirSync(join(upper, 'etc/deep'), { recursive: true });
  writeFileSync(join(upper, 'etc/deep/file'), '12345');
  mkdirSync(join(upper, 'empty'));
  symlinkSync('/etc', join(upper, 'link'));
  execFileSync('mknod', [join(upper, 'etc/gone'), 'c', '0', '0']);
  expect(await layers.list(layer)).toEqual({
    files: [
      { path: '/empty', change: 'folder', bytes: 0 },
      { path: '/etc/deep/file', change: 'written', bytes: 5 },
      { path: '/etc/gone', change: 'removed', bytes: 0 },
      { path: '/link', change: 'written', bytes: 0 },
    ],
    count: 4,
    bytes: 5,
  });
});

test('keeps a layer after its launch, with its owner, for one launch at a time', async () => {
  const { dir: layer } = layers.create(launchDir, HOST_ID);
  writeFileSync(join(layer, 'upper', 'x'), 'abc');
  layers.keep(launchDir, 'one');
  expect(existsSync(layer)).toBe(false);
  expect(layers.use('one', '/a')).toEqual({ dir: layers.dirOf('one'), hostId: HOST_ID });
  expect(layers.use('one', '/a').hostId).toBe(HOST_ID);
  expect(() => layers.use('one', '/b')).toThrow(code('conflict'));
  expect(() => layers.drop('one')).toThrow(code('conflict'));
  expect(await layers.kept()).toEqual([{ name: 'one', count: 1, bytes: 3, keptAt: expect.any(Number), usedBy: ['/a'] }]);
  layers.release('/a');
  layers.drop('one');
  expect(await layers.kept()).toEqual([]);
  expect(() => layers.use('one', '/b')).toThrow(code('not_found'));
});

test('refuses a name that exists, and a launch without a layer', () => {
  layers.create(launchDir, HOST_ID);
  layers.keep(launchDir, 'one');
  expect(() => layers.keep(launchDir, 'two')).toThrow(code('not_found'));
  layers.create(launchDir, HOST_ID);
  expect(() => layers.keep(launchDir, 'one')).toThrow(code('conflict'));
  expect(() => layers.list(join(dir, 'nowhere'))).toThrow(code('not_found'));
});

test('removes a tree deeper than any path, out of its place at once', async () => {
  const { dir: layer } = layers.create(launchDir, HOST_ID);
  layers.keep(launchDir, 'deep');
  const dig = `for (let i = 0; i < 900; i++) { require('fs').mkdirSync('dddd'); process.chdir('dddd'); }`;
  execFileSync(process.execPath, ['-e', dig], { cwd: join(layers.dirOf('deep'), 'upper') });
  expect((await layers.kept())[0]?.name).toBe('deep');
  layers.drop('deep');
  expect(existsSync(layer) || existsSync(layers.dirOf('deep'))).toBe(false);
  await vi.waitFor(() => expect(readdirSync(join(dir, 'trash'))).toEqual([]), {
    timeout: 60_000,
  });
});
