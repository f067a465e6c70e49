// Guards on the real kernel: a group that is about to run out of memory is held, a person or a rule decides, and it continues.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 2 ** 20;
const patience = { timeout: 60_000, interval: 50 };
let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('guards');
});

afterEach(() => agent.clean());

/** A launch that takes 60 MiB a second up to 90 MiB, and ends by itself with code 0. */
async function growing(name: string, limit: string): Promise<{ group: string; pid: number }> {
  const { group, pid } = await agent.call('launch', {
    name,
    argv: ['cgdeck-load', 'leak', '60', '90'],
    limits: { [agent.kernel.file('memory-hard-limit')]: limit },
  });
  return { group, pid };
}

test('held at its line, decided by a person, and it ends with code 0', async () => {
  await agent.call('setGuard', { pattern: `${agent.root}/*`, plan: { line: '90%' } });
  const { group, pid } = await growing('web', '64M');
  const held = await agent.event('hold', group);
  expect(held).toMatchObject({
    reason: 'line',
    pattern: `${agent.root}/*`,
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

test('no person decides: its steps do when the time is over', async () => {
  const plan = { line: '90%', deadlineSeconds: 1, steps: [{ do: 'raise', percent: 100, upTo: '256M' } as const] };
  await agent.call('setGuard', { pattern: `${agent.root}/*`, plan });
  const { group } = await growing('web', '64M');
  await agent.event('hold', group);
  expect(await agent.event('decision', group)).toMatchObject({ do: 'raise', outcome: 'continues', by: 'guard' });
  expect(await agent.event('exit', group)).toMatchObject({ code: 0 });
});

test('its steps raise the limit as often as they may, and then take the next step', async () => {
  const steps = [{ do: 'raise', percent: 20, upTo: '1G', times: 2 } as const, { do: 'kill' } as const];
  await agent.call('setGuard', { pattern: `${agent.root}/*`, plan: { line: '90%', deadlineSeconds: 1, steps } });
  const { group } = await growing('often', '48M');
  await agent.event('decision', group, ({ do: choice }) => choice === 'kill');
  const decided = agent.all('decision', group).map(({ do: choice }) => choice);
  expect(decided).toEqual(['raise', 'raise', 'kill']);
});

test('two people decide: the second learns who was first; the group that was thawed goes on without its guard', async () => {
  await agent.call('setGuard', { pattern: `${agent.root}/*`, plan: { line: '48M' } });
  const { group } = await growing('web', '256M');
  const { id } = await agent.event('hold', group);
  const asked = [agent.call('decide', { hold: id, choice: { do: 'thaw' } }), agent.call('decide', { hold: id, choice: { do: 'kill' } })];
  const [first, second] = await Promise.allSettled(asked);
  expect(first).toMatchObject({ status: 'fulfilled', value: { outcome: 'continues' } });
  expect(second).toMatchObject({ reason: { problem: { code: 'conflict', detail: expect.stringContaining('decided already') } } });
  expect(await agent.event('exit', group)).toMatchObject({ code: 0 });
});

test('one process is killed, and the others continue', async () => {
  const group = await agent.make('pair', { [agent.kernel.file('memory-hard-limit')]: '128M' });
  await agent.call('setGuard', { pattern: group, plan: { line: '64M' } });
  const sleeper = await agent.enter(group);
  const leak = agent.process(group, `exec '${join(buildDir, 'cgdeck-load')}' leak 100`);
  const { id, facts } = await agent.event('hold', group);
  expect(facts.processes[0]).toMatchObject({ pid: leak, comm: 'cgdeck-load' });
  const answer = await agent.call('decide', { hold: id, choice: { do: 'killProcess', pid: leak } });
  expect(answer).toMatchObject({ outcome: 'continues', sentence: expect.stringContaining('cgdeck-load') });
  await agent.until(() => agent.kernel.members(group).every((pids) => pids.length === 1 && pids[0] === sleeper));
  expect((await agent.call('guards', {})).groups).toMatchObject([{ group, state: 'armed' }]);
  expect((await agent.call('group', { path: group })).state).toBe('thawed');
});

test('a group that is removed, emptied or thawed by others while it is held', async () => {
  await agent.call('setGuard', { pattern: `${agent.root}/*`, plan: { line: '48M' } });
  const killed = await growing('killed', '256M');
  const thawed = await growing('thawed', '256M');
  const removed = await growing('removed', '256M');
  for (const { group } of [killed, thawed, removed]) await agent.event('hold', group);
  await agent.call('kill', { group: killed.group });
  await agent.call('thaw', { group: thawed.group });
  await agent.call('removeGroup', { path: removed.group, kill: true });
  expect(await agent.event('decision', killed.group)).toMatchObject({ outcome: 'gone' });
  expect(await agent.event('decision', thawed.group)).toMatchObject({
    outcome: 'continues',
    sentence: expect.stringContaining('thawed by another'),
  });
  expect(await agent.event('decision', removed.group)).toMatchObject({ outcome: 'gone' });
  expect(await agent.event('exit', thawed.group)).toMatchObject({ code: 0 });
  expect((await agent.call('holds', {})).holds).toEqual([]);
});

test('the line follows the limit, also one that another program writes, and comes back when the limit does', async () => {
  const file = agent.kernel.file('memory-hard-limit');
  const unlimited = agent.kernel.measure(agent.root, 'memory-hard-limit');
  const { path } = await agent.inhabited('moved', { [file]: '128M' });
  await agent.call('setGuard', { pattern: path, plan: { line: '50%' } });
  const state = async () => (await agent.call('guards', {})).groups[0];
  expect(await state()).toMatchObject({ state: 'armed', lineBytes: 64 * MIB });
  agent.kernel.write(path, file, String(256 * MIB));
  await vi.waitFor(async () => expect(await state()).toMatchObject({ state: 'armed', lineBytes: 128 * MIB }), patience);
  await agent.call('writeFile', { path, file, value: 'max' });
  await vi.waitFor(
    async () => expect(await state()).toMatchObject({ state: 'waiting', sentence: expect.stringContaining('No limit') }),
    patience,
  );
  await agent.call('removeGuard', { pattern: path });
  expect((await agent.call('guards', {})).groups).toEqual([]);
  expect(agent.kernel.measure(path, 'memory-hard-limit')).toBe(unlimited);
});

test('a launch brings its guard, which is armed before it grows, and goes with it', async () => {
  const { group } = await agent.call('launch', {
    name: 'own',
    argv: ['cgdeck-load', 'leak', '400', '150'],
    limits: { [agent.kernel.file('memory-hard-limit')]: '128M' },
    guard: { line: '50%' },
  });
  const { id, facts } = await agent.event('hold', group);
  expect(facts.lineBytes).toBe(64 * MIB);
  expect((await agent.call('guards', {})).groups).toMatchObject([{ group, state: 'held', plan: { line: '50%' } }]);
  expect(await agent.call('decide', { hold: id, choice: { do: 'dropLimit' } })).toMatchObject({ outcome: 'continues' });
  expect(await agent.event('exit', group)).toMatchObject({ code: 0 });
  await agent.call('removeGroup', { path: group, kill: true });
  expect((await agent.call('guards', {})).groups).toEqual([]);
});

test('what others have frozen stays frozen when the guard is removed', async () => {
  const { path } = await agent.inhabited('byhand', { [agent.kernel.file('memory-hard-limit')]: '64M' });
  await agent.call('setGuard', { pattern: path, plan: { line: '90%' } });
  agent.kernel.setFrozen(path, true);
  await agent.event('freeze', path);
  await agent.call('removeGuard', { pattern: path });
  expect((await agent.call('guards', {})).groups).toEqual([]);
  expect(agent.kernel.isFrozen(path)).toBe(true);
  expect(agent.kernel.measure(path, 'memory-hard-limit')).toBe(String(64 * MIB));
});

test('an entry for the group of a launch applies instead of its guard, also one that is off', async () => {
  const { group } = await agent.call('launch', {
    name: 'own',
    argv: ['/bin/sleep', '1000'],
    limits: { [agent.kernel.file('memory-hard-limit')]: '128M' },
    guard: { line: '50%' },
  });
  await vi.waitFor(async () => expect((await agent.call('guards', {})).groups).toMatchObject([{ lineBytes: 64 * MIB }]), patience);
  const { groups } = await agent.call('setGuard', { pattern: group, plan: { line: '25%' } });
  expect(groups).toMatchObject([{ group, state: 'armed', lineBytes: 32 * MIB }]);
  expect((await agent.call('setGuard', { pattern: group, plan: { off: true } })).groups).toEqual([]);
  expect(agent.kernel.measure(group, 'memory-hard-limit')).toBe(String(128 * MIB));
  expect((await agent.call('removeGuard', { pattern: group })).groups).toMatchObject([{ lineBytes: 64 * MIB }]);
});

test('a dry run reports when the guard would have held', async () => {
  const path = await agent.make('past', { [agent.kernel.file('memory-hard-limit')]: '256M' });
  agent.process(path, `exec '${join(buildDir, 'cgdeck-load')}' leak 40 150`);
  await agent.until(() => Number(agent.measured(path, 'memory-usage') ?? 0) > 120 * MIB);
  await agent.ticks(15);
  const { would, lineBytes } = await agent.call('tryGuard', { group: path, plan: { line: '40%' } });
  expect(lineBytes).toBe(Math.floor((0.4 * 256 * MIB) / 65536) * 65536);
  expect(would).toMatchObject([{ reason: 'line' }]);
  expect(would[0]?.usageBytes).toBeGreaterThanOrEqual(lineBytes ?? 0);
  expect((await agent.call('tryGuard', { group: path, plan: { line: '90%' } })).would).toEqual([]);
});

test('a line on memory and swap together: held there and raised on v1, a sentence on v2', async () => {
  const isV1 = agent.kernel.file('memory-hard-limit') === 'memory.limit_in_bytes';
  const limits: Record<string, string> = isV1
    ? { 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': '80M' }
    : { 'memory.max': '64M' };
  const pattern = `${agent.root}/both`;
  await agent.call('setGuard', { pattern, plan: { memswLine: '50%' } });
  const argv = isV1 ? ['cgdeck-load', 'leak', '60', '76'] : ['sleep', '600'];
  const { group } = await agent.call('launch', { name: 'both', argv, limits });
  const { groups } = await agent.call('guards', {});
  if (!isV1) {
    expect(groups).toMatchObject([{ state: 'waiting', sentence: expect.stringContaining('cgroup v2 has no limit on memory and swap') }]);
    const both = await agent.call('setGuard', { pattern, plan: { memswLine: '50%', line: '60M' } });
    expect(both.groups).toMatchObject([{ state: 'armed', lineBytes: 60 * MIB, sentence: expect.stringContaining('v2 has no limit') }]);
    return;
  }
  expect(groups).toMatchObject([{ state: expect.stringMatching(/armed|held/), memswLineBytes: 40 * MIB, ownLimit: 64 * MIB }]);
  const { id, reason, facts } = await agent.event('hold', group);
  expect(reason).toBe('memsw');
  expect(facts.memsw).toMatchObject({ lineBytes: 40 * MIB, limit: { value: 80 * MIB, group }, isMet: true });
  expect(facts.memsw?.usageBytes).toBeGreaterThan(39 * MIB);
  await expect(agent.call('decide', { hold: id, choice: { do: 'raise', bytes: '70M' } })).rejects.toMatchObject({
    problem: { detail: expect.stringContaining('not above the limit on memory and swap of 80') },
  });
  const answer = await agent.call('decide', { hold: id, choice: { do: 'raise', bytes: '160M' } });
  expect(answer).toMatchObject({
    outcome: 'continues',
    sentence: 'Continues with a limit on memory and swap of 160 MiB and a line of 80.0 MiB.',
  });
  // With swap it goes on; without, its own limit of memory stops it next, below the line.
  await agent.until(
    () => Number(agent.kernel.read(group, 'memory.usage_in_bytes')) > 50 * MIB || agent.kernel.members(group)[0]?.length === 0,
  );
  await agent.call('removeGuard', { pattern });
  const after = ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'].map((file) => agent.kernel.read(group, file));
  expect(after).toEqual([String(64 * MIB), String(160 * MIB)]);
});

test('a raised limit raises that of memory and swap first', async () => {
  if (agent.kernel.file('memory-hard-limit') !== 'memory.limit_in_bytes') return;
  const limits = { 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': '64M' };
  await agent.call('setGuard', { pattern: `${agent.root}/both`, plan: { line: '90%', memswLine: '95%' } });
  const { group } = await agent.call('launch', { name: 'both', argv: ['cgdeck-load', 'leak', '60', '90'], limits });
  const { id, reason } = await agent.event('hold', group);
  expect(reason).toBe('line');
  expect(await agent.call('decide', { hold: id, choice: { do: 'raise', bytes: '128M' } })).toMatchObject({ outcome: 'continues' });
  expect(await agent.event('exit', group)).toMatchObject({ code: 0 });
});

test('a line in bytes that was raised stays where it was raised to', async () => {
  const file = agent.kernel.file('memory-hard-limit');
  const { path: group } = await agent.inhabited('bytes', { [file]: '96M' });
  await agent.call('setGuard', { pattern: group, plan: { line: '48M' } });
  // Over the guard's line on v1, which is applied again.
  agent.kernel.write(group, file, String(64 * MIB));
  await vi.waitFor(
    async () => expect((await agent.call('guards', {})).groups).toMatchObject([{ lineBytes: 48 * MIB, ownLimit: 64 * MIB }]),
    patience,
  );
  agent.process(group, `exec '${join(buildDir, 'cgdeck-load')}' leak 60`);
  const { id } = await agent.event('hold', group);
  await agent.call('decide', { hold: id, choice: { do: 'raise', bytes: '128M' } });
  const again = await vi.waitFor(async () => {
    const { holds } = await agent.call('holds', {});
    expect(holds).toHaveLength(1);
    return holds[0];
  }, patience);
  expect(again?.facts).toMatchObject({ lineBytes: 112 * MIB, limit: { value: 128 * MIB } });
  expect(again?.id).toBeGreaterThan(id);
});
