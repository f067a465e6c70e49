// Editing a launch: its form, and the limits changed since.
import { describe, expect, it } from 'vitest';
import type { Host } from '../../server/contract/answers.ts';
import { type LaunchInput, LaunchRequest } from '../../server/contract/launch.ts';
import { formBefore, movedLimits } from './again.ts';
import { limitsOf } from './limits-of-form.ts';

const MIB = 2 ** 20;
const form = (limits: LaunchInput['limits'], hierarchies: Host['hierarchies'] = []) =>
  formBefore(LaunchRequest.parse({ name: 'leak', argv: ['sleep', '1'], limits }), { managedRoot: '/cgdeck', hierarchies }, [
    '/cgdeck/leak',
  ]);
const untouched = {
  'memory.limit_in_bytes': 'max',
  'memory.memsw.limit_in_bytes': 'max',
  'memory.soft_limit_in_bytes': 'max',
  'cpu.cfs_quota_us': 'max',
  'cpu.cfs_period_us': 100_000,
  'cpu.shares': 1024,
  'cpuset.cpus': '0-3',
  'pids.max': 'max',
};

it('starts with a free name', () => {
  expect(form({}).name).toBe('leak-2');
});

describe('movedLimits', () => {
  it('finds none where the kernel has what was asked for, in any spelling or rounding', () => {
    expect(movedLimits(form({}), untouched)).toBeUndefined();
    expect(movedLimits(form({}), {})).toBeUndefined();
    const asked = { 'memory.limit_in_bytes': '100000001', 'pids.max': '50', 'cpu.cfs_quota_us': 50_000 };
    expect(
      movedLimits(form(asked), { ...untouched, 'memory.limit_in_bytes': 99_999_744, 'pids.max': 50, 'cpu.cfs_quota_us': 50_000 }),
    ).toBeUndefined();
  });

  it('returns those that were changed, set or removed, and no others', () => {
    const before = form({ 'memory.limit_in_bytes': '512M', 'pids.max': 50, 'memory.swappiness': 10 });
    const moved = movedLimits(before, { ...untouched, 'memory.limit_in_bytes': 200 * MIB, 'cpu.shares': 512, 'cpu.cfs_quota_us': 150_000 });
    expect(moved).toEqual({ hard: 200 * MIB, quota: '1.5', weight: '512', pids: '' });
    expect(limitsOf({ ...before, ...moved })).toEqual({
      'memory.limit_in_bytes': 200 * MIB,
      'cpu.cfs_quota_us': '150000',
      'cpu.shares': '512',
      'memory.swappiness': 10,
    });
  });
});

describe('movedLimits on v2', () => {
  const unified: Host['hierarchies'] = [{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: ['cpu', 'cpuset', 'memory', 'pids'] }];
  const started = {
    'memory.max': 'max',
    'memory.high': 'max',
    'memory.swap.max': 'max',
    'cpu.max:quota': 'max',
    'cpu.max:period': 100_000,
    'cpu.weight': 100,
    'cpuset.cpus': '',
    'pids.max': 'max',
  };

  it('finds none where nothing was changed', () => {
    expect(movedLimits(form({}, unified), started)).toBeUndefined();
    const asked = { 'memory.max': '64M', 'cpu.max': '50000' };
    expect(movedLimits(form(asked, unified), { ...started, 'memory.max': 64 * MIB, 'cpu.max:quota': 50_000 })).toBeUndefined();
  });

  it('returns those that were, in v2’s names', () => {
    const before = form({ 'memory.max': '512M', 'cpu.weight': 10, 'pids.max': 50 }, unified);
    const now = { ...started, 'memory.max': 200 * MIB, 'memory.high': 100 * MIB, 'cpu.max:quota': 25_000, 'cpu.max:period': 50_000 };
    const moved = movedLimits(before, now);
    expect(moved).toEqual({ hard: 200 * MIB, soft: 100 * MIB, quota: '0.5', weight: '', pids: '' });
    expect(limitsOf({ ...before, ...moved })).toEqual({ 'memory.max': 200 * MIB, 'memory.high': 100 * MIB, 'cpu.max': '50000 100000' });
  });
});
