// Launches that an earlier version stored, with requests that are refused today: found again, shown as stored, and not started again.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('stored');
});

afterEach(() => agent.clean());

/** Changes the request in the only launch's record, while no agent runs. */
function edit(change: Record<string, unknown>): void {
  const launches = join(agent.settings.stateDir, 'launches');
  const [name = ''] = readdirSync(launches);
  const path = join(launches, name, 'launch.json');
  const record = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...record, request: { ...record.request, ...change } }));
}

const without = (kind: string) => ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user'].filter((one) => one !== kind);

test.each([
  [
    'privileges gained without a user namespace',
    { noNewPrivileges: false, namespaces: without('user') },
    /noNewPrivileges: .*namespace user/,
  ],
  ['an OOM score below 0', { oomScoreAdj: -500 }, /oomScoreAdj: wants at least 0, got -500/],
  ['a field that this version does not know', { color: 'red' }, /unknown field "color"/],
])('%s', async (_, change, sentence) => {
  const { group, pid } = await agent.call('launch', { name: 'old', argv: ['/bin/sleep', '1000'], restart: { policy: 'always' } });
  await agent.end();
  edit(change);
  await agent.begin();
  expect((await agent.call('host', {})).missing.join()).not.toMatch(/record of a launch/);
  expect((await agent.call('group', { path: group })).launched).toMatchObject({ pid, request: change });
  expect((await agent.refused('join', { group, argv: ['/bin/true'] })).detail).toMatch(sentence);
  await agent.call('kill', { pid, signal: 'SIGKILL' });
  expect(await agent.event('exit', group)).toMatchObject({ pid, signal: 'SIGKILL' });
  // Its policy starts it again, and that is refused.
  await agent.event('restart', group);
  await expect
    .poll(async () => (await agent.call('group', { path: group })).launched?.restarts.problem, { timeout: 60_000 })
    .toMatch(sentence);
});

test('how a program ended, its output and its request are known after a restart, until its group is removed', async () => {
  const { group, code } = await agent.run({ name: 'failed', argv: ['/bin/sh', '-c', 'echo why; exit 3'], env: { WHO: 'me' } });
  expect(code).toBe(3);
  await agent.end();
  await agent.begin();
  expect((await agent.call('group', { path: group })).launched).toMatchObject({ exit: { code: 3 }, request: { name: 'failed' } });
  expect(await agent.output(group)).toBe('why\n');
  const again = await agent.call('launch', await agent.call('launchRequest', { group }));
  expect(await agent.event('exit', group, ({ pid }) => pid === again.pid)).toMatchObject({ code: 3 });
  await agent.call('removeGroup', { path: group, kill: false });
  await agent.end();
  await agent.begin();
  expect(await agent.refused('group', { path: group })).toMatchObject({ code: 'not_found' });
});
