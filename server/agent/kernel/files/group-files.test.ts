// The files of a group that the registry knows and does not know, in folders made as hierarchies.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Problem, ProblemError } from '../../../contract/problems.ts';
import type { Group } from '../hierarchy/group-tree.ts';
import { Layout } from '../hierarchy/layout.ts';
import type { Hierarchy } from '../hierarchy/mounts.ts';
import { ControlFileIo } from './control-file-io.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cgdeck-files-'));
});

afterEach(() => rmSync(root, { recursive: true }));

/** A group /a with these files, of `name: text`, in each hierarchy. */
function groupWith(hierarchies: readonly (Omit<Hierarchy, 'mountPoint'> & { files: Record<string, string> })[]): ControlFileIo {
  const mounted = hierarchies.map(({ files, ...rest }, at): Hierarchy => {
    const mountPoint = join(root, String(at));
    mkdirSync(join(mountPoint, 'a'), { recursive: true });
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(mountPoint, 'a', name), text, { mode: name.endsWith('_now') ? 0o200 : 0o644 });
    return { ...rest, mountPoint };
  });
  const group: Group = { gid: 1, path: '/a', inode: 1, in: new Map(mounted.map((one) => [one, 1])) };
  return new ControlFileIo(new Layout(mounted), (path) => (path === '/a' ? group : undefined));
}

async function refused(asked: () => unknown): Promise<Problem> {
  try {
    await asked();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('not refused');
}

const MEMORY = { version: 1, controllers: ['memory'] } as const;

test('a file that the registry does not know is listed and shown as its text', async () => {
  const io = groupWith([{ ...MEMORY, files: { 'memory.wmark_ratio': '0\nlow 5\n', 'memory.limit_in_bytes': '4096\n' } }]);
  expect(io.list('/a').files).toEqual([
    { name: 'memory.limit_in_bytes', version: 1, access: 'both', known: true },
    { name: 'memory.wmark_ratio', version: 1, access: 'read', known: false },
  ]);
  expect(await io.view('/a', 'memory.wmark_ratio')).toEqual({ group: '/a', file: 'memory.wmark_ratio', raw: '0\nlow 5' });
  expect(await io.view('/a', 'memory.limit_in_bytes')).toMatchObject({ value: 4096 });
});

test('it is not written, and the sentence explains why', async () => {
  const io = groupWith([{ ...MEMORY, files: { 'memory.wmark_ratio': '0\n' } }]);
  const problem = await refused(() => io.write('/a', 'memory.wmark_ratio', '5'));
  expect(problem).toMatchObject({ code: 'unsupported', file: '/a/memory.wmark_ratio' });
  expect(problem.detail).toBe('cgdeck does not know memory.wmark_ratio: it shows the file as the kernel has it, and never writes it.');
  expect(await io.view('/a', 'memory.wmark_ratio')).toMatchObject({ raw: '0' });
});

test('what only takes orders is not read, by its mode or by a name that the registry has elsewhere', async () => {
  const io = groupWith([
    { version: 1, controllers: ['pids'], files: { 'pids.drop_now': 'x', 'memory.pressure_level': 'x', 'cgroup.kill': 'x' } },
  ]);
  expect(io.list('/a').files.map(({ access }) => access)).toEqual(['write', 'write', 'write']);
  for (const name of ['pids.drop_now', 'memory.pressure_level', 'cgroup.kill'])
    expect(await refused(() => io.view('/a', name))).toMatchObject({
      code: 'unsupported',
      detail: `${name} can only be written, not read.`,
    });
});

test('a long file is cut, and marked so', async () => {
  const io = groupWith([{ ...MEMORY, files: { 'memory.long': 'x'.repeat(65_536), 'memory.longer': 'x'.repeat(65_537) } }]);
  expect(await io.view('/a', 'memory.long')).toEqual({ group: '/a', file: 'memory.long', raw: 'x'.repeat(65_536) });
  expect(await io.view('/a', 'memory.longer')).toEqual({ group: '/a', file: 'memory.longer', raw: 'x'.repeat(65_536), cut: true });
});

test('groups, links and names that are paths are no files', async () => {
  const io = groupWith([{ ...MEMORY, files: {} }]);
  mkdirSync(join(root, '0/a/child'));
  symlinkSync('/etc/passwd', join(root, '0/a/link'));
  expect(io.list('/a').files).toEqual([]);
  for (const name of ['child', 'link', '../a', 'absent'])
    expect(await refused(() => io.view('/a', name))).toMatchObject({ code: 'not_found' });
});

test('each name is listed once, from the hierarchy that it is read from', async () => {
  const core = (text: string) => ({ 'cgroup.procs': text, 'cgroup.new_core_file': text });
  const io = groupWith([
    { version: 2, controllers: ['hugetlb'], files: { ...core('2\n'), 'hugetlb.16MB.max': 'max\n' } },
    { version: 1, controllers: ['cpu'], files: { ...core('1\n') } },
    { ...MEMORY, files: core('0\n') },
  ]);
  expect(io.list('/a').files.map(({ name, version, known }) => [name, version, known])).toEqual([
    ['cgroup.new_core_file', 1, false],
    ['cgroup.procs', 1, true],
    ['hugetlb.16MB.max', 2, true],
  ]);
  expect(await io.view('/a', 'cgroup.new_core_file')).toMatchObject({ raw: '0' });
  expect(await io.view('/a', 'hugetlb.16MB.max')).toMatchObject({ value: 'max' });
});

test('without prefixes the files have the registry’s names all the same', async () => {
  const io = groupWith([
    { version: 1, controllers: ['cpuset'], noPrefix: true, files: { cpus: '0-3\n', 'cgroup.procs': '', tasks: '', top_app: '1\n' } },
  ]);
  expect(io.list('/a').files.map(({ name, known }) => `${name} ${known}`)).toEqual([
    'cgroup.procs true',
    'cpuset.cpus true',
    'tasks true',
    'top_app false',
  ]);
  expect(await io.view('/a', 'cpuset.cpus')).toMatchObject({ raw: '0-3', value: '0-3' });
});
