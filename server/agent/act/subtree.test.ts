// Handing controllers down, on folders that stand for a unified tree.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProblemError } from '../../contract/problems.ts';
import { Layout } from '../kernel/hierarchy/layout.ts';
import { handDown } from './subtree.ts';

let dir: string;
let layout: Layout;

function group(path: string, controllers: string, enabled: string, procs = ''): void {
  mkdirSync(join(dir, path), { recursive: true });
  writeFileSync(join(dir, path, 'cgroup.controllers'), `${controllers}\n`);
  writeFileSync(join(dir, path, 'cgroup.subtree_control'), `${enabled}\n`);
  writeFileSync(join(dir, path, 'cgroup.procs'), procs);
  if (path !== '/') writeFileSync(join(dir, path, 'cgroup.type'), 'domain\n');
}

const written = (path: string) => readFileSync(join(dir, path, 'cgroup.subtree_control'), 'utf8');

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-subtree-'));
  layout = new Layout([{ mountPoint: dir, version: 2, controllers: ['memory', 'pids', 'hugetlb'] }]);
});
afterEach(() => rmSync(dir, { recursive: true }));

test('from the root down, what is there and lacking, and it says what', () => {
  group('/', 'memory pids hugetlb', 'pids');
  group('/a', 'memory pids', '');
  expect(handDown(layout, '/a')).toMatchObject([
    { group: '/', old: 'pids', asked: '+memory' },
    { group: '/a', old: '', asked: '+memory +pids' },
  ]);
  expect(written('/')).toBe('+memory');
  expect(written('/a')).toBe('+memory +pids');
});

test('nothing is written where nothing is lacking, whoever is inside', () => {
  group('/', 'memory pids', 'memory pids');
  group('/a', 'memory pids', 'memory pids', '1\n');
  expect(handDown(layout, '/a')).toEqual([]);
  expect(written('/a')).toBe('memory pids\n');
});

test('controllers that cgdeck has no use for are left as they are', () => {
  group('/', 'hugetlb rdma', '');
  expect(handDown(layout, '/')).toEqual([]);
});

test('a group with processes is refused with a way out, and the root is none', () => {
  group('/', 'memory', '', '1\n2\n');
  group('/a', 'memory', '', '7\n8\n');
  expect(() => handDown(layout, '/a')).toThrow(ProblemError);
  try {
    handDown(layout, '/a');
  } catch (error) {
    const { problem } = error as ProblemError;
    expect(problem).toMatchObject({ code: 'busy', errno: 'EBUSY', file: '/a/cgroup.subtree_control' });
    for (const part of ['2 processes', '"leaf"', '/a/main']) expect(problem.detail).toContain(part);
  }
  expect(written('/')).toBe('+memory');
});

test('a group that is not ours is left as it is, processes or not a word, and so is the root of a namespace, which has a type', () => {
  group('/', 'memory', '', '1\n');
  writeFileSync(join(dir, 'cgroup.type'), 'domain\n');
  group('/a', 'memory', '', '7\n');
  expect(handDown(layout, '/a', () => false)).toEqual([]);
  expect(written('/')).toBe('\n');
  expect(written('/a')).toBe('\n');
});

test('without a unified tree there is nothing to hand down', () => {
  expect(handDown(new Layout([{ mountPoint: dir, version: 1, controllers: ['memory'] }]), '/a')).toEqual([]);
});
