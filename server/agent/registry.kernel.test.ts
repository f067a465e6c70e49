// The registry of control files against the running kernel: it has all files, only existing ones, and each is read and written as declared.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ControlFile, controlFiles, findControlFile } from '../contract/control-files.ts';
import { KernelGroups } from './fixtures/kernel-groups.ts';
import { parserOf } from './kernel/files/parse.ts';
import type { Hierarchy } from './kernel/hierarchy/mounts.ts';

/** Files that only some kernels have, and why. */
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

/** Files of the BFQ scheduler exist while its module is loaded. */
const ofBfq = (name: string) => name.startsWith('blkio.bfq.') || name === 'blkio.reset_stats';

/** v1 core files of the root group only. */
const ROOT_ONLY = new Set(['release_agent', 'cgroup.sane_behavior', 'cpuset.memory_pressure_enabled']);

/** v1 has the bandwidth files in the root too, without effect: the registry leaves them out there. */
const MEANINGLESS_IN_ROOT = ['cpu.cfs_quota_us', 'cpu.cfs_period_us', 'cpu.cfs_burst_us', 'cpu.stat', 'cpu.stat.local'];

let groups: KernelGroups;

beforeAll(() => {
  groups = new KernelGroups('registry');
});

afterAll(() => groups.remove());

function filesOf(dir: string): string[] {
  return readdirSync(dir).filter((name) => statSync(join(dir, name)).isFile());
}

/** Every group has it. */
function isCore({ controller, inCore }: ControlFile): boolean {
  return controller === 'cgroup' || controller === 'psi' || inCore === true;
}

function belongs(file: ControlFile, hierarchy: Hierarchy): boolean {
  if (file.version !== hierarchy.version) return false;
  return isCore(file) || hierarchy.controllers.includes(file.controller);
}

/** A v2 group has the files of its enabled controllers; the page sizes of hugetlb's files depend on the processor. */
function isEnabled(file: ControlFile, { version }: Hierarchy, dir: string): boolean {
  if (version === 1 || isCore(file)) return true;
  const handed = readFileSync(join(dir, 'cgroup.controllers'), 'utf8').trim().split(' ');
  return handed.includes(file.controller) && !file.name.startsWith('hugetlb.');
}

/** Only some kernels have it, by the registry or the table above. */
function depends(file: ControlFile): boolean {
  return file.since !== undefined || DEPENDS[file.name] !== undefined || ofBfq(file.name);
}

function errnoOfRead(path: string): string | undefined {
  try {
    readFileSync(path);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/** The registry's files that the test's group, or the root, has, with their paths. */
function* existing(group: string): Iterable<{ file: ControlFile; path: string }> {
  for (const hierarchy of groups.layout.hierarchies) {
    const dir = groups.layout.dir(hierarchy, group);
    for (const name of filesOf(dir)) {
      const file = findControlFile(name, hierarchy.version);
      if (file && belongs(file, hierarchy)) yield { file, path: join(dir, name) };
    }
  }
}

describe.each([
  ['a group', false],
  ['the root group', true],
] as const)('%s', (_, isRoot) => {
  const path = () => (isRoot ? '/' : groups.root);

  test('has no file that the registry lacks', () => {
    for (const hierarchy of groups.layout.hierarchies) {
      const unknown = filesOf(groups.layout.dir(hierarchy, path())).filter((name) => {
        const file = findControlFile(name, hierarchy.version);
        return DEPENDS[name] === undefined && !ofBfq(name) && !(file && belongs(file, hierarchy));
      });
      expect(unknown, hierarchy.mountPoint).toEqual([]);
    }
  });

  test('has every file of the registry', () => {
    for (const hierarchy of groups.layout.hierarchies) {
      const dir = groups.layout.dir(hierarchy, path());
      const there = new Set(filesOf(dir));
      const expected = controlFiles.filter((file) => belongs(file, hierarchy) && isEnabled(file, hierarchy, dir) && !depends(file));
      const onlyInRoot = (file: ControlFile) => file.onlyInRoot === true || ROOT_ONLY.has(file.name);
      const absentHere = (file: ControlFile) => (isRoot ? file.notInRoot === true : onlyInRoot(file));
      expect(
        expected.filter((file) => !there.has(file.name) && !absentHere(file)).map((file) => file.name),
        `missing in ${hierarchy.mountPoint}`,
      ).toEqual([]);
      const unexpected = expected.filter(
        (file) => there.has(file.name) && absentHere(file) && !(file.version === 1 && MEANINGLESS_IN_ROOT.includes(file.name)),
      );
      expect(
        unexpected.map((file) => file.name),
        `there after all in ${hierarchy.mountPoint}`,
      ).toEqual([]);
    }
  });

  test('files declared readable can be read, the others answer EINVAL', () => {
    for (const { file, path: at } of existing(path())) {
      const errno = errnoOfRead(at);
      if (file.access === 'write') expect(errno, at).toBe('EINVAL');
      else expect(errno, at).toBeUndefined();
    }
  });

  test('sampled files give readings with the declared keys', () => {
    for (const { file, path: at } of existing(path())) {
      if (!file.sampled) continue;
      const bytes = readFileSync(at);
      const keys = new Set<string>();
      parserOf(file)(bytes, 0, bytes.length, (part) => keys.add(part));
      // A group without limits on disks has no such readings.
      if (file.format !== 'device-settings') expect(keys.size, at).toBeGreaterThan(0);
      if (file.keys) expect(file.keys, at).toEqual(expect.arrayContaining([...keys]));
      // Keys depend on the kernel's configuration; cpu.stat without the controller has no periods.
      const varies = file.version === 2 && (file.name === 'cpu.stat' || file.name === 'memory.stat');
      if (file.keys && !varies) expect([...keys].sort(), at).toEqual([...file.keys].sort());
    }
  });
});

test('a value that is read can be written back, and is unchanged', () => {
  // Not values: tasks and procs list processes, release_agent runs programs, PSI files take triggers.
  const isValue = (file: ControlFile) =>
    file.access === 'both' &&
    ['limit', 'switch', 'setting', 'list'].includes(file.kind) &&
    file.format !== 'lines' &&
    file.name !== 'release_agent' &&
    file.name !== 'cgroup.subtree_control' &&
    file.name !== 'cgroup.type' &&
    !(file.version === 2 && ['flat-keyed', 'device-settings'].includes(file.format));
  for (const { file, path } of existing(groups.root)) {
    if (!isValue(file)) continue;
    const before = readFileSync(path, 'utf8');
    // oom_control and the throttle files are read as tables and written by line; subtree_control takes +name.
    if (file.name === 'memory.oom_control') writeFileSync(path, '0');
    else if (before.trim() !== '') writeFileSync(path, before.trim());
    expect(readFileSync(path, 'utf8'), path).toBe(before);
  }
});

interface RoundTrip {
  readonly version: 1 | 2;
  readonly name: string;
  readonly asked: string;
  readonly now: string;
}

const ROUND_TRIPS: readonly RoundTrip[] = [
  { version: 1, name: 'memory.limit_in_bytes', asked: '100000001', now: '99999744' },
  { version: 1, name: 'memory.limit_in_bytes', asked: '64M', now: '67108864' },
  { version: 1, name: 'memory.limit_in_bytes', asked: '-1', now: '9223372036854771712' },
  { version: 1, name: 'memory.soft_limit_in_bytes', asked: '4097', now: '4096' },
  { version: 1, name: 'cpu.shares', asked: '1', now: '2' },
  { version: 1, name: 'cpu.shares', asked: '999999999', now: '262144' },
  { version: 1, name: 'cpu.cfs_quota_us', asked: '-1', now: '-1' },
  { version: 1, name: 'pids.max', asked: 'max', now: 'max' },
  { version: 1, name: 'pids.max', asked: '0', now: '0' },
  { version: 2, name: 'memory.max', asked: '100000001', now: '99999744' },
  { version: 2, name: 'memory.high', asked: '64M', now: '67108864' },
  { version: 2, name: 'memory.low', asked: '4097', now: '4096' },
  { version: 2, name: 'memory.swap.max', asked: '0', now: '0' },
  { version: 2, name: 'cpu.weight', asked: '10000', now: '10000' },
  { version: 2, name: 'cpu.max', asked: '20000', now: '20000 100000' },
  { version: 2, name: 'cpu.max', asked: 'max 50000', now: 'max 50000' },
  { version: 2, name: 'cpuset.cpus', asked: '0', now: '0' },
  { version: 2, name: 'pids.max', asked: '0', now: '0' },
];

test('a written value is read back as the kernel accepted it', () => {
  let tried = 0;
  for (const { version, name, asked, now } of ROUND_TRIPS) {
    const path = [...existing(groups.root)].find(({ file }) => file.name === name && file.version === version)?.path;
    if (path === undefined) continue;
    tried++;
    const before = readFileSync(path, 'utf8').trim();
    writeFileSync(path, asked);
    expect(readFileSync(path, 'utf8').trim(), `${name} <- ${asked}`).toBe(now);
    writeFileSync(path, before === '' ? '\n' : before);
  }
  expect(tried).toBeGreaterThanOrEqual(9);
});
