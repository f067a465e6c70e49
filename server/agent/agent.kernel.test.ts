// The agent on the real kernel, through its link: what the page and the API rest on.
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 1024 * 1024;
const CONTROLLERS = ['memory', 'pids', 'cpu', 'cpuacct', 'cpuset', 'freezer', 'blkio', 'devices', 'unified'];

let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('agent');
});

afterEach(async () => {
  const { root } = agent;
  await agent.clean();
  for (const controller of CONTROLLERS)
    expect(existsSync(`/sys/fs/cgroup/${controller}${root}`), `${controller}${root} is left`).toBe(false);
});

describe('groups', () => {
  test('a group is made in every hierarchy, with its limits, and removed', async () => {
    const path = `${agent.root}/a`;
    const view = await agent.call('createGroup', {
      path,
      limits: { 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': '64M', 'pids.max': 7, 'cpu.shares': 1 },
    });
    for (const controller of CONTROLLERS) expect(existsSync(`/sys/fs/cgroup/${controller}${path}`)).toBe(true);
    expect(view.readings['memory.limit_in_bytes']).toBe(64 * MIB);
    expect(view.readings['cpu.shares']).toBe(2);
    expect(agent.kernel('pids', path, 'pids.max')).toBe('7');
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

  test('a group that is named like a control file is refused, and nothing is left in any hierarchy', async () => {
    const path = `${agent.root}/memory.limit_in_bytes`;
    expect(await agent.refused('createGroup', { path })).toMatchObject({ code: 'conflict', errno: 'EEXIST' });
    for (const controller of CONTROLLERS.filter((name) => name !== 'memory'))
      expect(existsSync(`/sys/fs/cgroup/${controller}${path}`)).toBe(false);
  });

  test('a limit that is refused takes the new group back', async () => {
    const path = `${agent.root}/half`;
    expect(await agent.refused('createGroup', { path, limits: { 'cpuset.cpus': '4095' } })).toMatchObject({
      errno: 'ERANGE',
      code: 'kernel_refused',
    });
    expect((await agent.refused('createGroup', { path, limits: { 'memory.nope': '1' } })).code).toBe('invalid');
    expect(
      (await agent.refused('createGroup', { path, limits: { 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': '32M' } })).code,
    ).toBe('invalid');
    for (const controller of CONTROLLERS) expect(existsSync(`/sys/fs/cgroup/${controller}${path}`)).toBe(false);
  });

  test('what others make and remove is seen through inotify, one event over all hierarchies, subgroups too', async () => {
    const path = `${agent.root}/by-hand`;
    mkdirSync(`/sys/fs/cgroup/memory${path}`);
    mkdirSync(`/sys/fs/cgroup/memory${path}/below`);
    mkdirSync(`/sys/fs/cgroup/pids${path}`);
    const created = await agent.event('create', path);
    expect(created.by).toBeUndefined();
    await agent.event('create', `${path}/below`);
    await agent.until(() => agent.mirror.byPath(path)?.entry.controllers.join() === 'memory,pids');
    rmdirSync(`/sys/fs/cgroup/pids${path}`);
    rmdirSync(`/sys/fs/cgroup/memory${path}/below`);
    rmdirSync(`/sys/fs/cgroup/memory${path}`);
    await agent.event('remove', path);
    expect(agent.events.filter((event) => event.group === path && event.kind === 'create')).toHaveLength(1);
    await agent.until(() => agent.mirror.byPath(path) === undefined);
  });

  test('a recreated group is another one', async () => {
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

describe('writes', () => {
  test('the answer says what the kernel made of it, and the tick agrees', async () => {
    const path = `${agent.root}/w`;
    await agent.call('createGroup', { path });
    const answer = await agent.call('writeFile', { path, file: 'memory.limit_in_bytes', value: 100_000_001 });
    expect(answer).toMatchObject({ group: path, asked: '100000001', new: '99999744' });
    await agent.until(() => agent.reading(path, 'memory.limit_in_bytes') === 99_999_744);
    const event = await agent.event('write', path);
    expect(event).toMatchObject({ file: 'memory.limit_in_bytes', new: '99999744', by: 'test' });
    // The tick that saw the new value told nothing more.
    expect(agent.events.filter(({ kind, group }) => kind === 'write' && group === path)).toHaveLength(1);
    expect((await agent.call('readFile', { path, file: 'memory.limit_in_bytes' })).value).toBe(99_999_744);
    expect((await agent.call('writeFile', { path, file: 'memory.limit_in_bytes', value: 'max' })).new).toBe('9223372036854771712');
    await agent.until(() => agent.reading(path, 'memory.limit_in_bytes') === 'max');
  });

  test('a write by another program is told as nobody’s', async () => {
    const path = `${agent.root}/other`;
    await agent.call('createGroup', { path });
    await agent.until(() => agent.reading(path, 'cpu.shares') === 1024);
    agent.write('cpu', path, 'cpu.shares', '512');
    const event = await agent.event('write', path, ({ file }) => file === 'cpu.shares');
    expect(event).toMatchObject({ old: '1024', new: '512' });
    expect(event.by).toBeUndefined();
  });

  test('memory and swap move along in the order the kernel wants', async () => {
    const path = `${agent.root}/memsw`;
    await agent.call('createGroup', { path, limits: { 'memory.limit_in_bytes': '32M', 'memory.memsw.limit_in_bytes': '32M' } });
    const raised = await agent.call('writeFile', { path, file: 'memory.limit_in_bytes', value: '64M' });
    expect(raised.new).toBe(String(64 * MIB));
    expect(raised.also).toEqual([
      { file: 'memory.memsw.limit_in_bytes', old: String(32 * MIB), asked: String(64 * MIB), new: String(64 * MIB) },
    ]);
    const lowered = await agent.call('writeFile', { path, file: 'memory.memsw.limit_in_bytes', value: '16M' });
    expect(lowered.also?.[0]).toMatchObject({ file: 'memory.limit_in_bytes', new: String(16 * MIB) });
    expect(agent.kernel('memory', path, 'memory.limit_in_bytes')).toBe(String(16 * MIB));
  });

  test('a limit under what cannot be reclaimed is refused as busy, and stays', async () => {
    const path = `${agent.root}/busy`;
    await agent.call('createGroup', { path, limits: { 'memory.limit_in_bytes': '64M' } });
    agent.process(path, 'exec head -c 30000000 /dev/zero | tail');
    const launched = agent.process(
      path,
      `exec ${process.execPath} -e "globalThis.kept = Buffer.alloc(24 << 20, 1); setInterval(() => {}, 1000)"`,
    );
    await agent.until(() => Number(agent.reading(path, 'memory.usage_in_bytes') ?? 0) > 30 * MIB && launched);
    const problem = await agent.refused('writeFile', { path, file: 'memory.limit_in_bytes', value: '4M' });
    expect(problem).toMatchObject({ code: 'busy', errno: 'EBUSY', file: `${path}/memory.limit_in_bytes` });
    expect(problem.detail).toContain('4194304');
    expect(agent.kernel('memory', path, 'memory.limit_in_bytes')).toBe(String(64 * MIB));
  });

  test.each([
    ['memory.limit_in_bytes', '-5'],
    ['memory.limit_in_bytes', '1e99'],
    ['memory.limit_in_bytes', '64 M'],
    ['memory.limit_in_bytes', ''],
    ['memory.limit_in_bytes', 1.5],
    ['pids.max', '-2'],
    ['cpu.shares', 'many'],
    ['cpu.shares', 'max'],
    ['cpuset.cpus', 'zero'],
    ['memory.limit_in_bytes', '99999999999999999999'],
  ])('%s does not take %j', async (file, value) => {
    const path = `${agent.root}/v`;
    await agent.call('createGroup', { path });
    const problem = await agent.refused('writeFile', { path, file, value });
    expect(problem.code).toBe('invalid');
    expect(problem.detail).toContain(file);
  });

  test.each([
    ['memory.swappiness', 300, 'EINVAL'],
    ['cpu.cfs_quota_us', 500, 'EINVAL'],
    ['memory.move_charge_at_immigrate', 1, 'EINVAL'],
    ['memory.use_hierarchy', 0, 'EINVAL'],
    ['cpuset.cpus', '4000', 'ERANGE'],
  ])('%s = %j is refused by the kernel with %s, and the sentence says so', async (file, value, errno) => {
    const path = `${agent.root}/k`;
    await agent.call('createGroup', { path });
    const problem = await agent.refused('writeFile', { path, file, value });
    expect(problem).toMatchObject({ code: 'kernel_refused', errno, asked: String(value) });
  });

  test('files that are unknown, read-only, written otherwise, or not there', async () => {
    const path = `${agent.root}/f`;
    await agent.call('createGroup', { path });
    expect((await agent.refused('writeFile', { path, file: 'memory.nope', value: 1 })).code).toBe('not_found');
    expect((await agent.refused('readFile', { path, file: 'etc.passwd' })).code).toBe('not_found');
    expect((await agent.refused('writeFile', { path, file: 'memory.usage_in_bytes', value: 1 })).code).toBe('unsupported');
    expect((await agent.refused('writeFile', { path, file: 'release_agent', value: '/bin/sh' })).code).toBe('unsupported');
    expect((await agent.refused('writeFile', { path: `${agent.root}/gone`, file: 'cpu.shares', value: 2 })).code).toBe('not_found');
  });

  test('the root, another’s group and our own are protected', async () => {
    const own = readFileSync('/proc/self/cgroup', 'utf8').match(/:memory:(.*)/)?.[1] ?? '/';
    for (const path of ['/', own]) {
      const problem = await agent.refused('writeFile', { path, file: 'memory.limit_in_bytes', value: '1G' });
      expect(['protected', 'self_protected']).toContain(problem.code);
      expect((await agent.refused('freeze', { group: path })).code).toBe('protected');
      expect((await agent.refused('kill', { group: path })).code).toBe('protected');
      expect((await agent.refused('removeGroup', { path, kill: true })).code).toBe('protected');
    }
    expect((await agent.refused('kill', { pid: 1, signal: 'SIGTERM' })).code).toBe('self_protected');
    expect((await agent.refused('kill', { pid: process.pid })).code).toBe('self_protected');
    expect((await agent.refused('attach', { pid: 1, group: agent.root })).code).toBe('self_protected');
    expect((await agent.refused('createGroup', { path: '/elsewhere' })).code).toBe('protected');
  });

  test('a managed group that holds a process of ours is not frozen, killed, limited or emptied', async () => {
    const path = `${agent.root}/own`;
    await agent.call('createGroup', { path });
    await agent.call('createGroup', { path: `${path}/below` });
    const pid = agent.process(`${path}/below`, 'sleep 100');
    await agent.until(() => agent.kernel('memory', `${path}/below`, 'cgroup.procs') !== '');
    agent.own(pid);
    for (const group of [path, `${path}/below`]) {
      expect((await agent.refused('freeze', { group })).code).toBe('self_protected');
      expect((await agent.refused('kill', { group })).code).toBe('self_protected');
      expect((await agent.refused('writeFile', { path: group, file: 'memory.limit_in_bytes', value: '64M' })).code).toBe('self_protected');
      expect((await agent.refused('removeGroup', { path: group, kill: true })).code).toBe('self_protected');
    }
    expect((await agent.refused('kill', { pid })).code).toBe('self_protected');
    expect((await agent.refused('attach', { pid, group: agent.root })).code).toBe('self_protected');
    expect((await agent.call('group', { path })).self).toBe(true);
    expect(agent.kernel('freezer', path, 'freezer.state')).toBe('THAWED');
    // Another process is the web process now, so that the test can clean up.
    agent.own(process.pid);
  });

  test('a viewer reads and does not act', async () => {
    const path = `${agent.root}/r`;
    expect((await agent.refused('createGroup', { path }, 'viewer')).code).toBe('forbidden');
    expect((await agent.call('host', {}, 'viewer')).mode).toBe('hybrid');
  });
});

describe('freeze, thaw, kill', () => {
  test('freezing stops the group, as the kernel says; thawing lets it go on', async () => {
    const path = `${agent.root}/ice`;
    await agent.call('createGroup', { path });
    agent.process(path, 'while :; do :; done');
    await agent.until(() => Number(agent.reading(path, 'cpuacct.usage') ?? 0) > 0);
    expect(await agent.call('freeze', { group: path })).toMatchObject({ state: 'frozen' });
    expect(agent.kernel('freezer', path, 'freezer.state')).toBe('FROZEN');
    const used = agent.kernel('cpuacct', path, 'cpuacct.usage');
    const { seq } = await agent.until(() => agent.mirror.head);
    await agent.until(() => (agent.mirror.head?.seq ?? 0) > seq + 3);
    expect(agent.kernel('cpuacct', path, 'cpuacct.usage')).toBe(used);
    expect(await agent.call('thaw', { group: path })).toMatchObject({ state: 'thawed' });
    await agent.until(() => Number(agent.reading(path, 'cpuacct.usage')) > Number(used));
    expect(agent.events.filter(({ kind, group }) => group === path && (kind === 'freeze' || kind === 'thaw'))).toHaveLength(2);
  });

  test('killing ends everyone, frozen or forking', async () => {
    const path = `${agent.root}/kill`;
    await agent.call('createGroup', { path, limits: { 'pids.max': 50 } });
    agent.process(path, 'while :; do sleep 100 & sleep 0.01; done');
    await agent.until(() => Number(agent.reading(path, 'cgroup.procs') ?? 0) > 5);
    await agent.call('freeze', { group: path });
    const { killed } = await agent.call('kill', { group: path });
    expect(killed.length).toBeGreaterThan(5);
    expect(agent.kernel('memory', path, 'cgroup.procs')).toBe('');
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
    await agent.until(() => agent.kernel('unified', from, 'cgroup.procs').split('\n').includes(String(pid)));
    expect(await agent.call('attach', { pid, group: to })).toEqual({ pid, group: to, from });
    for (const controller of CONTROLLERS)
      expect(agent.kernel(controller, to, 'cgroup.procs').split('\n'), controller).toContain(String(pid));
    const { processes } = await agent.call('processes', { group: to });
    expect(processes.map((one) => one.pid)).toContain(pid);
    expect(await agent.refused('attach', { pid: 4_194_303, group: to })).toMatchObject({ code: 'not_found' });
  });
});

describe('events', () => {
  test('pressure, OOM and the kill with its victim’s name, each with its latency', async () => {
    const path = `${agent.root}/oom`;
    await agent.call('createGroup', { path, limits: { 'memory.limit_in_bytes': '20M' } });
    agent.process(path, 'exec tail /dev/zero');
    const kill = await agent.event('oom_kill', path);
    expect(kill.victim?.comm).toBe('tail');
    expect(kill.victim?.rssBytes).toBeGreaterThan(10 * MIB);
    expect(kill.limitGroup).toBe(path);
    expect(kill.latencyMs).toBeGreaterThanOrEqual(0);
    expect((await agent.event('oom', path)).underOom).toBe(false);
    expect((await agent.event('pressure', path, ({ level }) => level === 'critical')).latencyMs).toBeGreaterThanOrEqual(0);
    await agent.until(() => agent.reading(path, 'memory.oom_control:oom_kill') === 1);
    const { seq } = await agent.until(() => agent.mirror.head);
    await agent.until(() => (agent.mirror.head?.seq ?? 0) > seq + 3);
    expect(agent.events.filter(({ kind, group }) => kind === 'oom_kill' && group === path)).toHaveLength(1);
  });

  test('pressure is merged to at most one event a level and second', async () => {
    const path = `${agent.root}/press`;
    await agent.call('createGroup', { path, limits: { 'memory.limit_in_bytes': '16M' } });
    agent.process(path, 'while :; do cat /bin/* /usr/bin/* > /dev/null 2>&1; done');
    await agent.event('pressure', path);
    await agent.until(() => agent.events.filter(({ kind, group }) => kind === 'pressure' && group === path).length > 4);
    const byLevel = new Map<string, number[]>();
    for (const event of agent.events) {
      if (event.kind === 'pressure' && event.group === path) byLevel.set(event.level, [...(byLevel.get(event.level) ?? []), event.time]);
    }
    for (const times of byLevel.values()) {
      for (let i = 1; i < times.length; i++) expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(990);
    }
  });

  test('removing a group signals its eventfds, which is no OOM and no pressure', async () => {
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

const outputOf = async (group: string) => (await agent.call('output', { group })).chunks.map(({ text }) => text).join('');

describe('launches', () => {
  test('a launch runs in its namespaces and groups, and its exit is told', async () => {
    const answer = await agent.call('launch', {
      name: 'hello',
      argv: ['/bin/sh', '-c', 'echo "pid $$ on $(cat /proc/sys/kernel/hostname)"; read x < /dev/zero; exit 3'],
      hostname: 'inside',
      limits: { 'memory.limit_in_bytes': '64M' },
    });
    expect(answer.group).toBe(`${agent.root}/hello`);
    expect(answer.limits).toEqual({ 'memory.limit_in_bytes': String(64 * MIB) });
    const { processes } = await agent.call('processes', { group: answer.group });
    const process_ = processes.find(({ pid }) => pid === answer.pid);
    expect(process_?.pidInside).toBe(2);
    for (const kind of ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user']) expect(process_?.namespaces[kind]?.own, kind).toBe(true);
    for (const controller of CONTROLLERS)
      expect(agent.kernel(controller, answer.group, 'cgroup.procs').split('\n'), controller).toContain(String(answer.pid));
    await agent.until(async () => true);
    let text = '';
    while (!text.includes('on inside')) text = await outputOf(answer.group);
    expect(text).toBe('pid 2 on inside\n');
    await agent.call('kill', { pid: answer.pid, signal: 'SIGKILL' });
    expect(await agent.event('exit', answer.group)).toMatchObject({ pid: answer.pid, signal: 'SIGKILL' });
    expect((await agent.call('group', { path: answer.group })).launched?.exit?.signal).toBe('SIGKILL');
    // The name is free again.
    const second = await agent.call('launch', { name: 'hello', argv: ['/bin/true'] });
    expect(await agent.event('exit', answer.group, ({ pid }) => pid === second.pid)).toMatchObject({ code: 0 });
  });

  test.each([
    ['a program that does not exist', ['/no/such/program'], 'ENOENT'],
    ['one that is not executable', ['/etc/passwd'], 'EACCES'],
    ['a folder', ['/etc'], 'EACCES'],
  ])('%s is refused with the step, and nothing is left', async (_, argv, errno) => {
    const problem = await agent.refused('launch', { name: 'bad', argv });
    expect(problem).toMatchObject({ code: 'kernel_refused', errno });
    expect(problem.detail).toContain('exec');
    for (const controller of CONTROLLERS) expect(existsSync(`/sys/fs/cgroup/${controller}${agent.root}/bad`)).toBe(false);
  });

  test('arguments with quotes, newlines and nothing in them arrive byte for byte', async () => {
    const argv = ['/bin/sh', '-c', 'printf "[%s]" "$@"', '-', "it's", 'a\nb', '', '"', '$x `y`'];
    const { group, pid } = await agent.call('launch', { name: 'args', argv });
    await agent.event('exit', group, (event) => event.pid === pid);
    expect(await outputOf(group)).toBe('[it\'s][a\nb][]["][$x `y`]');
  });

  test('one that dies at once is launched, and its exit told', async () => {
    const { group, pid } = await agent.call('launch', { name: 'brief', argv: ['/bin/false'] });
    const exit = await agent.event('exit', group);
    expect(exit).toMatchObject({ pid, code: 1 });
    expect(exit.late).toBeUndefined();
    expect((await agent.refused('output', { group: agent.root })).code).toBe('not_found');
  });

  test('a running name is taken', async () => {
    await agent.call('launch', { name: 'twice', argv: ['/bin/sleep', '100'] });
    expect((await agent.refused('launch', { name: 'twice', argv: ['/bin/true'] })).code).toBe('conflict');
    for (const name of ['..', 'a/b', '', 'x'.repeat(300), 'a\nb'])
      expect((await agent.refused('launch', { name, argv: ['/bin/true'] })).code).toBe('invalid');
    expect((await agent.refused('launch', { name: 'n', argv: [] })).code).toBe('invalid');
    expect((await agent.refused('launch', { name: 'n', argv: ['a\0b'] })).code).toBe('invalid');
  });
});

describe('a restart', () => {
  test('finds launched processes again, and tells what it missed', async () => {
    const kept = await agent.call('launch', { name: 'kept', argv: ['/bin/sleep', '1000'] });
    const ended = await agent.call('launch', { name: 'ended', argv: ['/bin/sleep', '1000'] });
    const path = `${agent.root}/victim`;
    await agent.call('createGroup', { path, limits: { 'memory.limit_in_bytes': '20M' } });
    agent.process(path, 'exec sleep 1000');
    await agent.until(() => Number(agent.reading(path, 'cgroup.procs') ?? 0) > 0);
    await agent.end();
    const before = agent.events.at(-1)?.id ?? 0;
    // While nobody watches: an exit, an OOM kill, a new group.
    process.kill(ended.pid, 'SIGKILL');
    agent.process(path, 'exec tail /dev/zero');
    const made = `/sys/fs/cgroup/memory${agent.root}/made`;
    mkdirSync(made);
    while (!/oom_kill 1/.test(agent.kernel('memory', path, 'memory.oom_control'))) await new Promise(setImmediate);
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
  test('holds what the ticks saw', async () => {
    const path = `${agent.root}/h`;
    await agent.call('createGroup', { path, limits: { 'memory.limit_in_bytes': '64M' } });
    // A tick may have come between the group and its limit: what matters is what follows.
    await agent.until(() => agent.reading(path, 'memory.limit_in_bytes') === 64 * MIB);
    await agent.call('writeFile', { path, file: 'memory.limit_in_bytes', value: '32M' });
    await agent.until(() => agent.reading(path, 'memory.limit_in_bytes') === 32 * MIB);
    const { series } = await agent.call('history', { group: path, readings: ['memory.limit_in_bytes'] });
    expect(series[0]?.points.slice(-2).map(([, value]) => value)).toEqual([64 * MIB, 32 * MIB]);
  });
});
