// What waits: restart policies on the real kernel, and a launch and a kill that wait in vain for frozen processes.
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

/** Without clearing it after each test: most run at the same time, since they wait. */
const agent = new RunningAgent('restarts');
beforeAll(() => agent.begin());
afterAll(() => agent.clean());

/** v2 kills frozen processes. */
const testOnV1 = test.skipIf(agent.layout.ofController('memory') === undefined);
const sh = (script: string) => ['/bin/sh', '-c', script];

const launched = async (group: string) => (await agent.call('group', { path: group })).launched;

const counts = 'n=$(cat /var/tmp/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /var/tmp/n; echo "run $n";';

describe.concurrent('a restart policy', () => {
  test('starts a failed program again until it succeeds; the output continues', async () => {
    const { group, pid } = await agent.call('launch', {
      name: 'again',
      argv: sh(`${counts} test $n -ge 2 && exit 0; exit 3`),
      restart: { policy: 'on-failure' },
      limits: { 'pids.max': 20 },
    });
    expect(await agent.event('exit', group)).toMatchObject({ pid, code: 3 });
    expect(await agent.event('restart', group)).toMatchObject({ count: 1, delayMs: 1000 });
    const second = await agent.event('launch', group, (event) => event.pid !== pid);
    expect(await agent.event('exit', group, (event) => event.pid === second.pid)).toMatchObject({ code: 0 });
    expect(await launched(group)).toMatchObject({ pid: second.pid, restarts: { count: 1 }, exit: { code: 0 } });
    expect((await launched(group))?.restarts.nextAt).toBeUndefined();
    expect(await agent.output(group)).toBe('run 1\nrun 2\n');
    expect(agent.kernel.read(group, 'pids.max')).toBe('20');
    expect(agent.all('restart', group)).toHaveLength(1);
  });

  test('the name of a launch that waits for its restart is refused; a stop cancels the restart', async () => {
    const request = { name: 'wait', argv: sh('exit 1'), restart: { policy: 'always' as const } };
    const { group } = await agent.call('launch', request);
    // The delay before the third is 4 s: time enough for the calls on a busy machine.
    await agent.event('restart', group, ({ count }) => count === 3);
    expect((await launched(group))?.restarts.nextAt).toBeGreaterThan(Date.now() - 1000);
    expect(await agent.refused('launch', request)).toMatchObject({ code: 'conflict' });
    expect(await agent.call('stop', { group })).toMatchObject({ how: 'ended', killed: [], exit: { code: 1 } });
    expect((await launched(group))?.restarts.nextAt).toBeUndefined();
    await agent.call('launch', { ...request, argv: sh('exec sleep 1000'), restart: { policy: 'never' } });
    expect(agent.all('restart', group)).toHaveLength(3);
  });

  test('removing the group cancels the restart', async () => {
    const { group } = await agent.call('launch', { name: 'gone', argv: sh('exit 1'), restart: { policy: 'always' } });
    await agent.event('restart', group);
    await agent.call('removeGroup', { path: group });
    await agent.event('remove', group);
    expect(agent.kernel.where(group)).toEqual([]);
  });

  test('a removal of the group cancels the restart, also during the start', async () => {
    const removed = async (earlierMs: number) => {
      const { group } = await agent.call('launch', { name: `early${earlierMs}`, argv: sh('exit 1'), restart: { policy: 'always' } });
      await agent.event('restart', group);
      const { nextAt = 0 } = (await launched(group))?.restarts ?? {};
      await new Promise((resolve) => setTimeout(resolve, nextAt - Date.now() - earlierMs));
      await agent.call('removeGroup', { path: group, kill: true });
      expect(await agent.refused('stop', { group })).toMatchObject({ code: 'not_found' });
      await agent.call('createGroup', { path: group });
      expect(await launched(group)).toBeUndefined();
      expect(agent.kernel.members(group).flat()).toEqual([]);
    };
    // Some removals come before the restart, some during it.
    await Promise.all([6, 4, 2, 0, -2, -4, -6, -8].map(removed));
  });
});

describe.concurrent('frozen', () => {
  test('a launch below a frozen group is refused with what to thaw, and nothing is left', async () => {
    const cold = await RunningAgent.start('cold');
    try {
      cold.kernel.setFrozen(cold.root, true);
      const problem = await cold.refused('launch', { name: 'cold', argv: ['/bin/true'] });
      expect(problem.detail).toContain(`thaw ${cold.root} first`);
      cold.kernel.setFrozen(cold.root, false);
      expect(cold.kernel.where(`${cold.root}/cold`)).toEqual([]);
    } finally {
      cold.kernel.setFrozen(cold.root, false);
      await cold.clean();
    }
  });

  testOnV1('a kill that fails leaves the group thawed, and names the group in which a process is frozen', async () => {
    const { path, pid } = await agent.inhabited('stuck');
    const ice = await agent.make('ice');
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
});

describe('when the product stops', () => {
  test('a restart that was due while no agent ran happens at the next start', async () => {
    const { group, pid } = await agent.call('launch', {
      name: 'away',
      argv: sh(`${counts} exec sleep 1000`),
      restart: { policy: 'always' },
    });
    await agent.printed(group, 'run 1');
    await agent.end();
    process.kill(pid, 'SIGKILL');
    await agent.recordedEnd(pid);
    await agent.begin();
    expect(await agent.event('exit', group)).toMatchObject({ pid, signal: 'SIGKILL', late: true });
    await agent.event('launch', group, (event) => event.pid !== pid);
    await agent.printed(group, 'run 2');
  });

  test('a launch that waits for its restart keeps its group, limits, output and layer', async () => {
    const { group, pid } = await agent.call('launch', {
      name: 'waits',
      argv: sh(`${counts} [ $n = 1 ] || exec sleep 1000; echo new > /new; exit 1`),
      overlay: {},
      restart: { policy: 'always' },
      limits: { 'pids.max': 20 },
    });
    await agent.event('restart', group);
    await agent.end();
    await agent.begin();
    await agent.event('launch', group, (event) => event.pid !== pid);
    await agent.printed(group, 'run 1\nrun 2\n');
    expect(agent.kernel.read(group, 'pids.max')).toBe('20');
    expect(await agent.call('layer', { group })).toMatchObject({ files: [{ path: '/new' }] });
  });
});
