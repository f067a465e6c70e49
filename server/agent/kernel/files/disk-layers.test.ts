// The layers of disks, from a folder made as /sys has them.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pathOf } from '../hierarchy/disk-path.ts';
import { disksIn } from './disk-layers.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgdeck-disks-'));
  mkdirSync(join(root, 'dev'));
});

afterEach(() => rmSync(root, { recursive: true }));

/** @param below the folders of the disks or partitions that it lies on */
function disk(path: string, numbers: string, below: readonly string[] = []): void {
  mkdirSync(join(root, path, 'slaves'), { recursive: true });
  writeFileSync(join(root, path, 'dev'), `${numbers}\n`);
  symlinkSync(join(root, path), join(root, 'dev', numbers));
  for (const other of below) symlinkSync(join(root, other), join(root, path, 'slaves', other.replaceAll('/', '-')));
}

function partition(path: string, numbers: string): void {
  disk(path, numbers);
  writeFileSync(join(root, path, 'partition'), '1\n');
}

const below = (now?: () => number) => disksIn(join(root, 'dev'), now);

test('a stack is followed to the whole disks below', () => {
  disk('sda', '8:0');
  partition('sda/sda3', '8:3');
  disk('sdb', '8:16');
  disk('md0', '9:0', ['sda/sda3', 'sdb']);
  disk('dm-0', '253:0', ['md0']);
  const of = below();
  expect(of('253:0').toSorted()).toEqual(['8:0', '8:16', '9:0']);
  expect(of('9:0').toSorted()).toEqual(['8:0', '8:16']);
  expect(of('8:0')).toEqual([]);
});

test('a disk without a folder, and one that is its own slave, end nothing', () => {
  disk('dm-0', '253:0');
  disk('dm-1', '253:1', ['dm-0']);
  symlinkSync(join(root, 'dm-1'), join(root, 'dm-0', 'slaves', 'dm-1'));
  const of = below();
  expect(of('253:0')).toEqual(['253:1']);
  expect(of('99:9')).toEqual([]);
  expect(of('../../8:0')).toEqual([]);
});

const MOUNTS = `16 1 253:7 / / rw - ext4 /dev/vda rw
17 16 0:6 / /dev rw - devtmpfs devtmpfs rw
18 17 0:7 / /dev/shm rw - tmpfs tmpfs rw
19 16 0:50 / /over rw - overlay overlay rw,lowerdir=/a,upperdir=/b
20 16 0:51 / /nfs rw - nfs4 host:/dev/vda rw
21 16 0:52 / /zfs rw - zfs pool/dev rw
`;

test.each([
  ['/srv/a b ', ['253:7']],
  ['/srv/a\nb', ['253:7']],
  ['/srv/x.img (deleted)', ['253:7']],
  ['/dev/shm/x', []],
  ['/dev/null', []],
  ['/memfd:img (deleted)', []],
  ['/over/x', []],
  ['/nfs/x', []],
  ['/zfs/x', []],
  // Of a device that is being detached.
  ['', []],
  ['anon_inode', []],
])('a loop device over %j lies on the disk of the file, none for a file in memory or of an unknown disk', (file, disks) => {
  disk('loop0', '7:0');
  mkdirSync(join(root, 'loop0/loop'));
  writeFileSync(join(root, 'loop0/loop/backing_file'), `${file}\n`);
  expect(disksIn(join(root, 'dev'), undefined, () => MOUNTS)('7:0')).toEqual(disks);
});

test('a loop device over a file below a mount point that is not UTF-8 lies on the disk that is mounted there', () => {
  disk('loop0', '7:0');
  mkdirSync(join(root, 'loop0/loop'));
  writeFileSync(join(root, 'loop0/loop/backing_file'), Buffer.from('/media/\xe9t\xe9/image.iso\n', 'latin1'));
  const mounts = pathOf('16 1 8:0 / / rw - ext4 /dev/sda rw\n30 16 8:16 / /media/\xe9t\xe9 rw - ext4 /dev/sdb rw\n');
  expect(disksIn(join(root, 'dev'), undefined, () => mounts)('7:0')).toEqual(['8:16']);
});

test('what is known is read again when a new number appears, and after a minute', () => {
  let nowMs = 0;
  disk('sda', '8:0');
  disk('dm-0', '253:0');
  const of = below(() => nowMs);
  for (let round = 0; round < 2; round++) expect([of('253:0'), of('8:0')]).toEqual([[], []]);
  symlinkSync(join(root, 'sda'), join(root, 'dm-0', 'slaves', 'sda'));
  expect(of('253:0')).toEqual([]);
  disk('dm-1', '253:1', ['dm-0']);
  expect(of('253:1').toSorted()).toEqual(['253:0', '8:0']);
  expect(of('253:0')).toEqual(['8:0']);
  rmSync(join(root, 'dm-0', 'slaves', 'sda'));
  expect(of('253:0')).toEqual(['8:0']);
  nowMs += 60_001;
  expect(of('253:0')).toEqual([]);
});
