// Guards on the real kernel: a group that grows is caught before a kill, released with a higher limit, and restored after a crash.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { describeOnMemory } from '../fixtures/expected-mode.ts';
import { KernelGroups } from '../fixtures/kernel-groups.ts';
import { monotonicMs } from '../kernel/clock.ts';
import { Sources } from '../kernel/sources.ts';
import { GuardedGroup } from './fixtures/guarded-group.ts';
import { type CaughtGroup, Guard } from './guard.ts';

const MIB = 2 ** 20;
const FREEZE_AT = 48 * MIB;
const HARD_LIMIT = 64 * MIB;
const ROUNDS = process.env.CGDECK_FIGURES === undefined ? 10 : 20;
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const patience = { timeout: 100_000, interval: 10 };
const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), patience);

let groups: KernelGroups;
let sources: Sources;
let stateDir: string;
let guard: Guard;
let group: GuardedGroup;
let catches: (CaughtGroup & { latencyMs: number })[];
let number = 0;

function newGuard(): Guard {
  const made = new Guard({ layout: groups.layout, reach: { mayWrite: () => {}, holdsOurselves: () => false }, sources, stateDir, boot });
  catches = [];
  made.onCaught((caught) => catches.push({ ...caught, latencyMs: monotonicMs() - (caught.wokeMs ?? 0) }));
  return made;
}

/** The groups in the records on disk. */
const recorded = (): string[] =>
  (JSON.parse(readFileSync(join(stateDir, 'guards.json'), 'utf8')) as { group: string }[]).map((one) => one.group);
const caught = () => until(() => catches.length > 0);
/** Not the second notice of the first catch. */
const caughtAgain = () => until(() => catches.some(({ usageBytes }) => usageBytes > 1.5 * FREEZE_AT));

/** Another process arms the group and is killed once it has printed so, or once the group is caught. */
async function crash(after: 'armed' | 'caught'): Promise<void> {
  const args = [join(import.meta.dirname, 'fixtures/guarding-agent.ts'), stateDir, boot, group.path, String(FREEZE_AT), String(HARD_LIMIT)];
  const agent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(agent, 'exit');
  const complaints = text(agent.stderr);
  const printedLines: string[] = [];
  for await (const printed of createInterface({ input: agent.stdout })) {
    printedLines.push(printed);
    if (printed === 'armed' && after === 'caught') group.grow(100);
    else break;
  }
  agent.kill('SIGKILL');
  const end = await ended;
  expect({ printedLines, end, complaints: await complaints }).toEqual({
    printedLines: after === 'armed' ? ['armed'] : ['armed', expect.stringMatching(/^fr(eez|oz)/)],
    end: [null, 'SIGKILL'],
    complaints: '',
  });
}

beforeAll(() => {
  groups = new KernelGroups('guard');
  sources = new Sources();
  sources.start((error) => {
    throw error;
  });
});
afterAll(() => {
  sources.stop();
  groups.remove();
});
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'cgdeck-test-guard-'));
  group = new GuardedGroup(groups, `g${++number}`);
  guard = newGuard();
});
afterEach(async () => {
  guard.abandon();
  await group.empty();
  rmSync(stateDir, { recursive: true, force: true });
});

function onBoth(version: 1 | 2): void {
  const unlimited = version === 1 ? '9223372036854771712' : 'max';

  test(`a group that grows by 100 MiB a second is caught in all ${ROUNDS} rounds, released, and caught again`, async () => {
    const figures: { latencyMs: number; overBytes: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
      group.grow(100);
      await caught();
      figures.push(...catches.slice(0, 1).map(({ latencyMs, usageBytes }) => ({ latencyMs, overBytes: usageBytes - FREEZE_AT })));
      await guard.release(group.path, { raiseTo: 2 * FREEZE_AT });
      await caughtAgain();
      expect(group.kills).toBe(0);
      await group.empty();
      await guard.disarm(group.path);
      expect([group.limit, group.state]).toEqual([unlimited, 'thawed']);
      guard = newGuard();
      group = new GuardedGroup(groups, `g${++number}`);
    }
    if (process.env.CGDECK_FIGURES) console.log(JSON.stringify(figures));
  }, 1_200_000);

  test('a disarmed group gets its limit back, unless another program has changed it', async () => {
    const file = version === 1 ? 'memory.limit_in_bytes' : 'memory.high';
    group.write(file, String(256 * MIB));
    await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
    expect(group.limit).toBe(String(FREEZE_AT));
    expect(recorded()).toEqual([group.path]);
    await guard.disarm(group.path);
    expect(group.limit).toBe(String(256 * MIB));
    expect(recorded()).toEqual([]);
    await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
    group.write(file, String(128 * MIB));
    await guard.disarm(group.path);
    expect(group.limit).toBe(String(128 * MIB));
  });

  test('a limit that was raised at a release stays', async () => {
    const file = version === 1 ? 'memory.limit_in_bytes' : 'memory.high';
    group.write(file, String(64 * MIB));
    await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
    await guard.release(group.path, { raiseTo: 96 * MIB });
    await guard.disarm(group.path);
    expect(group.limit).toBe(String(96 * MIB));
  });

  test('arming twice, releasing an unarmed group, and a limit below the usage are refused', async () => {
    await expect(guard.arm(group.path, { freezeAtBytes: 100 })).rejects.toMatchObject({ problem: { code: 'invalid' } });
    await expect(guard.release(group.path, { raiseTo: FREEZE_AT })).rejects.toMatchObject({ problem: { code: 'not_found' } });
    await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
    await expect(guard.arm(group.path, { freezeAtBytes: FREEZE_AT })).rejects.toMatchObject({ problem: { code: 'conflict' } });
    group.grow(100);
    await caught();
    await expect(guard.release(group.path, { raiseTo: FREEZE_AT / 2 })).rejects.toMatchObject({ problem: { code: 'invalid' } });
    expect(guard.isCaught(group.path)).toBe(true);
  });

  test('after an agent was killed with an armed guard, the next one restores the group', async () => {
    await crash('armed');
    expect(group.limit).toBe(String(FREEZE_AT));
    expect(await guard.recover(() => false)).toEqual([{ group: group.path, outcome: 'restored' }]);
    expect(group.limit).toBe(unlimited);
    expect(recorded()).toEqual([]);
  });

  test('after an agent was killed with an armed guard, the next one continues a guard still wanted', async () => {
    await crash('armed');
    expect(await guard.recover(() => true)).toEqual([{ group: group.path, outcome: 'continued' }]);
    group.grow(100);
    await caught();
    expect(group.kills).toBe(0);
  });

  test('after an agent was killed with a caught group, the next one thaws it and restores its limit', async () => {
    await crash('caught');
    expect(group.state).not.toBe('thawed');
    expect(await guard.recover(() => false)).toEqual([{ group: group.path, outcome: 'restored' }]);
    expect(group.limit).toBe(unlimited);
    await until(() => group.state === 'thawed' && group.usageBytes > 2 * FREEZE_AT);
    expect(group.kills).toBe(0);
  });

  test('after an agent was killed with a caught group, the next one keeps a guard still wanted, and releases', async () => {
    await crash('caught');
    expect(await guard.recover(() => true)).toEqual([{ group: group.path, outcome: 'continued' }]);
    expect(catches[0]).toMatchObject({ group: group.path, reason: 'found' });
    await guard.release(group.path, { raiseTo: 2 * FREEZE_AT });
    await caughtAgain();
    expect(group.kills).toBe(0);
  });

  test('an agent that stops restores all groups', async () => {
    await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
    group.grow(100);
    await caught();
    await guard.stop();
    expect(group.limit).toBe(unlimited);
    await until(() => group.state === 'thawed' && group.usageBytes > 2 * FREEZE_AT);
  });

  test('a group that is removed while it is caught is forgotten', async () => {
    await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
    group.grow(100);
    await caught();
    await group.empty();
    await vi.waitFor(() => group.removeNow(), patience);
    guard.forget(group.path);
    expect(recorded()).toEqual([]);
    expect(guard.isCaught(group.path)).toBe(false);
    group = new GuardedGroup(groups, `g${number}`);
    await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
    expect(group.limit).toBe(String(FREEZE_AT));
  });

  test('a record of another group of the name, or of another boot, changes nothing; a damaged file is skipped', async () => {
    await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
    const records = JSON.parse(readFileSync(join(stateDir, 'guards.json'), 'utf8')) as { inode: number }[];
    guard.abandon();
    for (const change of [{ inode: 1 }, { boot: 'another' }]) {
      writeFileSync(join(stateDir, 'guards.json'), JSON.stringify([...records.map((one) => ({ ...one, ...change })), { group: 7 }]));
      expect(await newGuard().recover(() => false)).toEqual([{ group: group.path, outcome: 'gone' }]);
      expect(group.limit).toBe(String(FREEZE_AT));
    }
    writeFileSync(join(stateDir, 'guards.json'), '[{"group":');
    expect(await newGuard().recover(() => false)).toEqual([]);
  });
}

describeOnMemory(1, 'a guard on v1', () => {
  onBoth(1);

  test('a task that waits for memory keeps its group freezing, and that is reported', async () => {
    await guard.arm(group.path, { freezeAtBytes: FREEZE_AT });
    group.grow(100);
    await caught();
    expect(catches).toMatchObject([{ reason: 'oom', state: 'freezing' }]);
    expect(group.read('memory.oom_control')).toMatch(/oom_kill_disable 1\nunder_oom 1/);
    expect(group.state).toBe('freezing');
    await guard.disarm(group.path);
    expect(group.read('memory.oom_control')).toContain('oom_kill_disable 0');
  });
});

describeOnMemory(2, 'a guard on v2', () => {
  onBoth(2);

  test('memory.high is set to max once all tasks have stopped, and the hard limit stays', async () => {
    await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
    group.grow(100);
    await until(() => catches.some(({ state }) => state === 'frozen'));
    await until(() => group.limit === 'max');
    expect(group.read('memory.max')).toBe(String(HARD_LIMIT));
    expect(group.usageBytes).toBeLessThan(HARD_LIMIT);
  });

  // Needs data that is not in the page cache: the disk of a test machine.
  test.skipIf(process.env.CGDECK_TEST_MACHINE === undefined)('a group that reaches its limit with page cache is not caught', async () => {
    await guard.arm(group.path, { freezeAtBytes: 16 * MIB, hardLimitBytes: HARD_LIMIT });
    const reader = group.run('exec head -c 100M /dev/vda > /dev/null');
    expect(await once(reader, 'exit')).toEqual([0, null]);
    expect(Number(/^high (\d+)$/m.exec(group.read('memory.events.local'))?.[1])).toBeGreaterThan(0);
    expect(catches).toEqual([]);
  });

  test('a hard limit below the guard’s limit, or below the usage, is refused', async () => {
    await expect(guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: FREEZE_AT })).rejects.toMatchObject({
      problem: { code: 'invalid' },
    });
    group.grow(100);
    await until(() => group.usageBytes > HARD_LIMIT);
    await expect(guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT })).rejects.toMatchObject({
      problem: { code: 'busy' },
    });
    expect(group.read('memory.max')).toBe('max');
    expect(group.kills).toBe(0);
  });

  test('a thaw by another program applies the limit again', async () => {
    await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
    group.grow(100);
    await until(() => catches.some(({ state }) => state === 'frozen'));
    await until(() => group.limit === 'max');
    const { length } = catches;
    group.write('cgroup.freeze', '0');
    await until(() => catches.length > length);
    expect(group.kills).toBe(0);
  });

  // Writes to the disk: only in a test machine.
  test.skipIf(process.env.CGDECK_TEST_MACHINE === undefined)(
    'a task in uninterruptible sleep keeps its group freezing, which is reported, and its limit applied',
    async () => {
      const disk = '254:0';
      group.write('io.max', `${disk} wbps=4096`);
      const writer = group.run('exec dd if=/dev/zero of=/dev/vda bs=1M count=1 oflag=direct status=none');
      await until(() => /^State:\tD/m.test(readFileSync(`/proc/${writer.pid}/status`, 'utf8')));
      await guard.arm(group.path, { freezeAtBytes: FREEZE_AT, hardLimitBytes: HARD_LIMIT });
      group.grow(100);
      await caught();
      expect(catches).toMatchObject([{ state: 'freezing' }]);
      expect([group.state, group.limit]).toEqual(['freezing', String(FREEZE_AT)]);
      group.write('io.max', `${disk} wbps=max`);
      await until(() => catches.some(({ state }) => state === 'frozen'));
      await until(() => group.limit === 'max');
      expect(group.kills).toBe(0);
    },
  );
});
