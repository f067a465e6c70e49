// Rates, states and the binding limit, from raw readings.
import { describe, expect, test } from 'vitest';
import {
  chargedTo,
  cpuPercent,
  effectiveLimit,
  effectiveMeasure,
  freezerWord,
  groupState,
  inheritedLimits,
  limitHits,
  measureAbove,
  memoryUsage,
  ratePerSec,
  reclaimableBytes,
  type Sample,
} from './derive.ts';
import type { Readings } from './readings.ts';

function sample(monoMs: number, readings: Readings, inode = 1): Sample {
  return { monoMs, readings, inode };
}

describe('rates', () => {
  test.each<[string, Sample | undefined, Sample, number | undefined]>([
    ['growth over two seconds', sample(1000, { n: 10 }), sample(3000, { n: 50 }), 20],
    ['no growth', sample(0, { n: 10 }), sample(500, { n: 10 }), 0],
    ['no sample before', undefined, sample(1000, { n: 10 }), undefined],
    ['a group that was recreated', sample(0, { n: 10 }, 1), sample(1000, { n: 20 }, 2), undefined],
    ['a counter that was reset', sample(0, { n: 10 }), sample(1000, { n: 9 }), undefined],
    ['a counter that appears', sample(0, {}), sample(1000, { n: 9 }), undefined],
    ['a counter that is gone', sample(0, { n: 10 }), sample(1000, {}), undefined],
    ['a word', sample(0, { n: 'max' }), sample(1000, { n: 9 }), undefined],
    ['no time', sample(1000, { n: 10 }), sample(1000, { n: 20 }), undefined],
    ['time backwards', sample(1000, { n: 10 }), sample(900, { n: 20 }), undefined],
  ])('%s', (_, before, now, rate) => {
    expect(ratePerSec(before, now, 'n')).toBe(rate);
  });

  test('two busy CPUs are 200 percent', () => {
    expect(cpuPercent(sample(0, { 'cpuacct.usage': 0 }), sample(1000, { 'cpuacct.usage': 2e9 }))).toBe(200);
    expect(cpuPercent(sample(0, { 'cpu.stat:usage_usec': 0 }), sample(1000, { 'cpu.stat:usage_usec': 2e6 }))).toBe(200);
    expect(cpuPercent(sample(0, {}), sample(1000, {}))).toBeUndefined();
    expect(cpuPercent(undefined, sample(1000, { 'cpuacct.usage': 2e9 }))).toBeUndefined();
  });
});

test.each([
  ['FROZEN', 'frozen'],
  ['FREEZING', 'freezing'],
  ['THAWED', 'thawed'],
])('%s is %s', (word, state) => {
  expect(groupState({ 'freezer.state': word })).toBe(state);
});

test.each([
  [0, 0, 'thawed'],
  [1, 0, 'freezing'],
  [1, 1, 'frozen'],
  // An ancestor was asked.
  [0, 1, 'frozen'],
  [1, undefined, 'freezing'],
])('cgroup.freeze %j with frozen %j is %s', (asked, frozen, state) => {
  expect(groupState({ 'cgroup.freeze': asked, ...(frozen === undefined ? {} : { 'cgroup.events:frozen': frozen }) })).toBe(state);
});

test('v1’s freezer has precedence over v2’s', () => {
  expect(groupState({ 'freezer.state': 'THAWED', 'cgroup.freeze': 1, 'cgroup.events:frozen': 1 })).toBe('thawed');
});

test('a group without a freezer is thawed', () => {
  expect(groupState({})).toBe('thawed');
});

describe('the binding limit', () => {
  const tree: Record<string, Readings> = {
    '/': { l: 'max' },
    '/a': { l: 500 },
    '/a/b': { l: 'max' },
    '/a/b/c': { l: 300 },
    '/a/b/loose': { l: 900 },
    '/a/equal': { l: 500 },
    '/free': {},
    '/zero': { l: 0 },
  };

  test.each([
    ['/', 'max', '/'],
    ['/a', 500, '/a'],
    ['/a/b', 500, '/a'],
    ['/a/b/c', 300, '/a/b/c'],
    ['/a/b/loose', 500, '/a'],
    ['/a/equal', 500, '/a/equal'],
    ['/free', 'max', '/'],
    ['/zero', 0, '/zero'],
    ['/unknown/below', 'max', '/'],
  ])('of %s is %s, of %s', (path, value, group) => {
    expect(effectiveLimit(path, 'l', (one) => tree[one])).toEqual({ value, group });
  });
});

test('each version has its own inherited limits', () => {
  expect(inheritedLimits(1)).toContain('memory.limit_in_bytes');
  expect(inheritedLimits(2)).toContain('memory.max');
  for (const version of [1, 2] as const) expect(inheritedLimits(version)).toContain('pids.max');
});

test('a limit is found by its quantity on either version', () => {
  const tree: Record<string, Readings> = {
    '/': {},
    '/a': { 'memory.max': 500 },
    '/a/b': { 'memory.max': 'max' },
    '/c': { 'memory.limit_in_bytes': 7 },
  };
  expect(effectiveMeasure('/a/b', 'memory-hard-limit', (path) => tree[path])).toEqual({ value: 500, group: '/a' });
  expect(effectiveMeasure('/c', 'memory-hard-limit', (path) => tree[path])).toEqual({ value: 7, group: '/c' });
  expect(effectiveMeasure('/d', 'memory-hard-limit', (path) => tree[path])).toEqual({ value: 'max', group: '/' });
});

test.each<[string, Readings, number | undefined]>([
  ['v1', { 'memory.stat:total_inactive_file': 1, 'memory.stat:total_active_file': 2 }, 3],
  ['v2', { 'memory.stat:inactive_file': 1, 'memory.stat:active_file': 2, 'memory.stat:slab_reclaimable': 4 }, 7],
  ['a part', { 'memory.stat:inactive_file': 1 }, 1],
  ['neither', {}, undefined],
])('what can be reclaimed on %s', (_, readings, bytes) => {
  expect(reclaimableBytes(readings)).toBe(bytes);
});

test('the kernel’s own text for a frozen group', () => {
  expect(freezerWord({ 'freezer.state': 'FREEZING' })).toBe('FREEZING');
  expect(freezerWord({ 'cgroup.freeze': 1, 'cgroup.events:frozen': 1 })).toBe('cgroup.events frozen 1');
  expect(freezerWord({ 'cgroup.freeze': 1, 'cgroup.events:frozen': 0 })).toBe('cgroup.events frozen 0');
});

test('the root group’s usage is the machine’s if the kernel has none', () => {
  expect(memoryUsage({ 'memory.usage_in_bytes': 7, 'meminfo:MemTotal': 10, 'meminfo:MemAvailable': 4 })).toBe(7);
  expect(memoryUsage({ 'meminfo:MemTotal': 10, 'meminfo:MemAvailable': 4 })).toBe(6);
  expect(memoryUsage({ 'memory.current': 0 })).toBe(0);
  expect(memoryUsage({})).toBeUndefined();
});

test('on v1 a limit above a group that does not count those below (memory.use_hierarchy 0) does not bind; the machine does', () => {
  const groups: Record<string, Readings> = {
    '/': { 'memory.use_hierarchy': 0, 'memory.limit_in_bytes': 'max' },
    '/a': { 'memory.use_hierarchy': 0, 'memory.limit_in_bytes': 100 },
    '/a/b': { 'memory.use_hierarchy': 1, 'memory.limit_in_bytes': 500, 'pids.max': 'max' },
    '/a/b/c': { 'memory.use_hierarchy': 1, 'memory.limit_in_bytes': 'max' },
  };
  const readingsOf = (path: string) => groups[path];
  expect(chargedTo('/a/b/c', readingsOf)).toEqual(['/a/b/c', '/a/b', '/']);
  expect(effectiveMeasure('/a/b/c', 'memory-hard-limit', readingsOf)).toEqual({ value: 500, group: '/a/b' });
  expect(effectiveLimit('/a/b', 'memory.limit_in_bytes', readingsOf)).toEqual({ value: 500, group: '/a/b' });
  expect(measureAbove('/a/b', 'memory-hard-limit', readingsOf)).toEqual({ value: 'max', group: '/' });
  expect(effectiveMeasure('/a', 'memory-hard-limit', readingsOf)).toEqual({ value: 100, group: '/a' });
});

test.each<[Readings, number | undefined]>([
  [{ 'memory.failcnt': 2, 'memory.memsw.failcnt': 5 }, 7],
  [{ 'memory.failcnt': 2 }, 2],
  [{ 'memory.events.local:max': 3 }, 3],
  [{}, undefined],
])('of %j the hard limits were hit %j times', (readings, hits) => {
  expect(limitHits(readings)).toBe(hits);
});
