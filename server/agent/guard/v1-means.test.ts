// A group of v1 that is let go: whoever waited at the old line may not have run yet, and is not taken for somebody at the new one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Sources } from '../kernel/sources.ts';
import { HeldFiles } from './held-files.ts';
import type { HoldRecord } from './hold-record.ts';
import { FREEZER, LIMIT, OOM, V1Means } from './v1-means.ts';

const MIB = 2 ** 20;
const USAGE = 'memory.usage_in_bytes';

/** Files of a made-up group: memory.oom_control says what the kernel says, whatever is written to it. */
class MadeUpFiles extends HeldFiles {
  override async write(name: string, text: string): Promise<void> {
    if (name !== OOM) await super.write(name, text);
  }
}

let dir: string;
let caught: number[];
const say = (name: string, text: string) => writeFileSync(join(dir, name), text);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-means-'));
  caught = [];
});
afterEach(() => rmSync(dir, { recursive: true }));

function record(lineBytes: number): HoldRecord {
  return { group: '/a', boot: 'b', inode: 1, version: 1, lineBytes, wallAsked: false, before: {}, ours: {} };
}

/** Held at a line of 48 MiB by a task that waits there. */
function heldMeans(): V1Means {
  say(OOM, 'oom_kill_disable 1\nunder_oom 1\n');
  say(USAGE, String(48 * MIB));
  say(FREEZER, 'THAWED');
  say(LIMIT, String(48 * MIB));
  const present = new Set([OOM, USAGE, FREEZER, LIMIT]);
  const files = new MadeUpFiles('/a', (name) => (present.has(name) ? join(dir, name) : undefined));
  const means = new V1Means(new Sources(), {
    dir,
    files,
    record: record(48 * MIB),
    mayFreeze: () => true,
    caught: ({ usageBytes }) => caught.push(usageBytes / MIB),
  });
  means.watch();
  return means;
}

test('a task that has not run since its limit was raised is not waiting at the new one', async () => {
  const means = heldMeans();
  expect([means.held, caught]).toEqual([true, [48]]);
  await means.letGo(record(96 * MIB));
  expect([means.held, caught]).toEqual([false, [48]]);
  means.close();
});

test('one that has grown to the new line meanwhile is held there', async () => {
  const means = heldMeans();
  say(USAGE, String(96 * MIB));
  await means.letGo(record(96 * MIB));
  expect([means.held, caught]).toEqual([true, [48, 96]]);
  means.close();
});
