// IO of a group on a real stack of disks, a loop device over a file on a loop device over a file in memory, is counted once.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KernelGroups } from '../../fixtures/kernel-groups.ts';
import { KernelView } from '../../fixtures/kernel-view.ts';
import { disksBelow, disksIn } from './disk-layers.ts';
import { readingsOf } from './parse.ts';

const MIB = 1024 * 1024;
const READ_MIB = 8;
const WRITTEN_MIB = 4;

let groups: KernelGroups;
let place: string;
/** In the order in which they are undone. */
const undo: (() => void)[] = [];

const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' }).trim();
const numbersOf = (device: string) => readFileSync(`/sys/block/${basename(device)}/dev`, 'utf8').trim();

function mounted(dir: string, ...args: string[]): string {
  mkdirSync(dir);
  undo.unshift(() => rmdirSync(dir));
  run('mount', ...args, dir);
  undo.unshift(() => run('umount', dir));
  return dir;
}

function loopOver(file: string, size: string): string {
  run('truncate', '-s', size, file);
  // Without a page cache of its own, so that the lower disk does all the work.
  const device = run('losetup', '--direct-io=on', '--find', '--show', file);
  undo.unshift(() => run('losetup', '--detach', device));
  return device;
}

let lower: string;
let upper: string;

beforeAll(() => {
  groups = new KernelGroups('disk-layers');
  place = mkdtempSync(join(tmpdir(), 'cgdeck-layers-'));
  undo.unshift(() => rmdirSync(place));
  const memory = mounted(join(place, 'memory'), '-t', 'tmpfs', '-o', 'size=96m', 'tmpfs');
  lower = loopOver(join(memory, 'lower'), '64m');
  run('mkfs.ext4', '-q', lower);
  const disk = mounted(join(place, 'disk'), lower);
  // Written, so that the file has blocks to read.
  run('dd', 'if=/dev/zero', `of=${disk}/upper`, 'bs=1M', 'count=24', 'status=none', 'conv=fsync');
  upper = loopOver(join(disk, 'upper'), '24m');
});

afterAll(async () => {
  // A loop device is detached a moment after the call, and what it lies on is busy until then.
  for (const step of undo) await vi.waitFor(step, { timeout: 60_000, interval: 50 });
  groups.remove();
});

test('a loop device lies on the disk that its file is on', () => {
  expect(disksBelow(numbersOf(upper))).toEqual([numbersOf(lower)]);
  expect(disksBelow(numbersOf(lower))).toEqual([]);
});

test('a loop device over a disk lies on that disk, also by a node that is mounted alone', async () => {
  const node = join(place, 'node');
  writeFileSync(node, '');
  run('mount', '--bind', lower, node);
  try {
    for (const path of [upper, node]) {
      const device = run('losetup', '--read-only', '--find', '--show', path);
      try {
        // By a copy that has seen no disk: what is known of a number is kept for a minute.
        expect(disksIn('/sys/dev/block')(numbersOf(device))).toEqual(
          path === upper ? [numbersOf(upper), numbersOf(lower)] : [numbersOf(lower)],
        );
      } finally {
        run('losetup', '--detach', device);
      }
    }
  } finally {
    await vi.waitFor(() => run('umount', node), { timeout: 60_000, interval: 50 });
    rmSync(node);
  }
});

test('what a group reads and writes through two layers is counted once', () => {
  const view = new KernelView(groups.layout);
  const file = view.file('io-read');
  const dir = join(view.path(groups.root, file), '..');
  // The kernel of v1 counts where a limit was set once.
  if (file.startsWith('blkio.'))
    for (const device of [lower, upper])
      for (const limit of ['read', 'write'])
        writeFileSync(join(dir, `blkio.throttle.${limit}_bps_device`), `${numbersOf(device)} ${2 ** 40}`);
  const through = `dd if=${upper} of=/dev/null bs=1M count=${READ_MIB} iflag=direct && dd if=/dev/zero of=${upper} bs=1M count=${WRITTEN_MIB} oflag=direct`;
  run('sh', '-c', `echo $$ > ${dir}/cgroup.procs && { ${through}; } 2> /dev/null`);
  const text = view.read(groups.root, file);
  // Both layers are in the group's file: the plain sum would be twice as much.
  for (const device of [lower, upper]) expect(text).toMatch(new RegExp(`^${numbersOf(device)} .*${READ_MIB * MIB}`, 'm'));
  const entry = groups.layout.place(groups.root, file, () => true)?.file;
  const readings = entry ? Object.fromEntries(readingsOf(entry, text)) : {};
  expect([readings[view.key('io-read')], readings[view.key('io-written')]]).toEqual([READ_MIB * MIB, WRITTEN_MIB * MIB]);
});
