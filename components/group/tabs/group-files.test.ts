// Which control files a group's tab lists on v1, v2 and where both are mounted.
import { describe, expect, it } from 'vitest';
import { filesOf, isMixed, kindWords } from './group-files.ts';

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

it('has the unit where the kind has none', () => {
  expect(kindWords({ kind: 'gauge', unit: 'bytes' })).toBe('gauge, bytes');
  expect(kindWords({ kind: 'list', unit: 'cpus' })).toBe('list');
});
