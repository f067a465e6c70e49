// What else the tests ask of the machine that cgdeck runs on: disks, folders, network devices.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** "major:minor" of a disk that groups can be limited on: a whole one, with room. */
export function disk(): string {
  const found = readdirSync('/sys/block').find((name) => /^(vd|sd|nvme)/.test(name) && sysOf(name, 'size') !== '0');
  if (found === undefined) throw new Error('There is no disk, and the tests need one.');
  return sysOf(found, 'dev');
}

function sysOf(disk: string, file: string): string {
  return readFileSync(join('/sys/block', disk, file), 'utf8').trim();
}

/** Outside /tmp and /var/tmp, which a launch has of its own. */
const FOLDERS = '/srv/cgdeck-e2e-';

/** A folder in which everybody may write. */
export function makeFolder(): string {
  const folder = mkdtempSync(FOLDERS);
  chmodSync(folder, 0o777);
  return folder;
}

/** @param folder one that `makeFolder` made */
export function removeFolder(folder: string): void {
  if (!folder.startsWith(FOLDERS)) throw new Error(`${folder} is no folder of the tests.`);
  rmSync(folder, { recursive: true });
}

export function exists(path: string): boolean {
  return existsSync(path);
}

/** Bytes a second of the token bucket on a device of the host, as tc(8) has it; null where there is none. */
export function bucketOf(device: string): number | null {
  const qdiscs = JSON.parse(execFileSync('tc', ['-j', 'qdisc', 'show', 'dev', device], { encoding: 'utf8' })) as {
    kind: string;
    options?: { rate?: number };
  }[];
  return qdiscs.find(({ kind }) => kind === 'tbf')?.options?.rate ?? null;
}
