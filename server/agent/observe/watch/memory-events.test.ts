// v2: the memory events of the group itself, on kernels with memory.events.local and on those before Linux 5.2, whose memory.events is that.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Layout } from '../../kernel/hierarchy/layout.ts';
import { Sources } from '../../kernel/sources.ts';
import { UnifiedWatch } from './unified-watch.ts';

const notices = { oom: () => {}, threshold: () => {}, state: () => {}, emptied: () => {} };

test.each([
  ['4.19', ['memory.events'], 'memory.events'],
  ['6.1', ['memory.events', 'memory.events.local'], 'memory.events.local'],
])('Linux %s with %j', (_, files, own) => {
  const mountPoint = mkdtempSync(join(tmpdir(), 'cgdeck-own-events-'));
  try {
    const dir = join(mountPoint, 'a');
    mkdirSync(dir);
    for (const file of [...files, 'cgroup.events']) writeFileSync(join(dir, file), 'oom 0\noom_kill 3\n');
    const sources = new Sources();
    const watched: string[] = [];
    vi.spyOn(sources, 'watch').mockImplementation((name) => {
      watched.push(name);
      return { close: () => {}, unread: () => 0 };
    });
    new UnifiedWatch(sources, notices, () => false).add('/a', dir);
    expect(watched.filter((name) => name.includes('memory.'))).toEqual([expect.stringMatching(new RegExp(`${own}$`))]);
    const layout = new Layout([{ mountPoint, version: 2, controllers: ['memory'] }]);
    const sampled = [...layout.sampled('/a', () => true)].find(({ file }) => file.name === 'memory.events.local');
    expect(sampled?.path).toBe(join(dir, own));
  } finally {
    rmSync(mountPoint, { recursive: true });
  }
});
