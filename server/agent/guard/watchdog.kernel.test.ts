// The watchdog on the real kernel: what a guard did is given back although the agent was killed or hangs, and nobody comes back.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { boot, GuardBench, LIMITS, until } from './fixtures/guard-bench.ts';

const bench = new GuardBench();
/** A busy machine keeps an agent from its timers for less. */
const DEADLINE_MS = 3000;
const agents: ChildProcess[] = [];

afterEach(async () => {
  for (const agent of agents.splice(0)) if (agent.exitCode === null && agent.signalCode === null) await kill(agent);
  await until(() => !existsSync(join(bench.stateDir, 'watchdog.sock')));
});

async function kill(agent: ChildProcess): Promise<void> {
  const ended = once(agent, 'exit');
  agent.kill('SIGKILL');
  await ended;
}

/** An agent that has armed the group; the states that it prints come into `printed`. */
async function armed(deadlineMs = DEADLINE_MS): Promise<{ agent: ChildProcess; printed: string[] }> {
  const limits = [String(LIMITS.freezeAtBytes), String(LIMITS.hardLimitBytes)];
  const args = [bench.stateDir, boot, bench.group.path, ...limits, String(deadlineMs)];
  const agent = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/guarding-agent.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  agents.push(agent);
  const printed: string[] = [];
  createInterface({ input: agent.stdout }).on('line', (line) => printed.push(line));
  await until(() => printed.includes('armed'));
  return { agent, printed };
}

test('after the agent was killed, an armed group gets its limit back', async () => {
  const { agent } = await armed();
  expect(bench.group.limit).toBe(String(LIMITS.freezeAtBytes));
  await kill(agent);
  await until(() => bench.group.limit === bench.unlimited);
});

test('after the agent was killed, a caught group is thawed and continues', async () => {
  const { agent, printed } = await armed();
  bench.group.grow(100);
  await until(() => printed.length > 1);
  await kill(agent);
  expect(bench.group.state).not.toBe('thawed');
  await until(() => bench.group.state === 'thawed' && bench.group.usageBytes > 2 * LIMITS.freezeAtBytes);
  expect([bench.group.limit, bench.group.kills]).toEqual([bench.unlimited, 0]);
});
