// Guards that are asked for what cannot be, and groups to which something happens while they are held.
import { copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 2 ** 20;
const patience = { timeout: 60_000, interval: 50 };
let agent: RunningAgent;
const hard = () => agent.kernel.file('memory-hard-limit');
const leak = (group: string, mib: string) => agent.process(group, `exec '${join(buildDir, 'cgdeck-load')}' leak ${mib}`);
const guarded = async (group: string) => (await agent.call('guards', {})).groups.find((one) => one.group === group);

beforeEach(async () => {
  agent = await RunningAgent.start('badguards');
});
afterEach(() => agent.clean());

test('a line above the limit, or under the usage, waits with a sentence, until it can be', async () => {
  const { path } = await agent.inhabited('lines', { [hard()]: '64M' });
  await agent.call('setGuard', { pattern: path, plan: { line: '96M' } });
  expect(await guarded(path)).toMatchObject({
    state: 'waiting',
    sentence: expect.stringContaining('The line (96.0 MiB) is not below the limit of 64.0 MiB'),
  });
  await agent.call('writeFile', { path, file: hard(), value: '256M' });
  await vi.waitFor(async () => expect(await guarded(path)).toMatchObject({ state: 'armed', lineBytes: 96 * MIB }), patience);
  await agent.call('removeGuard', { pattern: path });
  const full = leak(path, '20');
  await agent.until(() => Number(agent.kernel.measure(path, 'memory-usage')) > 32 * MIB);
  process.kill(full, 'SIGSTOP');
  await agent.call('setGuard', { pattern: path, plan: { line: '16M' } });
  // v1 refuses a limit under what cannot be reclaimed; v2 swaps, or holds the group.
  const state = agent.layout.ofController('memory')
    ? { state: 'waiting', sentence: expect.stringContaining('EBUSY') }
    : { state: expect.stringMatching(/^(armed|held)$/) };
  await vi.waitFor(async () => expect(await guarded(path)).toMatchObject(state), patience);
  expect(agent.kernel.measure(path, 'oom-kills')).toBe('0');
});

test('a process that has ended cannot be chosen; one that ends while the others decide ends the hold', async () => {
  const path = await agent.make('ended', { [hard()]: '256M' });
  await agent.call('setGuard', { pattern: path, plan: { line: '48M' } });
  const pid = leak(path, '100');
  const { id } = await agent.event('hold', path);
  const other = agent.outsider();
  for (const choice of [{ do: 'killProcess', pid: other } as const, { do: 'move', pid: other, to: agent.root } as const])
    await expect(agent.call('decide', { hold: id, choice })).rejects.toMatchObject({
      problem: { code: 'not_found', detail: expect.stringContaining('has ended') },
    });
  expect((await agent.call('holds', {})).holds).toMatchObject([{ id, tried: [{ outcome: 'refused' }, { outcome: 'refused' }] }]);
  await Promise.allSettled([
    agent.call('kill', { pid, signal: 'SIGKILL' }),
    agent.call('decide', { hold: id, choice: { do: 'killProcess', pid } }),
  ]);
  await vi.waitFor(async () => expect((await agent.call('holds', {})).holds).toEqual([]), patience);
  expect((await agent.call('group', { path })).state).toBe('thawed');
});

test('a guard above and one below: the one whose line was met holds, and not the other', async () => {
  const above = await agent.make('above', { [hard()]: '256M' });
  const below = await agent.make('above/below', { [hard()]: '200M' });
  await agent.call('setGuard', { pattern: above, plan: { line: '64M' } });
  await agent.call('setGuard', { pattern: below, plan: { line: '90%' } });
  leak(below, '60');
  const { id, facts } = await agent.event('hold', above);
  expect(facts.lineBytes).toBe(64 * MIB);
  expect((await agent.call('holds', {})).holds).toMatchObject([{ id, group: above }]);
  await agent.call('decide', { hold: id, choice: { do: 'raise', bytes: '512M' } });
  // Now the lower one meets its own.
  const lower = await agent.event('hold', below);
  expect(lower.facts.usageBytes).toBeGreaterThan(170 * MIB);
  expect((await agent.call('holds', {})).holds).toMatchObject([{ group: below }]);
  expect(agent.kernel.measure(below, 'oom-kills')).toBe('0');
});

test('a group that contains what the machine lives by is never held, and a pattern for all leaves cgdeck’s own out', async () => {
  const folder = mkdtempSync('/srv/cgdeck-test-vital-');
  try {
    copyFileSync('/bin/sleep', join(folder, 'sshd'));
    const path = await agent.make('login', { [hard()]: '64M' });
    const pid = agent.process(path, `exec ${join(folder, 'sshd')} 1000`);
    await agent.until(() => agent.kernel.members(path).every((pids) => pids.includes(pid)));
    const { groups } = await agent.call('setGuard', { pattern: '/**', plan: { line: '90%' } });
    expect(groups.find(({ group }) => group === path)).toMatchObject({
      state: 'waiting',
      sentence: expect.stringContaining(`sshd (pid ${pid})`),
    });
    const others = groups.filter(({ group }) => group !== agent.root && !group.startsWith(`${agent.root}/`));
    expect(others.filter(({ state }) => state !== 'waiting')).toEqual([]);
    await expect(agent.call('setGuard', { pattern: '/', plan: { line: '90%' } })).rejects.toMatchObject({ problem: { code: 'protected' } });
  } finally {
    await agent.call('removeGuard', { pattern: '/**' });
    rmSync(folder, { recursive: true });
  }
});

test('a held group that is renamed, which v1 allows, goes on under its new name', async () => {
  if (!agent.layout.ofController('memory')) return;
  const path = await agent.make('before', { [hard()]: '256M' });
  await agent.call('setGuard', { pattern: path, plan: { line: '48M' } });
  leak(path, '100');
  const { id } = await agent.event('hold', path);
  const after = `${agent.root}/after`;
  for (const [i, dir] of agent.dirs(path).entries()) {
    // v2 in a hybrid machine does not.
    if (!dir.includes('/unified/')) renameSync(dir, agent.dirs(after)[i] ?? '');
  }
  await agent.until(() => agent.kernel.read(after, 'freezer.state') === 'THAWED');
  await agent.until(() => agent.kernel.measure(after, 'memory-hard-limit') === String(256 * MIB));
  expect(agent.kernel.read(after, 'memory.oom_control')).toContain('oom_kill_disable 0');
  await vi.waitFor(async () => expect((await agent.call('holds', {})).holds).toEqual([]), patience);
  expect(await agent.event('decision', path)).toMatchObject({ hold: id, outcome: 'gone' });
});
