// The registry of control files: its entries are complete and consistent.
import { describe, expect, test } from 'vitest';
import { counterparts } from './control-files/counterparts.ts';
import { controlFiles, fileOfReading, findControlFile, findControlFiles } from './control-files.ts';
import { keyOn, type Quantity, quantities } from './quantities.ts';
import { hasHistory, sampledFiles } from './readings.ts';

test('each version has at most one file of a name', () => {
  const names = controlFiles.map((file) => `${file.name} ${file.version}`);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  for (const file of controlFiles) {
    expect(findControlFile(file.name, file.version)).toBe(file);
    expect(findControlFiles(file.name)).toContain(file);
  }
  expect(findControlFile('pids.max')?.version).toBe(1);
  expect(findControlFile('memory.max', 1)).toBeUndefined();
  expect(findControlFile('constructor')).toBeUndefined();
  expect(findControlFiles('constructor')).toEqual([]);
});

describe.each(controlFiles.map((file) => [file.name, file.version, file] as const))('%s of v%i', (name, _, file) => {
  test('has help sentences', () => {
    expect(file.help, name).toMatch(/^\S.{9,}\.$/s);
    expect(name).toMatch(/^[A-Za-z0-9_.]{1,64}$/);
    for (const sentence of [file.deprecated, file.since, ...(file.counterparts ?? []).map(({ differs }) => differs)])
      if (sentence !== undefined) expect(sentence).toMatch(/\.$/);
  });

  test('is consistent', () => {
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
    if (file.keys !== undefined) expect(['flat-keyed', 'nested-keyed', 'device-keyed', 'device-counters']).toContain(file.format);
    if (file.notInRoot) expect(file.onlyInRoot).toBeUndefined();
    if (file.unlessV1) expect(file.version).toBe(2);
    if (Array.isArray(file.history) && file.keys) for (const part of file.history) expect(file.keys).toContain(part);
    if (file.format === 'device-keyed' && file.sampled) expect(file.keys, 'sums start from the keys that are wanted').toBeDefined();
  });
});

test('counterparts are files of the other version, and name each other', () => {
  const known = (name: string, version: 1 | 2) => expect(findControlFile(name, version), `${name} of v${version}`).toBeDefined();
  for (const { v1, v2 } of counterparts) {
    known(v1, 1);
    known(v2, 2);
    expect(findControlFile(v1, 1)?.counterparts?.map(({ name }) => name)).toContain(v2);
    expect(findControlFile(v2, 2)?.counterparts?.map(({ name }) => name)).toContain(v1);
  }
});

describe.each(Object.keys(quantities) as Quantity[])('the quantity %s', (quantity) => {
  test.each([1, 2] as const)('is in the registry of v%i if declared there', (version) => {
    const key = keyOn(quantity, version);
    if (key === undefined) return expect(controlFiles.some((file) => file.version === version && file.quantity === quantity)).toBe(false);
    const file = findControlFile(fileOfReading(key), version);
    const part = key.slice(fileOfReading(key).length + 1);
    if (part === '') expect(file?.quantity, key).toBe(quantity);
    else if (file?.keys) expect(file.keys).toContain(part);
    else expect(['flat-keyed', 'quota-period', 'nested-keyed']).toContain(file?.format);
  });
});

test('each version has at most one file of a quantity', () => {
  const names = controlFiles.flatMap((file) => (file.quantity === undefined ? [] : [`${file.quantity} ${file.version}`]));
  expect(new Set(names).size).toBe(names.length);
});

test('a tick reads no more files on v2 than on v1', () => {
  const everyTick = (version: 1 | 2) =>
    sampledFiles.filter((file) => file.version === version && !file.onlyWritten && file.controller !== 'psi').length;
  expect(everyTick(2)).toBeLessThanOrEqual(everyTick(1));
});

test('the tick reads the main files of each controller', () => {
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
  ['memory.current', 'memory.current', true],
  ['cpu.stat:usage_usec', 'cpu.stat', true],
  ['cpu.stat:throttled_time', 'cpu.stat', true],
  ['cpu.max:quota', 'cpu.max', true],
  ['memory.stat:anon', 'memory.stat', true],
])('%s is of %s, kept: %s', (key, name, kept) => {
  expect(fileOfReading(key)).toBe(name);
  expect(hasHistory(key)).toBe(kept);
});
