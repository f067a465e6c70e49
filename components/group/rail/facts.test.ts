// The rail’s facts from readings of either version, and the binding limit.
import { describe, expect, it } from 'vitest';
import type { Readings } from '../../../server/contract/readings.ts';
import { bindingLimit, protectedAbove, railFacts } from './facts.ts';

const host = { memoryBytes: 4000, swapBytes: 0 };

function factsOf(version: 1 | 2, all: Record<string, Readings>, path: string) {
  return railFacts({ path, version, readings: all[path] ?? {}, readingsOf: (at) => all[at], host, growthPerSec: undefined });
}

describe('on v1', () => {
  const all = {
    '/a': { 'memory.limit_in_bytes': 900, 'memory.soft_limit_in_bytes': 300 },
    '/a/b': {
      'memory.usage_in_bytes': 500,
      'memory.limit_in_bytes': 'max',
      'memory.soft_limit_in_bytes': 400,
      'memory.memsw.limit_in_bytes': 1000,
      'memory.stat:total_inactive_file': 10,
      'memory.stat:total_active_file': 20,
      'memory.oom_control:oom_kill_disable': 1,
    },
  };

  it('has memory and swap together, and an ancestor’s soft limit does nothing', () => {
    expect(factsOf(1, all, '/a/b')).toMatchObject({
      usageBytes: 500,
      reclaimableBytes: 30,
      hard: 'max',
      soft: 400,
      memsw: 1000,
      swapRoomBytes: undefined,
      ancestor: { bytes: 900, group: '/a' },
      ancestorSoft: undefined,
      oomKillDisabled: true,
      oomWholeGroup: false,
    });
    expect(bindingLimit(factsOf(1, all, '/a/b'))).toEqual({ bytes: 900, whose: 'ancestor', group: '/a' });
  });
});

describe('what is protected', () => {
  const all = {
    '/': {},
    '/a': { 'memory.low': 100 },
    '/a/b': { 'memory.low': 300 },
    '/a/b/c': { 'memory.low': 50 },
    '/max': { 'memory.low': 'max' },
    '/none': { 'memory.low': 0 },
    '/none/of': { 'memory.low': 70 },
  };

  it('is no more than any group above protects, and the machine’s memory at most', () => {
    const kept = Object.keys(all).map((path) => [path, factsOf(2, all, path).protectedBytes]);
    expect(Object.fromEntries(kept)).toEqual({ '/a': 100, '/a/b': 100, '/a/b/c': 50, '/max': 4000 });
    expect(protectedAbove('/a/b/c', (path) => (all as Record<string, Readings>)[path])).toEqual({ bytes: 100, group: '/a' });
    expect(protectedAbove('/a', () => ({}))).toBeUndefined();
  });

  it('where it is recursive, is also what is shared of the topmost group’s', () => {
    const shared = { ...all, '/a/b': { 'memory.low': 0 }, '/a/b/c': { 'memory.low': 70 } };
    const readingsOf = (path: string) => (shared as Record<string, Readings>)[path];
    expect(['/a/b/c', '/a/b', '/a'].map((path) => protectedAbove(path, readingsOf, true)?.bytes)).toEqual([100, 100, undefined]);
    expect(protectedAbove('/a/b/c', readingsOf)).toEqual({ bytes: 0, group: '/a/b' });
  });
});

describe('on v2', () => {
  const all = {
    '/': { 'memory.stat:inactive_file': 1, 'meminfo:SwapFree': 700 },
    '/a': { 'memory.max': 900, 'memory.high': 300 },
    '/a/b': {
      'memory.current': 500,
      'memory.max': 600,
      'memory.high': 'max',
      'memory.swap.max': 300,
      'memory.swap.current': 100,
      'memory.stat:inactive_file': 10,
      'memory.stat:active_file': 20,
      'memory.stat:slab_reclaimable': 5,
      'memory.oom.group': 1,
    },
  };

  it('has swap alone, the kernel’s own caches, and an ancestor’s throttle', () => {
    expect(factsOf(2, all, '/a/b')).toMatchObject({
      usageBytes: 500,
      reclaimableBytes: 35,
      hard: 600,
      soft: 'max',
      memsw: undefined,
      swapRoomBytes: 200,
      ancestor: { bytes: 900, group: '/a' },
      ancestorSoft: { bytes: 300, group: '/a' },
      oomKillDisabled: false,
      oomWholeGroup: true,
    });
    expect(bindingLimit(factsOf(2, all, '/a/b'))).toEqual({ bytes: 600, whose: 'own' });
  });

  it('swap room is the machine’s where the group has no limit on it, and unknown without the machine’s readings', () => {
    const loose = { ...all, '/a/b': { ...all['/a/b'], 'memory.swap.max': 'max' } };
    expect(factsOf(2, loose, '/a/b').swapRoomBytes).toBe(700);
    expect(factsOf(2, { '/a/b': all['/a/b'] }, '/a/b').swapRoomBytes).toBeUndefined();
    expect(factsOf(2, { ...all, '/a/b': { ...all['/a/b'], 'memory.swap.max': 50 } }, '/a/b').swapRoomBytes).toBe(0);
  });

  it('the root has no limits, and nothing above it', () => {
    expect(factsOf(2, all, '/')).toMatchObject({ hard: 'max', soft: 'max', ancestor: undefined, ancestorSoft: undefined });
  });
});
