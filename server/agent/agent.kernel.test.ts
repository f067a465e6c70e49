// The agent on the real kernel, through its link: groups, freeze, kill, events, restart, history.
import { mkdirSync, rmdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { controllersIn } from './fixtures/kernel-view.ts';
import { WITH_FILES } from './fixtures/page-cache.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 1024 * 1024;

let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('agent');
});

afterEach(async () => {
  const { root } = agent;
  await agent.clean();
  expect(agent.kernel.where(root), `${root} is left`).toEqual([]);
});

describe('groups', () => {
  test('a group is made in every hierarchy, with its limits, and removed', async () => {
    const path = `${agent.root}/a`;
    const view = await agent.call('createGroup', {
      path,
      limits: { [agent.kernel.file('memory-hard-limit')]: '64M', 'pids.max': 7, 'cpuset.cpus': '0' },
    });
    expect(agent.kernel.where(path)).toEqual(agent.kernel.everywhere);
    expect(view.readings[agent.kernel.key('memory-hard-limit')]).toBe(64 * MIB);
    expect(view.readings['cpuset.cpus']).toBe('0');
    expect(agent.kernel.measure(path, 'memory-hard-limit')).toBe(String(64 * MIB));
    expect(agent.kernel.read(path, 'pids.max')).toBe('7');
    expect((await agent.event('create', path)).by).toBe('test');
    expect((await agent.call('removeGroup', { path })).killed).toEqual([]);
    expect((await agent.event('remove', path)).by).toBe('test');
  });

  test('names with blanks and unicode work; dots, slashes, newlines and 300 characters do not', async () => {
    for (const name of ['with blank', 'größe-群', 'a:b', '%2e']) {
      const path = `${agent.root}/${name}`;
      await agent.call('createGroup', { path });
      await agent.until(() => agent.mirror.byPath(path));
      expect((await agent.call('group', { path })).path).toBe(path);
    }
    for (const name of ['..', '.', 'a\nb', 'a/../b', 'x'.repeat(300), '', 'a//b', 'a\0b', 'a\u007f']) {
      expect((await agent.refused('createGroup', { path: `${agent.root}/${name}` })).code, JSON.stringify(name)).toBe('invalid');
    }
  });

  test('a group named like a control file is refused, and nothing is left in any hierarchy', async () => {
    const path = `${agent.root}/${agent.kernel.file('memory-hard-limit')}`;
    expect(await agent.refused('createGroup', { path })).toMatchObject({ code: 'conflict', errno: 'EEXIST' });
    // The hierarchy that has the control file answers EEXIST.
    expect(agent.kernel.where(path)).toHaveLength(1);
  });

  test('a refused limit removes the new group again', async () => {
    const path = `${agent.root}/half`;
    expect(await agent.refused('createGroup', { path, limits: { 'cpuset.cpus': '4095' } })).toMatchObject({
      errno: 'ERANGE',
      code: 'kernel_refused',
    });
    expect((await agent.refused('createGroup', { path, limits: { 'memory.nope': '1' } })).code).toBe('invalid');
    expect(agent.kernel.where(path)).toEqual([]);
  });

  test('groups that other programs make and remove are reported by inotify, one event for all hierarchies', async () => {
    const path = `${agent.root}/by-hand`;
    const [first, second] = agent.layout.hierarchies;
    if (!first) throw new Error('there are no control groups');
    mkdirSync(agent.layout.dir(first, path));
    mkdirSync(agent.layout.dir(first, `${path}/below`));
    if (second) mkdirSync(agent.layout.dir(second, path));
    const created = await agent.event('create', path);
    expect(created.by).toBeUndefined();
    await agent.event('create', `${path}/below`);
    const seen = [first, second].flatMap((hierarchy) => (hierarchy ? controllersIn(hierarchy) : []));
    await agent.until(() => {
      const { controllers = [] } = agent.mirror.byPath(path)?.entry ?? {};
      return seen.every((controller) => controllers.includes(controller));
    });
    if (second) rmdirSync(agent.layout.dir(second, path));
    rmdirSync(agent.layout.dir(first, `${path}/below`));
    rmdirSync(agent.layout.dir(first, path));
    await agent.event('remove', path);
    expect(agent.events.filter((event) => event.group === path && event.kind === 'create')).toHaveLength(1);
    await agent.until(() => agent.mirror.byPath(path) === undefined);
  });

  test('a group made anew is another group', async () => {
    const path = `${agent.root}/again`;
    await agent.call('createGroup', { path });
    const first = await agent.until(() => agent.mirror.byPath(path)?.entry);
    await agent.call('removeGroup', { path });
    await agent.call('createGroup', { path });
    const second = await agent.until(() => {
      const entry = agent.mirror.byPath(path)?.entry;
      return entry && entry.gid !== first.gid ? entry : undefined;
    });
    expect(second.inode).not.toBe(first.inode);
  });
});

describe('freeze, thaw, kill', () => {
  test('freezing stops the group, thawing lets it continue', async () => {
    const path = `${agent.root}/ice`;
    await agent.call('createGroup', { path });
    agent.process(path, 'while :; do :; done');
    await agent.until(() => Number(agent.measured(path, 'cpu-usage') ?? 0) > 0);
    expect(await agent.call('freeze', { group: path })).toMatchObject({ state: 'frozen' });
    expect(agent.kernel.isFrozen(path)).toBe(true);
    const used = agent.kernel.measure(path, 'cpu-usage');
    const { seq } = await agent.until(() => agent.mirror.head);
    await agent.until(() => (agent.mirror.head?.seq ?? 0) > seq + 3);
    expect(agent.kernel.measure(path, 'cpu-usage')).toBe(used);
    expect(await agent.call('thaw', { group: path })).toMatchObject({ state: 'thawed' });
    await agent.until(() => Number(agent.measured(path, 'cpu-usage')) > Number(used));
    expect(agent.events.filter(({ kind, group }) => group === path && (kind === 'freeze' || kind === 'thaw'))).toHaveLength(2);
  });

  test('a kill ends all processes, frozen or forking', async () => {
    const path = `${agent.root}/kill`;
    await agent.call('createGroup', { path, limits: { 'pids.max': 50 } });
    agent.process(path, 'while :; do sleep 100 & sleep 0.01; done');
    // One of them may be the short sleep, which ends by itself.
    await agent.until(() => Number(agent.reading(path, 'cgroup.procs') ?? 0) > 6);
    await agent.call('freeze', { group: path });
    const { killed } = await agent.call('kill', { group: path });
    expect(killed.length).toBeGreaterThan(5);
    expect(agent.kernel.members(path).flat()).toEqual([]);
    expect((await agent.call('removeGroup', { path })).group).toBe(path);
  });

  test('a group with processes is not removed unless they are killed first', async () => {
    const path = `${agent.root}/full`;
    await agent.call('createGroup', { path });
    agent.process(path, 'sleep 100');
    await agent.until(() => Number(agent.reading(path, 'cgroup.procs') ?? 0) > 0);
    expect(await agent.refused('removeGroup', { path })).toMatchObject({ code: 'busy', errno: 'EBUSY' });
    expect((await agent.call('removeGroup', { path, kill: true })).killed.length).toBeGreaterThan(0);
  });

  test('a process moves between managed groups, in every hierarchy', async () => {
    const from = `${agent.root}/from`;
    const to = `${agent.root}/to`;
    await agent.call('createGroup', { path: from });
    await agent.call('createGroup', { path: to });
    const pid = agent.process(from, 'sleep 100; true');
    await agent.until(() => agent.kernel.members(from).every((pids) => pids.includes(pid)));
    expect(await agent.call('attach', { pid, group: to })).toEqual({ pid, group: to, from });
    for (const pids of agent.kernel.members(to)) expect(pids).toContain(pid);
    const { processes } = await agent.call('processes', { group: to });
    expect(processes.map((one) => one.pid)).toContain(pid);
    expect(await agent.refused('attach', { pid: 4_194_303, group: to })).toMatchObject({ code: 'not_found' });
  });
});

describe('events', () => {
  test('pressure, OOM and the kill with its victim’s name, each with its latency', async () => {
    const path = `${agent.root}/oom`;
    await agent.call('createGroup', { path, limits: agent.walled('20M') });
    agent.process(path, 'exec tail /dev/zero');
    const kill = await agent.event('oom_kill', path);
    expect(kill.victim?.comm).toBe('tail');
    expect(kill.victim?.rssBytes).toBeGreaterThan(10 * MIB);
    expect(kill.limitGroup).toBe(path);
    expect(kill.latencyMs).toBeGreaterThanOrEqual(0);
    expect((await agent.event('oom', path)).underOom).toBe(false);
    // Before the OOM, v1 signals pressure, and v2 counts that the limit was reached.
    const warning = agent.layout.ofController('memory')
      ? agent.event('pressure', path, ({ level }) => level === 'critical')
      : agent.event('threshold', path, ({ file }) => file === 'memory.max');
    expect((await warning).latencyMs).toBeGreaterThanOrEqual(0);
    await agent.until(() => agent.measured(path, 'oom-kills') === 1);
    const { seq } = await agent.until(() => agent.mirror.head);
    await agent.until(() => (agent.mirror.head?.seq ?? 0) > seq + 3);
    expect(agent.events.filter(({ kind, group }) => kind === 'oom_kill' && group === path)).toHaveLength(1);
  });

  /** At least two of one of the three levels; a machine may take seconds for each. */
  const ENOUGH = process.env.CGDECK_TEST_SLOWNESS === undefined ? 4 : 3;

  test('pressure is merged to at most one event for each level and second', async () => {
    const path = `${agent.root}/press`;
    await agent.call('createGroup', { path, limits: agent.walled('16M') });
    agent.process(path, `${WITH_FILES} while :; do read_files; done`);
    await agent.event('pressure', path);
    await agent.until(() => agent.events.filter(({ kind, group }) => kind === 'pressure' && group === path).length > ENOUGH);
    const byLevel = new Map<string, number[]>();
    for (const event of agent.events) {
      if (event.kind === 'pressure' && event.group === path) byLevel.set(event.level, [...(byLevel.get(event.level) ?? []), event.time]);
    }
    for (const times of byLevel.values()) {
      for (let i = 1; i < times.length; i++) expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(990);
    }
  });

  test('the kernel’s signals when a group is removed are reported as neither OOM nor pressure', async () => {
    const path = `${agent.root}/quiet`;
    await agent.call('createGroup', { path });
    await agent.call('removeGroup', { path });
    await agent.event('remove', path);
    const marker = `${agent.root}/after`;
    await agent.call('createGroup', { path: marker });
    await agent.event('create', marker);
    expect(agent.events.filter(({ group, kind }) => group === path && (kind === 'oom' || kind === 'pressure'))).toEqual([]);
  });
});

describe('a restart', () => {
  test('finds launched processes again, and reports what happened meanwhile', async () => {
    const kept = await agent.call('launch', { name: 'kept', argv: ['/bin/sleep', '1000'] });
    const ended = await agent.call('launch', { name: 'ended', argv: ['/bin/sleep', '1000'] });
    const path = `${agent.root}/victim`;
    await agent.call('createGroup', { path, limits: agent.walled('20M') });
    agent.process(path, 'exec sleep 1000');
    await agent.until(() => Number(agent.reading(path, 'cgroup.procs') ?? 0) > 0);
    await agent.end();
    const before = agent.events.at(-1)?.id ?? 0;
    // While no agent runs: an exit, an OOM kill, a new group.
    process.kill(ended.pid, 'SIGKILL');
    agent.process(path, 'exec tail /dev/zero');
    mkdirSync(agent.dirs(`${agent.root}/made`)[0] ?? '');
    while (agent.kernel.measure(path, 'oom-kills') !== '1') await new Promise(setImmediate);
    await agent.begin();
    expect(await agent.event('exit', ended.group)).toMatchObject({ pid: ended.pid, signal: 'SIGKILL', late: true });
    expect(await agent.event('oom_kill', path)).toMatchObject({ late: true, victim: { comm: 'tail' } });
    expect(await agent.event('create', `${agent.root}/made`)).toMatchObject({ late: true });
    for (const event of agent.events.slice(1)) expect(event.id).toBeGreaterThan(agent.events[agent.events.indexOf(event) - 1]?.id ?? 0);
    expect(agent.events.some(({ id }) => id > before)).toBe(true);
    const view = await agent.call('group', { path: kept.group });
    expect(view.launched).toMatchObject({ pid: kept.pid });
    expect(view.launched?.exit).toBeUndefined();
    process.kill(kept.pid, 'SIGKILL');
    expect(await agent.event('exit', kept.group)).toMatchObject({ pid: kept.pid });
  });
});

describe('history', () => {
  test('has the readings of the ticks', async () => {
    const path = `${agent.root}/h`;
    const limit = agent.kernel.file('memory-hard-limit');
    await agent.call('createGroup', { path, limits: { [limit]: '64M' } });
    // A tick may have read the group before it had its limit.
    await agent.until(() => agent.reading(path, limit) === 64 * MIB);
    await agent.call('writeFile', { path, file: limit, value: '32M' });
    await agent.until(() => agent.reading(path, limit) === 32 * MIB);
    const { series } = await agent.call('history', { group: path, reading: [limit] });
    expect(series[0]?.points.slice(-2).map(([, value]) => value)).toEqual([64 * MIB, 32 * MIB]);
  });
});
