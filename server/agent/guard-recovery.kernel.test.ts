// An agent starts after an earlier one was killed with a caught group: no group stays throttled or frozen.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 2 ** 20;
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
let agent: RunningAgent;
let path: string;

beforeEach(async () => {
  agent = await RunningAgent.start('guard');
  path = `${agent.root}/caught`;
});
afterEach(() => agent.clean());

const isV1 = () => agent.layout.ofController('memory') !== undefined;
const read = (file: string) => agent.kernel.read(path, file);

/** Leaves the group caught at 32 MiB, with no agent. @returns what its limit and its state are without that */
async function leaveCaught(): Promise<{ files: readonly [string, string]; before: readonly [string, string] }> {
  const [limit, state, thawed] = isV1() ? ['memory.limit_in_bytes', 'freezer.state', 'THAWED'] : ['memory.high', 'cgroup.freeze', '0'];
  await agent.call('createGroup', { path, limits: isV1() ? {} : { 'memory.swap.max': 0 } });
  const before = read(limit);
  // The agent removes empty groups when it stops.
  agent.process(path, 'exec sleep 1000');
  await agent.until(() => Number(agent.reading(path, 'cgroup.procs')) === 1);
  await agent.end();

  const args = [agent.settings.stateDir, boot, path, String(32 * MIB), String(64 * MIB)];
  const guarding = spawn(process.execPath, [join(import.meta.dirname, 'guard/fixtures/guarding-agent.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const printed of createInterface({ input: guarding.stdout })) {
    if (printed !== 'armed') break;
    // It grows by writing to its memory: on v1 a system call, as a write to a pipe, fails at the limit instead of waiting there.
    agent.process(path, `exec '${join(buildDir, 'cgdeck-load')}' leak 100`);
  }
  expect(read(state)).not.toBe(thawed);
  const ended = once(guarding, 'exit');
  guarding.kill('SIGKILL');
  await ended;
  expect(read(state)).not.toBe(thawed);
  return { files: [limit, state], before: [before, thawed] };
}

test('a caught group runs again once the agent has started', async () => {
  const { files, before } = await leaveCaught();
  await agent.begin();
  expect(files.map(read)).toEqual(before);
  // The program runs on.
  await vi.waitFor(() => expect(Number(agent.kernel.measure(path, 'memory-usage'))).toBeGreaterThan(64 * MIB), { timeout: 100_000 });
});

test('one that is still guarded is reported as held, and not as out of memory', async () => {
  await leaveCaught();
  writeFileSync(join(agent.settings.stateDir, 'guards.json'), JSON.stringify({ guards: { [path]: { line: '32M' } } }));
  await agent.begin();
  expect(await agent.event('hold', path)).toMatchObject({ reason: 'found' });
  expect(agent.all('oom', path)).toEqual([]);
});
