// What is protected: groups that are not managed or contain cgdeck, and which processes an operator may move and so limit and kill.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('protected');

test('the root, unmanaged groups and those of cgdeck are protected', async () => {
  const own =
    readFileSync('/proc/self/cgroup', 'utf8').match(agent.layout.ofController('memory') ? /:memory:(.*)/ : /^0::(.*)/m)?.[1] ?? '/';
  for (const path of ['/', own]) {
    const problem = await agent.refused('writeFile', { path, file: agent.kernel.file('memory-hard-limit'), value: '1G' });
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

test('a managed group that contains cgdeck is not frozen, killed, limited or emptied', async () => {
  const path = await agent.make('own');
  const { pid } = await agent.inhabited('own/below');
  agent.own(pid);
  for (const group of [path, `${path}/below`]) {
    expect((await agent.refused('freeze', { group })).code).toBe('self_protected');
    expect((await agent.refused('kill', { group })).code).toBe('self_protected');
    expect((await agent.refused('writeFile', { path: group, file: agent.kernel.file('memory-hard-limit'), value: '64M' })).code).toBe(
      'self_protected',
    );
    expect((await agent.refused('removeGroup', { path: group, kill: true })).code).toBe('self_protected');
  }
  expect((await agent.refused('kill', { pid })).code).toBe('self_protected');
  expect((await agent.refused('attach', { pid, group: agent.root })).code).toBe('self_protected');
  expect((await agent.call('group', { path })).self).toBe(true);
  expect(agent.kernel.isFrozen(path)).toBe(false);
  // From now on another process counts as the web process, so that the test can clean up.
  agent.own(process.pid);
});

test('a thread’s id is refused, since the whole process would be moved', async () => {
  const path = await agent.make('thread');
  const from = await agent.make('from');
  const pid = agent.process(from, `exec ${process.execPath} -e 'setInterval(() => {}, 1000)'`);
  const threads = () => readdirSync(`/proc/${pid}/task`).map(Number);
  await agent.until(() => agent.kernel.members(from).every((pids) => pids.includes(pid)) && threads().length > 1);
  const tid = threads().find((one) => one !== pid) ?? 0;
  const problem = await agent.refused('attach', { pid: tid, group: path });
  expect(problem).toMatchObject({ code: 'invalid', detail: expect.stringContaining(`process ${pid}`) });
  expect(agent.kernel.members(from).every((pids) => pids.includes(pid))).toBe(true);
  expect(await agent.call('attach', { pid, group: path })).toMatchObject({ pid, from });
});

test('a viewer can read and cannot act', async () => {
  const path = `${agent.root}/r`;
  expect((await agent.refused('createGroup', { path }, 'viewer')).code).toBe('forbidden');
  expect((await agent.call('host', {}, 'viewer')).mode).toBe(agent.layout.mode);
});

test('a process moves between managed groups, in every hierarchy', async () => {
  const { path: from, pid } = await agent.inhabited('from');
  const to = await agent.make('to');
  expect(await agent.call('attach', { pid, group: to })).toEqual({ pid, group: to, from });
  for (const pids of agent.kernel.members(to)) expect(pids).toContain(pid);
  const { processes } = await agent.call('processes', { group: to });
  expect(processes.map((one) => one.pid)).toContain(pid);
  expect(await agent.refused('attach', { pid: 4_194_303, group: to })).toMatchObject({ code: 'not_found' });
});

/** A process in the root group of every hierarchy, as sshd is on v1 without systemd. */
function inRootGroup(of: RunningAgent): number {
  const pid = of.outsider();
  for (const dir of of.dirs('/')) writeFileSync(`${dir}/cgroup.procs`, String(pid));
  return pid;
}

test('a process of the root group is neither moved nor signalled, and the refusal names --control', async () => {
  const pid = inRootGroup(agent);
  const problem = await agent.refused('attach', { pid, group: agent.root });
  expect(problem).toMatchObject({ code: 'protected', file: '/', detail: expect.stringContaining("--control '/'") });
  expect((await agent.refused('kill', { pid })).code).toBe('protected');
  expect(agent.kernel.members('/').every((pids) => pids.includes(pid))).toBe(true);
});

test('with the root group named by --control, it can be moved and signalled', async () => {
  const wide = await RunningAgent.start('wide', { control: ['/'] });
  try {
    const pid = inRootGroup(wide);
    expect(await wide.call('attach', { pid, group: wide.root })).toEqual({ pid, group: wide.root, from: '/' });
    expect((await wide.refused('freeze', { group: '/' })).code).toBe('self_protected');
    expect(await wide.call('kill', { pid })).toMatchObject({ killed: [pid] });
  } finally {
    await wide.clean();
  }
});

test('a thread is neither moved nor signalled by itself: the refusal names its process', async () => {
  // A Node process has threads of its own pools.
  const [thread] = readdirSync('/proc/self/task').filter((tid) => Number(tid) !== process.pid);
  const sentence = { code: 'invalid', detail: expect.stringContaining(`ask for ${process.pid}`) };
  expect(await agent.refused('attach', { pid: Number(thread), group: agent.root })).toMatchObject(sentence);
  expect(await agent.refused('kill', { pid: Number(thread) })).toMatchObject(sentence);
});
