// Guards on the real kernel: a group that grows is caught before a kill, released with a higher limit, and caught again.
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { describeOnMemory } from '../fixtures/expected-mode.ts';
import { GuardBench, LIMITS, MIB, patience, until } from './fixtures/guard-bench.ts';

/** More for the README's figures. */
const ROUNDS = process.env.CGDECK_FIGURES === undefined ? 5 : 20;
const bench = new GuardBench();

function onBoth(version: 1 | 2): void {
  test(`a group that grows by 100 MiB a second is caught in all ${ROUNDS} rounds, released, and caught again`, async () => {
    const figures: { latencyMs: number; overBytes: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await bench.armAndCatch();
      figures.push(
        ...bench.catches.slice(0, 1).map(({ latencyMs, usageBytes }) => ({ latencyMs, overBytes: usageBytes - LIMITS.freezeAtBytes })),
      );
      await bench.guard.release(bench.group.path, { raiseTo: 2 * LIMITS.freezeAtBytes }, 'operator');
      await bench.caughtAgain();
      expect(bench.group.kills).toBe(0);
      await bench.group.empty();
      await bench.guard.disarm(bench.group.path);
      expect([bench.group.limit, bench.group.state]).toEqual([bench.unlimited, 'thawed']);
      bench.newGroup();
      bench.newGuard();
    }
    if (process.env.CGDECK_FIGURES) console.log(JSON.stringify(figures));
  }, 1_200_000);

  test('a disarmed group gets its limit back, unless another program has changed it', async () => {
    const file = version === 1 ? 'memory.limit_in_bytes' : 'memory.high';
    bench.group.write(file, String(256 * MIB));
    await bench.arm();
    expect(bench.group.limit).toBe(String(LIMITS.freezeAtBytes));
    expect(bench.recorded()).toEqual([bench.group.path]);
    await bench.guard.disarm(bench.group.path);
    expect(bench.group.limit).toBe(String(256 * MIB));
    expect(bench.recorded()).toEqual([]);
    await bench.arm();
    bench.group.write(file, String(128 * MIB));
    await bench.guard.disarm(bench.group.path);
    expect(bench.group.limit).toBe(String(128 * MIB));
  });

  test('a limit that was raised at a release stays', async () => {
    const file = version === 1 ? 'memory.limit_in_bytes' : 'memory.high';
    bench.group.write(file, String(64 * MIB));
    await bench.arm();
    await bench.guard.release(bench.group.path, { raiseTo: 96 * MIB }, 'operator');
    await bench.guard.disarm(bench.group.path);
    expect(bench.group.limit).toBe(String(96 * MIB));
  });

  test('arming twice, releasing an unarmed group, and a limit below the usage are refused', async () => {
    await expect(bench.guard.arm(bench.group.path, { freezeAtBytes: 100 })).rejects.toMatchObject({ problem: { code: 'invalid' } });
    await expect(bench.guard.release(bench.group.path, { raiseTo: LIMITS.freezeAtBytes }, 'operator')).rejects.toMatchObject({
      problem: { code: 'not_found' },
    });
    await bench.arm();
    await expect(bench.guard.arm(bench.group.path, { freezeAtBytes: LIMITS.freezeAtBytes })).rejects.toMatchObject({
      problem: { code: 'conflict' },
    });
    bench.group.grow(100);
    await bench.caught();
    await expect(bench.guard.release(bench.group.path, { raiseTo: LIMITS.freezeAtBytes / 2 }, 'operator')).rejects.toMatchObject({
      problem: { code: 'invalid' },
    });
    expect(bench.guard.isCaught(bench.group.path)).toBe(true);
  });

  test('a group that is removed while it is caught is forgotten', async () => {
    await bench.armAndCatch();
    await bench.group.empty();
    await vi.waitFor(() => bench.group.removeNow(), patience);
    bench.guard.forget(bench.group.path);
    await until(() => bench.recorded().length === 0);
    expect(bench.guard.isCaught(bench.group.path)).toBe(false);
    bench.newGroup(basename(bench.group.path));
    await bench.arm();
    expect(bench.group.limit).toBe(String(LIMITS.freezeAtBytes));
  });
}

describeOnMemory(1, 'a guard on v1', () => {
  onBoth(1);

  test('a task that waits for memory keeps its group freezing, and that is reported', async () => {
    await bench.guard.arm(bench.group.path, { freezeAtBytes: LIMITS.freezeAtBytes });
    bench.group.grow(100);
    await bench.caught();
    expect(bench.catches).toMatchObject([{ reason: 'oom', state: 'freezing' }]);
    expect(bench.group.read('memory.oom_control')).toMatch(/oom_kill_disable 1\nunder_oom 1/);
    expect(bench.group.state).toBe('freezing');
    await bench.guard.disarm(bench.group.path);
    expect(bench.group.read('memory.oom_control')).toContain('oom_kill_disable 0');
  });
});

describeOnMemory(1, 'a guard on v1 with a line on memory and swap', () => {
  const limits = () => ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'].map((file) => Number(bench.group.read(file)) / MIB);

  test('it is caught there, also where it swaps first, and what it had comes back', async () => {
    bench.group.write('memory.limit_in_bytes', String(32 * MIB));
    bench.group.write('memory.memsw.limit_in_bytes', String(160 * MIB));
    await bench.guard.arm(bench.group.path, { memswBytes: 64 * MIB });
    expect(limits()).toEqual([32, 64]);
    // Without swap it meets its own limit of memory first, where the guard lets nothing be killed either.
    bench.group.grow(50);
    await bench.caught();
    const swaps = Number(bench.group.read('memory.memsw.usage_in_bytes')) > 33 * MIB;
    await bench.guard.release(bench.group.path, swaps ? { memswTo: 96 * MIB } : { ownBytes: 96 * MIB }, 'operator');
    expect(limits()).toEqual(swaps ? [32, 96] : [96, 96]);
    await until(() => Number(bench.group.read('memory.memsw.usage_in_bytes')) > 80 * MIB);
    await until(() => bench.catches.length > 1);
    await bench.group.empty();
    await bench.guard.disarm(bench.group.path);
    expect(limits()).toEqual(swaps ? [32, 160] : [96, 160]);
    expect(bench.group.kills).toBe(0);
  });

  test('both limits are unlimited again', async () => {
    await bench.guard.arm(bench.group.path, { freezeAtBytes: 48 * MIB, memswBytes: 64 * MIB });
    expect(limits()).toEqual([48, 64]);
    await bench.guard.disarm(bench.group.path);
    expect(bench.group.limit).toBe(bench.unlimited);
    expect(bench.group.read('memory.memsw.limit_in_bytes')).toBe(bench.unlimited);
  });
});

describeOnMemory(2, 'a guard on v2', () => {
  onBoth(2);

  test('memory.high is set to max once all tasks have stopped, and the hard limit stays', async () => {
    await bench.arm();
    bench.group.grow(100);
    await until(() => bench.catches.some(({ state }) => state === 'frozen'));
    await until(() => bench.group.limit === 'max');
    expect(bench.group.read('memory.max')).toBe(String(LIMITS.hardLimitBytes));
    expect(bench.group.usageBytes).toBeLessThan(LIMITS.hardLimitBytes);
  });

  // Needs data that is not in the page cache: the disk of a test machine.
  test.skipIf(process.env.CGDECK_TEST_MACHINE === undefined)('a group that reaches its limit with page cache is not caught', async () => {
    await bench.guard.arm(bench.group.path, { freezeAtBytes: 16 * MIB, hardLimitBytes: LIMITS.hardLimitBytes });
    const reader = bench.group.run('exec head -c 100M /dev/vda > /dev/null');
    expect(await once(reader, 'exit')).toEqual([0, null]);
    expect(Number(/^high (\d+)$/m.exec(bench.group.read('memory.events.local'))?.[1])).toBeGreaterThan(0);
    expect(bench.catches).toEqual([]);
  });

  test('a threaded group is refused, and named; the domain above it is guarded with all its threads', async () => {
    const threads = join(dirname(bench.group.file('cgroup.type')), 'threads');
    mkdirSync(threads);
    try {
      writeFileSync(join(threads, 'cgroup.type'), 'threaded');
      await expect(bench.guard.arm(`${bench.group.path}/threads`, undefined)).rejects.toMatchObject({
        problem: { code: 'unsupported', detail: expect.stringContaining('threads is threaded') },
      });
      await expect(bench.guard.arm(`${bench.group.path}/threads`, LIMITS)).rejects.toMatchObject({ problem: { code: 'unsupported' } });
      await bench.arm();
      const { pid } = bench.group.grow(100);
      await until(() => bench.group.read('cgroup.procs').split('\n').includes(String(pid)));
      writeFileSync(join(threads, 'cgroup.threads'), String(pid));
      await until(() => bench.catches.some(({ state }) => state === 'frozen'));
      await bench.guard.disarm(bench.group.path);
      await bench.group.empty();
    } finally {
      rmdirSync(threads);
    }
  });

  test('a hard limit below the guard’s limit, or below the usage, is refused', async () => {
    await expect(
      bench.guard.arm(bench.group.path, { freezeAtBytes: LIMITS.freezeAtBytes, hardLimitBytes: LIMITS.freezeAtBytes }),
    ).rejects.toMatchObject({
      problem: { code: 'invalid' },
    });
    bench.group.grow(100);
    await until(() => bench.group.usageBytes > LIMITS.hardLimitBytes);
    await expect(bench.guard.arm(bench.group.path, LIMITS)).rejects.toMatchObject({
      problem: { code: 'busy' },
    });
    expect(bench.group.read('memory.max')).toBe('max');
    expect(bench.group.kills).toBe(0);
  });

  test('a thaw by another program applies the limit again', async () => {
    await bench.arm();
    bench.group.grow(100);
    await until(() => bench.catches.some(({ state }) => state === 'frozen'));
    await until(() => bench.group.limit === 'max');
    const { length } = bench.catches;
    bench.group.write('cgroup.freeze', '0');
    await until(() => bench.catches.length > length);
    expect(bench.group.kills).toBe(0);
  });

  // Writes to the disk: only in a test machine.
  test.skipIf(process.env.CGDECK_TEST_MACHINE === undefined)(
    'a task in uninterruptible sleep keeps its group freezing, which is reported, and its limit applied',
    async () => {
      const disk = '254:0';
      bench.group.write('io.max', `${disk} wbps=4096`);
      const writer = bench.group.run('exec dd if=/dev/zero of=/dev/vda bs=1M count=1 oflag=direct status=none');
      await until(() => /^State:\tD/m.test(readFileSync(`/proc/${writer.pid}/status`, 'utf8')));
      await bench.armAndCatch();
      expect(bench.catches).toMatchObject([{ state: 'freezing' }]);
      expect([bench.group.state, bench.group.limit]).toEqual(['freezing', String(LIMITS.freezeAtBytes)]);
      bench.group.write('io.max', `${disk} wbps=max`);
      await until(() => bench.catches.some(({ state }) => state === 'frozen'));
      await until(() => bench.group.limit === 'max');
      expect(bench.group.kills).toBe(0);
    },
  );
});
