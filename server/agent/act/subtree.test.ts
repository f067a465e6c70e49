// Enabling controllers, in folders that imitate a v2 hierarchy.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProblemError } from '../../contract/problems.ts';
import { Layout } from '../kernel/hierarchy/layout.ts';
import { enableControllers } from './subtree.ts';

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

test('enables what is available and missing, from the root down, and returns what was written', () => {
  group('/', 'memory pids hugetlb', 'pids');
  group('/a', 'memory pids', '');
  expect(enableControllers(layout, '/a')).toMatchObject([
    { group: '/', old: 'pids', asked: '+memory' },
    { group: '/a', old: '', asked: '+memory +pids' },
  ]);
  expect(written('/')).toBe('+memory');
  expect(written('/a')).toBe('+memory +pids');
});

test('writes nothing where nothing is missing, even with processes inside', () => {
  group('/', 'memory pids', 'memory pids');
  group('/a', 'memory pids', 'memory pids', '1\n');
  expect(enableControllers(layout, '/a')).toEqual([]);
  expect(written('/a')).toBe('memory pids\n');
});

test('leaves controllers alone that cgdeck does not use', () => {
  group('/', 'hugetlb rdma', '');
  expect(enableControllers(layout, '/')).toEqual([]);
});

test('refuses a group with processes with advice, but not the root', () => {
  group('/', 'memory', '', '1\n2\n');
  group('/a', 'memory', '', '7\n8\n');
  expect(() => enableControllers(layout, '/a')).toThrow(ProblemError);
  try {
    enableControllers(layout, '/a');
  } catch (error) {
    const { problem } = error as ProblemError;
    expect(problem).toMatchObject({ code: 'busy', errno: 'EBUSY', file: '/a/cgroup.subtree_control' });
    for (const part of ['2 processes', '"leaf"', '/a/main']) expect(problem.detail).toContain(part);
  }
  expect(written('/')).toBe('+memory');
});

test('leaves a group with processes alone that is not managed, also the root of a cgroup namespace, which has a cgroup.type', () => {
  group('/', 'memory', '', '1\n');
  writeFileSync(join(dir, 'cgroup.type'), 'domain\n');
  group('/a', 'memory', '', '7\n');
  expect(enableControllers(layout, '/a', () => false)).toEqual([]);
  expect(written('/')).toBe('\n');
  expect(written('/a')).toBe('\n');
});

test('enables nothing without a v2 hierarchy', () => {
  expect(enableControllers(new Layout([{ mountPoint: dir, version: 1, controllers: ['memory'] }]), '/a')).toEqual([]);
});
