// An agent starts after an earlier one was killed with a caught group: no group stays throttled or frozen.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 2 ** 20;
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('guard');
});
afterEach(() => agent.clean());

test('a caught group runs again once the agent has started', async () => {
  const path = `${agent.root}/caught`;
  const v1 = agent.layout.ofController('memory') !== undefined;
  const [limit, state, thawed] = v1 ? ['memory.limit_in_bytes', 'freezer.state', 'THAWED'] : ['memory.high', 'cgroup.freeze', '0'];
  const read = (file: string) => agent.kernel.read(path, file);
  await agent.call('createGroup', { path, limits: v1 ? {} : { 'memory.swap.max': 0 } });
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

  await agent.begin();
  expect([read(limit), read(state)]).toEqual([before, thawed]);
  // The program runs on.
  await vi.waitFor(() => expect(Number(agent.kernel.measure(path, 'memory-usage'))).toBeGreaterThan(64 * MIB), { timeout: 100_000 });
});
