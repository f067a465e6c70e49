// What goes wrong between things that are right by themselves: names used again, groups that vanish, calls that meet, a state that was left behind.
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildDir } from '../../native/libc.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

const HIERARCHIES = ['memory', 'pids', 'cpu', 'cpuacct', 'cpuset', 'freezer', 'blkio', 'devices', 'unified'];

let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('faults');
});

afterEach(async () => {
  await agent.clean();
  for (const controller of HIERARCHIES)
    expect(existsSync(`/sys/fs/cgroup/${controller}${agent.root}`), `${controller}${agent.root} is left`).toBe(false);
});

/** Resolves once every kernel notice up to now has been dealt with: one that was raised after them has. */
async function caughtUp(): Promise<void> {
  const marker = `${agent.root}/marker`;
  mkdirSync(`/sys/fs/cgroup/unified${marker}`);
  await agent.event('create', marker);
  rmdirSync(`/sys/fs/cgroup/unified${marker}`);
  await agent.event('remove', marker);
}

const kinds = (group: string) =>
  agent.events.filter((event) => event.group === group && (event.kind === 'create' || event.kind === 'remove')).map(({ kind }) => kind);

describe('a name used again at once', () => {
  test('the kernel’s late notices of the old group do not touch the new one', async () => {
    const path = `${agent.root}/again`;
    for (let round = 0; round < 5; round++) {
      await agent.call('createGroup', { path });
      await agent.call('removeGroup', { path });
    }
    await agent.call('createGroup', { path, limits: { 'pids.max': 9, 'cpu.shares': 100 } });
    await caughtUp();
    expect(kinds(path)).toEqual([...Array.from({ length: 5 }, () => ['create', 'remove']).flat(), 'create']);
    expect(agent.events.filter((event) => event.group === path && event.kind === 'create').every((event) => 'by' in event)).toBe(true);
  });

  test('a second launch of a name keeps its record and its output', async () => {
    for (let round = 0; round < 4; round++) {
      const { group, pid } = await agent.call('launch', {
        name: 'twice',
        argv: ['/bin/echo', `round ${round}`],
        limits: { 'pids.max': 9, 'memory.limit_in_bytes': '64M' },
      });
      expect(await agent.event('exit', group, (event) => event.pid === pid)).toMatchObject({ code: 0 });
      await caughtUp();
      expect((await agent.call('output', { group })).text).toBe(`round ${round}\n`);
      expect((await agent.call('group', { path: group })).launched).toMatchObject({ pid, exit: { code: 0 } });
    }
    expect(kinds(`${agent.root}/twice`)).toEqual([...Array.from({ length: 3 }, () => ['create', 'remove']).flat(), 'create']);
  });
});

describe('the number of processes', () => {
  test('follows the kernel at ticks that come faster than its list of members is renewed', async () => {
    const path = `${agent.root}/count`;
    await agent.call('createGroup', { path });
    for (let count = 1; count <= 3; count++) {
      agent.process(path, 'exec sleep 1000');
      await agent.until(() => agent.reading(path, 'cgroup.procs') === count);
    }
    await agent.call('kill', { group: path });
    await agent.until(() => agent.reading(path, 'cgroup.procs') === 0);
  });

  test('is right beyond a page of them, and when only the last ones change', async () => {
    const path = `${agent.root}/crowd`;
    await agent.call('createGroup', { path });
    agent.process(path, `exec ${join(buildDir, 'cgdeck-load')} fork 3000`);
    await agent.until(() => agent.reading(path, 'cgroup.procs') === 3001);
    expect((await agent.call('group', { path })).processes).toBe(3001);
    expect(Buffer.byteLength(agent.kernel('memory', path, 'cgroup.procs'))).toBeGreaterThan(8192);
    agent.process(path, 'exec sleep 1000');
    await agent.until(() => agent.reading(path, 'cgroup.procs') === 3002);
    expect((await agent.call('removeGroup', { path, kill: true })).killed.length).toBeGreaterThanOrEqual(3002);
  });
});
