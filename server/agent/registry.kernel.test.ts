// The registry against the kernel that runs: no file that it does not know, none that it invents, each read and written as it says.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ControlFile, controlFiles, findControlFile } from '../contract/control-files.ts';
import { KernelGroups } from './fixtures/kernel-groups.ts';
import type { Hierarchy } from './hierarchy/mounts.ts';
import { parserOf } from './sample/parse.ts';

/** Files that some kernels have and others do not, and why. */
const DEPENDS: Record<string, string> = {
  'memory.kmem.limit_in_bytes': 'gone in kernels that dropped the kmem limit altogether',
  'memory.kmem.slabinfo': 'only with CONFIG_MEMCG_KMEM and its debugging',
  'memory.memsw.usage_in_bytes': 'only with swap accounting',
  'memory.memsw.limit_in_bytes': 'only with swap accounting',
  'memory.memsw.failcnt': 'only with swap accounting',
  'memory.memsw.max_usage_in_bytes': 'only with swap accounting',
  'memory.numa_stat': 'only with CONFIG_NUMA',
  'memory.shown_ram_in_bytes': 'a patch of some virtual machines’ kernels; upstream has no such file',
  'cpu.rt_period_us': 'only with CONFIG_RT_GROUP_SCHED',
  'cpu.rt_runtime_us': 'only with CONFIG_RT_GROUP_SCHED',
  'cpu.stat.local': 'since Linux 6.6',
  'cpu.uclamp.min': 'only with CONFIG_UCLAMP_TASK_GROUP',
  'cpu.uclamp.max': 'only with CONFIG_UCLAMP_TASK_GROUP',
  'cpuset.memory_spread_slab': 'SLAB is gone since Linux 6.8',
  'pids.peak': 'since Linux 6.1',
  'cgroup.stat.local': 'since Linux 6.18',
  'cgroup.pressure': 'only with PSI, since Linux 6.1',
  'memory.pressure': 'only with CONFIG_PSI',
  'cpu.pressure': 'only with CONFIG_PSI',
  'io.pressure': 'only with CONFIG_PSI',
  'irq.pressure': 'only with CONFIG_IRQ_TIME_ACCOUNTING',
  'cgroup.kill': 'since Linux 5.14',
};

/** The BFQ scheduler is a module: its files come and go with it. */
const ofBfq = (name: string) => name.startsWith('blkio.bfq.') || name === 'blkio.reset_stats';

/** v2 core files of a name that v1 has too, which the registry describes once. */
const SHARED_WITH_V1 = new Set(['cgroup.procs', 'cpu.stat', 'cpu.stat.local']);

/** v1 core files that the kernel has in the root group alone. */
const ROOT_ONLY = new Set(['release_agent', 'cgroup.sane_behavior', 'cpuset.memory_pressure_enabled']);

/** v1 shows the bandwidth files in the root as well, where they limit and count nothing: the registry passes them over there. */
const MEANINGLESS_IN_ROOT = ['cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpu.cfs_burst_us', 'cpu.stat', 'cpu.stat.local'];

let groups: KernelGroups;

beforeAll(() => {
  groups = new KernelGroups('registry');
});

afterAll(() => groups.remove());

function filesOf(dir: string): string[] {
  return readdirSync(dir).filter((name) => statSync(join(dir, name)).isFile());
}

function belongs(file: ControlFile, hierarchy: Hierarchy): boolean {
  if (file.version !== hierarchy.version) return false;
  return hierarchy.version === 2 || file.controller === 'cgroup' || hierarchy.controllers.includes(file.controller);
}

/** In a group of v2 there are the files of the controllers that it was handed; which pages hugetlb has files for is the processor's affair. */
function isEnabled({ controller, name }: ControlFile, { version }: Hierarchy, dir: string): boolean {
  if (version === 1 || controller === 'cgroup' || controller === 'psi') return true;
  const handed = readFileSync(join(dir, 'cgroup.controllers'), 'utf8').trim().split(' ');
  return handed.includes(controller) && !name.startsWith('hugetlb.');
}

function errnoOfRead(path: string): string | undefined {
  try {
    readFileSync(path);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/** Every file of the registry that the test's group, or the root, has, with its path. */
function* existing(group: string): Iterable<{ file: ControlFile; path: string }> {
  for (const hierarchy of groups.layout.hierarchies) {
    const dir = groups.layout.dir(hierarchy, group);
    for (const name of filesOf(dir)) {
      const file = findControlFile(name);
      if (file && belongs(file, hierarchy)) yield { file, path: join(dir, name) };
    }
  }
}

describe.each([
  ['a group', false],
  ['the root group', true],
] as const)('%s', (_, isRoot) => {
  const path = () => (isRoot ? '/' : groups.root);

  test('has no file that the registry does not know', () => {
    for (const hierarchy of groups.layout.hierarchies) {
      const unknown = filesOf(groups.layout.dir(hierarchy, path())).filter((name) => {
        const file = findControlFile(name);
        return (
          DEPENDS[name] === undefined &&
          !ofBfq(name) &&
          !(file && belongs(file, hierarchy)) &&
          !(hierarchy.version === 2 && SHARED_WITH_V1.has(name))
        );
      });
      expect(unknown, hierarchy.mountPoint).toEqual([]);
    }
  });

  test('has every file that the registry says it has', () => {
    for (const hierarchy of groups.layout.hierarchies) {
      const dir = groups.layout.dir(hierarchy, path());
      const there = new Set(filesOf(dir));
      const expected = controlFiles.filter(
        (file) => belongs(file, hierarchy) && isEnabled(file, hierarchy, dir) && DEPENDS[file.name] === undefined && !ofBfq(file.name),
      );
      const absentHere = (file: ControlFile) => (isRoot ? file.notInRoot === true : ROOT_ONLY.has(file.name));
      expect(
        expected.filter((file) => !there.has(file.name) && !absentHere(file)).map((file) => file.name),
        `missing in ${hierarchy.mountPoint}`,
      ).toEqual([]);
      const unexpected = expected.filter((file) => there.has(file.name) && absentHere(file) && !MEANINGLESS_IN_ROOT.includes(file.name));
      expect(
        unexpected.map((file) => file.name),
        `there after all in ${hierarchy.mountPoint}`,
      ).toEqual([]);
    }
  });

  test('lets be read what the registry calls readable, and refuses the rest with EINVAL', () => {
    for (const { file, path: at } of existing(path())) {
      const errno = errnoOfRead(at);
      if (file.access === 'write') expect(errno, at).toBe('EINVAL');
      else expect(errno, at).toBeUndefined();
    }
  });

  test('what is sampled becomes readings, under the keys that are declared', () => {
    for (const { file, path: at } of existing(path())) {
      if (!file.sampled) continue;
      const bytes = readFileSync(at);
      const keys = new Set<string>();
      parserOf(file)(bytes, 0, bytes.length, (part) => keys.add(part));
      expect(keys.size, at).toBeGreaterThan(0);
      if (file.keys) expect([...keys].sort(), at).toEqual([...file.keys].sort());
    }
  });
});

test('what is read can be written back, and reads the same', () => {
  // tasks and procs hold processes, release_agent runs programs, and PSI takes triggers: none of them is a value.
  const isValue = (file: ControlFile) =>
    file.access === 'both' &&
    ['limit', 'switch', 'setting', 'list'].includes(file.kind) &&
    file.format !== 'lines' &&
    file.name !== 'release_agent';
  for (const { file, path } of existing(groups.root)) {
    if (!isValue(file)) continue;
    const before = readFileSync(path, 'utf8');
    // oom_control and the throttles read as tables and are written by the line; subtree_control takes +name.
    if (file.name === 'memory.oom_control') writeFileSync(path, '0');
    else if (before.trim() !== '') writeFileSync(path, before.trim());
    expect(readFileSync(path, 'utf8'), path).toBe(before);
  }
});

test.each([
  ['memory.limit_in_bytes', '100000001', '99999744'],
  ['memory.limit_in_bytes', '64M', '67108864'],
  ['memory.limit_in_bytes', '-1', '9223372036854771712'],
  ['memory.soft_limit_in_bytes', '4097', '4096'],
  ['cpu.shares', '1', '2'],
  ['cpu.shares', '999999999', '262144'],
  ['cpu.cfs_quota_us', '-1', '-1'],
  ['pids.max', 'max', 'max'],
  ['pids.max', '0', '0'],
])('%s: writing %s reads back %s', (name, asked, now) => {
  const path = [...existing(groups.root)].find(({ file }) => file.name === name)?.path ?? '';
  const before = readFileSync(path, 'utf8').trim();
  writeFileSync(path, asked);
  expect(readFileSync(path, 'utf8').trim()).toBe(now);
  writeFileSync(path, before);
});
