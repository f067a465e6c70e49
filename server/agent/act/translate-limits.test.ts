// Limits in the names of the other version, on machines with v1, v2 and both.
import { describe, expect, test } from 'vitest';
import type { Limits } from '../../contract/launch.ts';
import { ProblemError } from '../../contract/problems.ts';
import { Layout } from '../kernel/hierarchy/layout.ts';
import { translateLimits } from './translate-limits.ts';

const V1 = new Layout([{ mountPoint: '/v1', version: 1, controllers: ['memory', 'cpu', 'pids', 'cpuset', 'blkio'] }]);
const V2 = new Layout([{ mountPoint: '/v2', version: 2, controllers: ['memory', 'cpu', 'pids', 'cpuset', 'io'] }]);
const SPLIT = new Layout([
  { mountPoint: '/v1', version: 1, controllers: ['memory'] },
  { mountPoint: '/v2', version: 2, controllers: ['io', 'cpu'] },
]);

test.each<[string, Layout, Limits, Limits]>([
  [
    'v1 on v1',
    V1,
    { 'memory.limit_in_bytes': '64M', 'cpu.cfs_quota_us': 5000, 'pids.max': 5 },
    { 'memory.limit_in_bytes': '64M', 'cpu.cfs_quota_us': 5000, 'pids.max': 5 },
  ],
  [
    'v2 on v2',
    V2,
    { 'memory.max': '64M', 'cpu.max': '5000 10000', 'pids.max': 5 },
    { 'memory.max': '64M', 'cpu.max': '5000 10000', 'pids.max': 5 },
  ],
  ['the hard limit of v1 on v2', V2, { 'memory.limit_in_bytes': '64M' }, { 'memory.max': '64M' }],
  ['the hard limit of v2 on v1', V1, { 'memory.max': 'max' }, { 'memory.limit_in_bytes': 'max' }],
  ['quota and period on v2', V2, { 'cpu.cfs_quota_us': 5000, 'cpu.cfs_period_us': 20000 }, { 'cpu.max': '5000 20000' }],
  ['a quota alone on v2', V2, { 'cpu.cfs_quota_us': 5000 }, { 'cpu.max': '5000 100000' }],
  ['a period alone on v2', V2, { 'cpu.cfs_period_us': 5000 }, { 'cpu.max': 'max 5000' }],
  ['no quota on v2', V2, { 'cpu.cfs_quota_us': -1 }, { 'cpu.max': '-1 100000' }],
  ['quota and period of v2 on v1', V1, { 'cpu.max': '5000 20000' }, { 'cpu.cfs_period_us': '20000', 'cpu.cfs_quota_us': '5000' }],
  ['a quota of v2 on v1', V1, { 'cpu.max': 'max' }, { 'cpu.cfs_quota_us': 'max' }],
  [
    'each where its controller is',
    SPLIT,
    { 'memory.max': '1G', 'cpu.cfs_quota_us': 2000, 'io.max': '8:0 rbps=1' },
    { 'memory.limit_in_bytes': '1G', 'cpu.max': '2000 100000', 'io.max': '8:0 rbps=1' },
  ],
  ['an unknown file is left for the check', V2, { 'memory.nope': 1, constructor: 2 }, { 'memory.nope': 1, constructor: 2 }],
  ['nothing', V2, {}, {}],
])('%s', (_, layout, asked, limits) => {
  expect(translateLimits(asked, layout).limits).toEqual(limits);
});

test('answers which name was translated to which', () => {
  expect(
    translateLimits({ 'memory.limit_in_bytes': '64M', 'cpu.cfs_quota_us': 1, 'cpu.cfs_period_us': 2, 'pids.max': 4 }, V2).translated,
  ).toEqual({
    'memory.limit_in_bytes': 'memory.max',
    'cpu.cfs_quota_us': 'cpu.max',
    'cpu.cfs_period_us': 'cpu.max',
  });
});

describe('refused, with the counterpart and where it differs', () => {
  test.each<[string, Layout, Limits, string[]]>([
    ['memory and swap', V2, { 'memory.memsw.limit_in_bytes': '1G' }, ['memory.swap.max', 'swap alone']],
    ['the soft limit', V2, { 'memory.soft_limit_in_bytes': '1G' }, ['memory.high', 'slows']],
    ['shares', V2, { 'cpu.shares': 512 }, ['cpu.weight', 'scales']],
    ['weight on v1', V1, { 'cpu.weight': 50 }, ['cpu.shares', 'scales']],
    ['io.max on v1', V1, { 'io.max': '8:0 rbps=1' }, ['blkio.throttle.read_bps_device']],
    ['protection on v1', V1, { 'memory.low': '1G' }, ['nothing that corresponds']],
    ['both names of one limit', V2, { 'memory.limit_in_bytes': '1G', 'memory.max': '2G' }, ['the same limit']],
  ])('%s', (_, layout, asked, words) => {
    expect(() => translateLimits(asked, layout)).toThrow(ProblemError);
    try {
      translateLimits(asked, layout);
    } catch (error) {
      for (const word of words) expect((error as ProblemError).problem.detail).toContain(word);
    }
  });
});
