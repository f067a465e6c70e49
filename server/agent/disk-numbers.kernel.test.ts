// Disk limits by a number that the kernel does not take: the answer names what that number is.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

let agent: RunningAgent;
let dir: string;

const run = (file: string, ...args: string[]) => execFileSync(file, args, { encoding: 'utf8' }).trim();
const numberOf = (device: string) => readFileSync(`/sys/class/block/${basename(device)}/dev`, 'utf8').trim();

beforeAll(async () => {
  agent = await RunningAgent.start('disks');
  await agent.call('createGroup', { path: `${agent.root}/a` });
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-disk-'));
  run('mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', dir);
});

afterAll(async () => {
  run('umount', '--lazy', dir);
  rmdirSync(dir);
  await agent.clean();
});

async function refusal(number: string): Promise<string> {
  const v2 = agent.layout.ofController('blkio') === undefined;
  const [file, value] = v2 ? ['io.max', `${number} rbps=1048576`] : ['blkio.throttle.read_bps_device', `${number} 1048576`];
  const { errno, detail } = await agent.refused('writeFile', { path: `${agent.root}/a`, file: file ?? '', value: value ?? '' });
  expect(errno).toBe('ENODEV');
  return detail;
}

test('a partition of a loop device, with its disk', async () => {
  writeFileSync(join(dir, 'disk'), Buffer.alloc(8 * 2 ** 20));
  const loop = run('losetup', '--find', '--show', '--partscan', join(dir, 'disk'));
  try {
    // 4 MiB from sector 2048, by ioctl: the kernel may be built without partition tables.
    run('addpart', loop, '1', '2048', '8192');
    expect(await refusal(numberOf(`${loop}p1`))).toMatch(new RegExp(`a partition of the disk loop\\d+, .*: write ${numberOf(loop)}\\.$`));
  } finally {
    run('losetup', '--detach', loop);
  }
});

test('a tmpfs', async () => {
  const { dev } = statSync(dir);
  // makedev(3)
  const minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);
  expect(await refusal(`0:${minor}`)).toContain(`of type tmpfs (tmpfs, mounted at ${dir}) and no disk`);
});

test('nothing', async () => {
  expect(await refusal('511:77')).toContain('has no disk 511:77');
});
