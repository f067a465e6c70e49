// Device numbers that are no whole disk: each is answered with what it is.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { notADisk } from './disk-numbers.ts';

let sys: string;
const MOUNTS = `24 1 0:23 / /my\\040files rw - tmpfs tmpfs rw
30 1 0:41 /@home /home rw - btrfs /dev/sda2 rw
31 1 0:52 / /var/lib/x/merged rw - overlay overlay rw,lowerdir=/l
`;

beforeAll(() => {
  sys = mkdtempSync(join(tmpdir(), 'cgdeck-sys-'));
  mkdirSync(join(sys, 'devices/sda/sda2'), { recursive: true });
  writeFileSync(join(sys, 'devices/sda/dev'), '8:0\n');
  writeFileSync(join(sys, 'devices/sda/sda2/partition'), '2\n');
  symlinkSync('devices/sda', join(sys, '8:0'));
  symlinkSync('devices/sda/sda2', join(sys, '8:2'));
});
afterAll(() => rmSync(sys, { recursive: true }));

test.each([
  ['8:2 1048576', /8:2 is sda2, a partition of the disk sda, .*: write 8:0\./],
  ['08:02 rbps=1', /^8:2 is sda2/],
  ['8:0 1', /does not take the device 8:0 \(sda\)/],
  ['0:23 1', /type tmpfs \(tmpfs, mounted at \/my files\) and no disk/],
  ['0:41 rbps=1', /type btrfs \(\/dev\/sda2, mounted at \/home\) and no disk/],
  ['0:52 rbps=1', /type overlay .*and no disk/],
  ['0:99 rbps=1', /file system without a disk of its own/],
  ['77:7 rbps=1', /has no disk 77:7/],
  ['sda 1', /as major:minor/],
])('%s', (asked, sentence) => {
  expect(notADisk(asked, MOUNTS, sys)).toMatch(sentence);
});
