// The kernel's queue of inotify events overflows, and later ones are lost: all directories are read again.
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { GroupTree } from '../../kernel/hierarchy/group-tree.ts';
import { Layout } from '../../kernel/hierarchy/layout.ts';
import { Sources } from '../../kernel/sources.ts';
import { Rescan } from '../rescan.ts';
import { Sampler } from '../sample/sampler.ts';
import { Members } from './members.ts';
import { TreeWatch } from './tree-watch.ts';

/** inotify(7) */
const QUEUE = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));

test('groups made and removed while the queue was full are found, and all files that are read after writes are read', async () => {
  const mountPoint = mkdtempSync(join(tmpdir(), 'cgdeck-lost-'));
  const sources = new Sources();
  try {
    const layout = new Layout([{ mountPoint, version: 2, controllers: [] }]);
    for (const name of ['busy', 'gone', 'quiet']) mkdirSync(join(mountPoint, name));
    const removed: string[] = [];
    const treeWatch = new TreeWatch(sources);
    const tree = new GroupTree(layout, treeWatch, { added: () => {}, changed: () => {}, removed: ({ path }) => removed.push(path) });
    const sampler = new Sampler({ layout, sources, known: () => undefined, members: new Members(layout) });
    const touched = vi.spyOn(sampler, 'touchAll');
    const rescan = new Rescan({ layout, tree, sampler, treeWatch });
    const lost = vi.fn(() => rescan.scan());
    treeWatch.start({
      appeared: (hierarchy, path) => tree.appeared(hierarchy, path),
      disappeared: (hierarchy, path) => tree.disappeared(hierarchy, path),
      written: () => {},
      lost,
    });
    tree.scanNow();
    // Nothing is read meanwhile: this is one turn of the event loop.
    for (let events = 0; events <= QUEUE; events += 2) {
      mkdirSync(join(mountPoint, 'busy/brief'));
      rmdirSync(join(mountPoint, 'busy/brief'));
    }
    mkdirSync(join(mountPoint, 'quiet/new'));
    mkdirSync(join(mountPoint, 'quiet/new/below'));
    rmdirSync(join(mountPoint, 'gone'));
    sources.start((error) => {
      throw error;
    });
    await vi.waitFor(() => expect(touched).toHaveBeenCalled(), { timeout: 60_000 });
    await rescan.stop();
    expect(lost).toHaveBeenCalled();
    expect([...tree.all()].map(({ path }) => path).sort()).toEqual(['/', '/busy', '/quiet', '/quiet/new', '/quiet/new/below']);
    expect(removed.filter((path) => path !== '/busy/brief')).toEqual(['/gone']);
    // What comes after is noticed as before.
    mkdirSync(join(mountPoint, 'quiet/new/later'));
    await vi.waitFor(() => expect(tree.get('/quiet/new/later')).toBeDefined(), { timeout: 60_000 });
    treeWatch.close();
  } finally {
    sources.stop();
    rmSync(mountPoint, { recursive: true });
  }
}, 120_000);
