// Which files groups of each kind of tree can have, and the sentence for what they lack.
import { describe, expect, test } from 'vitest';
import { findControlFile } from './control-files.ts';
import { mayHave, whyAbsent } from './presence.ts';

function file(name: string, version: 1 | 2) {
  const found = findControlFile(name, version);
  if (!found) throw new Error(`The registry has no ${name} of v${version}.`);
  return found;
}

const V1 = { path: '/a', controllers: ['memory', 'pids'] };
const HYBRID = { path: '/a', controllers: ['memory', 'cpu', 'cpuacct', 'unified'] };
const V2 = { path: '/a/b', controllers: ['unified', 'cpu', 'memory'] };
const BARE = { path: '/a/b', controllers: ['unified'] };

describe('mayHave', () => {
  test.each([
    [V1, 'memory.limit_in_bytes', 1, true],
    [V1, 'memory.max', 2, false],
    [V1, 'cgroup.procs', 1, true],
    [V1, 'cgroup.procs', 2, false],
    [HYBRID, 'memory.max', 2, false],
    [HYBRID, 'memory.pressure', 2, true],
    [HYBRID, 'cgroup.freeze', 2, true],
    [V2, 'memory.max', 2, true],
    [V2, 'memory.limit_in_bytes', 1, false],
    [V2, 'cgroup.procs', 1, false],
    [BARE, 'memory.max', 2, false],
    [BARE, 'cpu.stat', 2, true],
    [BARE, 'cpu.max', 2, false],
    [{ ...V2, path: '/' }, 'memory.max', 2, false],
    [{ ...V2, path: '/', controllers: ['unified', 'io'] }, 'io.cost.qos', 2, true],
    [{ ...V2, controllers: ['unified', 'io'] }, 'io.cost.qos', 2, false],
  ] as const)('a group %j and %s of v%i: %s', (group, name, version, has) => {
    expect(mayHave(group, file(name, version))).toBe(has);
    expect(whyAbsent(group, file(name, version)) === undefined).toBe(has);
  });
});

describe('whyAbsent', () => {
  test('names the hierarchy on v1, and on v2 the group that must enable the controller', () => {
    expect(whyAbsent(V1, file('cpu.shares', 1))).toBe('This group is not in the cpu hierarchy.');
    expect(whyAbsent(V1, file('memory.max', 2))).toBe('This group is not in the unified hierarchy.');
    expect(whyAbsent(BARE, file('memory.max', 2))).toContain('cgroup.subtree_control of /a does not list it');
  });

  test('a threaded group has only the controllers that count threads', () => {
    expect(whyAbsent(BARE, file('memory.max', 2), 'threaded')).toMatch(/^This group is threaded: memory counts/);
    expect(whyAbsent(BARE, file('pids.max', 2), 'threaded')).toContain('cgroup.subtree_control');
    expect(whyAbsent(BARE, file('memory.max', 2), 'domain invalid')).toContain('not valid yet');
  });

  test('the root has no limits and no files that only other groups have', () => {
    expect(whyAbsent({ path: '/', controllers: ['unified', 'memory'] }, file('memory.max', 2))).toContain('root group');
    expect(whyAbsent(V2, file('io.cost.qos', 2))).toBe('Only the root group has io.cost.qos.');
  });
});
