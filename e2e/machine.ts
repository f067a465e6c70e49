// The machine that cgdeck runs on: disks, folders, network devices.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** "major:minor" of a disk on which groups can be limited: a whole one, with space. */
export function disk(): string {
  const found = readdirSync('/sys/block').find((name) => /^(vd|sd|nvme)/.test(name) && sysOf(name, 'size') !== '0');
  if (found === undefined) throw new Error('There is no disk, and the tests need one.');
  return sysOf(found, 'dev');
}

function sysOf(disk: string, file: string): string {
  return readFileSync(join('/sys/block', disk, file), 'utf8').trim();
}

/** Outside /tmp and /var/tmp: a launch has its own. */
const FOLDERS = '/srv/cgdeck-e2e-';

/** A world-writable folder. */
export function makeFolder(): string {
  const folder = mkdtempSync(FOLDERS);
  chmodSync(folder, 0o777);
  return folder;
}

/** @param folder one that `makeFolder` made */
export function removeFolder(folder: string): void {
  if (!folder.startsWith(FOLDERS)) throw new Error(`${folder} is not a folder of the tests.`);
  rmSync(folder, { recursive: true });
}

export function exists(path: string): boolean {
  return existsSync(path);
}

/** Bytes a second of the token bucket on a device of the host (tc(8)); null for none. */
export function bucketOf(device: string): number | null {
  const qdiscs = JSON.parse(execFileSync('tc', ['-j', 'qdisc', 'show', 'dev', device], { encoding: 'utf8' })) as {
    kind: string;
    options?: { rate?: number };
  }[];
  return qdiscs.find(({ kind }) => kind === 'tbf')?.options?.rate ?? null;
}
