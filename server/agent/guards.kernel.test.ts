// Guards on the real kernel: a group that is about to run out of memory is held, a person or a rule decides, and it continues.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 2 ** 20;
let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('guards');
});

afterEach(() => agent.end());

/** A launch that takes 10 MiB a second up to 90 MiB, and ends by itself with code 0. */
async function growing(name: string, limit: string): Promise<{ group: string; pid: number }> {
  const { group, pid } = await agent.call('launch', {
    name,
    argv: ['cgdeck-load', 'leak', '60', '90'],
    limits: { [agent.kernel.file('memory-hard-limit')]: limit },
  });
  return { group, pid };
}

test('held at its line, decided by a person, and it ends with code 0', async () => {
  await agent.call('setGuard', { pattern: `${agent.root}/**`, plan: { line: '90%' } });
  const { group, pid } = await growing('web', '64M');
  const held = await agent.event('hold', group);
  expect(held).toMatchObject({
    reason: 'line',
    pattern: `${agent.root}/**`,
    facts: { lineBytes: Math.floor((0.9 * 64 * MIB) / 65536) * 65536 },
  });
  expect(held.facts.processes[0]).toMatchObject({ pid, comm: 'cgdeck-load' });
  expect(held.facts.limit).toEqual({ value: 64 * MIB, group });
  const { holds } = await agent.call('holds', {});
  expect(holds).toMatchObject([{ id: held.id, group, next: 'let it continue without the guard', tried: [] }]);
  const answer = await agent.call('decide', { hold: held.id, choice: { do: 'raise', bytes: '256M' } });
  expect(answer).toMatchObject({ outcome: 'continues' });
  expect(await agent.event('exit', group)).toMatchObject({ code: 0 });
  expect((await agent.call('holds', {})).holds).toEqual([]);
  expect(await agent.event('decision', group)).toMatchObject({ hold: held.id, do: 'raise', outcome: 'continues' });
  await expect(agent.call('decide', { hold: held.id, choice: { do: 'thaw' } })).rejects.toMatchObject({ problem: { code: 'conflict' } });
});

test('nobody decides: its steps do when the time is over', async () => {
  const plan = { line: '90%', deadlineSeconds: 1, steps: [{ do: 'raise', percent: 100, upTo: '256M' } as const] };
  await agent.call('setGuard', { pattern: `${agent.root}/**`, plan });
  const { group } = await growing('web', '64M');
  await agent.event('hold', group);
  expect(await agent.event('decision', group)).toMatchObject({ do: 'raise', outcome: 'continues', by: 'guard' });
  expect(await agent.event('exit', group)).toMatchObject({ code: 0 });
});
