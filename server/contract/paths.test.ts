// Group names and paths: what is refused, with which sentence, and what is not.
import { describe, expect, test } from 'vitest';
import { GroupName, GroupPath, NewGroupPath } from './path-schemas.ts';
import { isWithin, joinPath, lineage, nameFault, newNameFault, newPathFault, parentPath, pathFault } from './paths.ts';

test.each([
  ['', 'empty'],
  ['.', 'named'],
  ['..', 'named'],
  ['a/b', 'slash'],
  ['/', 'slash'],
  ['a\nb', 'control character'],
  ['a\0', 'control character'],
  ['\t', 'control character'],
  ['a\u007f', 'control character'],
  ['a\ufffdb', 'control character'],
  ['a\ud800', 'control character'],
  ['x'.repeat(256), '255 bytes'],
  ['x'.repeat(300), '255 bytes'],
  ['群'.repeat(86), '255 bytes'],
  ['🐋'.repeat(64), '255 bytes'],
  [`${'ö'.repeat(127)}xx`, '255 bytes'],
  ['a\u202eb', 'invisible'],
  ['a\u009bb', 'invisible'],
  ['a\\x09b', 'invisible'],
  ['a\\xff', 'invisible'],
])('the name %j is refused for a new group: %s', (name, why) => {
  expect(newNameFault(name)).toContain(why);
  // A slash in a path parts two names.
  if (!name.includes('/')) expect(newPathFault(`/cgdeck/${name}`)).toBe(newNameFault(name));
  expect(GroupName.safeParse(name).success).toBe(false);
});

test.each([
  ['a\tb', 'a\\x09b'],
  ['a\u202eb', 'a\\xe2\\x80\\xaeb'],
  ['a\u007f', 'a\\x7f'],
  ['a\ufffdb', 'a\\xef\\xbf\\xbdb'],
  ['a\\xff', 'a\\xff'],
  ['a\\x2db', 'a\\x2db'],
])('a group that others named %j can be asked for, as %j', (name, spelling) => {
  expect(GroupPath.parse(`/cgdeck/${name}`)).toBe(`/cgdeck/${spelling}`);
  expect(GroupPath.parse(`/cgdeck/${spelling}`)).toBe(`/cgdeck/${spelling}`);
  // A new one in it may still have a name that can be read.
  expect(NewGroupPath.safeParse(`/cgdeck/${spelling}/new`).success).toBe(true);
});

test.each(['a\nb', 'a\0', 'a\\x0ab', 'a\\xc3\\xa9', 'a\\x5cb'])('no group is named %j', (name) => {
  expect(GroupPath.safeParse(`/cgdeck/${name}`).success).toBe(false);
});

test.each([
  'a',
  'web 1',
  '...',
  '.hidden',
  '-rf',
  'größe-群',
  'a:b,c=d',
  '%2e%2e',
  'a\\b',
  '"\'`$x',
  'x'.repeat(255),
  '群'.repeat(85),
  '🐋'.repeat(63),
  `${'ö'.repeat(127)}x`,
])('the name %j is taken', (name) => {
  expect(nameFault(name)).toBeUndefined();
  expect(GroupName.parse(name)).toBe(name);
  expect(GroupPath.parse(`/cgdeck/${name}`)).toBe(`/cgdeck/${name}`);
});

test.each(['', 'cgdeck', './a', '//', '/a/', '/a//b', '/a/../b', '/..', '/a/.', `/${'a/'.repeat(2048)}a`])(
  'the path %j is refused',
  (path) => {
    expect(pathFault(path)).toMatch(/^A group.*\.$/);
    expect(GroupPath.safeParse(path).success).toBe(false);
  },
);

test('a path may have 4096 bytes', () => {
  const path = `/${'a/'.repeat(2047)}`;
  expect(pathFault(`${path}b`)).toBeUndefined();
  expect(pathFault(`${path}bc`)).toContain('4096');
});

describe('relations', () => {
  test.each([
    ['/', ['/']],
    ['/a', ['/a', '/']],
    ['/a/b:c/d', ['/a/b:c/d', '/a/b:c', '/a', '/']],
  ])('lineage of %s', (path, line) => {
    expect(lineage(path)).toEqual(line);
    expect(parentPath(path)).toBe(line[1] ?? '/');
  });

  test.each([
    ['/a', '/a', true],
    ['/a/b', '/a', true],
    ['/ab', '/a', false],
    ['/a', '/a/b', false],
    ['/a', '/', true],
    ['/', '/a', false],
  ])('%s is within %s: %s', (path, ancestor, within) => {
    expect(isWithin(path, ancestor)).toBe(within);
  });

  test('joining to the root adds no second slash', () => {
    expect(joinPath('/', 'a')).toBe('/a');
    expect(joinPath('/a', 'b')).toBe('/a/b');
  });
});
