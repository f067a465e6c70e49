// Which control files a group's tab lists on v1, v2 and where both are mounted.
import { describe, expect, it } from 'vitest';
import { findControlFile } from '../../../server/contract/control-files.ts';
import { filesOf, foundFiles, isMixed, kindWords, seenOf } from './group-files.ts';

const names = (group: Parameters<typeof filesOf>[0]) => filesOf(group).map(({ file }) => `${file.name} v${file.version}`);
const V1 = ['memory', 'cpu', 'cpuacct', 'freezer'];

describe('filesOf', () => {
  it('has one version’s files where one is mounted', () => {
    const v1 = filesOf({ path: '/a', controllers: V1 });
    const v2 = filesOf({ path: '/a', controllers: ['unified', 'memory', 'cpu'] });
    expect(new Set(v1.map(({ file }) => file.version))).toEqual(new Set([1]));
    expect(new Set(v2.map(({ file }) => file.version))).toEqual(new Set([2]));
    expect([isMixed(v1), isMixed(v2)]).toEqual([false, false]);
    expect(v2.some(({ twice }) => twice)).toBe(false);
  });

  it('has both where both are, each name once, v1’s first', () => {
    const group = { path: '/a', controllers: [...V1, 'unified'] };
    const hybrid = names(group);
    expect(hybrid).toEqual(expect.arrayContaining(['memory.limit_in_bytes v1', 'memory.pressure v2', 'cgroup.freeze v2', 'cpu.stat v1']));
    expect(hybrid).not.toContain('memory.max v2');
    expect(isMixed(filesOf(group))).toBe(true);
    const files = filesOf(group);
    expect(new Set(files.map(({ file }) => file.name)).size).toBe(files.length);
    expect(files.filter(({ twice }) => twice).map(({ file }) => file.name)).toEqual(expect.arrayContaining(['cgroup.procs', 'cpu.stat']));
  });

  it('leaves out what the root lacks, and what only the root has', () => {
    const controllers = ['unified', 'memory', 'io'];
    expect(names({ path: '/', controllers })).not.toContain('memory.max v2');
    expect(names({ path: '/', controllers })).toContain('io.cost.qos v2');
    expect(names({ path: '/a', controllers })).not.toContain('io.cost.qos v2');
  });
});

describe('foundFiles', () => {
  const group = { path: '/a', controllers: ['unified', 'memory', 'hugetlb'] };
  const found = [
    { name: 'memory.max', version: 2, access: 'both', known: true },
    { name: 'hugetlb.512MB.max', version: 2, access: 'both', known: true },
    { name: 'memory.wmark_ratio', version: 2, access: 'read', known: false },
    { name: 'memory.drop_now', version: 2, access: 'write', known: false },
    { name: 'memory.stat', version: 2, access: 'read', known: false },
  ] as const;

  it('has what the kernel lists, known or not, and names what this kernel lacks', () => {
    const { present, absent } = foundFiles(group, [...found]);
    expect(present.map(({ file: { name, controller, access } }) => [name, controller, access])).toEqual([
      ['memory.max', 'memory', 'both'],
      ['hugetlb.512MB.max', 'hugetlb', 'both'],
      ['memory.wmark_ratio', 'other', 'read'],
      ['memory.drop_now', 'other', 'write'],
      ['memory.stat', 'other', 'read'],
    ]);
    expect(absent.map(({ file }) => file.name)).toEqual(expect.arrayContaining(['memory.high', 'memory.stat']));
  });

  it('has all that the group can have while it is not known', () => {
    expect(foundFiles(group, undefined)).toEqual({ present: filesOf(group), absent: [] });
  });
});

it('has the unit where the kind has none', () => {
  expect(kindWords({ kind: 'gauge', unit: 'bytes', controller: 'memory' })).toBe('gauge, bytes');
  expect(kindWords({ kind: 'list', unit: 'cpus', controller: 'cpuset' })).toBe('list');
});

describe('what a write replaces', () => {
  const seen = (name: string, more: object = {}) => {
    const file = findControlFile(name);
    if (!file) throw new Error(name);
    return seenOf(file, { group: '/a', file: name, raw: 'text', ...more });
  };
  it.each([
    'pids.max',
    'memory.oom_control',
    'io.max',
    'cpu.max',
    'cpuset.cpus',
    'blkio.throttle.read_bps_device',
    'cgroup.subtree_control',
  ])('in %s is the text that was shown', (name) => {
    expect(seen(name)).toBe('text');
    expect(seen(name, { cut: true })).toBeUndefined();
  });
  it.each(['cpuacct.usage', 'memory.max_usage_in_bytes', 'memory.failcnt', 'memory.force_empty', 'memory.reclaim'])(
    'in %s is nothing: it is reset, whatever it has grown to',
    (name) => {
      expect(seen(name)).toBeUndefined();
    },
  );
});
