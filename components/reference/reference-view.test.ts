// What the reference lists, and the address of what is listed.
import { expect, test } from 'vitest';
import { controllersOf, listedFiles, referenceFromSearch, referenceToSearch } from './reference-view.ts';

const names = (...of: Parameters<typeof listedFiles>) => listedFiles(...of).map(({ name }) => name);

test('a controller’s files are listed, the first one’s where none is chosen or the version has none of that name', () => {
  expect(names(2, 'pids', '')).toEqual(expect.arrayContaining(['pids.max', 'pids.current', 'pids.events']));
  expect(names(2, 'pids', '').every((name) => name.startsWith('pids.'))).toBe(true);
  expect(names(2, 'io', '').every((name) => name.startsWith('io.'))).toBe(true);
  expect(names(2, 'blkio', '')).toEqual(names(2, undefined, ''));
  expect(names(1, undefined, '')).toContain('memory.limit_in_bytes');
});

test('a search covers all controllers: by name first, then by the counterpart’s name, then by explanation', () => {
  expect(names(2, 'io', 'cpu.shares')).toEqual(['cpu.weight']);
  expect(names(2, undefined, 'soft_limit')).toContain('memory.high');
  const weight = names(2, undefined, ' Weight ');
  expect(weight[0]).toContain('weight');
  expect(weight.findLastIndex((name) => name.includes('weight'))).toBeLessThan(weight.findIndex((name) => !name.includes('weight')));
  expect(names(2, undefined, 'slowed down')).toContain('memory.high');
  expect(names(1, undefined, 'no such thing')).toEqual([]);
});

test('both versions have their controllers, and every file is of one of them', () => {
  expect([...controllersOf(1).keys()]).toEqual(expect.arrayContaining(['memory', 'blkio', 'freezer', 'devices']));
  expect([...controllersOf(2).keys()]).toEqual(expect.arrayContaining(['memory', 'io', 'cgroup', 'psi']));
  expect([...controllersOf(2).keys()]).not.toContain('blkio');
  for (const version of [1, 2] as const)
    for (const [controller, count] of controllersOf(version)) expect(listedFiles(version, controller, '')).toHaveLength(count);
});

test('the address has what is shown, and ignores what it does not know', () => {
  const view = { of: 2, controller: 'memory', find: 'high' } as const;
  expect(referenceToSearch(view)).toBe('?of=2&controller=memory&find=high');
  expect(referenceFromSearch(new URLSearchParams(referenceToSearch(view)))).toEqual(view);
  expect(referenceToSearch({ of: undefined, controller: undefined, find: '' })).toBe('');
  expect(referenceFromSearch(new URLSearchParams('of=3&controller=net'))).toEqual({ of: undefined, controller: undefined, find: '' });
});
