// The hold on the real kernel: a group that grows is caught before a kill, let go with more, and never forgotten.

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
import { HeldGroup } from './fixtures/held-group.ts';
import { type Held, Hold } from './hold.ts';

const MIB = 2 ** 20;
const LINE = 48 * MIB;
const WALL = 64 * MIB;
const ROUNDS = 20;
const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const patience = { timeout: 100_000, interval: 10 };
const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), patience);

let groups: KernelGroups;
let sources: Sources;
let stateDir: string;
let hold: Hold;
let group: HeldGroup;
let helds: (Held & { latencyMs: number })[];
let number = 0;

function newHold(): Hold {
  const made = new Hold({ layout: groups.layout, reach: { mayWrite: () => {}, holdsOurselves: () => false }, sources, stateDir, boot });
  helds = [];
  made.onHeld((held) => helds.push({ ...held, latencyMs: monotonicMs() - (held.wokeMs ?? 0) }));
  return made;
}

/** What the record on disk names. */
const noted = (): string[] =>
  (JSON.parse(readFileSync(join(stateDir, 'holds.json'), 'utf8')) as { group: string }[]).map((one) => one.group);
const caught = () => until(() => helds.length > 0);
/** Not the notice that the group, caught before, has come to stand still. */
const caughtAgain = () => until(() => helds.some(({ usageBytes }) => usageBytes > 1.5 * LINE));

/** Another agent arms the group and is killed once it has said so, or once the group is held. */
async function crash(after: 'armed' | 'held'): Promise<void> {
  const args = [join(import.meta.dirname, 'fixtures/holder.ts'), stateDir, boot, group.path, String(LINE), String(WALL)];
  const agent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(agent, 'exit');
  const complaints = text(agent.stderr);
  const heard: string[] = [];
  for await (const said of createInterface({ input: agent.stdout })) {
    heard.push(said);
    if (said === 'armed' && after === 'held') group.grow(100);
    else break;
  }
  agent.kill('SIGKILL');
  const end = await ended;
  // How it ended and what it said first: without them nobody knows why it was not there to be killed.
  expect({ heard, end, complaints: await complaints }).toEqual({
    heard: after === 'armed' ? ['armed'] : ['armed', expect.stringMatching(/^fr(eez|oz)/)],
    end: [null, 'SIGKILL'],
    complaints: '',
  });
}

beforeAll(() => {
  groups = new KernelGroups('hold');
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
  stateDir = mkdtempSync(join(tmpdir(), 'cgdeck-test-hold-'));
  group = new HeldGroup(groups, `g${++number}`);
  hold = newHold();
});
afterEach(async () => {
  hold.abandon();
  await group.empty();
  rmSync(stateDir, { recursive: true, force: true });
});

function onBoth(version: 1 | 2): void {
  const unlimited = version === 1 ? '9223372036854771712' : 'max';

  test(`what grows by 100 MiB a second is caught ${ROUNDS} times of ${ROUNDS}, goes on with more, and is caught again`, async () => {
    const figures: { latencyMs: number; overBytes: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
      group.grow(100);
      await caught();
      figures.push(...helds.slice(0, 1).map(({ latencyMs, usageBytes }) => ({ latencyMs, overBytes: usageBytes - LINE })));
      await hold.release(group.path, { raiseTo: 2 * LINE });
      await caughtAgain();
      expect(group.kills).toBe(0);
      await group.empty();
      await hold.disarm(group.path);
      expect([group.line, group.state]).toEqual([unlimited, 'thawed']);
      hold = newHold();
      group = new HeldGroup(groups, `g${++number}`);
    }
    if (process.env.CGDECK_FIGURES) console.log(JSON.stringify(figures));
  }, 1_200_000);

  test('a disarmed group has what it had before, and what somebody else has set since stays', async () => {
    const file = version === 1 ? 'memory.limit_in_bytes' : 'memory.high';
    group.write(file, String(256 * MIB));
    await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
    expect(group.line).toBe(String(LINE));
    expect(noted()).toEqual([group.path]);
    await hold.disarm(group.path);
    expect(group.line).toBe(String(256 * MIB));
    expect(noted()).toEqual([]);
    await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
    group.write(file, String(128 * MIB));
    await hold.disarm(group.path);
    expect(group.line).toBe(String(128 * MIB));
  });

  test('a limit that was raised at a release stays', async () => {
    const file = version === 1 ? 'memory.limit_in_bytes' : 'memory.high';
    group.write(file, String(64 * MIB));
    await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
    await hold.release(group.path, { raiseTo: 96 * MIB });
    await hold.disarm(group.path);
    expect(group.line).toBe(String(96 * MIB));
  });

  test('what is armed twice, not armed, or would be caught at once is refused', async () => {
    await expect(hold.arm(group.path, { lineBytes: 100 })).rejects.toMatchObject({ problem: { code: 'invalid' } });
    await expect(hold.release(group.path, { raiseTo: LINE })).rejects.toMatchObject({ problem: { code: 'not_found' } });
    await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
    await expect(hold.arm(group.path, { lineBytes: LINE })).rejects.toMatchObject({ problem: { code: 'conflict' } });
    group.grow(100);
    await caught();
    await expect(hold.release(group.path, { raiseTo: LINE / 2 })).rejects.toMatchObject({ problem: { code: 'invalid' } });
    expect(hold.isHeld(group.path)).toBe(true);
  });

  test('an agent that was killed while the group was armed: the next one puts it back', async () => {
    await crash('armed');
    expect(group.line).toBe(String(LINE));
    expect(await hold.recover(() => false)).toEqual([{ group: group.path, outcome: 'restored' }]);
    expect(group.line).toBe(unlimited);
    expect(noted()).toEqual([]);
  });

  test('an agent that was killed while the group was armed: the next one goes on where it is still wanted', async () => {
    await crash('armed');
    expect(await hold.recover(() => true)).toEqual([{ group: group.path, outcome: 'continued' }]);
    group.grow(100);
    await caught();
    expect(group.kills).toBe(0);
  });

  test('an agent that was killed while the group was held: the next one lets it run, without a line', async () => {
    await crash('held');
    expect(group.state).not.toBe('thawed');
    expect(await hold.recover(() => false)).toEqual([{ group: group.path, outcome: 'restored' }]);
    expect(group.line).toBe(unlimited);
    await until(() => group.state === 'thawed' && group.usageBytes > 2 * LINE);
    expect(group.kills).toBe(0);
  });

  test('an agent that was killed while the group was held: the next one holds on where it is still wanted, and releases', async () => {
    await crash('held');
    expect(await hold.recover(() => true)).toEqual([{ group: group.path, outcome: 'continued' }]);
    expect(helds[0]).toMatchObject({ group: group.path, reason: 'found' });
    await hold.release(group.path, { raiseTo: 2 * LINE });
    await caughtAgain();
    expect(group.kills).toBe(0);
  });

  test('an agent that ends on purpose leaves nobody held', async () => {
    await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
    group.grow(100);
    await caught();
    await hold.stop();
    expect(group.line).toBe(unlimited);
    await until(() => group.state === 'thawed' && group.usageBytes > 2 * LINE);
  });

  test('a group that is removed while it is held is forgotten', async () => {
    await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
    group.grow(100);
    await caught();
    await group.empty();
    await vi.waitFor(() => group.removeNow(), patience);
    hold.forget(group.path);
    expect(noted()).toEqual([]);
    expect(hold.isHeld(group.path)).toBe(false);
    group = new HeldGroup(groups, `g${number}`);
    await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
    expect(group.line).toBe(String(LINE));
  });

  test('a record of a group that was made anew, or of another boot, changes nothing; one that is torn is passed over', async () => {
    await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
    const records = JSON.parse(readFileSync(join(stateDir, 'holds.json'), 'utf8')) as { inode: number }[];
    hold.abandon();
    for (const change of [{ inode: 1 }, { boot: 'another' }]) {
      writeFileSync(join(stateDir, 'holds.json'), JSON.stringify([...records.map((one) => ({ ...one, ...change })), { group: 7 }]));
      expect(await newHold().recover(() => false)).toEqual([{ group: group.path, outcome: 'gone' }]);
      expect(group.line).toBe(String(LINE));
    }
    writeFileSync(join(stateDir, 'holds.json'), '[{"group":');
    expect(await newHold().recover(() => false)).toEqual([]);
  });
}

describeOnMemory(1, 'the hold on v1', () => {
  onBoth(1);

  test('who waits for memory keeps its group freezing, and that is told', async () => {
    await hold.arm(group.path, { lineBytes: LINE });
    group.grow(100);
    await caught();
    expect(helds).toMatchObject([{ reason: 'oom', state: 'freezing' }]);
    expect(group.read('memory.oom_control')).toMatch(/oom_kill_disable 1\nunder_oom 1/);
    expect(group.state).toBe('freezing');
    await hold.disarm(group.path);
    expect(group.read('memory.oom_control')).toContain('oom_kill_disable 0');
  });
});

describeOnMemory(2, 'the hold on v2', () => {
  onBoth(2);

  test('the line is lifted once everybody stands still, and the wall stays', async () => {
    await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
    group.grow(100);
    await until(() => helds.some(({ state }) => state === 'frozen'));
    await until(() => group.line === 'max');
    expect(group.read('memory.max')).toBe(String(WALL));
    expect(group.usageBytes).toBeLessThan(WALL);
  });

  // What nobody else has read yet: the disk of a test machine.
  test.skipIf(process.env.CGDECK_TEST_MACHINE === undefined)('a group that fills its line with cache runs on', async () => {
    await hold.arm(group.path, { lineBytes: 16 * MIB, wallBytes: WALL });
    const reader = group.run('exec head -c 100M /dev/vda > /dev/null');
    expect(await once(reader, 'exit')).toEqual([0, null]);
    expect(Number(/^high (\d+)$/m.exec(group.read('memory.events.local'))?.[1])).toBeGreaterThan(0);
    expect(helds).toEqual([]);
  });

  test('a wall under the line, or under the usage, is refused', async () => {
    await expect(hold.arm(group.path, { lineBytes: LINE, wallBytes: LINE })).rejects.toMatchObject({ problem: { code: 'invalid' } });
    group.grow(100);
    await until(() => group.usageBytes > WALL);
    await expect(hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL })).rejects.toMatchObject({ problem: { code: 'busy' } });
    expect(group.read('memory.max')).toBe('max');
    expect(group.kills).toBe(0);
  });

  test('somebody else’s thaw draws the line again', async () => {
    await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
    group.grow(100);
    await until(() => helds.some(({ state }) => state === 'frozen'));
    await until(() => group.line === 'max');
    const { length } = helds;
    group.write('cgroup.freeze', '0');
    await until(() => helds.length > length);
    expect(group.kills).toBe(0);
  });

  // The disk of a test machine may be written; another's may not.
  test.skipIf(process.env.CGDECK_TEST_MACHINE === undefined)(
    'a task in uninterruptible sleep keeps its group freezing, which is told, and the line in force',
    async () => {
      const disk = '254:0';
      group.write('io.max', `${disk} wbps=4096`);
      const writer = group.run('exec dd if=/dev/zero of=/dev/vda bs=1M count=1 oflag=direct status=none');
      await until(() => /^State:\tD/m.test(readFileSync(`/proc/${writer.pid}/status`, 'utf8')));
      await hold.arm(group.path, { lineBytes: LINE, wallBytes: WALL });
      group.grow(100);
      await caught();
      expect(helds).toMatchObject([{ state: 'freezing' }]);
      expect([group.state, group.line]).toEqual(['freezing', String(LINE)]);
      group.write('io.max', `${disk} wbps=max`);
      await until(() => helds.some(({ state }) => state === 'frozen'));
      await until(() => group.line === 'max');
      expect(group.kills).toBe(0);
    },
  );
});
