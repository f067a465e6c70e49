// What other programs may do at any time: rename and recreate groups, disable controllers during writes, stop tasks so that no freeze reaches them,
// make groups threaded.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { Sleeper } from '../../test/vm/fixtures/sleeper.ts';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const MIB = 2 ** 20;
const agent = sharedAgent('hostile');
const sleepers: Sleeper[] = [];
afterEach(() => {
  for (const sleeper of sleepers.splice(0)) sleeper.end();
});

test('a group directly below the managed root cannot be made threaded: no launch could be put beside it', async () => {
  const path = await agent.make('worker');
  const problem = await agent.refused('writeFile', { path, file: 'cgroup.type', value: 'threaded' });
  expect(problem).toMatchObject({ code: 'unsupported', file: `${path}/cgroup.type` });
});

describeOnMemory(1, 'v1', () => {
  /** The group's directory in a controller's v1 hierarchy. */
  function dirOf(controller: string, group: string): string {
    const hierarchy = agent.layout.ofController(controller);
    if (!hierarchy) throw new Error(`this machine has no ${controller} of v1`);
    return agent.layout.dir(hierarchy, group);
  }

  test('a group renamed in one hierarchy is reported and watched under its new name', async () => {
    const [from, to] = [`${agent.root}/from`, `${agent.root}/to`];
    await agent.call('createGroup', { path: from, limits: { 'memory.limit_in_bytes': '64M', 'pids.max': 9 } });
    await agent.until(() => agent.reading(from, 'memory.limit_in_bytes') === 64 * MIB);
    renameSync(dirOf('memory', from), dirOf('memory', to));
    await agent.event('create', to);
    await agent.until(() => agent.reading(to, 'memory.limit_in_bytes') === 64 * MIB);
    // The group of the old name has no memory controller any more, and no such readings.
    await agent.until(
      () => agent.reading(from, 'memory.limit_in_bytes') === undefined && agent.reading(from, 'memory.usage_in_bytes') === undefined,
    );
    expect(agent.reading(from, 'pids.max')).toBe(9);
    expect(await agent.refused('writeFile', { path: from, file: 'memory.limit_in_bytes', value: '32M' })).toMatchObject({
      code: 'not_found',
    });
    // Written by another program, and noticed by inotify.
    writeFileSync(`${dirOf('memory', to)}/memory.limit_in_bytes`, String(48 * MIB));
    await agent.event('write', to, ({ file }) => file === 'memory.limit_in_bytes');
    await agent.call('removeGroup', { path: to });
    expect(existsSync(dirOf('memory', to))).toBe(false);
  });

  test('a freeze that waits for a task answers which one, and a thaw cancels it', async () => {
    const path = await agent.make('asleep');
    const sleeper = await Sleeper.start();
    sleepers.push(sleeper);
    for (const dir of agent.dirs(path)) writeFileSync(`${dir}/cgroup.procs`, String(sleeper.pid));
    const stopped = agent.process(path, 'while :; do sleep 1; done');
    // Its threads wait in futexes, where v1's freezer leaves them.
    const threaded = agent.process(path, `exec '${process.execPath}' -e 'setInterval(() => {}, 1e6)'`);
    const wchans = () => readdirSync(`/proc/${threaded}/task`).map((tid) => readFileSync(`/proc/${threaded}/task/${tid}/wchan`, 'utf8'));
    await agent.until(() => wchans().some((wchan) => wchan.startsWith('futex')));
    await agent.until(() => Number(agent.reading(path, 'cgroup.procs') ?? 0) >= 3);
    await sleeper.sleep();
    const answer = await agent.call('freeze', { group: path });
    expect(answer).toMatchObject({
      state: 'freezing',
      unstopped: { count: 1, tasks: [{ pid: sleeper.pid, comm: 'sleeper', wchan: 'handle_userfault' }] },
    });
    expect(answer.unstopped?.tasks.some(({ pid }) => pid === stopped)).toBe(false);
    expect((await agent.call('group', { path })).state).toBe('freezing');
    expect(await agent.call('thaw', { group: path })).toMatchObject({ state: 'thawed' });
    sleeper.wake();
    await agent.call('freeze', { group: path });
    await agent.until(() => agent.reading(path, 'freezer.state') === 'FROZEN');
    await agent.call('thaw', { group: path });
  });
});

describeOnMemory(2, 'v2', () => {
  const dirOf = (group: string) => agent.dirs(group)[0] ?? '';

  /** A process with so much memory that cannot be reclaimed. */
  async function filled(path: string, mib: number): Promise<number> {
    await agent.call('createGroup', { path, limits: { 'memory.swap.max': 0 } });
    const pid = agent.process(path, `kept=$(head -c ${mib * MIB} /dev/zero | tr '\\0' x); while :; do sleep 1000; done`);
    await agent.until(() => Number(agent.reading(path, 'memory.current') ?? 0) > mib * MIB);
    return pid;
  }

  test('memory.max below the usage is refused, and written only with mayKill', async () => {
    const path = `${agent.root}/under`;
    const pid = await filled(path, 32);
    const problem = await agent.refused('writeFile', { path, file: 'memory.max', value: '16M' });
    expect(problem).toMatchObject({ code: 'would_kill', status: 409, file: `${path}/memory.max`, asked: String(16 * MIB) });
    for (const word of [/memory\.max/, /16777216/, /uses \d{8} bytes/, /memory\.reclaim/, /memory\.high/, /mayKill/])
      expect(problem.detail).toMatch(word);
    expect(agent.kernel.read(path, 'memory.max')).toBe('max');
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    // A limit above the usage, no limit, and memory.high do not need mayKill.
    await agent.call('writeFile', { path, file: 'memory.max', value: '512M' });
    await agent.call('writeFile', { path, file: 'memory.max', value: 'max' });
    const written = await agent.call('writeFile', { path, file: 'memory.max', value: '16M', mayKill: true });
    expect(written).toMatchObject({ new: String(16 * MIB) });
    expect(await agent.event('oom_kill', path)).toMatchObject({ victim: { pid } });
  });

  test('a new group, which has no process, gets any limit, 0 included', async () => {
    const path = `${agent.root}/new`;
    await agent.call('createGroup', { path, limits: { 'memory.max': '8M' } });
    expect(agent.kernel.read(path, 'memory.max')).toBe(String(8 * MIB));
  });

  test('a freeze that waits for a task answers which one, and a thaw cancels it', async () => {
    const path = await agent.make('asleep');
    const stopped = agent.process(path, 'while :; do sleep 1; done');
    const sleeper = await Sleeper.start();
    sleepers.push(sleeper);
    for (const dir of agent.dirs(path)) writeFileSync(`${dir}/cgroup.procs`, String(sleeper.pid));
    await sleeper.sleep();
    const answer = await agent.call('freeze', { group: path });
    expect(answer.state).toBe('freezing');
    expect(answer.unstopped).toMatchObject({
      count: 1,
      tasks: [{ pid: sleeper.pid, tid: sleeper.pid, comm: 'sleeper', state: 'D (disk sleep)', wchan: 'handle_userfault' }],
    });
    expect(answer.unstopped?.tasks.some(({ pid }) => pid === stopped)).toBe(false);
    expect((await agent.call('group', { path })).state).toBe('freezing');
    await agent.until(() => agent.reading(path, 'cgroup.freeze') === 1 && agent.reading(path, 'cgroup.events:frozen') === 0);
    expect(await agent.call('thaw', { group: path })).toMatchObject({ state: 'thawed' });
    // Asked for again, it is complete and reported when the task wakes.
    expect((await agent.call('freeze', { group: path })).state).toBe('freezing');
    sleeper.wake();
    expect(await agent.event('freeze', path)).toMatchObject({ by: 'test' });
    expect((await agent.call('group', { path })).state).toBe('frozen');
    expect((await agent.call('freeze', { group: path })).unstopped).toBeUndefined();
    await agent.call('thaw', { group: path });
  });

  test('controllers that are disabled and enabled during writes leave no old reading, and no write is reported that was lost', async () => {
    const path = `${agent.root}/torn`;
    await filled(path, 4);
    for (let round = 0; round < 5; round++) {
      const writes = Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => agent.call('writeFile', { path, file: 'memory.high', value: (64 + i) * MIB })),
      );
      agent.kernel.write(agent.root, 'cgroup.subtree_control', '-memory');
      for (const result of await writes) if (result.status === 'rejected') expect(String(result.reason)).toMatch(/ENOENT|ENODEV|no memory/);
      await agent.until(() => agent.reading(path, 'memory.current') === undefined && agent.reading(path, 'memory.high') === undefined);
      await agent.ticks(1);
      expect(
        Object.keys(agent.mirror.byPath(path)?.readings ?? {}).filter((key) => key.startsWith('memory.') && !/pressure/.test(key)),
      ).toEqual([]);
      const problem = await agent.refused('writeFile', { path, file: 'memory.max', value: '64M' });
      expect(problem.detail).toContain('cgroup.subtree_control');
      agent.kernel.write(agent.root, 'cgroup.subtree_control', '+memory');
      // The controller starts with the kernel's defaults.
      await agent.until(() => agent.reading(path, 'memory.high') === 'max' && typeof agent.reading(path, 'memory.current') === 'number');
    }
    await agent.call('writeFile', { path, file: 'memory.max', value: '64M' });
    expect(agent.kernel.read(path, 'memory.max')).toBe(String(64 * MIB));
  });

  test('a group made again has new readings, limits and watches', async () => {
    const path = `${agent.root}/again`;
    await agent.call('createGroup', { path, limits: { 'memory.max': '64M', 'pids.max': 7 } });
    const before = await agent.until(() => agent.mirror.byPath(path));
    for (let round = 0; round < 20; round++) {
      rmdirSync(dirOf(path));
      mkdirSync(dirOf(path));
    }
    const after = await agent.until(() => {
      const now = agent.mirror.byPath(path);
      return now && now.entry.gid !== before.entry.gid && now.readings['pids.max'] === 'max' ? now : undefined;
    });
    expect(after.entry.inode).not.toBe(before.entry.inode);
    expect(after.readings['memory.max']).toBe('max');
    agent.kernel.write(path, 'pids.max', '9');
    await agent.until(() => agent.reading(path, 'pids.max') === 9);
  });

  test('in a group below a threaded one, threaded controllers are written and others refused with the reason', async () => {
    const path = await agent.make('threads');
    mkdirSync(dirOf(`${path}/t`));
    agent.kernel.write(`${path}/t`, 'cgroup.type', 'threaded');
    agent.kernel.write(path, 'cgroup.subtree_control', '+cpu +pids');
    mkdirSync(dirOf(`${path}/t/invalid`));
    for (const group of [`${path}/t`, `${path}/t/invalid`]) await agent.event('create', group);
    const type = async (group: string) => (await agent.call('readFile', { path: group, file: 'cgroup.type' })).value;
    expect(await type(path)).toBe('domain threaded');
    expect(await type(`${path}/t`)).toBe('threaded');
    expect(await type(`${path}/t/invalid`)).toBe('domain invalid');
    await agent.call('group', { path: `${path}/t/invalid` });
    // Threaded controllers can be limited.
    for (const [file, value] of [
      ['cpu.weight', '50'],
      ['pids.max', '40'],
      ['cpu.max', '50000 100000'],
    ] as const)
      expect(await agent.call('writeFile', { path: `${path}/t`, file, value })).toMatchObject({ new: value });
    // Memory is accounted for the whole domain.
    const memory = await agent.refused('writeFile', { path: `${path}/t`, file: 'memory.max', value: '64M' });
    expect(memory.detail).toMatch(/threaded/);
    const enabling = await agent.refused('writeFile', { path: `${path}/t/invalid`, file: 'cgroup.subtree_control', value: '+pids' });
    expect(enabling).toMatchObject({
      code: 'unsupported',
      errno: 'ENOENT',
      detail: expect.stringMatching(/domain invalid \(cgroup\.type\)/),
    });
    const elsewhere = `${agent.root}/elsewhere`;
    await agent.call('createGroup', { path: elsewhere });
    const pid = agent.process(elsewhere, 'exec sleep 1000');
    await agent.until(() => agent.kernel.members(elsewhere).every((pids) => pids.includes(pid)));
    const moving = await agent.refused('attach', { pid, group: `${path}/t/invalid` });
    expect(moving).toMatchObject({ code: 'unsupported', errno: 'EOPNOTSUPP', detail: expect.stringMatching(/cgroup\.type/) });
    expect(await agent.call('freeze', { group: `${path}/t` })).toMatchObject({ state: 'frozen' });
    await agent.call('thaw', { group: `${path}/t` });
    expect((await agent.call('processes', { group: `${path}/t/invalid` })).processes).toEqual([]);
  });
});
