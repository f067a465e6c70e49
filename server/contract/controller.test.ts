// Which version has a controller, on machines and for groups of every kind.
import { expect, test } from 'vitest';
import { splitControllers, versionOf } from './controller.ts';

const one = (version: 1 | 2, ...controllers: string[]) => ({ version, controllers });

test.each([
  ['memory', [one(1, 'memory'), one(2)], 1],
  ['memory', [one(2, 'memory', 'io')], 2],
  ['memory', [one(1, 'pids'), one(2, 'memory')], 2],
  ['memory', [one(1, 'pids'), one(2)], undefined],
  ['io', [one(1, 'blkio'), one(2)], 1],
  ['blkio', [one(1, 'memory'), one(2, 'io')], 2],
  ['io', [one(1, 'memory')], undefined],
  ['cpuacct', [one(2, 'cpu')], 2],
  ['cpuacct', [one(1, 'cpu', 'cpuacct')], 1],
  ['freezer', [one(2)], 2],
  ['freezer', [one(1, 'freezer'), one(2)], 1],
  ['cgroup', [one(1, 'memory'), one(2)], 2],
  ['psi', [one(1, 'memory')], undefined],
  ['psi', [one(2)], 2],
] as const)('%s of %j is of version %s', (controller, hierarchies, version) => {
  expect(versionOf(controller, hierarchies)).toBe(version);
});

test.each([
  [['memory', 'pids', 'unified'], 'memory', 1],
  [['memory', 'unified', 'io'], 'io', 2],
  [['unified', 'memory'], 'memory', 2],
  [['unified'], 'memory', undefined],
  [['memory'], 'psi', undefined],
  [[], 'memory', undefined],
] as const)('of a group in %j, %s is of version %s', (controllers, controller, version) => {
  expect(versionOf(controller, splitControllers(controllers))).toBe(version);
});
