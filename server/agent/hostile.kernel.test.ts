// What v1 does to an agent that has not asked for it: groups that are renamed under it, and tasks that no freeze stops.
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Sleeper } from '../../test/vm/fixtures/sleeper.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

let agent: RunningAgent;
let sleepers: Sleeper[];

beforeEach(async () => {
  sleepers = [];
  agent = await RunningAgent.start('hostile');
});
afterEach(async () => {
  for (const sleeper of sleepers) sleeper.end();
  await agent.clean();
});

/** The group's directory in the hierarchy of a controller of v1. */
function dirOf(controller: string, group: string): string {
  const hierarchy = agent.layout.ofController(controller);
  if (!hierarchy) throw new Error(`this machine has no ${controller} of v1`);
  return agent.layout.dir(hierarchy, group);
}

test('a group that is renamed in one hierarchy goes on there under its new name, is told, and stays watched', async () => {
  const [from, to] = [`${agent.root}/from`, `${agent.root}/to`];
  await agent.call('createGroup', { path: from, limits: { 'memory.limit_in_bytes': '64M', 'pids.max': 9 } });
  await agent.until(() => agent.reading(from, 'memory.limit_in_bytes') === 64 * 2 ** 20);
  renameSync(dirOf('memory', from), dirOf('memory', to));
  await agent.event('create', to);
  await agent.until(() => agent.reading(to, 'memory.limit_in_bytes') === 64 * 2 ** 20);
  // What is left under the old name has no memory any more, and no number of it.
  await agent.until(
    () => agent.reading(from, 'memory.limit_in_bytes') === undefined && agent.reading(from, 'memory.usage_in_bytes') === undefined,
  );
  expect(agent.reading(from, 'pids.max')).toBe(9);
  expect(await agent.refused('writeFile', { path: from, file: 'memory.limit_in_bytes', value: '32M' })).toMatchObject({
    code: 'not_found',
  });
  // By somebody else, through the watch.
  writeFileSync(`${dirOf('memory', to)}/memory.limit_in_bytes`, String(48 * 2 ** 20));
  await agent.event('write', to, ({ file }) => file === 'memory.limit_in_bytes');
  await agent.call('removeGroup', { path: to });
  expect(existsSync(dirOf('memory', to))).toBe(false);
});

test('a freeze that a sleeping task holds up says whom it waits for, and a thaw takes it back', async () => {
  const path = `${agent.root}/asleep`;
  await agent.call('createGroup', { path });
  const sleeper = await Sleeper.start();
  sleepers.push(sleeper);
  for (const dir of agent.dirs(path)) writeFileSync(`${dir}/cgroup.procs`, String(sleeper.pid));
  const stopped = agent.process(path, 'while :; do sleep 1; done');
  await agent.until(() => Number(agent.reading(path, 'cgroup.procs') ?? 0) >= 2);
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
