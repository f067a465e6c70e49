// v2: whose limit refused a fork, by the mount option pids_localevents (kernel/cgroup/pids.c).
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Layout } from '../../kernel/hierarchy/layout.ts';
import { Sources } from '../../kernel/sources.ts';
import { UnifiedWatch } from './unified-watch.ts';

const MOUNTED = (mountPoint: string, options: string) => `35 24 0:30 / ${mountPoint} rw shared:4 - cgroup2 cgroup2 ${options}\n`;

test('a fork refused: at the own limit, or with pids_localevents also at one above', () => {
  const mountPoint = mkdtempSync(join(tmpdir(), 'cgdeck-pids-events-'));
  try {
    const dir = join(mountPoint, 'a');
    mkdirSync(dir);
    const count = (forks: number) => writeFileSync(join(dir, 'pids.events.local'), `max ${forks}\n`);
    count(0);
    writeFileSync(join(dir, 'pids.events'), 'max 0\n');
    const sources = new Sources();
    let wake: (() => void) | undefined;
    vi.spyOn(sources, 'watch').mockImplementation((_, __, ___, woken) => {
      wake = () => woken(0, 0);
      return { close: () => {}, unread: () => 0 };
    });
    const reached: unknown[] = [];
    const layout = new Layout([{ mountPoint, version: 2, controllers: ['pids'] }]);
    const notices = { oom: () => {}, threshold: (_: string, of: unknown) => reached.push(of), state: () => {}, emptied: () => {} };
    new UnifiedWatch(sources, notices, () => layout.hasOption('pids_localevents')).add('/a', dir);
    layout.readCovers(MOUNTED(mountPoint, 'rw,nsdelegate'));
    count(2);
    wake?.();
    layout.readCovers(MOUNTED(mountPoint, 'rw,nsdelegate,pids_localevents'));
    count(3);
    wake?.();
    expect(reached).toEqual([{ file: 'pids.max' }, { file: 'pids.max', orAbove: true }]);
  } finally {
    rmSync(mountPoint, { recursive: true });
  }
});
