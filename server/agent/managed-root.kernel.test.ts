// The managed root: completed where only some hierarchies have it, and removed again by a start that fails.
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

let agent: RunningAgent;
const socket = () => join(agent.settings.runDir, 'agent.sock');

beforeEach(async () => {
  agent = await RunningAgent.start('root');
});

afterEach(async () => {
  const { root } = agent;
  rmSync(socket(), { recursive: true, force: true });
  await agent.clean();
  expect(agent.kernel.where(root), `${root} is left`).toEqual([]);
});

test('a root that only one hierarchy has is completed at the start', async () => {
  await agent.end();
  for (const dir of agent.dirs(agent.root).slice(-1)) mkdirSync(dir);
  await agent.begin();
  expect(agent.kernel.where(agent.root)).toHaveLength(agent.layout.hierarchies.length);
  const { group } = await agent.call('launch', { name: 'a', argv: ['/bin/sleep', '1000'] });
  expect(agent.kernel.where(group)).toHaveLength(agent.layout.hierarchies.length);
});

test('a root that another program removed from some hierarchies, or from all, is completed by the next launch', async () => {
  const dirs = agent.dirs(agent.root);
  for (const removed of [dirs.slice(0, 1), dirs]) {
    for (const dir of removed) rmdirSync(dir);
    const { group } = await agent.call('launch', { name: 'b', argv: ['/bin/sleep', '1000'] });
    expect(agent.kernel.where(group)).toHaveLength(dirs.length);
    await agent.call('removeGroup', { path: group, kill: true });
  }
});

test('a start that fails removes the root that it made, and no other', async () => {
  await agent.end();
  // The socket cannot be made in its place.
  mkdirSync(socket());
  writeFileSync(join(socket(), 'file'), '');
  await expect(agent.begin()).rejects.toThrow(/agent\.sock/);
  expect(agent.kernel.where(agent.root)).toEqual([]);
  const [first = ''] = agent.dirs(agent.root);
  mkdirSync(first);
  await expect(agent.begin()).rejects.toThrow(/agent\.sock/);
  expect(agent.kernel.where(agent.root)).toHaveLength(1);
});
