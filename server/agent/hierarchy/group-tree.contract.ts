// What must hold for the tree of groups on whatever it stands: folders of a test, or the kernel's own.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Group, GroupTree } from './group-tree.ts';
import type { Layout } from './layout.ts';
import type { Hierarchy } from './mounts.ts';

/** A place with at least two hierarchies, in which groups can be made below `root`. */
export interface Ground {
  readonly layout: Layout;
  /** An existing group, empty at the start of each test. */
  readonly root: string;
  make(hierarchy: Hierarchy, path: string): void;
  drop(hierarchy: Hierarchy, path: string): void;
  /** Removes everything that a test made. */
  clear(): void;
}

export function groupTreeContract(name: string, prepare: () => Ground): void {
  describe(name, () => {
    let ground: Ground;
    let first: Hierarchy;
    let second: Hierarchy;
    let tree: GroupTree;
    let told: string[];
    const watched = new Map<string, string>();

    const path = (below: string) => (below === '' ? ground.root : `${ground.root}/${below}`);
    const get = (below: string): Group => {
      const group = tree.get(path(below));
      if (!group) throw new Error(`${path(below)} is not in the tree`);
      return group;
    };
    const names = () =>
      [...tree.all()]
        .map((group) => group.path)
        .filter((one) => one.startsWith(`${ground.root}/`))
        .sort();
    /** What the tree said since the last look, of this test's groups. */
    const news = () => told.splice(0);

    beforeEach(() => {
      ground = prepare();
      const [one, two] = ground.layout.hierarchies;
      if (!one || !two) throw new Error('two hierarchies are needed');
      first = one;
      second = two;
      told = [];
      watched.clear();
      const tell = (what: string) => (group: Group) => {
        if (group.path.startsWith(`${ground.root}/`)) told.push(`${what} ${group.path.slice(ground.root.length + 1)}`);
      };
      tree = new GroupTree(
        ground.layout,
        { watch: (dir, _, group) => watched.set(dir, group), unwatch: (dir) => watched.delete(dir) },
        { added: tell('+'), changed: tell('~'), removed: tell('-') },
      );
    });

    afterEach(() => ground.clear());

    test('a scan finds every group in every hierarchy, parents before children', () => {
      for (const below of ['a', 'a/b', 'a/b/c']) ground.make(first, path(below));
      ground.make(second, path('a'));
      ground.make(second, path('only'));
      tree.scan();
      expect(names()).toEqual([path('a'), path('a/b'), path('a/b/c'), path('only')]);
      expect([...get('a').in.keys()]).toEqual([first, second]);
      expect([...get('only').in.keys()]).toEqual([second]);
      expect(news()).toEqual(['+ a', '+ a/b', '+ a/b/c', '~ a', '+ only']);
      expect(tree.get('/')?.in.size).toBe(ground.layout.hierarchies.length);
    });

    test('every directory of every group is watched, and no other', () => {
      for (const hierarchy of [first, second]) for (const below of ['a', 'a/b']) ground.make(hierarchy, path(below));
      tree.scan();
      for (const hierarchy of [first, second]) expect(watched.get(ground.layout.dir(hierarchy, path('a/b')))).toBe(path('a/b'));
      ground.drop(first, path('a/b'));
      tree.gone(first, path('a/b'));
      expect(watched.has(ground.layout.dir(first, path('a/b')))).toBe(false);
      expect(watched.has(ground.layout.dir(second, path('a/b')))).toBe(true);
    });

    test('a second scan says nothing', () => {
      ground.make(first, path('a'));
      tree.scan();
      news();
      const { size } = tree;
      tree.scan();
      expect(news()).toEqual([]);
      expect(tree.size).toBe(size);
    });

    test('one that appears brings what is already below it', () => {
      tree.scan();
      for (const below of ['a', 'a/b', 'a/b/c']) ground.make(first, path(below));
      tree.appeared(first, path('a'));
      expect(news()).toEqual(['+ a', '+ a/b', '+ a/b/c']);
      // The notices of the children come later, and are no news.
      tree.appeared(first, path('a/b'));
      expect(news()).toEqual([]);
    });

    test('one that is gone again before the look leaves no trace', () => {
      tree.scan();
      tree.appeared(first, path('brief'));
      tree.gone(first, path('brief'));
      expect(news()).toEqual([]);
      expect(names()).toEqual([]);
    });

    test('it lives until it has left its last hierarchy', () => {
      for (const hierarchy of [first, second]) ground.make(hierarchy, path('a'));
      tree.scan();
      news();
      ground.drop(first, path('a'));
      tree.gone(first, path('a'));
      expect(news()).toEqual(['~ a']);
      expect([...get('a').in.keys()]).toEqual([second]);
      ground.drop(second, path('a'));
      tree.gone(second, path('a'));
      expect(news()).toEqual(['- a']);
      expect(names()).toEqual([]);
    });

    test('with a group go those below, deepest first', () => {
      for (const below of ['a', 'a/b', 'a/b/c', 'ab']) ground.make(first, path(below));
      tree.scan();
      news();
      for (const below of ['a/b/c', 'a/b', 'a']) ground.drop(first, path(below));
      tree.gone(first, path('a'));
      expect(news()).toEqual(['- a/b/c', '- a/b', '- a']);
      expect(names()).toEqual([path('ab')]);
    });

    test('a recreated group is another one', () => {
      ground.make(first, path('a'));
      tree.scan();
      const { gid, inode } = get('a');
      ground.drop(first, path('a'));
      tree.gone(first, path('a'));
      ground.make(first, path('a'));
      tree.appeared(first, path('a'));
      expect(get('a').gid).toBeGreaterThan(gid);
      expect(get('a').inode).not.toBe(inode);
      expect(news()).toEqual(['+ a', '- a', '+ a']);
    });

    test.each(['scan', 'refresh', 'appeared'] as const)('recreated without a notice, %s finds the other one', (how) => {
      ground.make(first, path('a'));
      ground.make(first, path('a/b'));
      tree.scan();
      const { gid } = get('a');
      news();
      ground.drop(first, path('a/b'));
      ground.drop(first, path('a'));
      ground.make(first, path('a'));
      if (how === 'appeared') tree.appeared(first, path('a'));
      else if (how === 'scan') tree.scan();
      else tree.refresh(path('a'));
      expect(get('a').gid).toBeGreaterThan(gid);
      expect(names()).toEqual([path('a')]);
      expect(news()).toEqual(['- a/b', '- a', '+ a']);
    });

    test('a late notice of the old group’s end does not end the new one', () => {
      for (const hierarchy of [first, second]) ground.make(hierarchy, path('a'));
      tree.scan();
      for (const hierarchy of [first, second]) ground.drop(hierarchy, path('a'));
      tree.refresh(path('a'));
      for (const hierarchy of [first, second]) ground.make(hierarchy, path('a'));
      tree.refresh(path('a'));
      const { gid } = get('a');
      news();
      for (const hierarchy of [first, second]) tree.gone(hierarchy, path('a'));
      for (const hierarchy of [first, second]) tree.appeared(hierarchy, path('a'));
      expect(news()).toEqual([]);
      expect(get('a').gid).toBe(gid);
    });

    test('a scan finds what was removed', () => {
      for (const below of ['a', 'a/b']) ground.make(first, path(below));
      ground.make(second, path('a'));
      tree.scan();
      news();
      ground.drop(first, path('a/b'));
      ground.drop(first, path('a'));
      tree.scan();
      expect(news()).toEqual(['- a/b', '~ a']);
    });

    test('refresh looks at one path in all hierarchies', () => {
      tree.scan();
      for (const hierarchy of [first, second]) ground.make(hierarchy, path('a'));
      expect(tree.refresh(path('a'))?.in.size).toBe(2);
      for (const hierarchy of [first, second]) ground.drop(hierarchy, path('a'));
      expect(tree.refresh(path('a'))).toBeUndefined();
      expect(news()).toEqual(['+ a', '~ a', '~ a', '- a']);
    });

    test('within knows names from paths', () => {
      for (const below of ['a', 'a/b', 'ab', 'größe 群', 'a:b']) ground.make(first, path(below));
      tree.scan();
      expect([...tree.within(path('a'))].map((group) => group.path)).toEqual([path('a'), path('a/b')]);
      expect([...tree.within('/')]).toHaveLength(tree.size);
      expect([...tree.within(path('none'))]).toEqual([]);
      expect(get('größe 群').path).toBe(join(ground.root, 'größe 群'));
    });

    test('gids are never used again', () => {
      const gids = new Set<number>();
      for (let round = 0; round < 20; round++) {
        ground.make(first, path('a'));
        tree.refresh(path('a'));
        gids.add(get('a').gid);
        ground.drop(first, path('a'));
        tree.refresh(path('a'));
      }
      expect(gids.size).toBe(20);
    });
  });
}
