// Which groups can be written: below the managed root and named by globs, never those of cgdeck itself.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../contract/problems.ts';
import { groupsOfProcess } from './hierarchy/process-groups.ts';
import { Reach } from './reach.ts';

function codeOf(act: () => void): string {
  try {
    act();
    return 'allowed';
  } catch (error) {
    if (error instanceof ProblemError) return error.problem.code;
    throw error;
  }
}

test.each<[string, string[], boolean]>([
  ['/cgdeck', [], true],
  ['/cgdeck/a/b', [], true],
  ['/cgdecks', [], false],
  ['/', [], false],
  ['/docker/a', [], false],
  ['/docker/a', ['/docker/*'], true],
  ['/docker/a/b', ['/docker/*'], false],
  ['/docker/a/b', ['/docker/**'], true],
  ['/docker', ['/docker/*'], false],
  ['/docker', ['/docker/**'], true],
  ['/dockers', ['/docker/**'], false],
  ['/docker/.hidden/x', ['/docker/**'], true],
  ['/docker/.hidden', ['/docker/*'], true],
  ['/t/b', ['/t/{a,b}'], true],
  ['/system.slice/x.service', ['/system.slice/*.service', '/docker/*'], true],
  ['/a?b', ['/a?b'], true],
  ['/', ['/*'], false],
])('%s with %j is managed: %s', (group, control, managed) => {
  const reach = new Reach('/cgdeck', control, []);
  expect(reach.isManaged(group)).toBe(managed);
  if (!managed) expect(codeOf(() => reach.mayWrite(group))).toBe('protected');
});

test.each([
  'a\\x2db.service',
  'a\\xff',
  'x[1]',
  '{a,b}',
  '@(x)',
  '!(x)',
  '!x',
  'a*b?',
  '.lxc',
  'a,b',
  'a\\',
  '(a|b)',
  '+(a)',
  'it’s "a" $(b) `c` & ^d$ 群',
])('the pattern that the refusal of %j recommends allows that group and no other', (name) => {
  const group = `/t/${name}`;
  const sentence = (reach: Reach) => {
    try {
      reach.mayWrite(group);
      return undefined;
    } catch (error) {
      return error instanceof ProblemError ? error.message : String(error);
    }
  };
  const [, pattern = ''] = /--control '(.*)' to/.exec(sentence(new Reach('/cgdeck', [], [])) ?? '') ?? [];
  const reach = new Reach('/cgdeck', [pattern], []);
  expect(sentence(reach), pattern).toBeUndefined();
  for (const other of ['x', 'b', `${group}x`, `${group}/below`, '/t/x1']) expect(reach.isManaged(`/t/${other}`)).toBe(false);
  expect(new Reach('/cgdeck', ['/t/**'], []).isManaged(group)).toBe(true);
});

test('a quote in a name is quoted for the shell', () => {
  expect(() => new Reach('/cgdeck', [], []).mayWrite("/t/it's")).toThrow("--control '/t/it'\\''s'");
});

describe('cgdeck itself', () => {
  const own = readFileSync('/proc/self/cgroup', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.replace(/^\d+:[^:]*:/, ''));

  test('the groups of cgdeck and all above them are not written, even if a glob names them', () => {
    const reach = new Reach('/cgdeck', ['/', '/**'], []);
    for (const group of ['/', ...own])
      expect(
        codeOf(() => reach.mayWrite(group)),
        group,
      ).toBe('self_protected');
    expect(codeOf(() => reach.mayWrite('/cgdeck/none-of-ours'))).toBe('allowed');
  });

  test('neither cgdeck nor pid 1 is signalled or moved; the protected processes can change', () => {
    const reach = new Reach('/cgdeck', ['/', '/**'], []);
    for (const pid of [1, process.pid]) {
      expect(codeOf(() => reach.maySignal(pid))).toBe('self_protected');
      expect(codeOf(() => reach.mayMove(pid))).toBe('self_protected');
    }
    expect(codeOf(() => reach.maySignal(process.ppid))).toBe('allowed');
    reach.protect(process.ppid);
    expect(codeOf(() => reach.maySignal(process.ppid))).toBe('self_protected');
    reach.unprotect(process.ppid);
    expect(codeOf(() => reach.maySignal(process.ppid))).toBe('allowed');
  });

  test('a process outside of managed groups is not signalled, one that has ended is not found', () => {
    const reach = new Reach('/cgdeck-none', [], []);
    expect(codeOf(() => reach.maySignal(process.ppid))).toBe('protected');
    expect(codeOf(() => reach.maySignal(4_194_304))).toBe('not_found');
    expect(codeOf(() => reach.mayMove(4_194_304))).toBe('not_found');
    expect(groupsOfProcess(4_194_304).size).toBe(0);
    expect(groupsOfProcess('self').size).toBeGreaterThan(0);
  });
});
