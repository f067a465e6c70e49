// The text that is written for a requested value, for every kind of file.
import { describe, expect, test } from 'vitest';
import { controlFiles, findControlFile } from '../../contract/control-files.ts';
import { ProblemError } from '../../contract/problems.ts';
import { spell } from './spell.ts';

function spelled(name: string, asked: string | number): string {
  const file = findControlFile(name);
  if (!file) throw new Error(`no ${name}`);
  return spell(file, asked);
}

function onV2(name: string, asked: string | number): string {
  const file = findControlFile(name, 2);
  if (!file) throw new Error(`no ${name} on v2`);
  return spell(file, asked);
}

function refused(name: string, asked: string | number): ProblemError {
  try {
    const text = spelled(name, asked);
    throw new Error(`${name} took ${JSON.stringify(asked)} as ${JSON.stringify(text)}`);
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
}

test.each<[string, string | number, string]>([
  ['memory.limit_in_bytes', 67108864, '67108864'],
  ['memory.limit_in_bytes', '64M', '67108864'],
  ['memory.limit_in_bytes', '1GiB', '1073741824'],
  ['memory.limit_in_bytes', 'max', '-1'],
  ['memory.limit_in_bytes', '-1', '-1'],
  ['memory.limit_in_bytes', '9223372036854771712', '-1'],
  ['memory.limit_in_bytes', 0, '0'],
  ['cpu.shares', 1024, '1024'],
  ['cpu.shares', ' 512 ', '512'],
  ['pids.max', 'max', 'max'],
  ['pids.max', '-1', 'max'],
  ['pids.max', -1, 'max'],
  ['pids.max', 0, '0'],
  ['cpu.cfs_quota_us', 'max', '-1'],
  ['cpu.cfs_quota_us', -1, '-1'],
  ['cpu.cfs_quota_us', 50000, '50000'],
  ['cpu.rt_runtime_us', '-1', '-1'],
  ['cpuset.sched_relax_domain_level', -1, '-1'],
  ['cpuset.cpus', '0-3,6', '0-3,6'],
  ['cpuset.cpus', 1, '1'],
  ['cpuset.cpus', '', ''],
  ['freezer.state', 'FROZEN', 'FROZEN'],
  ['memory.oom_control', 1, '1'],
  ['blkio.throttle.read_bps_device', '8:0 1048576', '8:0 1048576'],
  ['devices.deny', 'a', 'a'],
])('%s = %j is written as %j', (name, asked, text) => {
  expect(spelled(name, asked)).toBe(text);
});

const NO_SIZE = [
  '',
  ' ',
  '64  M',
  '1e99',
  -1,
  -2,
  '-2',
  0.5,
  '0.5',
  1e99,
  '0x10',
  'all',
  '64M\n',
  '1\0',
  'MAX',
  Number.MAX_SAFE_INTEGER + 1,
];
const NO_NUMBER = ['', '1.5', 1.5, '1e3', 1e21, '-2', -2, '0x10', 'x', '1 2', '12345678901234567890', '1\0'];

describe.each(['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', 'memory.soft_limit_in_bytes'])('%s', (name) => {
  test.each(NO_SIZE)('does not accept %j', (asked) => {
    expect(refused(name, asked).problem).toMatchObject({
      code: 'invalid',
      file: name,
      asked: String(asked),
      detail: expect.stringContaining(name),
    });
  });
});

describe.each(['cpu.shares', 'pids.max', 'cpu.cfs_quota_us', 'memory.swappiness', 'cgroup.max.depth'])('%s', (name) => {
  test.each(NO_NUMBER)('does not accept %j', (asked) => {
    const { problem } = refused(name, asked);
    expect(problem).toMatchObject({ code: 'invalid', file: name, asked: String(asked) });
    expect(problem.detail).toContain(String(asked).includes('\0') ? 'NUL' : 'whole number');
  });
});

test.each(['max', '-1'])('cpu.shares refuses %s', (asked) => {
  expect(refused('cpu.shares', asked).problem.detail).toContain('no "no limit"');
});

test.each(['0..3', 'all', '0-3 6', '-', 'ff\n'].slice(0, 3).concat('0;1', '1\0'))('cpuset.cpus does not accept %j', (asked) => {
  expect(refused('cpuset.cpus', asked).problem.code).toBe('invalid');
});

test('no file accepts a NUL', () => {
  for (const file of controlFiles) expect(() => spell(file, 'a\0b'), file.name).toThrow(ProblemError);
});

test.each<[string, string | number, string]>([
  ['memory.max', 'max', 'max'],
  ['memory.max', '-1', 'max'],
  ['memory.max', '64M', '67108864'],
  ['memory.high', 0, '0'],
  ['memory.reclaim', '1G', '1073741824'],
  ['pids.max', '-1', 'max'],
  ['cpu.weight', 100, '100'],
  ['cpu.weight.nice', -20, '-20'],
  ['cpu.max', 'max', 'max'],
  ['cpu.max', '-1 50000', 'max 50000'],
  ['cpu.max', 50000, '50000'],
  ['cpu.max', ' 50000  100000 ', '50000 100000'],
  ['cpu.uclamp.min', '12.5', '12.5'],
  ['cpu.uclamp.max', 'max', 'max'],
  ['cpuset.cpus', '', ''],
  ['io.max', '8:0 rbps=2M wbps=max riops=120', '8:0 rbps=2097152 wbps=max riops=120'],
  ['io.max', '8:0 rbps=1.5 MiB wbps=1,5M', '8:0 rbps=1572864 wbps=1572864'],
  ['memory.max', '63.5 MiB', '66584576'],
  ['io.latency', '8:0 target=100', '8:0 target=100'],
  ['io.weight', 'default 200', 'default 200'],
  ['rdma.max', 'mlx4_0 hca_handle=2', 'mlx4_0 hca_handle=2'],
  ['cgroup.subtree_control', '+memory -io', '+memory -io'],
  ['hugetlb.2MB.max', '4M', '4194304'],
])('on v2, %s = %j is written as %j', (name, asked, text) => {
  expect(onV2(name, asked)).toBe(text);
});

test.each<[string, string | number]>([
  ['memory.max', '1,024G'],
  ['memory.reclaim', 'max'],
  ['cpu.weight', 'max'],
  ['cpu.weight.nice', '100'],
  ['cpu.max', ''],
  ['cpu.max', '50000 max'],
  ['cpu.max', '50000 100000 3'],
  ['cpu.max', '-2'],
  ['cpu.uclamp.min', '12.555'],
  ['io.max', ''],
  ['io.max', '8:0'],
  ['io.max', 'sda rbps=1'],
  ['io.max', '8:0 rbps'],
  ['io.max', '8:0 rbps=-1'],
  ['io.max', '8:0 rbps=1=2'],
  ['io.max', '8:0 rbps=1\n8:0 wbps=1=2'],
  ['cgroup.subtree_control', 'memory'],
  ['cgroup.subtree_control', '+memory;-io'],
])('on v2, %s does not accept %j', (name, asked) => {
  expect(() => onV2(name, asked)).toThrow(ProblemError);
});
