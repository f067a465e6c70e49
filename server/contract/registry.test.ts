// The registry of control files: what every entry must say, and what must hold between entries.
import { describe, expect, test } from 'vitest';
import { controlFiles, fileOfReading, findControlFile } from './control-files.ts';
import { hasHistory, sampledFiles } from './readings.ts';

test('a name stands for one file', () => {
  const names = controlFiles.map((file) => file.name);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  for (const file of controlFiles) expect(findControlFile(file.name)).toBe(file);
  expect(findControlFile('constructor')).toBeUndefined();
});

describe.each(controlFiles.map((file) => [file.name, file] as const))('%s', (name, file) => {
  test('says for a person what it is', () => {
    expect(file.help, name).toMatch(/^\S.{9,}\.$/s);
    expect(name).toMatch(/^[a-z0-9_.]{1,64}$/);
    if (file.deprecated !== undefined) expect(file.deprecated).toMatch(/\.$/);
  });

  test('agrees with itself', () => {
    if (file.kind === 'limit' && file.access !== 'read' && file.deprecated === undefined)
      expect(file.refuses, 'what a limit refuses').toBeDefined();
    if (file.kind === 'trigger') expect(file.access).toBe('write');
    if (file.kind === 'limit') expect(file.access).toBe('both');
    if (file.sampled) {
      expect(file.access, 'what is sampled can be read').not.toBe('write');
      expect(file.format, 'what is sampled has a parser').not.toBe('text');
    }
    if (file.onlyWritten) {
      expect(file.sampled, 'notices are for sampled files').toBe(true);
      expect(file.access, 'what changes by writing can be written').toBe('both');
    }
    if (file.history !== undefined) expect(file.sampled).toBe(true);
    if (file.keys !== undefined) expect(['flat-keyed', 'nested-keyed', 'device-keyed']).toContain(file.format);
    if (Array.isArray(file.history) && file.keys) for (const part of file.history) expect(file.keys).toContain(part);
    if (file.format === 'device-keyed' && file.sampled) expect(file.keys, 'sums start from the keys that are wanted').toBeDefined();
  });
});

test('what shares a quantity shares its unit and has one entry a version', () => {
  const byQuantity = Map.groupBy(
    controlFiles.filter((file) => file.quantity !== undefined),
    (file) => file.quantity,
  );
  for (const [quantity, files] of byQuantity) {
    expect(new Set(files.map((file) => file.unit)).size, quantity).toBe(1);
    expect(new Set(files.map((file) => file.version)).size, quantity).toBe(files.length);
  }
});

test('the tick reads what the issue names', () => {
  const sampled = sampledFiles.map((file) => file.name);
  for (const name of [
    'memory.usage_in_bytes',
    'memory.memsw.usage_in_bytes',
    'memory.limit_in_bytes',
    'memory.memsw.limit_in_bytes',
    'memory.soft_limit_in_bytes',
    'memory.failcnt',
    'memory.memsw.failcnt',
    'memory.max_usage_in_bytes',
    'memory.stat',
    'memory.oom_control',
    'cpuacct.usage',
    'cpuacct.usage_percpu',
    'cpuacct.stat',
    'cpu.shares',
    'cpu.cfs_quota_us',
    'cpu.cfs_period_us',
    'cpu.stat',
    'cpuset.cpus',
    'freezer.state',
    'pids.current',
    'pids.max',
    'blkio.throttle.io_service_bytes_recursive',
    'cgroup.procs',
    'memory.pressure',
    'cpu.pressure',
    'io.pressure',
  ])
    expect(sampled).toContain(name);
});

test.each([
  ['memory.usage_in_bytes', 'memory.usage_in_bytes', true],
  ['memory.stat:total_rss', 'memory.stat', true],
  ['memory.stat:total_dirty', 'memory.stat', false],
  ['cpuacct.usage_percpu:1', 'cpuacct.usage_percpu', true],
  ['memory.pressure:some.avg10', 'memory.pressure', true],
  ['memory.pressure:some.total', 'memory.pressure', false],
  ['cpuset.cpus', 'cpuset.cpus', false],
])('%s is of %s, kept: %s', (key, name, kept) => {
  expect(fileOfReading(key)).toBe(name);
  const file = findControlFile(name);
  expect(file && hasHistory(key, file)).toBe(kept);
});
