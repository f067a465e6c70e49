// The agent on a kernel with cgroup v2 alone: groups and their limits, freezing, launches and what becomes of them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunningAgent } from '../../server/agent/fixtures/running-agent.ts';

const MOUNT = '/sys/fs/cgroup';
const MIB = 2 ** 20;
let agent: RunningAgent;

beforeAll(async () => {
  agent = await RunningAgent.start('v2');
});
afterAll(() => agent.clean());

const kernel = (group: string, file: string) => readFileSync(join(MOUNT, group, file), 'utf8').trim();
const outputOf = async (group: string) => (await agent.call('output', { group })).chunks.map(({ text }) => text).join('');
const sh = (script: string) => ['/bin/sh', '-c', script];

test('a group is made with its controllers, and its limits are what the kernel says', async () => {
  const path = `${agent.root}/limits`;
  const limits = { 'memory.max': '64M', 'memory.high': 32 * MIB, 'pids.max': 20, 'cpu.max': '50000 100000' };
  await agent.call('createGroup', { path, limits });
  expect(kernel(path, 'cgroup.controllers').split(' ')).toEqual(expect.arrayContaining(['cpu', 'memory', 'pids']));
  expect(['memory.max', 'memory.high', 'pids.max', 'cpu.max'].map((file) => kernel(path, file))).toEqual([
    String(64 * MIB),
    String(32 * MIB),
    '20',
    '50000 100000',
  ]);
  expect(await agent.call('writeFile', { path, file: 'memory.max', value: 100_000_001 })).toMatchObject({ new: '99999744' });
  expect(kernel(path, 'memory.max')).toBe('99999744');
  await agent.until(() => agent.reading(path, 'memory.max') === 99_999_744);
});

test('what v1 calls otherwise is taken where it means the same, and refused with its counterpart where it does not', async () => {
  const path = `${agent.root}/translated`;
  await agent.call('createGroup', { path, limits: { 'memory.limit_in_bytes': '48M', 'cpu.cfs_quota_us': 20_000 } });
  expect([kernel(path, 'memory.max'), kernel(path, 'cpu.max')]).toEqual([String(48 * MIB), '20000 100000']);
  const problem = await agent.refused('createGroup', { path: `${agent.root}/shares`, limits: { 'cpu.shares': 512 } });
  expect(problem).toMatchObject({ code: 'unsupported', detail: expect.stringContaining('cpu.weight') });
});

test('a launch is held, frozen, thawed, and its end told', async () => {
  const { group, pid } = await agent.call('launch', {
    name: 'hello',
    argv: sh('echo "on $(cat /proc/sys/kernel/hostname)"; while :; do sleep 0.1; done'),
    hostname: 'inside',
    limits: { 'memory.max': '64M', 'pids.max': 20 },
  });
  expect(kernel(group, 'cgroup.procs').split('\n')).toContain(String(pid));
  await agent.until(() => Number(agent.reading(group, 'memory.current')) > 0);
  // Stopped before it has spoken, it would have nothing to say.
  while ((await outputOf(group)) !== 'on inside\n');
  expect(await agent.call('freeze', { group })).toMatchObject({ state: 'frozen' });
  expect(kernel(group, 'cgroup.events')).toMatch(/^frozen 1$/m);
  expect(await agent.call('thaw', { group })).toMatchObject({ state: 'thawed' });
  expect(kernel(group, 'cgroup.events')).toMatch(/^frozen 0$/m);
  expect(await agent.call('stop', { group, graceMs: 20_000 })).toMatchObject({ how: 'ended', exit: { signal: 'SIGTERM' } });
  expect(await agent.event('exit', group)).toMatchObject({ pid, signal: 'SIGTERM' });
  expect(await outputOf(group)).toBe('on inside\n');
});

test('a frozen group is killed all the same, and removed', async () => {
  const { group } = await agent.call('launch', { name: 'ice', argv: sh('exec sleep 1000') });
  await agent.call('freeze', { group });
  await agent.call('removeGroup', { path: group, kill: true });
  expect(await agent.event('exit', group)).toMatchObject({ signal: 'SIGKILL' });
  await agent.event('remove', group);
});

test('a group with processes of its own takes no groups below it, and says what to do', async () => {
  const { group } = await agent.call('launch', { name: 'inner', argv: sh('exec sleep 1000') });
  const problem = await agent.refused('createGroup', { path: `${group}/below`, limits: { 'memory.max': '32M' } });
  expect(problem).toMatchObject({ code: 'busy', errno: 'EBUSY', detail: expect.stringContaining('leaf') });
});
