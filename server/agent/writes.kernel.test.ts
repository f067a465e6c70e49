// Writes of control files on the real kernel: values read back, refusals by agent and kernel.
import { describe, expect, test } from 'vitest';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const MIB = 1024 * 1024;

const agent = sharedAgent('writes');

/** The file of the hard limit, which both versions round down to whole pages. */
const hardLimit = () => agent.kernel.file('memory-hard-limit');

/** For test.each: refused by the agent. */
async function isInvalid(file: string, value: string | number): Promise<void> {
  const problem = await agent.refused('writeFile', { path: await agent.make('v'), file, value });
  expect(problem.code).toBe('invalid');
  expect(problem.detail).toContain(file);
}

/** For test.each: refused by the kernel. */
async function isRefused(file: string, value: string | number, errno: string): Promise<void> {
  const problem = await agent.refused('writeFile', { path: await agent.make('k'), file, value });
  expect(problem).toMatchObject({ code: 'kernel_refused', errno, asked: String(value) });
}

describe('writes', () => {
  test('the answer has the value that the kernel accepted, and the tick reads the same', async () => {
    const path = await agent.make('w');
    const file = hardLimit();
    const answer = await agent.call('writeFile', { path, file, value: 100_000_001 });
    expect(answer).toMatchObject({ group: path, asked: '100000001', new: '99999744' });
    await agent.until(() => agent.reading(path, file) === 99_999_744);
    const event = await agent.event('write', path);
    expect(event).toMatchObject({ file, new: '99999744', by: 'test' });
    // The tick that read the new value reported nothing.
    expect(agent.all('write', path)).toHaveLength(1);
    expect((await agent.call('readFile', { path, file })).value).toBe(99_999_744);
    const unlimited = agent.layout.ofController('memory') ? '9223372036854771712' : 'max';
    expect((await agent.call('writeFile', { path, file, value: 'max' })).new).toBe(unlimited);
    await agent.until(() => agent.reading(path, file) === 'max');
  });

  test('each of many writes is reported once, with the user, also during ticks', async () => {
    const path = await agent.make('often');
    await agent.until(() => agent.reading(path, 'pids.max') === 'max');
    for (let n = 1; n <= 60; n++) await agent.call('writeFile', { path, file: 'pids.max', value: n });
    await agent.until(() => agent.reading(path, 'pids.max') === 60);
    await agent.ticks(1);
    const events = agent.all('write', path).map((event) => [event.new, event.by]);
    expect(events).toEqual(Array.from({ length: 60 }, (_, i) => [String(i + 1), 'test']));
  });

  test('a single group has the same readings as in the list, those without a control file too', async () => {
    await agent.until(() => agent.reading('/', 'meminfo:MemTotal') !== undefined);
    expect((await agent.call('group', { path: '/' })).readings).toHaveProperty('meminfo:MemTotal');
  });

  test('a write by another program is reported without a user', async () => {
    const path = await agent.make('other');
    await agent.until(() => agent.reading(path, 'pids.max') === 'max');
    agent.kernel.write(path, 'pids.max', '512');
    const event = await agent.event('write', path, ({ file }) => file === 'pids.max');
    expect(event).toMatchObject({ old: 'max', new: '512' });
    expect(event.by).toBeUndefined();
  });

  test.each([['-5'], ['1e99'], ['64 X'], [''], [1.5], ['99999999999999999999']])('a limit of memory is not %j', (value) =>
    isInvalid(hardLimit(), value),
  );

  test.each([
    ['pids.max', '-2'],
    ['cpuset.cpus', 'zero'],
  ])('%s refuses %j', isInvalid);

  test.each([['cpuset.cpus', '4000', 'ERANGE']])('%s = %j is refused by the kernel with %s, which the problem has', isRefused);

  test('files that are unknown, read-only, written by other calls, or missing are refused', async () => {
    const path = await agent.make('f');
    expect((await agent.refused('writeFile', { path, file: 'memory.nope', value: 1 })).code).toBe('not_found');
    expect((await agent.refused('readFile', { path, file: 'etc.passwd' })).code).toBe('not_found');
    expect((await agent.refused('writeFile', { path, file: agent.kernel.file('memory-usage'), value: 1 })).code).toBe('unsupported');
    expect((await agent.refused('writeFile', { path, file: 'cgroup.procs', value: '1' })).code).toBe('unsupported');
    expect((await agent.refused('writeFile', { path: `${agent.root}/gone`, file: 'pids.max', value: 2 })).code).toBe('not_found');
  });

  test('a cpuset can be emptied', async () => {
    const path = await agent.make('cpus', { 'cpuset.cpus': '0' });
    expect((await agent.call('writeFile', { path, file: 'cpuset.cpus', value: '' })).new).toBe('');
    expect(agent.kernel.read(path, 'cpuset.cpus')).toBe('');
  });
});

describeOnMemory(1, 'writes to v1', () => {
  test('memory and swap limits are written in the order that the kernel requires', async () => {
    const path = await agent.make('memsw', { 'memory.limit_in_bytes': '32M', 'memory.memsw.limit_in_bytes': '32M' });
    const raised = await agent.call('writeFile', { path, file: 'memory.limit_in_bytes', value: '64M' });
    expect(raised.new).toBe(String(64 * MIB));
    expect(raised.also).toEqual([
      { file: 'memory.memsw.limit_in_bytes', old: String(32 * MIB), asked: String(64 * MIB), new: String(64 * MIB) },
    ]);
    const lowered = await agent.call('writeFile', { path, file: 'memory.memsw.limit_in_bytes', value: '16M' });
    expect(lowered.also?.[0]).toMatchObject({ file: 'memory.limit_in_bytes', new: String(16 * MIB) });
    expect(agent.kernel.read(path, 'memory.limit_in_bytes')).toBe(String(16 * MIB));
  });

  test('removing the memory limit writes nothing else if memory and swap have no limit', async () => {
    const path = await agent.make('unlimited', { 'memory.limit_in_bytes': '32M' });
    const answer = await agent.call('writeFile', { path, file: 'memory.limit_in_bytes', value: 'max' });
    expect(answer).not.toHaveProperty('also');
    expect(new Set(agent.all('write', path).map(({ file }) => file))).toEqual(new Set(['memory.limit_in_bytes']));
  });

  test('a file without effect is reported as such, whether the kernel accepts the write or not, and so is a value that it changes', async () => {
    const path = await agent.make('old');
    const taken = await agent.call('writeFile', { path, file: 'memory.kmem.limit_in_bytes', value: '32M' });
    expect(taken.note).toContain('no effect');
    const { detail } = await agent.refused('writeFile', { path, file: 'memory.move_charge_at_immigrate', value: 1 });
    expect(detail).toContain('6.13');
    const least = await agent.call('writeFile', { path, file: 'cpu.shares', value: 0 });
    expect(least).toMatchObject({ new: '2', note: expect.stringContaining('minimum is 2') });
    expect(await agent.call('writeFile', { path, file: 'cpu.shares', value: 2 })).not.toHaveProperty('note');
  });

  test('a new group gets no memory limit above that of memory and swap', async () => {
    const limits = { 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': '32M' };
    const path = `${agent.root}/half`;
    expect((await agent.refused('createGroup', { path, limits })).code).toBe('invalid');
    expect(agent.kernel.where(path)).toEqual([]);
  });

  test('a limit below what cannot be reclaimed is refused as busy, and not changed', async () => {
    const path = await agent.make('busy', { 'memory.limit_in_bytes': '64M' });
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
  ])('%s refuses %j', isInvalid);

  test('cpu.shares has a minimum, which the answer shows', async () => {
    const path = await agent.make('least', { 'cpu.shares': 1 });
    expect(agent.kernel.read(path, 'cpu.shares')).toBe('2');
    expect(await agent.call('writeFile', { path, file: 'cpu.shares', value: 1 })).toMatchObject({ asked: '1', new: '2' });
  });

  test('release_agent, a program that the kernel runs, cannot be set', async () => {
    expect((await agent.refused('writeFile', { path: await agent.make('f'), file: 'release_agent', value: '/bin/sh' })).code).toBe(
      'unsupported',
    );
  });

  test.each([
    ['memory.swappiness', 300, 'EINVAL'],
    ['cpu.cfs_quota_us', 500, 'EINVAL'],
    ['memory.move_charge_at_immigrate', 1, 'EINVAL'],
    ['memory.use_hierarchy', 0, 'EINVAL'],
  ])('%s = %j is refused by the kernel with %s, which the problem has', isRefused);
});

describeOnMemory(2, 'writes to v2', () => {
  test('a v1 name is translated where it means the same, and else refused with its counterpart', async () => {
    const path = await agent.make('translated', { 'memory.limit_in_bytes': '48M', 'cpu.cfs_quota_us': 20_000 });
    expect([agent.kernel.read(path, 'memory.max'), agent.kernel.read(path, 'cpu.max')]).toEqual([String(48 * MIB), '20000 100000']);
    const problem = await agent.refused('createGroup', { path: `${agent.root}/shares`, limits: { 'cpu.shares': 512 } });
    expect(problem).toMatchObject({ code: 'unsupported', detail: expect.stringContaining('cpu.weight') });
  });

  test.each([
    ['cpu.weight', 'many'],
    ['cpu.weight', 'max'],
    ['memory.high', '-2'],
    ['cpu.max', 'half'],
  ])('%s refuses %j', isInvalid);

  test.each([
    ['cpu.weight', 0, 'ERANGE'],
    ['cpu.weight', 10_001, 'ERANGE'],
    ['cpu.max', 500, 'EINVAL'],
    ['cpu.max', '1000 999', 'EINVAL'],
    ['memory.oom.group', 2, 'EINVAL'],
    ['cpu.weight.nice', 20, 'ERANGE'],
    ['cgroup.pressure', 2, 'ERANGE'],
    ['cgroup.subtree_control', '+nope', 'EINVAL'],
  ])('%s = %j is refused by the kernel with %s, which the problem has', isRefused);
});
