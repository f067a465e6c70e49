// Which groups a glob names.
import { expect, test } from 'vitest';
import { groupMatcher } from './group-pattern.ts';

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
