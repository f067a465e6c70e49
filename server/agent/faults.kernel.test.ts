// What goes wrong between things that are right by themselves: names used again, groups that vanish, calls that meet, a state that was left behind.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
