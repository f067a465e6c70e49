// Without inotify watches or instances left: unwatched directories are returned to be read in turn, and watched later.
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
const notices = { appeared: () => {}, disappeared: () => {}, written: () => {}, lost: () => {} };
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
  vi.spyOn(sources, 'watch').mockReturnValue({ close: () => {}, unread: () => 0 });
  watch = new TreeWatch(sources);
});

const add = (...groups: string[]) => {
  for (const group of groups) watch.watch(`/cg${group}`, hierarchy, group);
};
const next = (count: number) => watch.nextUnwatched(count).map(({ group }) => group);

test('with enough watches no directory is unwatched', () => {
  watch.start(notices);
  add('/a', '/b');
  expect(next(10)).toEqual([]);
  expect(watch.missing()).toEqual([]);
});

test('without a watch left, directories are returned in turn until there is one', () => {
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
  // Once more, for what happened before they were watched.
  expect(next(10)).toEqual(['/d', '/b']);
  expect(next(10)).toEqual([]);
  expect(watch.missing()).toEqual([]);
});

test('without an instance all directories are returned in turn until there is one', () => {
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

test('a removed directory is not returned', () => {
  watch.start(notices);
  vi.mocked(inotifyAdd).mockImplementation(refuse('ENOENT'));
  add('/a');
  expect(next(10)).toEqual([]);
});
