// Limits of guarded groups that others write, at the same moment as the guard, or back to what they were: the group's own is kept, and the line follows.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 2 ** 20;
const patience = { timeout: 60_000, interval: 50 };
let agent: RunningAgent;

beforeEach(async () => {
  // Nothing here waits for a tick.
  agent = await RunningAgent.start('guard-written', { intervalMs: 3_600_000 });
});

afterEach(() => agent.clean());

test('the limit of a group that is made while a guard awaits it is not lost', async () => {
  const hard = agent.kernel.file('memory-hard-limit');
  const top = await agent.make('top', { [hard]: '128M' });
  await agent.call('setGuard', { pattern: `${top}/*`, plan: { line: '75%' } });
  for (const [name, limit] of [
    ['a', 64],
    ['b', 32],
    ['c', 16],
  ] as const) {
    const group = await agent.make(`top/${name}`, { [hard]: `${limit}M` });
    await vi.waitFor(async () => {
      const { groups } = await agent.call('guards', {});
      expect(groups.find((one) => one.group === group)).toMatchObject({ state: 'armed', lineBytes: limit * 0.75 * MIB });
    }, patience);
    await agent.call('removeGuard', { pattern: `${top}/*` });
    expect(Number(agent.kernel.read(group, hard))).toBe(limit * MIB);
    await agent.call('setGuard', { pattern: `${top}/*`, plan: { line: '75%' } });
  }
});

test('a limit is raised and lowered again between two ticks: the line follows both', async () => {
  const file = agent.kernel.file('memory-hard-limit');
  const path = await agent.make('back', { [file]: '128M' });
  await agent.call('setGuard', { pattern: path, plan: { line: '75%' } });
  for (const limit of [256, 128]) {
    agent.kernel.write(path, file, String(limit * MIB));
    await vi.waitFor(async () => {
      const { groups } = await agent.call('guards', {});
      expect(groups[0]).toMatchObject({ state: 'armed', lineBytes: limit * 0.75 * MIB, ownLimit: limit * MIB });
    }, patience);
  }
});
