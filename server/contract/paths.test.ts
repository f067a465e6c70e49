// Group names and paths: what is refused, with which sentence, and what is not.
import { describe, expect, test } from 'vitest';
import { GroupName, GroupPath, isWithin, joinPath, lineage, nameFault, parentPath, pathFault } from './paths.ts';

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
])('the name %j is refused: %s', (name, why) => {
  expect(nameFault(name)).toContain(why);
  // A slash in a path parts two names.
  if (!name.includes('/')) expect(pathFault(`/cgdeck/${name}`)).toBe(nameFault(name));
  expect(GroupName.safeParse(name).success).toBe(false);
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

describe('kinship', () => {
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

  test('joining knows the root', () => {
    expect(joinPath('/', 'a')).toBe('/a');
    expect(joinPath('/a', 'b')).toBe('/a/b');
  });
});
