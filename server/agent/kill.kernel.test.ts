// Kills and freezes: a kill thaws what it froze, and what a frozen group above makes impossible is refused at once.
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('kill');
});

afterEach(async () => {
  const { root } = agent;
  await agent.clean();
  expect(agent.kernel.where(root), `${root} is left`).toEqual([]);
});

/** A new group with one process inside. */
async function inhabited(path: string): Promise<number> {
  await agent.call('createGroup', { path });
  const pid = agent.process(path, 'exec sleep 1000');
  await agent.until(() => agent.kernel.members(path).every((pids) => pids.includes(pid)));
  return pid;
}

test('a kill and a removal name the processes they ended, in answer and event', async () => {
  const path = `${agent.root}/named`;
  const pid = await inhabited(path);
  const named = [{ pid, comm: 'sleep' }];
  const answer = await agent.call('kill', { group: path });
  expect(answer).toEqual({ killed: [pid], named });
  expect(await agent.event('kill', path)).toMatchObject({ pids: [pid], named, signal: 'SIGKILL', by: 'test' });
  const again = agent.process(path, 'exec sleep 1000');
  await agent.until(() => agent.kernel.members(path).every((pids) => pids.includes(again)));
  await agent.call('removeGroup', { path, kill: true });
  expect(await agent.event('kill', path, ({ pids }) => pids.includes(again))).toMatchObject({ named: [{ pid: again, comm: 'sleep' }] });
});

test('a freeze and a thaw by others between two ticks are both reported', async () => {
  const path = `${agent.root}/brief`;
  await agent.end();
  agent.settings.intervalMs = 60_000;
  await agent.begin();
  await agent.call('createGroup', { path });
  agent.kernel.setFrozen(path, true);
  await agent.event('freeze', path);
  agent.kernel.setFrozen(path, false);
  await agent.event('thaw', path);
});

describeOnMemory(1, 'v1', () => {
  test('a kill that fails leaves the group thawed, and names the group in which a process is frozen', async () => {
    const [path, ice] = [`${agent.root}/stuck`, `${agent.root}/ice`];
    const pid = await inhabited(path);
    await agent.call('createGroup', { path: ice });
    // In the freezer hierarchy the process is in another group, which the kill does not thaw.
    writeFileSync(agent.kernel.path(ice, 'cgroup.procs').replace(/^(.*\/)memory\//, '$1freezer/'), String(pid));
    agent.kernel.setFrozen(ice, true);
    try {
      const problem = await agent.refused('kill', { group: path });
      expect(agent.kernel.read(path, 'freezer.state')).toBe('THAWED');
      expect(problem).toMatchObject({ code: 'busy', file: path });
      expect(problem.detail).toContain(`frozen in ${ice}`);
      expect(agent.kernel.isFrozen(ice)).toBe(true);
    } finally {
      agent.kernel.setFrozen(ice, false);
    }
  });

  test('below a frozen group, thaw, kill, removal and stop are refused at once, with its name', async () => {
    const [above, path] = [`${agent.root}/above`, `${agent.root}/above/below`];
    await agent.call('createGroup', { path: above });
    const pid = await inhabited(path);
    await agent.call('freeze', { group: above });
    const refusals = [
      await agent.refused('thaw', { group: path }),
      await agent.refused('kill', { group: path }),
      await agent.refused('removeGroup', { path, kill: true }),
    ];
    for (const problem of refusals)
      expect(problem).toMatchObject({ code: 'conflict', file: above, detail: expect.stringContaining(`by its ancestor ${above}`) });
    expect(agent.kernel.members(path).every((pids) => pids.includes(pid))).toBe(true);
    await agent.call('thaw', { group: above });
    expect((await agent.call('kill', { group: path })).killed).toContain(pid);
  });

  test('a stop of a launch below a frozen managed root is refused', async () => {
    const { group, pid } = await agent.call('launch', { name: 'cold', argv: ['/bin/sleep', '1000'] });
    agent.kernel.setFrozen(agent.root, true);
    try {
      expect(await agent.refused('stop', { group })).toMatchObject({ code: 'conflict', file: agent.root });
    } finally {
      agent.kernel.setFrozen(agent.root, false);
    }
    expect(await agent.call('stop', { group, graceMs: 0 })).toMatchObject({ group });
    expect(await agent.event('exit', group)).toMatchObject({ pid });
  });
});

describeOnMemory(2, 'v2', () => {
  test('below a frozen group a thaw is refused with its name, and a kill ends frozen processes', async () => {
    const [above, path] = [`${agent.root}/above`, `${agent.root}/above/below`];
    await agent.call('createGroup', { path: above });
    const pid = await inhabited(path);
    await agent.call('freeze', { group: above });
    expect(await agent.refused('thaw', { group: path })).toMatchObject({ code: 'conflict', file: above });
    expect((await agent.call('kill', { group: path })).killed).toContain(pid);
    expect(agent.kernel.isFrozen(above)).toBe(true);
  });
});
