// The agent is killed after each single write of a guard's life: whoever comes next, its watchdog or the next agent, the group goes on as if there
// had been no guard.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDir } from '../../../native/libc/library.ts';
import { KernelGroups } from '../fixtures/kernel-groups.ts';
import { Sources } from '../kernel/sources.ts';
import { boot, MIB, until } from './fixtures/guard-bench.ts';
import { GuardedGroup } from './fixtures/guarded-group.ts';
import { Guard } from './guard.ts';

const LINE_BYTES = 32 * MIB;
/** Takes 100 MiB a second up to three times the line, and then ends with code 0. */
const GROWS = `exec '${join(buildDir, 'cgdeck-load')}' leak 100 96`;
const DEADLINE_MS = process.env.CGDECK_TEST_MACHINE === undefined ? 2000 : 10_000;
const AT_A_TIME = 4;
const sources = new Sources();
let groups: KernelGroups;
let number = 0;

beforeAll(() => {
  groups = new KernelGroups('guard-writes');
  sources.start((error) => {
    throw error;
  });
});
afterAll(() => {
  sources.stop();
  groups.remove();
});

/** What of a group a guard changes. */
function stateOf(group: GuardedGroup): Record<string, string> {
  const files = groups.layout.ofController('memory')
    ? ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', 'freezer.state', 'memory.oom_control']
    : ['memory.high', 'memory.max', 'cgroup.freeze'];
  return Object.fromEntries(files.map((file) => [file, group.read(file).split('\n')[0] ?? '']));
}

interface Life {
  readonly stateDir: string;
  readonly group: GuardedGroup;
  /** What it printed. */
  readonly lines: string[];
  /** The program in the group; undefined if the agent died before the guard was armed. */
  readonly program: Promise<unknown[]> | undefined;
}

/** A guard's life up to and with its write of this number; the whole of it with 0. */
async function live(last: number, deadline: string): Promise<Life> {
  const stateDir = mkdtempSync(join(tmpdir(), 'cgdeck-test-writes-'));
  const group = new GuardedGroup(groups, `g${++number}`);
  const args = [
    join(import.meta.dirname, 'fixtures/dying-agent.ts'),
    stateDir,
    boot,
    group.path,
    String(LINE_BYTES),
    deadline,
    String(last),
  ];
  const agent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(agent, 'exit');
  const lines: string[] = [];
  let program: Life['program'];
  for await (const line of createInterface({ input: agent.stdout })) {
    lines.push(line);
    if (line === 'armed') program = once(group.run(GROWS), 'exit');
  }
  expect(await ended).toEqual(last === 0 ? [0, null] : [null, 'SIGKILL']);
  return { stateDir, group, lines, program };
}

/** Kills the agent after each of its writes, and has `mend` put right what it left. */
async function killedAnywhere(deadline: string, mend: (life: Life) => Promise<void>): Promise<void> {
  const whole = await live(0, deadline);
  const writes = whole.lines.filter((line) => line.startsWith('write '));
  expect(whole.lines.at(-1)).toBe('disarmed');
  rmSync(whole.stateDir, { recursive: true });
  await whole.program;
  const before = stateOf(whole.group);
  const left = writes.map((_, i) => i + 1);
  const found: unknown[] = [];
  const worker = async () => {
    for (let last = left.shift(); last !== undefined; last = left.shift()) {
      const life = await live(last, deadline);
      const after = life.lines.at(-1);
      await mend(life);
      found.push({ after, ...stateOf(life.group), kills: life.group.kills, end: await (life.program ?? [0, null]) });
      rmSync(life.stateDir, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  expect(found).toEqual(found.map((one) => ({ ...(one as object), ...before, kills: 0, end: [0, null] })));
  expect(found).toHaveLength(writes.length);
}

async function recover({ stateDir, group }: Life, isWanted: boolean): Promise<void> {
  const reach = { mayWrite: () => {}, holdsOurselves: () => false };
  const guard = new Guard({ layout: groups.layout, reach, sources, stateDir, boot });
  const [recovered] = await guard.recover(() => isWanted);
  if (recovered?.outcome === 'continued') await guard.disarm(group.path);
  await guard.stop();
}

test('killed after any write: its watchdog gives the group back, and the next agent finds nothing to do', () =>
  killedAnywhere(String(DEADLINE_MS), async (life) => {
    await until(() => !existsSync(join(life.stateDir, 'watchdog.sock')));
    const given = stateOf(life.group);
    await recover(life, false);
    expect(stateOf(life.group)).toEqual(given);
  }));

test('killed after any write, its watchdog as well: the next agent gives the group back', () =>
  killedAnywhere('', (life) => recover(life, false)));

test('killed after any write, its watchdog as well: the next agent continues the guard, and gives the group back in the end', () =>
  killedAnywhere('', (life) => recover(life, true)));
