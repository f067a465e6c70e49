// The machine’s hierarchies and missing features in words.
import { expect, it } from 'vitest';
import { hierarchyLines, missingSentences, missingWords, modeWords } from './machine-words.ts';

it('lists the unified tree first, and what it is for without controllers', () => {
  const lines = hierarchyLines([
    { mountPoint: '/sys/fs/cgroup/cpu', version: 1, controllers: ['cpu', 'cpuacct'] },
    { mountPoint: '/sys/fs/cgroup/unified', version: 2, controllers: [] },
    { mountPoint: '/sys/fs/cgroup/systemd', version: 1, controllers: [] },
  ]);
  expect(lines.map(({ version, controllers }) => [version, controllers])).toEqual([
    [2, 'no controllers; pressure and events'],
    [1, 'cpu, cpuacct'],
    [1, 'no controllers'],
  ]);
});

it('counts missing features, and names each mode', () => {
  expect([missingWords(1), missingWords(3)]).toEqual(['One feature is missing on this machine', '3 features are missing on this machine']);
  expect(new Set((['v1', 'v2', 'hybrid'] as const).map(modeWords)).size).toBe(3);
});

it('has each sentence once', () => {
  expect(missingSentences({ missing: ['No network.', 'No network.', 'No log.'] })).toEqual(['No network.', 'No log.']);
});
