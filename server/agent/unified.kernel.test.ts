// The agent under the rules of cgroup v2: processes only in leaves, threaded groups, controllers enabled and disabled, writes by others, reclaim, disks.
import { existsSync, mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { victimsOf } from '../contract/event-facts.ts';
import { diskHere } from './fixtures/disk.ts';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { WITH_FILES } from './fixtures/page-cache.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const MIB = 2 ** 20;

describeOnMemory(2, 'v2', () => {
  const agent = sharedAgent('tree');

  const dirOf = (group: string) => agent.dirs(group)[0] ?? '';
  const members = (group: string) => agent.kernel.members(group)[0] ?? [];

  test('controllers are enabled on the path to a new group, and the answer lists where', async () => {
    const path = await agent.make('deep');
    const below = await agent.call('createGroup', { path: `${path}/below` });
    expect(below.also).toMatchObject([{ group: path, file: 'cgroup.subtree_control', old: '' }]);
    expect(below.controllers).toEqual(expect.arrayContaining(['unified', 'memory', 'pids', 'cpu', 'io', 'cpuset']));
    expect(await agent.event('write', path, ({ file }) => file === 'cgroup.subtree_control')).toMatchObject({ by: 'test' });
    expect((await agent.call('createGroup', { path: `${path}/beside` })).also).toBeUndefined();
  });

  test('a group with processes gets a leaf for them, if asked, and then groups with controllers below', async () => {
    const { path, pid } = await agent.inhabited('inner');
    expect(await agent.refused('createGroup', { path: `${path}/below` })).toMatchObject({ code: 'busy', errno: 'EBUSY' });
    expect(existsSync(dirOf(`${path}/below`))).toBe(false);
    await agent.call('createGroup', { path: `${path}/below`, leaf: 'main', limits: { 'memory.max': '64M' } });
    expect(members(`${path}/main`)).toContain(pid);
    expect(members(path)).toEqual([]);
    expect(agent.kernel.read(`${path}/below`, 'memory.max')).toBe(String(64 * MIB));
    // A group that enables controllers for others accepts no processes.
    const problem = await agent.refused('attach', { pid, group: path });
    expect(problem).toMatchObject({ code: 'busy', errno: 'EBUSY', file: `${path}/cgroup.procs` });
    expect(problem.detail).toContain('groups below');
    expect(await agent.call('attach', { pid, group: `${path}/below` })).toMatchObject({ from: `${path}/main` });
  });

  test('a threaded group accepts no process and is killed with the group above, and the refusals give the reason', async () => {
    const { path, pid } = await agent.inhabited('threads');
    mkdirSync(dirOf(`${path}/t`));
    agent.kernel.write(`${path}/t`, 'cgroup.type', 'threaded');
    await agent.event('create', `${path}/t`);
    expect((await agent.call('readFile', { path, file: 'cgroup.type' })).value).toBe('domain threaded');
    agent.kernel.write(`${path}/t`, 'cgroup.threads', String(pid));
    expect((await agent.call('processes', { group: `${path}/t` })).processes.map((one) => one.pid)).toEqual([pid]);
    mkdirSync(dirOf(`${path}/t/invalid`));
    await agent.event('create', `${path}/t/invalid`);
    const problem = await agent.refused('attach', { pid, group: `${path}/t/invalid` });
    expect(problem).toMatchObject({ code: 'unsupported', errno: 'EOPNOTSUPP' });
    expect(problem.detail).toContain('cgroup.type');
    expect((await agent.call('kill', { group: path })).killed).toContain(pid);
    expect(agent.kernel.read(path, 'cgroup.events')).toMatch(/^populated 0$/m);
  });

  test('controllers that others enable or disable appear in the list, with their readings', async () => {
    const path = await agent.make('by-hand');
    await agent.until(() => agent.reading(path, 'memory.max') === 'max');
    agent.kernel.write(agent.root, 'cgroup.subtree_control', '-memory');
    await agent.until(() => agent.reading(path, 'memory.max') === undefined && agent.reading(path, 'memory.current') === undefined);
    await agent.until(() => agent.mirror.byPath(path)?.entry.controllers.includes('memory') === false);
    const problem = await agent.refused('writeFile', { path, file: 'memory.max', value: '64M' });
    expect(problem.detail).toContain('cgroup.subtree_control');
    agent.kernel.write(agent.root, 'cgroup.subtree_control', '+memory');
    await agent.until(() => agent.reading(path, 'memory.max') === 'max');
    await agent.until(() => agent.mirror.byPath(path)?.entry.controllers.includes('memory'));
  });

  test('writes, freezes and thaws by another program are reported without a user', async () => {
    const { path } = await agent.inhabited('other');
    await agent.until(() => agent.reading(path, 'cpu.weight') === 100 && agent.reading(path, 'cgroup.events:frozen') === 0);
    agent.kernel.write(path, 'cpu.weight', '50');
    const event = await agent.event('write', path, ({ file }) => file === 'cpu.weight');
    expect(event).toMatchObject({ old: '100', new: '50' });
    expect(event.by).toBeUndefined();
    agent.kernel.write(path, 'cgroup.freeze', '1');
    expect((await agent.event('freeze', path)).by).toBeUndefined();
    expect((await agent.call('group', { path })).state).toBe('frozen');
    agent.kernel.write(path, 'cgroup.freeze', '0');
    expect((await agent.event('thaw', path)).by).toBeUndefined();
    expect(
      agent.events.some(
        ({ kind, group, ...more }) => kind === 'write' && group === path && 'file' in more && more.file === 'cgroup.freeze',
      ),
    ).toBe(false);
  });

  test('a freeze, a thaw and writes of several files by cgdeck are reported once', async () => {
    const { path } = await agent.inhabited('own');
    await agent.until(() => agent.reading(path, 'cpu.max:quota') === 'max');
    await agent.call('freeze', { group: path });
    await agent.until(() => agent.reading(path, 'cgroup.events:frozen') === 1);
    await agent.call('thaw', { group: path });
    expect(await agent.call('writeFile', { path, file: 'cpu.max', value: '50000 200000' })).toMatchObject({ new: '50000 200000' });
    await agent.until(() => agent.reading(path, 'cgroup.events:frozen') === 0 && agent.reading(path, 'cpu.max:period') === 200_000);
    const seq = agent.mirror.head?.seq ?? 0;
    await agent.until(() => (agent.mirror.head?.seq ?? 0) > seq + 2);
    const reported = agent.events
      .filter(({ group, kind }) => group === path && kind !== 'create')
      .map((event) => (event.kind === 'write' ? `${event.file} ${event.new} ${event.by}` : event.kind));
    expect(reported).toEqual(['freeze', 'thaw', 'cpu.max 50000 200000 test']);
  });

  test('a limit on a disk is set and removed, with its reading', async () => {
    const path = `${agent.root}/disk`;
    const disk = diskHere().id;
    await agent.call('createGroup', { path, limits: { 'io.max': `${disk} wbps=2M` } });
    await agent.until(() => agent.reading(path, `io.max:${disk} wbps`) === 2 * MIB);
    await agent.call('writeFile', { path, file: 'io.max', value: `${disk} wbps=max` });
    await agent.until(() => agent.reading(path, `io.max:${disk} wbps`) === undefined);
    expect(await agent.refused('writeFile', { path, file: 'io.max', value: '999:0 rbps=1' })).toMatchObject({ errno: 'ENODEV' });
    expect(await agent.refused('writeFile', { path, file: 'io.max', value: `${disk} rbps=0` })).toMatchObject({ errno: 'ERANGE' });
  });

  test('memory is reclaimed as far as possible, and the answer has how much', async () => {
    const path = `${agent.root}/reclaim`;
    await agent.call('createGroup', { path, limits: { 'memory.swap.max': 0 } });
    agent.process(path, `${WITH_FILES} read_files; sleep 1000`);
    await agent.until(() => Number(agent.reading(path, 'memory.current') ?? 0) > 8 * MIB);
    const some = await agent.call('reclaim', { group: path, bytes: '1M' });
    expect(some).toMatchObject({ group: path, askedBytes: MIB, complete: true });
    const all = await agent.call('reclaim', { group: path, bytes: '4G' });
    expect(all).toMatchObject({ askedBytes: 4096 * MIB, complete: false });
    expect(await agent.refused('writeFile', { path, file: 'memory.reclaim', value: '1M' })).toMatchObject({ code: 'unsupported' });
  });

  test('a hard limit below a usage that is clean page cache is taken without a question, and no process is killed', async () => {
    const path = await agent.make('cache', { 'memory.swap.max': 0 });
    const pid = await agent.enter(path);
    const reader = agent.process(path, `${WITH_FILES} exec cat /proc/self/fd/3 /usr/bin/* /usr/lib/*/*.so* > /dev/null 2>&1`);
    await agent.until(() => Number(agent.kernel.read(path, 'memory.current')) > 24 * MIB);
    process.kill(reader, 'SIGKILL');
    await agent.until(() => members(path).length === 1);
    expect(await agent.call('writeFile', { path, file: 'memory.max', value: '16M' })).toMatchObject({ new: String(16 * MIB) });
    expect(Number(agent.kernel.read(path, 'memory.current'))).toBeLessThanOrEqual(16 * MIB);
    expect(agent.kernel.read(path, 'memory.events.local')).toMatch(/^oom_kill 0$/m);
    expect(members(path)).toEqual([pid]);
  });

  test('the machine’s abilities are reported at start', async () => {
    const host = await agent.call('host', {}, 'viewer');
    expect(host.mode).toBe('v2');
    expect(host.missing.filter((sentence) => /unified hierarchy|cgroup namespace|read-only|delegated/.test(sentence))).toEqual([]);
  });

  test('a program starts in its group; one that refuses new tasks counts that, and the program is moved in instead', async () => {
    const { group, pid } = await agent.call('launch', {
      name: 'born',
      argv: ['/bin/sleep', '1000'],
      init: false,
      limits: { 'pids.max': 0 },
    });
    expect(members(group)).toEqual([pid]);
    // pids.max refuses only a fork in the group, never a move into it.
    expect(agent.kernel.read(group, 'pids.events')).toBe('max 1');
  });

  test('in a group that is killed as a whole each of the dead is named once, also where no agent ran meanwhile', async () => {
    const killedIn = (path: string) => agent.all('oom_kill', path);
    const named = (path: string) => killedIn(path).flatMap((event) => victimsOf(event).map(({ pid }) => pid));
    /** Three that sleep, and one that takes all memory. */
    const kill = async (path: string, sleepers: readonly number[]) => {
      const doomed = [...sleepers, agent.process(path, 'exec tail /dev/zero')];
      await agent.until(() => /^oom_kill [1-9]/m.test(agent.kernel.read(path, 'memory.events.local')) && members(path).length === 0);
      return doomed.sort((a, b) => a - b);
    };
    const check = async (path: string, doomed: readonly number[]) => {
      await agent.until(() => named(path).length >= doomed.length);
      await agent.ticks(10);
      expect(named(path).sort((a, b) => a - b)).toEqual(doomed);
      expect(killedIn(path).reduce((sum, { count }) => sum + count, 0)).toBe(doomed.length);
      // The kernel counts the one that it chose twice, if it has not ended by then.
      const counted = Number(/^oom_kill (\d+)$/m.exec(agent.kernel.read(path, 'memory.events.local'))?.[1]);
      expect([doomed.length, doomed.length + 1]).toContain(counted);
    };
    const limits = { 'memory.max': '32M', 'memory.swap.max': 0, 'memory.oom.group': 1 };
    const groups = [await agent.make('whole', limits), await agent.make('whole-later', limits)] as const;
    const sleepers = await Promise.all(groups.map((path) => Promise.all([1, 2, 3].map(() => agent.enter(path)))));
    await check(groups[0], await kill(groups[0], sleepers[0] ?? []));
    await agent.end();
    const doomed = await kill(groups[1], sleepers[1] ?? []);
    await agent.begin();
    await check(groups[1], doomed);
    expect(killedIn(groups[1]).every(({ late }) => late)).toBe(true);
  });

  test('the resources a launch has used are reported at its end', async () => {
    const { group } = await agent.call('launch', {
      name: 'used',
      argv: ['/bin/sh', '-c', 'head -c 24M /dev/zero | tail -c 24M > /dev/null'],
    });
    const exit = await agent.event('exit', group);
    expect(exit.code).toBe(0);
    expect(exit.peakBytes).toBeGreaterThan(16 * MIB);
    expect(exit.cpuMs).toBeGreaterThan(0);
  });
});
