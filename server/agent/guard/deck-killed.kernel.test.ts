// All of cgdeck on the real kernel, whose processes are killed one by one and together while guards are armed and a group is held: what a guard did is
// continued or given back, and what a person froze stays frozen.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { buildDir } from '../../../native/libc/library.ts';
import type { CallAnswer } from '../../contract/calls.ts';
import type { Hold } from '../../contract/guards.ts';
import { KernelGroups } from '../fixtures/kernel-groups.ts';
import { patience, until } from './fixtures/guard-bench.ts';
import { GuardedGroup } from './fixtures/guarded-group.ts';

/** For what is asked of a server. */
const calmly = { timeout: patience.timeout, interval: 100 };
const TOKEN = 'the-token-of-the-killed-deck';
const LIMIT = '100663296';
/** Beyond the line of 90 %, below the limit: then it ends with code 0. */
const GROWS = `exec '${join(buildDir, 'cgdeck-load')}' leak 60 90`;
/** In a test machine a killed agent may be back only after its watchdog has given everything back, rightly. */
const IS_SLOW = process.env.CGDECK_TEST_MACHINE !== undefined;
/** What was built starts sooner. */
const MAIN = IS_SLOW ? 'dist/server/main.js' : 'server/main.ts';
const ROOT = join(import.meta.dirname, '..', '..', '..');

let groups: KernelGroups;
let folder: string;
let deck: ChildProcess | undefined;
let base = '';
let armed: GuardedGroup;
let held: GuardedGroup;
let byHand: GuardedGroup;

beforeAll(() => {
  groups = new KernelGroups('killed');
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-test-killed-'));
  chmodSync(folder, 0o755);
  [armed, held, byHand] = ['armed', 'held', 'by-hand'].map((name) => new GuardedGroup(groups, name)) as [
    GuardedGroup,
    GuardedGroup,
    GuardedGroup,
  ];
  for (const group of [armed, held, byHand]) group.write(limitFile(), LIMIT);
  mkdirSync(join(folder, 'state'), { mode: 0o700 });
  const plan = { line: '90%', deadlineSeconds: 3600 };
  writeFileSync(join(folder, 'state', 'guards.json'), JSON.stringify({ guards: { [`${groups.root}/*`]: plan } }));
});
afterEach(() => killAll('watchdog'));
afterAll(async () => {
  for (const group of [armed, held, byHand]) await group.empty();
  groups.remove();
  rmSync(folder, { recursive: true, force: true });
});

const isV1 = () => groups.layout.ofController('memory') !== undefined;
const limitFile = () => (isV1() ? 'memory.limit_in_bytes' : 'memory.max');

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** Those started with this test's folder. */
function pidsOf(which: 'watchdog' | 'agent' | 'web' | 'supervisor'): number[] {
  const found: number[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      const isOurs = command.includes(folder) || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`CGDECK_RUN_DIR=${folder}`);
      if (isOurs && kindOf(command) === which) found.push(Number(pid));
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

function kindOf(command: string): 'watchdog' | 'agent' | 'web' | 'supervisor' | undefined {
  if (command.includes('cgdeck-watchdog')) return 'watchdog';
  if (/agent\/main\.[jt]s/.test(command)) return 'agent';
  if (/web\/main\.[jt]s|^cgdeck-web/.test(command)) return 'web';
  return command.includes(MAIN) || command.trim() === 'cgdeck' ? 'supervisor' : undefined;
}

/** Kills the deck at once: the supervisor first, which would start others in the place of its children. */
async function killAll(...others: 'watchdog'[]): Promise<void> {
  const pids = (['supervisor', 'agent', 'web', ...others] as const).flatMap(pidsOf);
  for (const pid of pids) kill(pid);
  await until(() => pids.every((pid) => !existsSync(`/proc/${pid}`)));
}

/** Below those that the kernel gives out by itself: who asks for such a one again and again while nobody listens connects to itself in the end. */
async function freePort(): Promise<number> {
  for (let port = 20_000 + (process.pid % 10_000); ; port++) {
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

async function start(): Promise<void> {
  const listen = `127.0.0.1:${await freePort()}`;
  base = `http://${listen}/api/v1`;
  deck = spawn(process.execPath, [join(ROOT, MAIN), '--listen', listen, '--root', groups.root], {
    env: { ...process.env, CGDECK_STATE_DIR: join(folder, 'state'), CGDECK_RUN_DIR: join(folder, 'run'), CGDECK_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (!deck.stdout) throw new Error('no pipe');
  for await (const line of createInterface({ input: deck.stdout })) if (line === 'cgdeck is ready.') break;
  deck.stdout.resume();
  await guarded();
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(base + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${TOKEN}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** The states of all guards, once cgdeck answers and none waits. */
const guarded = () =>
  vi.waitFor(async () => {
    const { groups: all } = await ask<CallAnswer<'guards'>>('/guards');
    expect(all.map(({ state }) => state)).toEqual(all.map(() => expect.stringMatching(/armed|held/)));
    expect(all).toHaveLength(3);
  }, calmly);

/** The only hold there is. */
const theHold = (): Promise<Hold> =>
  vi.waitFor(async () => {
    const { holds } = await ask<CallAnswer<'holds'>>('/holds');
    expect(holds.map(({ group }) => group)).toEqual([held.path]);
    return holds[0] as Hold;
  }, calmly);

/** Kills at once, and waits for others in their place. */
async function killed(...which: ('agent' | 'web' | 'watchdog')[]): Promise<void> {
  const before = which.map(pidsOf);
  expect(before.map(({ length }) => length)).toEqual(which.map(() => 1));
  for (const pid of before.flat()) kill(pid);
  await until(() => which.every((one, i) => pidsOf(one).some((pid) => !before[i]?.includes(pid))));
}

/** What a group has without a guard; a person has frozen one of them. */
function expectGivenBack(): Promise<void> {
  return vi.waitFor(() => {
    for (const group of [armed, held, byHand]) {
      expect(group.read(limitFile())).toBe(LIMIT);
      expect(group.read(isV1() ? 'memory.oom_control' : 'memory.high')).toMatch(/^(oom_kill_disable 0$|max)/m);
      expect([group.path, group.state]).toEqual([group.path, group === byHand ? 'frozen' : 'thawed']);
    }
  }, patience);
}

test('its processes are killed, alone and together, while a group is held', async () => {
  // An empty group would be removed at the end.
  for (const group of [armed, held, byHand]) group.run('exec sleep 3600');
  await start();
  byHand.freeze();
  const first = once(held.run(GROWS), 'exit');
  const hold = await theHold();

  // Whichever is killed, the hold goes on as it was.
  for (const which of [['web'], ['watchdog'], ['agent', 'watchdog'], ...(IS_SLOW ? [] : [['agent'] as const])] as const) {
    await killed(...which);
    await guarded();
    const { since, reason, decidesAt } = await theHold();
    expect({ which, since, reason }).toEqual({ which, since: hold.since, reason: 'line' });
    expect(Math.abs(decidesAt - hold.decidesAt)).toBeLessThan(5000);
    expect([held.state === 'thawed', byHand.state]).toEqual([false, 'frozen']);
  }

  // All but the watchdog.
  await killAll();
  await expectGivenBack();
  expect(await first).toEqual([0, null]);
  await until(() => pidsOf('watchdog').length === 0);

  // The watchdog as well: the next start finds the hold.
  await start();
  const second = once(held.run(GROWS), 'exit');
  const { since } = await theHold();
  await killAll('watchdog');
  expect(held.state).not.toBe('thawed');
  await start();
  const found = await theHold();
  expect(found.since).toBe(since);
  await ask('/decide', { hold: found.id, choice: { do: 'raise', bytes: '192M' } });
  expect(await second).toEqual([0, null]);
  held.write(limitFile(), LIMIT);

  // The supervisor alone: the agent notices, and gives everything back.
  await vi.waitFor(async () => {
    const { groups: all } = await ask<CallAnswer<'guards'>>('/guards');
    expect(all.find(({ group }) => group === held.path)).toMatchObject({ state: 'armed', ownLimit: Number(LIMIT) });
  }, calmly);
  const third = once(held.run(GROWS), 'exit');
  await theHold();
  for (const pid of pidsOf('supervisor')) kill(pid);
  await expectGivenBack();
  expect(await third).toEqual([0, null]);
  expect([armed, held, byHand].map(({ kills }) => kills)).toEqual([0, 0, 0]);
});
