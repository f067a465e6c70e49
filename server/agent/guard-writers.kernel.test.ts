// Whose a write is in a guarded group: the guard's by its pattern, a raise's by who decided, and another program's has no author.
import { expect, test } from 'vitest';
import { memoryVersion } from './fixtures/expected-mode.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const MIB = 2 ** 20;
const agent = sharedAgent('guard-writers');
/** What the guard puts its line into. */
const lineFile = () => (memoryVersion === 2 ? 'memory.high' : 'memory.limit_in_bytes');

const writers = (group: string) => agent.all('write', group).map(({ file, new: now, by }) => [file, now, by]);

test('the line is written by the guard, given back by it, and what another program writes has no author', async () => {
  const hard = agent.kernel.file('memory-hard-limit');
  const group = await agent.make('lines', { [hard]: '128M' });
  const pattern = `${agent.root}/l*`;
  await agent.call('setGuard', { pattern, plan: { line: '50%' } });
  const before = memoryVersion === 2 ? 'max' : String(128 * MIB);
  expect(writers(group)).toContainEqual([lineFile(), String(64 * MIB), `guard ${pattern}`]);
  await agent.call('removeGuard', { pattern });
  expect(writers(group).at(-1)).toEqual([lineFile(), before, `guard ${pattern}`]);
  agent.kernel.write(group, hard, String(96 * MIB));
  await agent.event('write', group, ({ new: now }) => now === String(96 * MIB));
  expect(writers(group).at(-1)).toEqual([hard, String(96 * MIB), undefined]);
});

test('a raise is written by who decided, and by the guard where its steps did', async () => {
  const hard = agent.kernel.file('memory-hard-limit');
  const pattern = `${agent.root}/raised-*`;
  const steps = [{ do: 'raise', percent: 100, upTo: '256M' } as const];
  await agent.call('setGuard', { pattern, plan: { line: '90%', deadlineSeconds: 3600, steps } });
  const limits = { [hard]: '64M' };
  const argv = ['cgdeck-load', 'leak', '60', '90'];
  const raises = (group: string) =>
    agent
      .all('write', group)
      .filter(({ new: now }) => Number(now) > 64 * MIB)
      .map(({ by }) => by);
  const byPerson = await agent.call('launch', { name: 'raised-person', argv, limits });
  const { id } = await agent.event('hold', byPerson.group);
  await agent.call('decide', { hold: id, choice: { do: 'raise', bytes: '256M' } });
  await agent.event('exit', byPerson.group);
  const { by } = await agent.event('decision', byPerson.group);
  expect(new Set(raises(byPerson.group))).toEqual(new Set([by]));
  await agent.call('setGuard', { pattern, plan: { line: '90%', deadlineSeconds: 0, steps } });
  const byRule = await agent.call('launch', { name: 'raised-rule', argv, limits });
  await agent.event('exit', byRule.group);
  expect(new Set(raises(byRule.group))).toEqual(new Set([`guard ${pattern}`]));
  // A write that the tick found itself would have no author.
  for (const { group } of [byPerson, byRule]) expect(writers(group).filter(([, , author]) => author === undefined)).toEqual([]);
});
