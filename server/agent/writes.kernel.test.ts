// Limits and settings on the real kernel: what is taken, what it becomes, what is refused by whom, and who may ask.
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 1024 * 1024;

let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('writes');
});

afterEach(async () => {
  const { root } = agent;
  await agent.clean();
  expect(agent.kernel.where(root), `${root} is left`).toEqual([]);
});

/** The file of the hard limit, which both versions round down to whole pages. */
const hardLimit = () => agent.kernel.file('memory-hard-limit');

async function made(name: string, limits: Record<string, string | number> = {}): Promise<string> {
  const path = `${agent.root}/${name}`;
  await agent.call('createGroup', { path, limits });
  return path;
}

/** For test.each: what the agent refuses by itself. */
async function isInvalid(file: string, value: string | number): Promise<void> {
  const problem = await agent.refused('writeFile', { path: await made('v'), file, value });
  expect(problem.code).toBe('invalid');
  expect(problem.detail).toContain(file);
}

/** For test.each: what the kernel refuses. */
async function isRefused(file: string, value: string | number, errno: string): Promise<void> {
  const problem = await agent.refused('writeFile', { path: await made('k'), file, value });
  expect(problem).toMatchObject({ code: 'kernel_refused', errno, asked: String(value) });
}

describe('writes', () => {
  test('the answer says what the kernel made of it, and the tick agrees', async () => {
    const path = await made('w');
    const file = hardLimit();
    const answer = await agent.call('writeFile', { path, file, value: 100_000_001 });
    expect(answer).toMatchObject({ group: path, asked: '100000001', new: '99999744' });
    await agent.until(() => agent.reading(path, file) === 99_999_744);
    const event = await agent.event('write', path);
    expect(event).toMatchObject({ file, new: '99999744', by: 'test' });
    // The tick that saw the new value told nothing more.
    expect(agent.events.filter(({ kind, group }) => kind === 'write' && group === path)).toHaveLength(1);
    expect((await agent.call('readFile', { path, file })).value).toBe(99_999_744);
    const unlimited = agent.layout.ofController('memory') ? '9223372036854771712' : 'max';
    expect((await agent.call('writeFile', { path, file, value: 'max' })).new).toBe(unlimited);
    await agent.until(() => agent.reading(path, file) === 'max');
  });

  test('each of many writes is told once, and as ours, however the ticks fall', async () => {
    const path = await made('often');
    await agent.until(() => agent.reading(path, 'pids.max') === 'max');
    for (let n = 1; n <= 60; n++) await agent.call('writeFile', { path, file: 'pids.max', value: n });
    await agent.until(() => agent.reading(path, 'pids.max') === 60);
    const { seq } = await agent.until(() => agent.mirror.head);
    await agent.until(() => (agent.mirror.head?.seq ?? 0) > seq + 1);
    const events = agent.events.flatMap((event) => (event.kind === 'write' && event.group === path ? [[event.new, event.by]] : []));
    expect(events).toEqual(Array.from({ length: 60 }, (_, i) => [String(i + 1), 'test']));
  });

  test('a group by itself has the readings that it has in the list, those of no control file too', async () => {
    await agent.until(() => agent.reading('/', 'meminfo:MemTotal') !== undefined);
    expect((await agent.call('group', { path: '/' })).readings).toHaveProperty('meminfo:MemTotal');
  });

  test('a thread is not moved: the whole process would be', async () => {
    const path = await made('thread');
    const from = await made('from');
    const pid = agent.process(from, `exec ${process.execPath} -e 'setInterval(() => {}, 1000)'`);
    const threads = () => readdirSync(`/proc/${pid}/task`).map(Number);
    await agent.until(() => agent.kernel.members(from).every((pids) => pids.includes(pid)) && threads().length > 1);
    const tid = threads().find((one) => one !== pid) ?? 0;
    const problem = await agent.refused('attach', { pid: tid, group: path });
    expect(problem).toMatchObject({ code: 'invalid', detail: expect.stringContaining(`process ${pid}`) });
    expect(agent.kernel.members(from).every((pids) => pids.includes(pid))).toBe(true);
    expect(await agent.call('attach', { pid, group: path })).toMatchObject({ pid, from });
  });

  test('a write by another program is told as nobody’s', async () => {
    const path = await made('other');
    await agent.until(() => agent.reading(path, 'pids.max') === 'max');
    agent.kernel.write(path, 'pids.max', '512');
    const event = await agent.event('write', path, ({ file }) => file === 'pids.max');
    expect(event).toMatchObject({ old: 'max', new: '512' });
    expect(event.by).toBeUndefined();
  });

  test.each([['-5'], ['1e99'], ['64 M'], [''], [1.5], ['99999999999999999999']])('a limit of memory is not %j', (value) =>
    isInvalid(hardLimit(), value),
  );

  test.each([
    ['pids.max', '-2'],
    ['cpuset.cpus', 'zero'],
  ])('%s does not take %j', isInvalid);

  test.each([['cpuset.cpus', '4000', 'ERANGE']])('%s = %j is refused by the kernel with %s, and the sentence says so', isRefused);

  test('files that are unknown, read-only, written otherwise, or not there', async () => {
    const path = await made('f');
    expect((await agent.refused('writeFile', { path, file: 'memory.nope', value: 1 })).code).toBe('not_found');
    expect((await agent.refused('readFile', { path, file: 'etc.passwd' })).code).toBe('not_found');
    expect((await agent.refused('writeFile', { path, file: agent.kernel.file('memory-usage'), value: 1 })).code).toBe('unsupported');
    expect((await agent.refused('writeFile', { path, file: 'cgroup.procs', value: '1' })).code).toBe('unsupported');
    expect((await agent.refused('writeFile', { path: `${agent.root}/gone`, file: 'pids.max', value: 2 })).code).toBe('not_found');
  });

  test('the root, another’s group and our own are protected', async () => {
    const own =
      readFileSync('/proc/self/cgroup', 'utf8').match(agent.layout.ofController('memory') ? /:memory:(.*)/ : /^0::(.*)/m)?.[1] ?? '/';
    for (const path of ['/', own]) {
      const problem = await agent.refused('writeFile', { path, file: hardLimit(), value: '1G' });
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
    const path = await made('own');
    await made('own/below');
    const pid = agent.process(`${path}/below`, 'sleep 100');
    await agent.until(() => agent.kernel.members(`${path}/below`).every((pids) => pids.includes(pid)));
    agent.own(pid);
    for (const group of [path, `${path}/below`]) {
      expect((await agent.refused('freeze', { group })).code).toBe('self_protected');
      expect((await agent.refused('kill', { group })).code).toBe('self_protected');
      expect((await agent.refused('writeFile', { path: group, file: hardLimit(), value: '64M' })).code).toBe('self_protected');
      expect((await agent.refused('removeGroup', { path: group, kill: true })).code).toBe('self_protected');
    }
    expect((await agent.refused('kill', { pid })).code).toBe('self_protected');
    expect((await agent.refused('attach', { pid, group: agent.root })).code).toBe('self_protected');
    expect((await agent.call('group', { path })).self).toBe(true);
    expect(agent.kernel.isFrozen(path)).toBe(false);
    // Another process is the web process now, so that the test can clean up.
    agent.own(process.pid);
  });

  test('a viewer reads and does not act', async () => {
    const path = `${agent.root}/r`;
    expect((await agent.refused('createGroup', { path }, 'viewer')).code).toBe('forbidden');
    expect((await agent.call('host', {}, 'viewer')).mode).toBe(agent.layout.mode);
  });
});

describeOnMemory(1, 'writes to v1', () => {
  test('memory and swap move along in the order the kernel wants', async () => {
    const path = await made('memsw', { 'memory.limit_in_bytes': '32M', 'memory.memsw.limit_in_bytes': '32M' });
    const raised = await agent.call('writeFile', { path, file: 'memory.limit_in_bytes', value: '64M' });
    expect(raised.new).toBe(String(64 * MIB));
    expect(raised.also).toEqual([
      { file: 'memory.memsw.limit_in_bytes', old: String(32 * MIB), asked: String(64 * MIB), new: String(64 * MIB) },
    ]);
    const lowered = await agent.call('writeFile', { path, file: 'memory.memsw.limit_in_bytes', value: '16M' });
    expect(lowered.also?.[0]).toMatchObject({ file: 'memory.limit_in_bytes', new: String(16 * MIB) });
    expect(agent.kernel.read(path, 'memory.limit_in_bytes')).toBe(String(16 * MIB));
  });

  test('no limit on memory moves nothing along where memory and swap have none', async () => {
    const path = await made('unlimited', { 'memory.limit_in_bytes': '32M' });
    const answer = await agent.call('writeFile', { path, file: 'memory.limit_in_bytes', value: 'max' });
    expect(answer).not.toHaveProperty('also');
    const written = agent.events.flatMap((event) => (event.kind === 'write' && event.group === path ? [event.file] : []));
    expect(new Set(written)).toEqual(new Set(['memory.limit_in_bytes']));
  });

  test('what has no effect any more is said, whether the kernel takes it or not', async () => {
    const path = await made('old');
    const taken = await agent.call('writeFile', { path, file: 'memory.kmem.limit_in_bytes', value: '32M' });
    expect(taken.note).toContain('no effect');
    const { detail } = await agent.refused('writeFile', { path, file: 'memory.move_charge_at_immigrate', value: 1 });
    expect(detail).toContain('6.13');
  });

  test('a new group is not given more memory than memory and swap', async () => {
    const limits = { 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': '32M' };
    const path = `${agent.root}/half`;
    expect((await agent.refused('createGroup', { path, limits })).code).toBe('invalid');
    expect(agent.kernel.where(path)).toEqual([]);
  });

  test('a limit under what cannot be reclaimed is refused as busy, and stays', async () => {
    const path = await made('busy', { 'memory.limit_in_bytes': '64M' });
    agent.process(path, 'exec head -c 30000000 /dev/zero | tail');
    agent.process(path, `exec ${process.execPath} -e "globalThis.kept = Buffer.alloc(24 << 20, 1); setInterval(() => {}, 1000)"`);
    await agent.until(() => Number(agent.reading(path, 'memory.usage_in_bytes') ?? 0) > 30 * MIB);
    const problem = await agent.refused('writeFile', { path, file: 'memory.limit_in_bytes', value: '4M' });
    expect(problem).toMatchObject({ code: 'busy', errno: 'EBUSY', file: `${path}/memory.limit_in_bytes` });
    expect(problem.detail).toContain('4194304');
    expect(agent.kernel.read(path, 'memory.limit_in_bytes')).toBe(String(64 * MIB));
  });

  test.each([
    ['cpu.shares', 'many'],
    ['cpu.shares', 'max'],
  ])('%s does not take %j', isInvalid);

  test('cpu.shares has a least value, and the answer says so', async () => {
    const path = await made('least', { 'cpu.shares': 1 });
    expect(agent.kernel.read(path, 'cpu.shares')).toBe('2');
    expect(await agent.call('writeFile', { path, file: 'cpu.shares', value: 1 })).toMatchObject({ asked: '1', new: '2' });
  });

  test('the program that the kernel would run for an empty group is not set', async () => {
    expect((await agent.refused('writeFile', { path: await made('f'), file: 'release_agent', value: '/bin/sh' })).code).toBe('unsupported');
  });

  test.each([
    ['memory.swappiness', 300, 'EINVAL'],
    ['cpu.cfs_quota_us', 500, 'EINVAL'],
    ['memory.move_charge_at_immigrate', 1, 'EINVAL'],
    ['memory.use_hierarchy', 0, 'EINVAL'],
  ])('%s = %j is refused by the kernel with %s, and the sentence says so', isRefused);
});

describeOnMemory(2, 'writes to v2', () => {
  test('what v1 calls otherwise is taken where it means the same, and refused with its counterpart where it does not', async () => {
    const path = await made('translated', { 'memory.limit_in_bytes': '48M', 'cpu.cfs_quota_us': 20_000 });
    expect([agent.kernel.read(path, 'memory.max'), agent.kernel.read(path, 'cpu.max')]).toEqual([String(48 * MIB), '20000 100000']);
    const problem = await agent.refused('createGroup', { path: `${agent.root}/shares`, limits: { 'cpu.shares': 512 } });
    expect(problem).toMatchObject({ code: 'unsupported', detail: expect.stringContaining('cpu.weight') });
  });

  test.each([
    ['cpu.weight', 'many'],
    ['cpu.weight', 'max'],
    ['memory.high', '-2'],
    ['cpu.max', 'half'],
  ])('%s does not take %j', isInvalid);

  test.each([
    ['cpu.weight', 0, 'ERANGE'],
    ['cpu.weight', 10_001, 'ERANGE'],
    ['cpu.max', 500, 'EINVAL'],
    ['cpu.max', '1000 999', 'EINVAL'],
    ['memory.oom.group', 2, 'EINVAL'],
    ['cpu.weight.nice', 20, 'ERANGE'],
    ['cgroup.pressure', 2, 'ERANGE'],
    ['cgroup.subtree_control', '+nope', 'EINVAL'],
  ])('%s = %j is refused by the kernel with %s, and the sentence says so', isRefused);
});
