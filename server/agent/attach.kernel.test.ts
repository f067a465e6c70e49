// Which processes an operator may move, and so limit and kill: those in managed groups, --control included.
import { readdirSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

let agent: RunningAgent;

afterEach(async () => {
  const { root } = agent;
  await agent.clean();
  expect(agent.kernel.where(root), `${root} is left`).toEqual([]);
});

/** A process in the root group of every hierarchy, as sshd is on v1 without systemd. */
function inRootGroup(): number {
  const pid = agent.outsider();
  for (const dir of agent.dirs('/')) writeFileSync(`${dir}/cgroup.procs`, String(pid));
  return pid;
}

test('a process of the root group is neither moved nor signalled, and the refusal names --control', async () => {
  agent = await RunningAgent.start('attach');
  const pid = inRootGroup();
  const problem = await agent.refused('attach', { pid, group: agent.root });
  expect(problem).toMatchObject({ code: 'protected', file: '/', detail: expect.stringContaining("--control '/'") });
  expect((await agent.refused('kill', { pid })).code).toBe('protected');
  expect(agent.kernel.members('/').every((pids) => pids.includes(pid))).toBe(true);
});

test('with the root group named by --control, it can be moved and signalled', async () => {
  agent = await RunningAgent.start('attach', { control: ['/'] });
  const pid = inRootGroup();
  expect(await agent.call('attach', { pid, group: agent.root })).toEqual({ pid, group: agent.root, from: '/' });
  expect((await agent.refused('freeze', { group: '/' })).code).toBe('self_protected');
  expect(await agent.call('kill', { pid })).toMatchObject({ killed: [pid] });
});

test('a thread is neither moved nor signalled by itself: the refusal names its process', async () => {
  agent = await RunningAgent.start('attach');
  // A Node process has threads of its own pools.
  const [thread] = readdirSync('/proc/self/task').filter((tid) => Number(tid) !== process.pid);
  const sentence = { code: 'invalid', detail: expect.stringContaining(`ask for ${process.pid}`) };
  expect(await agent.refused('attach', { pid: Number(thread), group: agent.root })).toMatchObject(sentence);
  expect(await agent.refused('kill', { pid: Number(thread) })).toMatchObject(sentence);
});
