// Release on v1: a task that waited at the old limit and has not run yet does not count as waiting at the new one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Sources } from '../kernel/sources.ts';
import type { GuardRecord } from './guard-record.ts';
import { GuardedFiles } from './guarded-files.ts';
import { FREEZER, LIMIT, OOM, V1Mechanism } from './v1-mechanism.ts';

const MIB = 2 ** 20;
const USAGE = 'memory.usage_in_bytes';

/** Files in place of a group's: writes to memory.oom_control are ignored. */
class StandInFiles extends GuardedFiles {
  override async write(name: string, text: string): Promise<void> {
    if (name !== OOM) await super.write(name, text);
  }
}

let dir: string;
let caught: number[];
const write = (name: string, text: string) => writeFileSync(join(dir, name), text);

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'cgdeck-mechanism-')), 'group');
  mkdirSync(dir);
  caught = [];
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

function record(freezeAtBytes: number): GuardRecord {
  return { group: '/a', boot: 'b', inode: 1, version: 1, freezeAtBytes, hardLimitAsked: false, before: {}, ours: {} };
}

/** At a limit of 48 MiB, with under_oom set: caught if a task of the group waits there. */
function caughtMechanism(usageBytes = 48 * MIB): V1Mechanism {
  write(OOM, 'oom_kill_disable 1\nunder_oom 1\n');
  write(USAGE, String(usageBytes));
  write(FREEZER, 'THAWED');
  write(LIMIT, String(48 * MIB));
  const present = new Set([OOM, USAGE, FREEZER, LIMIT]);
  const files = new StandInFiles('/a', (name) => (present.has(name) ? join(dir, name) : undefined));
  const mechanism = new V1Mechanism(new Sources(), {
    dir,
    files,
    record: record(48 * MIB),
    by: 'guard',
    mayFreeze: () => true,
    gone: () => {},
    thawed: () => {},
    caught: ({ usageBytes }) => caught.push(usageBytes / MIB),
  });
  mechanism.watch();
  return mechanism;
}

test('a task that has not run since the limit was raised does not wait at the new one', async () => {
  const mechanism = caughtMechanism();
  expect([mechanism.isCaught, caught]).toEqual([true, [48]]);
  await mechanism.release(record(96 * MIB));
  expect([mechanism.isCaught, caught]).toEqual([false, [48]]);
  mechanism.close();
});

test('a group that has grown to the new limit meanwhile is caught there', async () => {
  const mechanism = caughtMechanism();
  write(USAGE, String(96 * MIB));
  await mechanism.release(record(96 * MIB));
  expect([mechanism.isCaught, caught]).toEqual([true, [48, 96]]);
  mechanism.close();
});

test('a group is not caught while a group above waits for memory, though the kernel sets under_oom below as well', () => {
  writeFileSync(join(dir, '..', OOM), 'oom_kill_disable 1\nunder_oom 1\n');
  const mechanism = caughtMechanism(40 * MIB);
  expect([mechanism.isCaught, caught]).toEqual([false, []]);
  mechanism.close();
});
