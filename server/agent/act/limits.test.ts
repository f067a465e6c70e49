// The limits of a new group: their order, and what is refused before anything is made.
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../contract/problems.ts';
import { orderLimits } from './limits.ts';

test('orders CPUs and nodes first, memory before memsw, the period before the quota', () => {
  const order = orderLimits({
    'cpu.cfs_quota_us': 50000,
    'memory.memsw.limit_in_bytes': '64M',
    'pids.max': 5,
    'cpu.cfs_period_us': 100000,
    'memory.limit_in_bytes': '32M',
    'cpuset.cpus': '0',
  });
  const names = order.map(([name]) => name);
  expect(names.slice(0, 3)).toEqual(['cpuset.cpus', 'memory.limit_in_bytes', 'memory.memsw.limit_in_bytes']);
  expect(names.indexOf('cpu.cfs_period_us')).toBeLessThan(names.indexOf('cpu.cfs_quota_us'));
  expect(order).toHaveLength(6);
  expect(Object.fromEntries(order)['pids.max']).toBe(5);
});

test('orders no limits', () => {
  expect(orderLimits({})).toEqual([]);
});

describe('refused', () => {
  test.each<[string, Record<string, string | number>, string, string]>([
    ['an unknown file', { 'memory.nope': 1 }, 'invalid', 'memory.nope'],
    ['a property of every object', { constructor: 1 }, 'invalid', 'constructor'],
    ['a path', { '../memory.limit_in_bytes': 1 }, 'invalid', '../memory'],
    ['a read-only file', { 'memory.usage_in_bytes': 1 }, 'unsupported', 'only be read'],
    ['a file that runs programs', { release_agent: '/bin/sh' }, 'unsupported', 'root'],
    ['a file with a call of its own', { 'freezer.state': 'FROZEN' }, 'unsupported', 'freeze'],
    ['processes', { 'cgroup.procs': 1 }, 'unsupported', 'attach'],
    ['threads', { tasks: 1 }, 'unsupported', 'attach'],
    ['no value', { 'memory.limit_in_bytes': '' }, 'invalid', 'memory.limit_in_bytes'],
    ['memsw under memory', { 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': '32M' }, 'invalid', 'may not be below'],
    ['memsw without memory', { 'memory.memsw.limit_in_bytes': '32M' }, 'invalid', 'may not be below'],
    [
      'memsw with unlimited memory',
      { 'memory.limit_in_bytes': 'max', 'memory.memsw.limit_in_bytes': '32M' },
      'invalid',
      'may not be below',
    ],
  ])('%s', (_, limits, code, words) => {
    expect(() => orderLimits(limits)).toThrow(ProblemError);
    try {
      orderLimits(limits);
    } catch (error) {
      expect((error as ProblemError).problem).toMatchObject({ code, detail: expect.stringContaining(words) });
    }
  });

  test.each<[Record<string, string | number>]>([
    [{ 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': '64M' }],
    [{ 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': 'max' }],
    [{ 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': '-1' }],
    [{ 'memory.memsw.limit_in_bytes': 'max' }],
  ])('but not %j', (limits) => {
    expect(orderLimits(limits)).toHaveLength(Object.keys(limits).length);
  });
});
