// A launch form and its request: each becomes the other without loss.
import { describe, expect, it } from 'vitest';
import { containerDevices } from '../../server/contract/devices.ts';
import { type LaunchInput, LaunchRequest } from '../../server/contract/launch.ts';
import { namespaceKinds } from '../../server/contract/launch-options.ts';
import { allV2 } from '../../server/contract/limit-names.ts';
import { capabilities, rlimitNames } from '../../server/contract/privileges.ts';
import type { LaunchForm } from './launch-form.ts';
import { furtherLimits } from './limits-of-form.ts';
import { emptyForm, formOfRequest, toRequest } from './requests.ts';

const MIB = 2 ** 20;
const form = (change: Partial<LaunchForm>): LaunchForm => ({ ...emptyForm, name: 'web', command: 'sleep 1', ...change });
const request = (input: Partial<LaunchInput>): LaunchRequest => LaunchRequest.parse({ name: 'web', argv: ['sleep', '1'], ...input });

/** Requests that use each of their parts, one by one. */
const table: readonly Partial<LaunchInput>[] = [
  {},
  { argv: ["it's", '', 'a b', '"', '\\', '$HOME', 'two\nlines', '\t', '名', '*'] },
  { env: { A: 'x y', 'odd name': '', MANY: 'two\nlines', EQ: 'a=b' } },
  { cwd: '/tmp/with blank ' },
  { namespaces: [] },
  { namespaces: ['user', 'pid'] },
  { namespaces: [...namespaceKinds] },
  { init: false },
  { hostname: 'box.local' },
  { limits: { 'memory.limit_in_bytes': '64M', 'memory.soft_limit_in_bytes': 32 * MIB, 'memory.memsw.limit_in_bytes': '131072K' } },
  { limits: { 'memory.limit_in_bytes': 'max', 'memory.memsw.limit_in_bytes': '-1', 'pids.max': 'max' } },
  { limits: { 'cpu.cfs_quota_us': 25_000, 'cpu.cfs_period_us': 50_000 } },
  { limits: { 'cpu.cfs_quota_us': '33333', 'cpu.shares': 512, 'cpuset.cpus': '0-1,3', 'pids.max': 50 } },
  { limits: { 'cpu.cfs_quota_us': 1234 } },
  { limits: { 'cpu.cfs_quota_us': '-1', 'memory.limit_in_bytes': 'lots', 'cpuset.cpus': ' 0 - 1 ' } },
  { limits: { 'blkio.throttle.write_bps_device': '8:0 1048576' } },
  { limits: { 'blkio.throttle.write_bps_device': '8:0 0' } },
  { limits: { 'memory.swappiness': 10, 'memory.oom_control': '1' } },
  { devices: [] },
  { devices: [...containerDevices] },
  {
    devices: [
      { type: 'a', major: '*', minor: '*', access: 'rwm' },
      { type: 'b', major: 4095, minor: 2 ** 20 - 1, access: 'm' },
    ],
  },
  { network: 'none' },
  { network: 'host', namespaces: ['pid'] },
  { network: 'routed', rates: { egressBitsPerSec: 10_000_000, ingressBitsPerSec: 1_234_567 }, nat: true },
  { network: 'routed', rates: { egressBitsPerSec: null } },
  { rates: { ingressBitsPerSec: null } },
  { network: 'routed', rates: { egressBitsPerSec: 1000, ingressBitsPerSec: 99_999_999_999 } },
  { rootfs: '/srv/root' },
  { rootfs: '/srv/a root', rootfsWritable: true },
  { rootfs: '/srv/root', overlay: {} },
  { overlay: { layer: 'with-tools' } },
  { overlay: {}, binds: [{ source: '/srv/data' }, { source: '/etc/ssl', target: '/certs', writable: true }] },
  { tmpSize: '1G', shmSize: '256MiB' },
  { tty: true },
  { capabilities: ['CAP_NET_BIND_SERVICE', 'CAP_CHOWN'] },
  { capabilities: [...capabilities] },
  { noNewPrivileges: false, seccomp: 'unconfined' },
  { rlimits: { nofile: { soft: 1024, hard: 'max' }, core: { soft: 0, hard: 0 }, as: { soft: 64 * MIB, hard: 2 ** 40 } } },
  { rlimits: Object.fromEntries(rlimitNames.map((name, i) => [name, { soft: i, hard: i + 1 }])) },
  { oomScoreAdj: 1000, nice: -20, umask: '0027' },
  { user: 'postgres' },
  { user: '1000', group: 'staff' },
  { oomScoreAdj: 0, nice: 0, umask: '022' },
  { restart: { policy: 'on-failure', maxRetries: 3 } },
  { restart: { policy: 'always' }, graceMs: 0 },
  { restart: { policy: 'never', maxRetries: 1000 }, graceMs: 1 },
  { graceMs: 599_999 },
  { guard: { line: '90%' } },
  {
    guard: {
      ...{ line: '400M', thrashing: { percent: 20, seconds: 10 }, growth: { seconds: 30 }, machine: { priority: 5 } },
      ...{ deadlineSeconds: 0, steps: [{ do: 'reclaim' }, { do: 'raise', percent: 50, upTo: '1G', times: 2 }], finally: 'kill' },
    },
  },
];

describe('a request is unchanged by form and back', () => {
  it.each(table)('%j', (input) => {
    const asked = request(input);
    expect(toRequest(formOfRequest(asked))).toEqual(asked);
  });

  it('in any mixture', () => {
    let mixed = 0;
    for (const [i, first] of table.entries()) {
      for (const second of table.slice(i + 1)) {
        const both = LaunchRequest.safeParse({ name: 'web', argv: ['true'], ...first, ...second });
        if (!both.success) continue;
        mixed++;
        expect(toRequest(formOfRequest(both.data)), JSON.stringify(both.data)).toEqual(both.data);
      }
    }
    expect(mixed).toBeGreaterThan(500);
  });

  it('names every part of a request in the table', () => {
    const named = new Set(['name', ...table.flatMap((input) => Object.keys(input))]);
    expect(new Set(Object.keys(LaunchRequest.shape))).toEqual(named);
  });
});

describe('on v2', () => {
  it.each<LaunchInput['limits']>([
    { 'memory.max': '64M', 'memory.high': 32 * MIB, 'memory.swap.max': 0 },
    { 'memory.max': 'max', 'memory.swap.max': 'max', 'pids.max': 'max', 'cpu.max': 'max 50000' },
    { 'cpu.max': '33333 100000', 'cpu.weight': 512, 'cpuset.cpus': '0-1,3' },
    { 'cpu.max': '50000' },
    { 'cpu.max': '1234 5000', 'memory.oom.group': 1, 'io.max': '8:0 wbps=1000' },
    { 'io.max': '8:16  wbps=10M' },
    { 'io.max': '8:0 rbps=10 wbps=max' },
    { 'cpu.shares': 512, 'memory.soft_limit_in_bytes': '64M' },
  ])('a request is unchanged by form and back: %j', (limits) => {
    const asked = request({ limits });
    expect(toRequest(formOfRequest(asked, allV2))).toEqual(asked);
  });

  it('v1’s limits that exist on v2 get v2’s names', () => {
    const asked = request({ limits: { 'memory.limit_in_bytes': '64M', 'cpu.cfs_quota_us': 50_000, 'pids.max': 5 } });
    expect(formOfRequest(asked, allV2)).toMatchObject({ hard: 64 * MIB, quota: '0.5', pids: '5' });
    expect(toRequest(formOfRequest(asked, allV2)).limits).toEqual({ 'memory.max': '64M', 'cpu.max': '50000 100000', 'pids.max': 5 });
  });

  it('writes what was typed under v2’s names', () => {
    const typed = form({
      on: allV2,
      hard: 64 * MIB,
      soft: 32 * MIB,
      swap: '0',
      memsw: '1G',
      quota: '1.5',
      weight: '50',
      pids: '50',
      diskWrites: '8:0 10M',
    });
    expect(toRequest(typed).limits).toEqual({
      'memory.max': 64 * MIB,
      'memory.swap.max': 0,
      'memory.high': 32 * MIB,
      'cpu.max': '150000 100000',
      'cpu.weight': '50',
      'pids.max': '50',
      'io.max': '8:0 wbps=10485760',
    });
  });
});

describe('toRequest', () => {
  it('an empty form is the contract’s own defaults', () => {
    expect(toRequest(form({}))).toEqual(request({}));
  });

  it('writes what was typed, in the order in which the kernel takes it', () => {
    const { limits } = toRequest(form({ hard: 64 * MIB, memsw: '64M', quota: '1.5', pids: ' 50 ', cpus: '0-1, 3' }));
    expect(Object.entries(limits)).toEqual([
      ['memory.limit_in_bytes', 64 * MIB],
      ['memory.memsw.limit_in_bytes', 64 * MIB],
      ['cpu.cfs_quota_us', '150000'],
      ['cpuset.cpus', '0-1,3'],
      ['pids.max', '50'],
    ]);
  });

  it('rewrites a limit that was changed, and keeps the spelling of the others', () => {
    const was = formOfRequest(request({ limits: { 'memory.limit_in_bytes': '64M', 'pids.max': 50, 'memory.swappiness': 10 } }));
    expect(toRequest({ ...was, hard: 32 * MIB }).limits).toEqual({
      'memory.limit_in_bytes': 32 * MIB,
      'pids.max': 50,
      'memory.swappiness': 10,
    });
    expect(toRequest({ ...was, hard: 'max', pids: '' }).limits).toEqual({ 'memory.swappiness': 10 });
    expect(furtherLimits(was)).toEqual({ 'memory.swappiness': 10 });
  });

  it('leaves out what has no namespace, and keeps it in the form', () => {
    const all = form({
      hostname: 'box',
      root: 'directory',
      rootfs: '/srv',
      writes: 'layer',
      binds: [{ source: '/a', target: '', writable: false }],
    });
    const without = toRequest({ ...all, namespaces: ['pid'] });
    for (const part of ['hostname', 'rootfs', 'overlay']) expect(without).not.toHaveProperty(part);
    expect(without.binds).toEqual([]);
    expect(toRequest(all)).toMatchObject({ hostname: 'box', rootfs: '/srv', overlay: {}, binds: [{ source: '/a', writable: false }] });
  });

  it('has rates only on a routed network', () => {
    expect(toRequest(form({ egress: '10M' })).rates).toEqual({});
    expect(toRequest(form({ network: 'routed', egress: '10M', ingress: 'max', nat: true }))).toMatchObject({
      rates: { egressBitsPerSec: 10_000_000, ingressBitsPerSec: null },
      nat: true,
    });
  });

  it('leaves out empty rows', () => {
    const asked = toRequest(
      form({
        env: [{ name: '', value: '' }],
        binds: [{ source: '', target: '', writable: true }],
        rlimits: [{ name: 'nofile', soft: '', hard: '' }],
      }),
    );
    expect(asked).toMatchObject({ binds: [], rlimits: {} });
    expect(asked).not.toHaveProperty('env');
  });

  it('uses one value of an rlimit for both', () => {
    expect(toRequest(form({ rlimits: [{ name: 'nofile', soft: '64', hard: '' }] })).rlimits).toEqual({ nofile: { soft: 64, hard: 64 } });
  });
});

it('an empty form has the defaults of the contract', () => {
  expect({ ...emptyForm, name: 'job', command: 'sh' }).toEqual(formOfRequest(LaunchRequest.parse({ name: 'job', argv: ['sh'] })));
});
