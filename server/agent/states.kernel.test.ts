// Freezing and thawing on the real kernel: each change is reported once, with the user, without waiting for a tick.
import { mkdirSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

const ROUNDS = 30;

let agent: RunningAgent;

afterEach(() => agent.clean());

async function made(name: string): Promise<string> {
  const path = `${agent.root}/${name}`;
  await agent.call('createGroup', { path });
  agent.process(path, 'exec sleep 1000');
  await vi.waitFor(async () => expect((await agent.call('processes', { group: path })).processes).toHaveLength(1), 60_000);
  return path;
}

function changes(path: string): [string, string | undefined][] {
  return agent.events.flatMap((event) =>
    event.group === path && (event.kind === 'freeze' || event.kind === 'thaw') ? [[event.kind, event.by] as [string, string]] : [],
  );
}

test('a freeze and thaw by others between two ticks are both reported', async () => {
  agent = await RunningAgent.start('states', { intervalMs: 3_600_000 });
  const path = await made('short');
  for (let round = 1; round <= 3; round++) {
    agent.kernel.setFrozen(path, true);
    await agent.until(() => changes(path).length === 2 * round - 1);
    agent.kernel.setFrozen(path, false);
    await agent.until(() => changes(path).length === 2 * round);
  }
  expect(changes(path)).toEqual(
    [1, 2, 3].flatMap(() => [
      ['freeze', undefined],
      ['thaw', undefined],
    ]),
  );
});

test('each freeze and thaw of a user is reported once, with the user, also during ticks', async () => {
  agent = await RunningAgent.start('states', { intervalMs: 20 });
  const path = await made('often');
  for (let round = 0; round < ROUNDS; round++) {
    expect((await agent.call('freeze', { group: path })).state).toBe('frozen');
    expect((await agent.call('thaw', { group: path })).state).toBe('thawed');
  }
  const { seq } = await agent.until(() => agent.mirror.head);
  await agent.until(() => (agent.mirror.head?.seq ?? 0) > seq + 2);
  expect(changes(path)).toEqual(
    Array.from({ length: ROUNDS }, () => [
      ['freeze', 'test'],
      ['thaw', 'test'],
    ]).flat(),
  );
});

test('a freeze right after a group is made is reported, also before the first tick; one made below it began frozen', async () => {
  agent = await RunningAgent.start('states', { intervalMs: 20 });
  const [path, below] = [`${agent.root}/cold`, `${agent.root}/cold/below`];
  for (const dir of agent.dirs(path)) mkdirSync(dir);
  agent.kernel.setFrozen(path, true);
  await agent.until(() => changes(path).length > 0);
  for (const dir of agent.dirs(below)) mkdirSync(dir);
  await agent.until(() => agent.measured(below, 'freezer-state') !== undefined);
  await agent.ticks(2);
  expect([changes(path), changes(below)]).toEqual([[['freeze', undefined]], []]);
  agent.kernel.setFrozen(path, false);
  await agent.until(() => changes(below).length > 0);
  expect(changes(below)).toEqual([['thaw', undefined]]);
});
