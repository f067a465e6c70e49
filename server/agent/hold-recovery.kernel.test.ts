// An agent starts where an earlier one was killed while it held a group: nobody stays throttled or paused.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 2 ** 20;
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('hold');
});
afterEach(() => agent.clean());

test('a group that was held runs again once the agent is there', async () => {
  const path = `${agent.root}/held`;
  const v1 = agent.layout.ofController('memory') !== undefined;
  const [line, state, thawed] = v1 ? ['memory.limit_in_bytes', 'freezer.state', 'THAWED'] : ['memory.high', 'cgroup.freeze', '0'];
  const read = (file: string) => agent.kernel.read(path, file);
  await agent.call('createGroup', { path, limits: v1 ? {} : { 'memory.swap.max': 0 } });
  const before = read(line);
  // An agent that ends takes empty groups along.
  agent.process(path, 'exec sleep 1000');
  await agent.until(() => Number(agent.reading(path, 'cgroup.procs')) === 1);
  await agent.end();

  const args = [agent.settings.stateDir, boot, path, String(32 * MIB), String(64 * MIB)];
  const holder = spawn(process.execPath, [join(import.meta.dirname, 'guard/fixtures/holder.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const said of createInterface({ input: holder.stdout })) {
    if (said !== 'armed') break;
    agent.process(path, 'head -c 40M /dev/zero | tail -c 40M > /dev/null');
  }
  expect(read(state)).not.toBe(thawed);
  const ended = once(holder, 'exit');
  holder.kill('SIGKILL');
  await ended;
  expect(read(state)).not.toBe(thawed);

  await agent.begin();
  expect([read(line), read(state)]).toEqual([before, thawed]);
  // It goes on to its end.
  await vi.waitFor(() => expect(read('cgroup.procs').split('\n')).toHaveLength(1), { timeout: 100_000 });
});
