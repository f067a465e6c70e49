// The machine’s hierarchies and missing features in words.
import { expect, it } from 'vitest';
import { controllerWords, missingWords } from './machine-words.ts';

it('has what a hierarchy is for without controllers', () => {
  expect(controllerWords({ mountPoint: '/sys/fs/cgroup/cpu', version: 1, controllers: ['cpu', 'cpuacct'] })).toBe('cpu, cpuacct');
  expect(controllerWords({ mountPoint: '/sys/fs/cgroup/unified', version: 2, controllers: [] })).toBe(
    'no controllers; pressure and events',
  );
  expect(controllerWords({ mountPoint: '/sys/fs/cgroup/systemd', version: 1, controllers: [] })).toBe('no controllers');
});

it('counts missing features', () => {
  expect([missingWords(1), missingWords(3)]).toEqual(['One feature is missing on this machine', '3 features are missing on this machine']);
});
