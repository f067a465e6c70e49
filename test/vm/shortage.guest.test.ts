// A machine that runs out of memory, in a machine of its own with little of it: guarded groups are frozen before the kernel has to kill, lowest priority
// first, never those that the machine lives by; and they go on one by one, the oldest first, when there is memory again.
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import { RunningAgent } from '../../server/agent/fixtures/running-agent.ts';

const MIB = 2 ** 20;
const patience = { timeout: 600_000, interval: 100 };
let agent: RunningAgent;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-test-'));
  agent = await RunningAgent.start('shortage', { intervalMs: 500 });
});
afterAll(async () => {
  await agent.clean();
  rmSync(folder, { recursive: true });
});

const numberIn = (file: string, name: string) => Number(new RegExp(`^${name}:?\\s+(\\d+)`, 'm').exec(readFileSync(file, 'utf8'))?.[1]);
const stateOf = async (path: string) => (await agent.call('group', { path })).state;

test('guarded groups are frozen by priority, never a vital one, and go on oldest first', async () => {
  const killsBefore = numberIn('/proc/vmstat', 'oom_kill');
  // One that the machine lives by: a process of this name.
  const sshd = join(folder, 'sshd');
  copyFileSync('/bin/sleep', sshd);
  const groups: Record<string, string> = {};
  for (const [name, priority] of Object.entries({ batch: 10, web: 50, remote: 0 })) {
    const path = await agent.make(name);
    groups[name] = path;
    agent.process(path, name === 'remote' ? `exec '${sshd}' 10000` : 'exec sleep 10000');
    await agent.until(() => Number(agent.reading(path, 'cgroup.procs') ?? 0) > 0);
    await agent.call('setGuard', { pattern: path, plan: { machine: { priority }, deadlineSeconds: 86_400 } });
  }
  const { batch = '', web = '', remote = '' } = groups;
  const byHand = await agent.make('by-hand');
  agent.process(byHand, 'exec sleep 10000');
  await agent.until(() => Number(agent.reading(byHand, 'cgroup.procs') ?? 0) > 0);
  await agent.call('setGuard', { pattern: byHand, plan: { machine: { priority: 0 } } });
  await agent.call('freeze', { group: byHand });
  const { groups: guarded } = await agent.call('guards', {});
  expect(guarded.find(({ group }) => group === remote)).toMatchObject({ state: 'waiting', sentence: expect.stringContaining('sshd (pid') });

  // Without a guard and a limit; slowly, since everything is slow in a machine without memory.
  const hog = agent.process(await agent.make('hog'), `exec '${join(buildDir, 'cgdeck-load')}' leak 16`);
  const first = await agent.event('hold', batch);
  process.kill(hog, 'SIGSTOP');
  expect(first).toMatchObject({ reason: 'machine' });
  const second = await agent.event('hold', web);
  expect(second.time).toBeGreaterThanOrEqual(first.time);
  expect([await stateOf(batch), await stateOf(web), await stateOf(remote)]).toEqual(['frozen', 'frozen', 'thawed']);
  expect(numberIn('/proc/meminfo', 'MemAvailable') * 1024).toBeLessThan(200 * MIB);

  process.kill(hog, 'SIGKILL');
  const recovered = await Promise.all([batch, web].map((path) => agent.event('decision', path, ({ do: what }) => what === 'recovered')));
  expect(recovered).toMatchObject([{ outcome: 'continues' }, { outcome: 'continues' }]);
  expect(recovered[0]?.id).toBeLessThan(recovered[1]?.id ?? 0);
  await vi.waitFor(async () => expect([await stateOf(batch), await stateOf(web)]).toEqual(['thawed', 'thawed']), patience);
  // What a person froze was neither held nor thawed.
  expect([agent.all('hold', byHand), await stateOf(byHand)]).toEqual([[], 'frozen']);
  expect(agent.all('hold', remote)).toEqual([]);
  expect(numberIn('/proc/vmstat', 'oom_kill')).toBe(killsBefore);
});
