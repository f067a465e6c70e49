// The tree of groups on folders in place of two hierarchies, which allow any name.
import { mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { groupTreeContract } from './fixtures/group-tree.contract.ts';
import { GroupTree } from './group-tree.ts';
import { Layout } from './layout.ts';
import type { Hierarchy, Mode } from './mounts.ts';

function folders(mounted: Mode = 'hybrid') {
  const dir = mkdtempSync(join(tmpdir(), 'cgdeck-tree-'));
  const v1 = [
    { mountPoint: join(dir, 'memory'), version: 1, controllers: ['memory'] },
    { mountPoint: join(dir, 'pids'), version: 1, controllers: ['pids'] },
  ] as const;
  const hierarchies: Record<Mode, readonly Hierarchy[]> = {
    v1,
    hybrid: [v1[0], { mountPoint: join(dir, 'unified'), version: 2, controllers: [] }],
    v2: [{ mountPoint: join(dir, 'unified'), version: 2, controllers: ['memory', 'pids'] }],
  };
  const layout = new Layout(hierarchies[mounted]);
  const root = '/managed';
  for (const hierarchy of layout.hierarchies) mkdirSync(layout.dir(hierarchy, root), { recursive: true });
  return { dir, layout, root };
}

let graves = 0;

for (const mode of ['v1', 'hybrid', 'v2'] as const)
  groupTreeContract(`on folders, ${mode}`, mode !== 'v2', () => {
    const { dir, layout, root } = folders(mode);
    return {
      layout,
      root,
      make: (hierarchy, path) => mkdirSync(layout.dir(hierarchy, path)),
      // Moved away, not removed: a file system may give a removed folder's inode to the next one, which the kernel's trees do not.
      drop: (hierarchy, path) => renameSync(layout.dir(hierarchy, path), join(dir, `grave${++graves}`)),
      clear: () => rmSync(dir, { recursive: true }),
    };
  });

test('files are not groups, and names that are not UTF-8 are spelled', () => {
  const { dir, layout, root } = folders();
  try {
    const [memory] = layout.hierarchies;
    if (!memory) throw new Error('no hierarchy');
    const at = layout.dir(memory, root);
    writeFileSync(join(at, 'cgroup.procs'), '');
    const bytes = Buffer.concat([Buffer.from(`${at}/`), Buffer.from([0x61, 0xff, 0x62])]);
    mkdirSync(bytes);
    mkdirSync(Buffer.concat([bytes, Buffer.from('/below')]));
    mkdirSync(join(at, 'good'));
    const added: string[] = [];
    const tree = new GroupTree(
      layout,
      { watch: () => {}, unwatch: () => {} },
      { added: ({ path }) => added.push(path), changed: () => {}, removed: () => {} },
    );
    tree.scanNow();
    expect(added.sort()).toEqual(['/', root, `${root}/a\\xffb`, `${root}/a\\xffb/below`, `${root}/good`]);
    // Decoded as UTF-8 it would be another name, which does not exist.
    expect(tree.refresh(`${root}/a\ufffdb`)).toBeUndefined();
    rmdirSync(Buffer.concat([bytes, Buffer.from('/below')]));
    tree.disappeared(memory, `${root}/a\\xffb/below`);
    rmdirSync(bytes);
    tree.scanNow();
    expect([...tree.all()].map(({ path }) => path)).toEqual(['/', root, `${root}/good`]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

/** A tree with `count` groups below the managed root, in two hierarchies. */
function treeOf(groups: number) {
  const { dir, layout, root } = folders();
  for (const hierarchy of layout.hierarchies) for (let i = 0; i < groups; i++) mkdirSync(layout.dir(hierarchy, `${root}/g${i}`));
  const removed: string[] = [];
  const tree = new GroupTree(
    layout,
    { watch: () => {}, unwatch: () => {} },
    { added: () => {}, changed: () => {}, removed: ({ path }) => removed.push(path) },
  );
  return { dir, layout, root, tree, removed };
}

test('removing one group among many does not visit the others', () => {
  const groups = 500;
  const { dir, layout, root, tree, removed } = treeOf(groups);
  const compared = vi.spyOn(String.prototype, 'startsWith');
  try {
    tree.scanNow();
    compared.mockClear();
    for (const hierarchy of layout.hierarchies)
      for (let i = 0; i < groups; i++) {
        rmdirSync(layout.dir(hierarchy, `${root}/g${i}`));
        tree.disappeared(hierarchy, `${root}/g${i}`);
      }
    expect(removed).toHaveLength(groups);
    expect(compared.mock.calls.length).toBeLessThan(20 * groups);
  } finally {
    compared.mockRestore();
    rmSync(dir, { recursive: true });
  }
});

test('a scan yields to other work, and reads each directory once', async () => {
  const groups = 1000;
  const { dir, layout, tree } = treeOf(groups);
  let turns = 0;
  let running = true;
  const other = () => {
    turns++;
    if (running) setImmediate(other);
  };
  try {
    tree.scanNow();
    const looked = vi.spyOn(layout, 'dir');
    setImmediate(other);
    await tree.scan();
    running = false;
    expect(turns).toBeGreaterThanOrEqual(10);
    expect(looked).toHaveBeenCalledTimes(2 * (groups + 2));
    expect(tree.size).toBe(groups + 2);
  } finally {
    running = false;
    rmSync(dir, { recursive: true });
  }
});

test('groups made and removed between the slices of a scan are found, by it or the notices, and none is left that is gone', async () => {
  const groups = 1000;
  const { dir, layout, root, tree, removed } = treeOf(groups);
  const has = (name: string) => tree.get(`${root}/${name}`) !== undefined;
  const each = (run: (path: string, hierarchy: (typeof layout.hierarchies)[number]) => void, name: string) => {
    for (const hierarchy of layout.hierarchies) run(layout.dir(hierarchy, `${root}/${name}`), hierarchy);
  };
  try {
    tree.scanNow();
    let slices = 0;
    let running = true;
    const other = () => {
      if (!running) return;
      // One of each kind a slice, and their notices: the scan has passed some of them already.
      const [gone, again, fresh] = [`g${slices * 3}`, `g${slices * 3 + 1}`, `new${slices}`];
      each((path) => rmdirSync(path), gone);
      each((path, hierarchy) => {
        renameSync(path, `${dir}/grave-${slices}-${hierarchy.version}`);
        mkdirSync(path);
      }, again);
      each((path) => mkdirSync(path), fresh);
      each((_, hierarchy) => tree.disappeared(hierarchy, `${root}/${gone}`), gone);
      each((_, hierarchy) => tree.disappeared(hierarchy, `${root}/${again}`), again);
      each((_, hierarchy) => tree.appeared(hierarchy, `${root}/${again}`), again);
      each((_, hierarchy) => tree.appeared(hierarchy, `${root}/${fresh}`), fresh);
      slices++;
      setImmediate(other);
    };
    setImmediate(other);
    await tree.scan();
    running = false;
    expect(slices).toBeGreaterThanOrEqual(10);
    for (let i = 0; i < slices; i++) expect([has(`g${i * 3}`), has(`g${i * 3 + 1}`), has(`new${i}`)]).toEqual([false, true, true]);
    expect(removed).toHaveLength(2 * slices);
    expect(tree.size).toBe(groups + 2);
    for (const group of tree.all()) expect(group.in.size, group.path).toBe(2);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('what is made and removed during a scan without a notice is found by the next', async () => {
  const groups = 500;
  const { dir, layout, root, tree } = treeOf(groups);
  try {
    tree.scanNow();
    const scanned = tree.scan();
    await new Promise((resolve) => setImmediate(resolve));
    for (const hierarchy of layout.hierarchies)
      for (let i = 0; i < groups; i += 2) {
        rmdirSync(layout.dir(hierarchy, `${root}/g${i}`));
        mkdirSync(layout.dir(hierarchy, `${root}/new${i}`));
      }
    await scanned;
    await tree.scan();
    const names = [...tree.below(root)].map(({ path }) => path.slice(root.length + 1)).sort();
    expect(names).toEqual(Array.from({ length: groups }, (_, i) => (i % 2 ? `g${i}` : `new${i}`)).sort());
    for (const group of tree.all()) expect(group.in.size, group.path).toBe(2);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a group reported before its parent adds the parent too', () => {
  const { dir, layout, root } = folders();
  const added: string[] = [];
  const tree = new GroupTree(
    layout,
    { watch: () => {}, unwatch: () => {} },
    { added: ({ path }) => added.push(path), changed: () => {}, removed: () => {} },
  );
  try {
    const [hierarchy] = layout.hierarchies;
    if (!hierarchy) throw new Error('no hierarchy');
    mkdirSync(layout.dir(hierarchy, `${root}/a/b`), { recursive: true });
    tree.refresh(`${root}/a/b`);
    expect(added).toEqual(['/', root, `${root}/a`, `${root}/a/b`]);
    expect([...tree.within(`${root}/a`)]).toHaveLength(2);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('the rest of a large subtree that appears is read in slices', async () => {
  const groups = 1000;
  const { dir, layout, root, tree } = treeOf(groups);
  const [hierarchy] = layout.hierarchies;
  if (!hierarchy) throw new Error('no hierarchy');
  try {
    tree.appeared(hierarchy, root);
    expect(tree.size).toBeLessThan(groups);
    let turns = 0;
    const other = () => {
      turns++;
      if (tree.size < groups + 2) setImmediate(other);
    };
    setImmediate(other);
    await tree.settled();
    expect(tree.size).toBe(groups + 2);
    expect(turns).toBeGreaterThanOrEqual(5);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
