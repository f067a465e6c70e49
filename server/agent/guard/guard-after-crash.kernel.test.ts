// A guard after the end of its agent: the next agent restores the group, or continues the guard, from what is on disk.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { boot, GuardBench, LIMITS, until } from './fixtures/guard-bench.ts';

const bench = new GuardBench();

/** Another process arms the group and is killed once it has printed so, or once the group is caught. */
async function crash(after: 'armed' | 'caught'): Promise<void> {
  const args = [
    join(import.meta.dirname, 'fixtures/guarding-agent.ts'),
    bench.stateDir,
    boot,
    bench.group.path,
    String(LIMITS.freezeAtBytes),
    String(LIMITS.hardLimitBytes),
  ];
  const agent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(agent, 'exit');
  const complaints = text(agent.stderr);
  const printedLines: string[] = [];
  for await (const printed of createInterface({ input: agent.stdout })) {
    printedLines.push(printed);
    if (printed === 'armed' && after === 'caught') bench.group.grow(100);
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

test('after an agent was killed with an armed guard, the next one continues a guard still wanted', async () => {
  await crash('armed');
  expect(await bench.guard.recover(() => true)).toEqual([{ group: bench.group.path, outcome: 'continued' }]);
  bench.group.grow(100);
  await bench.caught();
  expect(bench.group.kills).toBe(0);
});

test('what a person froze while no agent ran stays frozen, and is not held', async () => {
  await crash('armed');
  bench.group.grow(1);
  bench.group.freeze();
  expect(await bench.guard.recover(() => true)).toEqual([{ group: bench.group.path, outcome: 'continued' }]);
  expect(bench.guard.isCaught(bench.group.path)).toBe(false);
  await expect(bench.guard.hold(bench.group.path)).rejects.toMatchObject({ problem: { code: 'conflict' } });
  await bench.guard.disarm(bench.group.path);
  expect([bench.group.limit, bench.group.state]).toEqual([bench.unlimited, 'frozen']);
});

test('after an agent was killed with a caught group, the next one keeps a guard still wanted, and releases', async () => {
  await crash('caught');
  expect(await bench.guard.recover(() => true)).toEqual([{ group: bench.group.path, outcome: 'continued' }]);
  expect(bench.catches[0]).toMatchObject({ group: bench.group.path, reason: 'found' });
  await bench.guard.release(bench.group.path, { raiseTo: 2 * LIMITS.freezeAtBytes }, 'operator');
  await bench.caughtAgain();
  expect(bench.group.kills).toBe(0);
});

test('raises by the guard’s own steps are counted over a crash, and from none for a new guard; a refused one is not', async () => {
  const { path } = bench.group;
  await bench.arm();
  bench.group.grow(100);
  await bench.caught();
  await expect(bench.guard.release(path, { raiseTo: 1 }, undefined)).rejects.toMatchObject({ problem: { code: 'invalid' } });
  expect(bench.guard.recordOf(path)?.raises).toBeUndefined();
  await bench.guard.release(path, { raiseTo: 2 * LIMITS.freezeAtBytes }, undefined);
  bench.guard.abandon();
  bench.newGuard();
  await bench.guard.recover(() => true);
  await bench.guard.countRaise(path);
  expect(bench.guard.recordOf(path)?.raises).toBe(2);
  await bench.guard.disarm(path);
  await bench.guard.arm(path, undefined);
  expect(bench.guard.recordOf(path)).toMatchObject({ before: expect.anything() });
  expect(bench.guard.recordOf(path)?.raises).toBeUndefined();
});

test('an agent that stops restores all groups', async () => {
  await bench.armAndCatch();
  await bench.guard.stop();
  expect(bench.group.limit).toBe(bench.unlimited);
  await until(() => bench.group.state === 'thawed' && bench.group.usageBytes > 2 * LIMITS.freezeAtBytes);
});

test('a record of another group of the name, or of another boot, changes nothing; a damaged file is skipped', async () => {
  await bench.arm();
  const records = JSON.parse(readFileSync(join(bench.stateDir, 'guard-records.json'), 'utf8')) as { inode: number }[];
  bench.guard.abandon();
  for (const change of [{ inode: 1 }, { boot: 'another' }]) {
    writeFileSync(
      join(bench.stateDir, 'guard-records.json'),
      JSON.stringify([...records.map((one) => ({ ...one, ...change })), { group: 7 }]),
    );
    expect(await bench.newGuard().recover(() => false)).toEqual([{ group: bench.group.path, outcome: 'gone' }]);
    expect(bench.group.limit).toBe(String(LIMITS.freezeAtBytes));
  }
  writeFileSync(join(bench.stateDir, 'guard-records.json'), '[{"group":');
  expect(await bench.newGuard().recover(() => false)).toEqual([]);
});
