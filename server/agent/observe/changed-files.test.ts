// Files written by other programs: one entry each, with the kernel's text.
import { expect, test } from 'vitest';
import type { Change } from '../../contract/frame.ts';
import type { Readings } from '../../contract/readings.ts';
import { changedFiles } from './changed-files.ts';

test.each<[string, Readings, Change[], { file: string; old: string; new: string }[]]>([
  [
    'quota and period are one file',
    { 'cpu.max:quota': 'max', 'cpu.max:period': 100_000 },
    [
      [1, 'cpu.max:quota', 5000],
      [1, 'cpu.max:period', 50_000],
    ],
    [{ file: 'cpu.max', old: 'max 100000', new: '5000 50000' }],
  ],
  [
    'a quota alone',
    { 'cpu.max:quota': 'max', 'cpu.max:period': 100_000 },
    [[1, 'cpu.max:quota', 5000]],
    [{ file: 'cpu.max', old: 'max 100000', new: '5000 100000' }],
  ],
  [
    'limits of a disk',
    { 'io.max:8:0 rbps': 'max', 'io.max:8:0 wbps': 1000 },
    [[1, 'io.max:8:0 rbps', 2000]],
    [{ file: 'io.max', old: '8:0 rbps=max wbps=1000', new: '8:0 rbps=2000 wbps=1000' }],
  ],
  ['one number', { 'pids.max': 'max' }, [[1, 'pids.max', 7]], [{ file: 'pids.max', old: 'max', new: '7' }]],
  ['what is read for the first time', {}, [[1, 'pids.max', 7]], []],
  ['what is known already, since we wrote it', { 'pids.max': 7 }, [[1, 'pids.max', 7]], []],
  ['what the kernel counts', { 'memory.current': 1 }, [[1, 'memory.current', 2]], []],
  ['that a freeze was asked for', { 'cgroup.freeze': 0 }, [[1, 'cgroup.freeze', 1]], []],
])('%s', (_, before, changes, found) => {
  expect(changedFiles(changes, () => before)).toEqual(found.map((one) => ({ gid: 1, ...one })));
});
