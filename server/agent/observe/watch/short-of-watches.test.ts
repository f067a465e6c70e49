// A user without inotify watches, or without an instance: what is not watched is handed out to be looked at, and watched later.
import { beforeEach, expect, test, vi } from 'vitest';
import { inotifyAdd, inotifyInit } from '../../../../native/libc/inotify.ts';
import type { Hierarchy } from '../../kernel/hierarchy/mounts.ts';
import { Sources } from '../../kernel/sources.ts';
import { TreeWatch } from './tree-watch.ts';

vi.mock('../../../../native/libc/inotify.ts', async (original) => {
  const real = await original<typeof import('../../../../native/libc/inotify.ts')>();
  return { ...real, inotifyInit: vi.fn(), inotifyAdd: vi.fn(), inotifyRemove: vi.fn() };
});

const hierarchy: Hierarchy = { mountPoint: '/cg', version: 1, controllers: ['memory'] };
const notices = { appeared: () => {}, gone: () => {}, written: () => {}, lost: () => {} };
const refuse = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};

let last = 0;
let watch: TreeWatch;

beforeEach(() => {
  vi.mocked(inotifyInit).mockReset().mockReturnValue(100);
  vi.mocked(inotifyAdd)
    .mockReset()
    .mockImplementation(() => ++last);
  const sources = new Sources();
  vi.spyOn(sources, 'watch').mockReturnValue({ close: () => {} });
  watch = new TreeWatch(sources);
});

const add = (...groups: string[]) => {
  for (const group of groups) watch.watch(`/cg${group}`, hierarchy, group);
};
const next = (count: number) => watch.nextUnwatched(count).map(({ group }) => group);

test('where there are enough, nothing is left to be looked at', () => {
  watch.start(notices);
  add('/a', '/b');
  expect(next(10)).toEqual([]);
  expect(watch.missing()).toEqual([]);
});

test('without a watch left they take turns, until there is one', () => {
  watch.start(notices);
  add('/a');
  vi.mocked(inotifyAdd).mockImplementation(refuse('ENOSPC'));
  add('/b', '/c', '/d');
  expect(watch.missing()).toEqual([expect.stringContaining('fs.inotify.max_user_watches')]);
  expect([next(2), next(2)]).toEqual([
    ['/b', '/c'],
    ['/d', '/b'],
  ]);
  watch.unwatch('/cg/c');
  expect(next(10)).toEqual(['/d', '/b']);
  vi.mocked(inotifyAdd).mockImplementation(() => ++last);
  // One last look: what happened before the watch was there.
  expect(next(10)).toEqual(['/d', '/b']);
  expect(next(10)).toEqual([]);
  expect(watch.missing()).toEqual([]);
});

test('without an instance the start goes on, and all of them take turns until there is one', () => {
  vi.mocked(inotifyInit).mockImplementation(refuse('EMFILE'));
  watch.start(notices);
  add('/a', '/b');
  expect(watch.missing()).toEqual([expect.stringContaining('fs.inotify.max_user_instances')]);
  expect(next(1)).toEqual(['/a']);
  vi.mocked(inotifyInit).mockReturnValue(100);
  expect(next(10)).toEqual(['/b', '/a']);
  expect(watch.missing()).toEqual([]);
  watch.close();
});

test('a directory that is gone is nobody’s to look at', () => {
  watch.start(notices);
  vi.mocked(inotifyAdd).mockImplementation(refuse('ENOENT'));
  add('/a');
  expect(next(10)).toEqual([]);
});
