// Which groups a glob names.
import { expect, test } from 'vitest';
import { groupMatcher, patternFault } from './group-pattern.ts';

test.each([
  [['/docker/**'], '/docker/a/b', true],
  [['/docker/**'], '/docker', true],
  [['/docker/*'], '/docker/a/b', false],
  [['/system.slice/*.service'], '/system.slice/web.service', true],
  [['/{a,b}/x'], '/b/x', true],
  [['!/a'], '/b', false],
  [['/a/**'], '/a/.hidden', true],
  [['/a', '/b'], '/b', true],
  [[], '/a', false],
])('%j and %s: %s', (patterns, group, matches) => {
  expect(groupMatcher(patterns)(group)).toBe(matches);
});

test.each([
  ['/**/b/**/c', '/a/b/c', true],
  ['/**/b/**/c', '/b/b/c/c', true],
  ['/**/b/**/c', '/a/c/b', false],
  ['/a/**/**', '/a', true],
  ['/a/**/b', '/a/x/y/b', true],
  ['/a/**/b', '/a/x/y/b/z', false],
  ['/a/\\*', '/a/*', true],
  ['/a/\\*', '/a/b', false],
])('%s and %s: %s', (pattern, group, matches) => {
  expect(groupMatcher([pattern])(group)).toBe(matches);
});

test('long names do not multiply', () => {
  const names = Array.from({ length: 15 }, () => 'a'.repeat(250));
  expect(groupMatcher([`/${'*a*/'.repeat(15)}b`])(`/${names.join('/')}/c`)).toBe(false);
});

const A = 'a'.repeat(30);

test.each([
  '/docker/**',
  '/system.slice/*.service',
  '/{a,b}/{c,d}/*.{service,scope}',
  '/@(a|b)/[a-z]*-?',
  '/[a-z]?/{a,b}?',
  '/c++/x',
  '/a/\\(x\\)\\+',
  '/dev-\\\\x2d.device',
  '/**/payload/**',
])('%s is taken', (pattern) => {
  expect(patternFault(pattern)).toBeUndefined();
});

// With names such as "aaaa…c" each of them takes minutes, or for ever.
test.each([
  ['/(a+)+b', /\( that is not of @/],
  [`/${'?(a)'.repeat(30)}${A}b`, /\( that is not of @/],
  [`/${'!(b)'.repeat(30)}b`, /\( that is not of @/],
  ['/+(a)b', /\( that is not of @/],
  ['/[a]+[a]+[a]+[a]+[a]+[a]+[a]+b', /\+ beside/],
  ['/{a,aa}+b', /\+ beside/],
  ['/@(a+|a)b', /\+ beside/],
  [`/${'@(a)?'.repeat(30)}${A}b`, /\? after/],
  [`/${'{a,a}'.repeat(30)}b`, /combinations/],
  [`/${'@(a|a)'.repeat(30)}b`, /combinations/],
  [`/${'{,a}'.repeat(30)}b`, /combinations/],
  ['/{*b*,a/x}*c*', /slash within/],
  ['/*a*a*b', /more than two \*/],
  ['/**/a/**/b/**', /more than two \*\*/],
  [`/a${'\\'.repeat(4)}`, /more than three/],
  ['a', /begin with a slash/],
])('%s is refused', (pattern, fault) => {
  expect(patternFault(pattern)).toMatch(fault);
});
