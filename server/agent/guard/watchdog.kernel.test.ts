// The watchdog on the real kernel: what a guard did is given back although its agent was killed or hangs, and no other agent comes.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test, vi } from 'vitest';
import { boot, GuardBench, LIMITS, MIB, patience, until } from './fixtures/guard-bench.ts';
import { Watchdog } from './watchdog.ts';

const bench = new GuardBench();
/** A busy machine keeps an agent from its timers for less. */
const DEADLINE_MS = process.env.CGDECK_TEST_MACHINE === undefined ? 3000 : 10_000;
const OURS = String(LIMITS.freezeAtBytes);
const limitFile = () => (bench.unlimited === 'max' ? 'memory.high' : 'memory.limit_in_bytes');
const agents: GuardingAgent[] = [];
const watchdogs: Watchdog[] = [];

/** Another process, which has armed the bench's group. */
class GuardingAgent {
  readonly #process: ChildProcess;
  /** What it printed: each step, and the pids of its watchdogs. */
  readonly steps: string[] = [];
  readonly watchdogs: number[] = [];

  private constructor(group: string) {
    const limits = [OURS, String(LIMITS.hardLimitBytes)];
    const args = [join(import.meta.dirname, 'fixtures/guarding-agent.ts'), bench.stateDir, boot, group, ...limits, String(DEADLINE_MS)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('watchdog ')) this.watchdogs.push(Number(line.slice('watchdog '.length)));
      else this.steps.push(line);
    });
  }

  static async armed(group = bench.group.path): Promise<GuardingAgent> {
    const agent = new GuardingAgent(group);
    agents.push(agent);
    await agent.reached('armed');
    expect(bench.group.limit).toBe(OURS);
    return agent;
  }

  async caught(): Promise<this> {
    bench.group.grow(100);
    await until(() => this.steps.some((step) => /^fr(eez|oz)/.test(step)));
    expect(bench.group.state).not.toBe('thawed');
    return this;
  }

  reached(step: string): Promise<unknown> {
    return until(() => this.steps.includes(step));
  }

  /** Its first watchdog was replaced. */
  async replaced(): Promise<void> {
    await vi.waitFor(() => expect(this.watchdogs).toHaveLength(2), patience);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.signal('SIGKILL');
    await ended;
  }
}

const watchdogEnded = () => until(() => !existsSync(join(bench.stateDir, 'watchdog.sock')));
const givenBack = () => until(() => bench.group.limit === bench.unlimited && bench.group.state === 'thawed');

/** It runs on beyond the limit, and none of its processes was killed. */
async function continues(): Promise<void> {
  await until(() => bench.group.usageBytes > 2 * LIMITS.freezeAtBytes);
  expect(bench.group.kills).toBe(0);
}

afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.kill();
  for (const watchdog of watchdogs.splice(0)) await watchdog.close();
  await watchdogEnded();
});

test('a group of an agent that hangs is given back, and the agent finds that out when it continues', async () => {
  const agent = await (await GuardingAgent.armed()).caught();
  agent.signal('SIGSTOP');
  await givenBack();
  await continues();
  expect(bench.recorded()).toEqual([bench.group.path]);
  agent.signal('SIGCONT');
  await until(() => bench.recorded().length === 0);
});

test('a watchdog that was killed is replaced, and gives back what the one before was to', async () => {
  const agent = await GuardingAgent.armed();
  for (const pid of agent.watchdogs) process.kill(pid, 'SIGKILL');
  await agent.replaced();
  await agent.caught();
  await agent.kill();
  await givenBack();
  await continues();
});

test('a watchdog that was stopped is killed and replaced', async () => {
  const agent = await GuardingAgent.armed();
  for (const pid of agent.watchdogs) process.kill(pid, 'SIGSTOP');
  await agent.replaced();
  await agent.kill();
  await givenBack();
});

test('the next agent takes a guard over; what it does not is given back', async () => {
  await (await GuardingAgent.armed()).kill();
  const wanted = bench.group;
  const watchdog = new Watchdog({ runDir: bench.stateDir, deadlineMs: DEADLINE_MS });
  watchdogs.push(watchdog);
  bench.newGuard(watchdog);
  expect(await bench.guard.recover((group) => group === wanted.path)).toEqual([{ group: wanted.path, outcome: 'continued' }]);
  bench.newGroup();
  await (await GuardingAgent.armed()).kill();
  await givenBack();
  expect(wanted.limit).toBe(OURS);
  await bench.guard.stop();
  expect(wanted.limit).toBe(bench.unlimited);
});

test('a group that a person froze after the agent was killed stays frozen', async () => {
  const agent = await GuardingAgent.armed();
  bench.group.grow(1);
  await agent.kill();
  bench.group.freeze();
  await watchdogEnded();
  expect([bench.group.limit, bench.group.state]).toEqual([bench.unlimited, 'frozen']);
});

test('a group that a person froze after the watchdog has thawed it stays frozen when the next agent starts', async () => {
  await (await (await GuardingAgent.armed()).caught()).kill();
  await givenBack();
  bench.group.freeze();
  await until(() => bench.group.state === 'frozen');
  for (const wanted of [true, false]) {
    bench.newGuard();
    await bench.guard.recover(() => wanted);
    expect([bench.group.state, bench.guard.isCaught(bench.group.path)]).toEqual(['frozen', false]);
    bench.guard.abandon();
  }
  await watchdogEnded();
  expect(bench.group.limit).toBe(bench.unlimited);
});

test('a limit that a person has changed stays', async () => {
  await (await GuardingAgent.armed()).kill();
  bench.group.write(limitFile(), String(128 * MIB));
  await watchdogEnded();
  expect(bench.group.limit).toBe(String(128 * MIB));
});

test('a group that was removed and made again is not touched', async () => {
  await (await GuardingAgent.armed()).kill();
  bench.group.removeNow();
  bench.newGroup(basename(bench.group.path));
  bench.group.write(limitFile(), OURS);
  await watchdogEnded();
  expect(bench.group.limit).toBe(OURS);
});

test('a guard that is disarmed leaves nothing to give back, and no watchdog', async () => {
  const watchdog = new Watchdog({ runDir: bench.stateDir });
  bench.newGuard(watchdog);
  await bench.arm();
  await bench.guard.disarm(bench.group.path);
  expect(existsSync(join(bench.stateDir, 'watchdog.sock'))).toBe(true);
  await watchdog.close();
  expect(existsSync(join(bench.stateDir, 'watchdog.sock'))).toBe(false);
});

test('without a watchdog no group is changed: its binary does not run, or its folder is missing or full', async () => {
  const full = join(bench.stateDir, 'full');
  mkdirSync(full);
  // One inode, which is the folder's.
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'nr_inodes=1', 'cgdeck-test', full]);
  try {
    const broken = [
      { runDir: join(bench.stateDir, 'missing'), why: 'ENOENT' },
      { runDir: full, why: 'ENOSPC' },
      { runDir: bench.stateDir, binary: '/bin/false', why: 'cannot be started' },
    ];
    for (const { why, ...options } of broken) {
      bench.newGuard(new Watchdog(options));
      await expect(bench.arm()).rejects.toMatchObject({ problem: { code: 'busy', detail: expect.stringContaining(why) } });
      expect([bench.group.limit, bench.guard.isCaught(bench.group.path)]).toEqual([bench.unlimited, false]);
    }
  } finally {
    execFileSync('umount', [full]);
  }
});
