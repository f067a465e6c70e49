// Parsers on the control files of real kernels, and on malformed ones, which give no readings.
import { describe, expect, test } from 'vitest';
import { type ControlFile, controlFiles, findControlFile } from '../../../contract/control-files.ts';
import type { ReadingValue } from '../../../contract/readings.ts';
import { parserOf, readingKey } from './parse.ts';

function entry(name: string): ControlFile {
  const file = findControlFile(name);
  if (!file) throw new Error(`no ${name}`);
  return file;
}

/** Parses the text within a larger buffer, with digits and signs before and after it. */
function parsed(file: ControlFile, text: string, parse = parserOf(file)): Record<string, ReadingValue> {
  const body = Buffer.from(text);
  const bytes = Buffer.concat([Buffer.from('77\n'), body, Buffer.from('-1\n88 99\n')]);
  const readings: Record<string, ReadingValue> = {};
  parse(bytes, 3, 3 + body.length, (part, value) => {
    readings[readingKey(file, part)] = value;
  });
  return readings;
}

/** v2's entry of a name that both versions have. */
function unified(name: string): ControlFile {
  const file = findControlFile(name, 2);
  if (!file) throw new Error(`no ${name} on v2`);
  return file;
}

const OOM = 'oom_kill_disable 0\nunder_oom 1\noom_kill 3\n';
const PSI = 'some avg10=1.53 avg60=0.87 avg300=0.21 total=123456789\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=55\n';

test.each<[string, string, Record<string, ReadingValue>]>([
  ['memory.usage_in_bytes', '67108864\n', { 'memory.usage_in_bytes': 67108864 }],
  ['memory.usage_in_bytes', '0\n', { 'memory.usage_in_bytes': 0 }],
  ['memory.limit_in_bytes', '9223372036854771712\n', { 'memory.limit_in_bytes': 'max' }],
  ['memory.limit_in_bytes', '9223372036854710272\n', { 'memory.limit_in_bytes': 'max' }],
  ['cpuacct.usage', '999999999999999\n', { 'cpuacct.usage': 999999999999999 }],
  ['cpuacct.usage', '9007199254740993\n', { 'cpuacct.usage': 9007199254740992 }],
  ['cpu.cfs_quota_us', '-1\n', { 'cpu.cfs_quota_us': 'max' }],
  ['cpu.cfs_quota_us', '150000\n', { 'cpu.cfs_quota_us': 150000 }],
  ['pids.max', 'max\n', { 'pids.max': 'max' }],
  ['pids.max', '50\n', { 'pids.max': 50 }],
  ['freezer.state', 'FREEZING\n', { 'freezer.state': 'FREEZING' }],
  ['cpuset.cpus', '0-3,6\n', { 'cpuset.cpus': '0-3,6' }],
  ['cpuset.cpus', '\n', { 'cpuset.cpus': '' }],
  ['cgroup.procs', '1\n22\n333\n', { 'cgroup.procs': 3 }],
  ['cgroup.procs', '', { 'cgroup.procs': 0 }],
  [
    'cpuacct.usage_percpu',
    '1500000 0 9007199254740992 \n',
    { 'cpuacct.usage_percpu:0': 1500000, 'cpuacct.usage_percpu:1': 0, 'cpuacct.usage_percpu:2': 9007199254740992 },
  ],
  [
    'memory.oom_control',
    OOM,
    { 'memory.oom_control:oom_kill_disable': 0, 'memory.oom_control:under_oom': 1, 'memory.oom_control:oom_kill': 3 },
  ],
  ['cpuacct.stat', 'user 123\nsystem 45\n', { 'cpuacct.stat:user': 123, 'cpuacct.stat:system': 45 }],
  [
    'cpu.stat',
    'nr_periods 10\nnr_throttled 2\nthrottled_time 5000000\n',
    { 'cpu.stat:nr_periods': 10, 'cpu.stat:nr_throttled': 2, 'cpu.stat:throttled_time': 5000000 },
  ],
  [
    'memory.stat',
    'cache 4096\nrss 8192\nhierarchical_memory_limit 9223372036854771712\ntotal_cache 12288\ntotal_rss 16384\ntotal_rss_huge 2097152\n',
    { 'memory.stat:hierarchical_memory_limit': 'max', 'memory.stat:total_cache': 12288, 'memory.stat:total_rss': 16384 },
  ],
  [
    'memory.pressure',
    PSI,
    {
      'memory.pressure:some.avg10': 1.53,
      'memory.pressure:some.total': 123456789,
      'memory.pressure:full.avg10': 0,
      'memory.pressure:full.total': 55,
    },
  ],
  [
    'blkio.throttle.io_service_bytes_recursive',
    '8:0 Read 4096\n8:0 Write 0\n8:0 Sync 4096\n8:0 Async 0\n8:0 Discard 0\n8:0 Total 4096\n259:1 Read 100\n259:1 Write 7\n259:1 Total 107\nTotal 4203\n',
    { 'blkio.throttle.io_service_bytes_recursive:Read': 4196, 'blkio.throttle.io_service_bytes_recursive:Write': 7 },
  ],
  [
    'blkio.throttle.io_service_bytes_recursive',
    'Total 0\n',
    { 'blkio.throttle.io_service_bytes_recursive:Read': 0, 'blkio.throttle.io_service_bytes_recursive:Write': 0 },
  ],
])('%s: %j', (name, text, readings) => {
  expect(parsed(entry(name), text)).toEqual(readings);
});

test.each<[string, string, Record<string, ReadingValue>]>([
  ['memory.current', '450560\n', { 'memory.current': 450560 }],
  ['memory.max', 'max\n', { 'memory.max': 'max' }],
  ['memory.max', '9663676416\n', { 'memory.max': 9663676416 }],
  ['cpu.max', '50000 100000\n', { 'cpu.max:quota': 50000, 'cpu.max:period': 100000 }],
  ['cpu.max', 'max 100000\n', { 'cpu.max:quota': 'max', 'cpu.max:period': 100000 }],
  ['cpu.max', 'max\n', { 'cpu.max:quota': 'max' }],
  ['cpu.max', '', {}],
  ['cpu.max', 'x y\n', {}],
  ['cpu.max', '-1 100000\n', { 'cpu.max:period': 100000 }],
  ['cpu.weight', '100\n', { 'cpu.weight': 100 }],
  ['cpuset.cpus', '\n', { 'cpuset.cpus': '' }],
  ['cpuset.cpus.effective', '0-1\n', { 'cpuset.cpus.effective': '0-1' }],
  ['cpuset.cpus.partition', 'root invalid (cpuset.cpus is empty)\n', { 'cpuset.cpus.partition': 'root invalid (cpuset.cpus is empty)' }],
  ['cgroup.events', 'populated 1\nfrozen 0\n', { 'cgroup.events:populated': 1, 'cgroup.events:frozen': 0 }],
  ['cgroup.type', 'domain threaded\n', { 'cgroup.type': 'domain threaded' }],
  [
    'cpu.stat',
    'usage_usec 190741\nuser_usec 51551\nsystem_usec 139189\nnr_periods 2\nnr_throttled 0\nthrottled_usec 0\nnr_bursts 0\nburst_usec 0\n',
    {
      'cpu.stat:usage_usec': 190741,
      'cpu.stat:user_usec': 51551,
      'cpu.stat:system_usec': 139189,
      'cpu.stat:nr_periods': 2,
      'cpu.stat:nr_throttled': 0,
      'cpu.stat:throttled_usec': 0,
    },
  ],
  [
    'memory.events',
    'low 0\nhigh 3\nmax 4\noom 1\noom_kill 1\noom_group_kill 0\n',
    { 'memory.events:low': 0, 'memory.events:high': 3, 'memory.events:max': 4, 'memory.events:oom': 1, 'memory.events:oom_kill': 1 },
  ],
  [
    'io.stat',
    '254:16 rbytes=12288 wbytes=4096 rios=3 wios=2 dbytes=0 dios=0\n254:0 rbytes=2101248 wbytes=1048576 rios=3 wios=1 dbytes=0 dios=0\n',
    { 'io.stat:rbytes': 2113536, 'io.stat:wbytes': 1052672, 'io.stat:rios': 6, 'io.stat:wios': 3 },
  ],
  ['io.stat', '', { 'io.stat:rbytes': 0, 'io.stat:wbytes': 0, 'io.stat:rios': 0, 'io.stat:wios': 0 }],
  ['io.stat', '8:0 rbytes=5 wby', { 'io.stat:rbytes': 5, 'io.stat:wbytes': 0, 'io.stat:rios': 0, 'io.stat:wios': 0 }],
  ['io.stat', '8:0\nrbytes=5\n8:0 rbytes=x wbytes=\n', { 'io.stat:rbytes': 0, 'io.stat:wbytes': 0, 'io.stat:rios': 0, 'io.stat:wios': 0 }],
  // A device that was written to only through another driver has a line without numbers.
  [
    'io.stat',
    '7:0 \n8:0 rbytes=1 wbytes=2 rios=3 wios=4\n',
    { 'io.stat:rbytes': 1, 'io.stat:wbytes': 2, 'io.stat:rios': 3, 'io.stat:wios': 4 },
  ],
  [
    'io.max',
    '254:0 rbps=1048576 wbps=max riops=max wiops=120\n',
    { 'io.max:254:0 rbps': 1048576, 'io.max:254:0 wbps': 'max', 'io.max:254:0 riops': 'max', 'io.max:254:0 wiops': 120 },
  ],
  ['io.max', '', {}],
  ['io.max', '254:0 rbps\n=4\n254:0 =4 wbps=\n', {}],
  ['io.latency', '8:16 target=100\n', { 'io.latency:8:16 target': 100 }],
  ['io.weight', 'default 100\n8:16 200\n', { 'io.weight:default': 100, 'io.weight:8:16': 200 }],
  ['misc.max', 'res_a max\nres_b 4\nres_c maximum\n', { 'misc.max:res_a': 'max', 'misc.max:res_b': 4 }],
  ['rdma.max', 'mlx4_0 hca_handle=2 hca_object=max\n', { 'rdma.max:mlx4_0 hca_handle': 2, 'rdma.max:mlx4_0 hca_object': 'max' }],
  ['cpu.uclamp.min', '12.50\n', { 'cpu.uclamp.min': 12.5 }],
  ['cpu.uclamp.max', 'max\n', { 'cpu.uclamp.max': 'max' }],
  [
    'memory.numa_stat',
    'anon N0=811008 N1=0\nfile N0=1\n',
    { 'memory.numa_stat:anon.N0': 811008, 'memory.numa_stat:anon.N1': 0, 'memory.numa_stat:file.N0': 1 },
  ],
  ['hugetlb.2MB.events', 'max 0\n', { 'hugetlb.2MB.events:max': 0 }],
])('on v2, %s: %j', (name, text, readings) => {
  expect(parsed(unified(name), text)).toEqual(readings);
});

test.each<[string, string, Record<string, ReadingValue>]>([
  ['memory.usage_in_bytes', '', {}],
  ['memory.usage_in_bytes', '\n', {}],
  ['memory.usage_in_bytes', 'x\n', {}],
  ['memory.usage_in_bytes', '-5\n', { 'memory.usage_in_bytes': 0 }],
  ['memory.usage_in_bytes', '-1', { 'memory.usage_in_bytes': 0 }],
  ['memory.usage_in_bytes', '12kB', {}],
  ['memory.usage_in_bytes', '12', { 'memory.usage_in_bytes': 12 }],
  ['memory.usage_in_bytes', `${'9'.repeat(60)}\n`, {}],
  ['pids.max', 'maximum\n', {}],
  ['pids.max', '', {}],
  ['freezer.state', '', {}],
  ['cpuacct.usage_percpu', '', {}],
  ['cpuacct.usage_percpu', ' \n', {}],
  ['memory.oom_control', '', {}],
  ['memory.oom_control', 'oom_kill_disable 0\nunder_o', { 'memory.oom_control:oom_kill_disable': 0 }],
  [
    'memory.oom_control',
    'oom_kill_disable 0\nunder_oom 1',
    { 'memory.oom_control:oom_kill_disable': 0, 'memory.oom_control:under_oom': 1 },
  ],
  ['memory.oom_control', 'oom_kill_disable\nunder_oom \noom_kill x\n\n\n', {}],
  ['memory.oom_control', 'oom_kill 3\nunder_oom 1\n', { 'memory.oom_control:oom_kill': 3, 'memory.oom_control:under_oom': 1 }],
  ['memory.pressure', '', {}],
  ['memory.pressure', 'some avg10=1.53 avg60=0.87 avg300=0.21 tot', { 'memory.pressure:some.avg10': 1.53 }],
  ['memory.pressure', 'some avg10= total=x\nfull\n=\n', {}],
  [
    'blkio.throttle.io_service_bytes_recursive',
    '8:0 Read\n8:0\n8:0 Write x\n8:16 Read 5',
    { 'blkio.throttle.io_service_bytes_recursive:Read': 5, 'blkio.throttle.io_service_bytes_recursive:Write': 0 },
  ],
])('torn or foreign, %s: %j', (name, text, readings) => {
  expect(parsed(entry(name), text)).toEqual(readings);
});

describe('one parser serves all groups', () => {
  const file = { ...entry('memory.stat'), keys: ['aXb', 'aYb', 'long_key', 'total_mapped_file', 'total_active_file'] };

  test.each([
    ['other keys', 'p 1\nq 2\n', 'aXb 3\nlong_key 4\n', { 'memory.stat:aXb': 3, 'memory.stat:long_key': 4 }],
    ['reordered keys', 'long_key 1\naXb 2\n', 'aXb 3\nlong_key 4\n', { 'memory.stat:aXb': 3, 'memory.stat:long_key': 4 }],
    ['a key that begins alike', 'aXb 1\n', 'aXbc 2\n', {}],
    ['a shorter key', 'long_key 1\n', 'long 2\n', {}],
    ['keys alike at both ends', 'aXb 1\naYb 2\n', 'aYb 3\naXb 4\n', { 'memory.stat:aXb': 4, 'memory.stat:aYb': 3 }],
    [
      'keys of the kernel alike at both ends',
      'total_mapped_file 1\ntotal_active_file 2\n',
      'total_active_file 3\ntotal_mapped_file 4\n',
      { 'memory.stat:total_active_file': 3, 'memory.stat:total_mapped_file': 4 },
    ],
    ['more lines', 'aXb 1\n', 'aXb 2\nlong_key 3\n', { 'memory.stat:aXb': 2, 'memory.stat:long_key': 3 }],
    ['fewer lines', 'aXb 1\nlong_key 2\n', 'aXb 3\n', { 'memory.stat:aXb': 3 }],
    ['nothing', 'aXb 1\n', '', {}],
  ])('after another layout: %s', (_, first, second, readings) => {
    const parse = parserOf(file);
    parsed(file, first, parse);
    expect(parsed(file, second, parse)).toEqual(readings);
    expect(parsed(file, second, parse)).toEqual(readings);
  });
});

test('no parser of a sampled file throws on random bytes', () => {
  const noise = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919 + (i >> 3)) & 0xff));
  for (const file of controlFiles) {
    const parse = parserOf(file);
    for (let at = 0; at < 4000; at += 37)
      parse(noise, at, at + (at % 96), (part, value) => expect([typeof part, Number.isNaN(value)]).toEqual(['string', false]));
  }
});
