// Events of cgroup v2 on the real kernel: each is reported once, for the right group, with the kernel's count.
import { mkdirSync, rmdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { usualLevels } from '../contract/pressure.ts';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

describeOnMemory(2, 'events of v2', () => {
  const agent = sharedAgent('events', { pressure: { memory: usualLevels, cpu: usualLevels } });

  const read = (group: string, file: string) => agent.kernel.read(group, file);
  const write = (group: string, file: string, text: string) => agent.kernel.write(group, file, text);
  const counter = (group: string, file: string, name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(read(group, file))?.[1]);

  test('memory.high is reported with the kernel’s count, and not for the groups above', async () => {
    const path = await agent.make('high', { 'memory.high': '8M' });
    agent.process(path, 'head -c 24M /dev/zero | tail -c 24M > /dev/null');
    const first = await agent.event('threshold', path, ({ file }) => file === 'memory.high');
    expect(first.latencyMs).toBeGreaterThan(0);
    await agent.event('empty', path);
    await agent.until(() => {
      const sum = agent
        .all('threshold', path)
        .filter(({ file }) => file === 'memory.high')
        .reduce((all, { count }) => all + count, 0);
      return sum === counter(path, 'memory.events.local', 'high');
    });
    expect(agent.all('threshold', agent.root)).toEqual([]);
  });

  test('memory.max: the limit, out of memory and the victim, each once', async () => {
    const path = await agent.make('max', { 'memory.max': '16M', 'memory.swap.max': 0 });
    agent.process(path, 'exec tail /dev/zero');
    expect(await agent.event('threshold', path, ({ file }) => file === 'memory.max')).toMatchObject({ group: path });
    expect(await agent.event('oom', path)).toMatchObject({ underOom: false });
    expect(await agent.event('oom_kill', path)).toMatchObject({ count: 1, victim: { comm: 'tail' }, limitGroup: path });
    await agent.event('empty', path);
    // A second tick would report a kill that has no victim yet: there is none.
    await agent.until(() => agent.reading(path, 'memory.events.local:oom_kill') === 1);
    await agent.ticks(2);
    expect(agent.all('oom_kill', path)).toHaveLength(1);
    for (const kind of ['oom', 'oom_kill'] as const) expect(agent.all(kind, agent.root)).toEqual([]);
  });

  test('a freeze by another program is reported at once, without a user; ours once, with the user', async () => {
    const path = await agent.make('ice');
    await agent.enter(path);
    write(path, 'cgroup.freeze', '1');
    const frozen = await agent.event('freeze', path);
    expect(frozen.latencyMs).toBeGreaterThan(0);
    expect(frozen.by).toBeUndefined();
    write(path, 'cgroup.freeze', '0');
    await agent.event('thaw', path);
    await agent.call('freeze', { group: path });
    await agent.call('thaw', { group: path });
    await agent.until(() => agent.all('thaw', path).length > 1);
    await agent.ticks(2);
    expect(
      agent.events.flatMap(({ kind, group, ...rest }) =>
        group === path && (kind === 'freeze' || kind === 'thaw') ? [[kind, 'by' in rest ? rest.by : undefined]] : [],
      ),
    ).toEqual([
      ['freeze', undefined],
      ['thaw', undefined],
      ['freeze', 'test'],
      ['thaw', 'test'],
    ]);
  });

  test('pids.max: a refused fork is reported', async () => {
    const path = await agent.make('pids', { 'pids.max': 2 });
    agent.process(path, 'sleep 1000 & sleep 1000 & sleep 1000 & wait');
    expect((await agent.event('threshold', path, ({ file }) => file === 'pids.max')).count).toBeGreaterThan(0);
  });

  test('the end of the last process is reported as empty', async () => {
    const path = await agent.make('empty');
    const pid = await agent.enter(path);
    expect(agent.all('empty', path)).toEqual([]);
    process.kill(pid, 'SIGKILL');
    expect((await agent.event('empty', path)).latencyMs).toBeGreaterThan(0);
  });

  test('pressure has a level and a resource', async () => {
    const path = await agent.make('pressure', { 'memory.high': '8M', 'memory.swap.max': 0, 'cpu.max': '5000 100000' });
    agent.process(path, 'exec tail /dev/zero');
    expect(await agent.event('pressure', path, ({ resource }) => resource === undefined)).toMatchObject({ count: 1 });
    agent.process(path, 'while :; do :; done');
    expect(await agent.event('pressure', path, ({ resource }) => resource === 'cpu')).toMatchObject({ count: 1 });
  });

  test('a new group of the same name is watched, and the removed one causes no event but its removal', async () => {
    const path = `${agent.root}/again`;
    const dir = agent.dirs(path)[0] ?? '';
    for (const round of [1, 2]) {
      mkdirSync(dir);
      await agent.until(() => agent.all('create', path).length === round);
      write(path, 'cgroup.freeze', '1');
      await agent.until(() => agent.all('freeze', path).length === round);
      rmdirSync(dir);
      await agent.until(() => agent.all('remove', path).length === round);
    }
    expect([...new Set(agent.events.filter(({ group }) => group === path).map(({ kind }) => kind))].sort()).toEqual([
      'create',
      'freeze',
      'remove',
    ]);
  });

  test('a controller that is disabled and enabled is watched again', async () => {
    const path = await agent.make('handed');
    await agent.until(() => agent.reading(path, 'pids.current') !== undefined);
    write(agent.root, 'cgroup.subtree_control', '-pids');
    await agent.until(() => agent.reading(path, 'pids.current') === undefined);
    write(agent.root, 'cgroup.subtree_control', '+pids');
    await agent.until(() => agent.reading(path, 'pids.current') !== undefined);
    write(path, 'pids.max', '2');
    agent.process(path, 'sleep 1000 & sleep 1000 & sleep 1000 & wait');
    await agent.event('threshold', path, ({ file }) => file === 'pids.max');
  });
});
