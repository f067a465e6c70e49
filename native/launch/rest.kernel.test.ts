// What a program leaves when it ends: it gets SIGTERM and the grace time, its last output is stored, and what is lost is in the record.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestGroups } from './fixtures/groups.ts';
import { isAlive } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { asNobody, sandbox, sh } from './fixtures/records.ts';

/** Long enough for any machine: the tests end before. */
const LONG = 'grace=600000';

describe.each(builds)('what a program leaves, by the launcher $name', (build) => {
  const bench = benchFor(build);
  let groups: TestGroups;
  beforeEach(() => {
    groups = new TestGroups(`/cgdeck-test-rest-${process.pid}`);
  });
  afterEach(async () => {
    bench.endAll();
    await groups.remove();
  });

  const daemon = `setsid sh -c 'trap "echo the last words; exit" TERM; echo ready; while :; do sleep 0.01; done' &`;

  test.each([
    ['below an init', [...sandbox, 'init=1']],
    ['without a pid namespace', asNobody],
  ])('a second session has SIGTERM and time for its last words: %s', async (_how, records) => {
    const gate = bench.gate();
    const launch = await bench.start([...records, ...groups.procs, LONG, ...sh(`${daemon} read x < "$1"; exit 3`, gate)]);
    await launch.prints('ready');
    writeFileSync(gate, 'go\n');
    expect(await launch.ended).toBe(0);
    expect(launch.output).toContain('the last words');
    expect(launch.exit).toMatchObject({ code: 3 });
    expect(launch.exit).not.toHaveProperty('killed');
    expect(launch.exit).not.toHaveProperty('left');
    await groups.empty();
  });

  test('what is stopped continues, to end by SIGTERM', async () => {
    const script = `setsid sh -c 'kill -STOP $$' & while ! grep -q "^State:.T" /proc/$!/status; do sleep 0.01; done; exit 0`;
    const launch = await bench.run([...sandbox, 'init=1', ...groups.procs, LONG, ...sh(script)]);
    expect(launch.exit).toMatchObject({ code: 0 });
  });

  const stubborn = `setsid sh -c 'trap "" TERM; echo ready; exec sleep 1000' &`;

  test('what does not end is killed with its pid namespace, and counted', async () => {
    const gate = bench.gate();
    const launch = await bench.start([...sandbox, 'init=1', ...groups.procs, 'grace=50', ...sh(`${stubborn} read x < "$1"`, gate)]);
    await launch.prints('ready');
    writeFileSync(gate, 'go\n');
    await launch.ended;
    expect(launch.exit).toMatchObject({ code: 0, killed: 1 });
    await groups.empty();
  });

  test('without a pid namespace it continues, and is counted', async () => {
    const gate = bench.gate();
    const launch = await bench.start([...asNobody, ...groups.procs, 'grace=50', ...sh(`${stubborn} read x < "$1"`, gate)]);
    await launch.prints('ready');
    writeFileSync(gate, 'go\n');
    await launch.ended;
    expect(launch.exit).toMatchObject({ code: 0, left: 1 });
    expect(groups.pids()).toHaveLength(1);
  });

  test('who stops the launch has sent SIGTERM itself: there is no second one', async () => {
    const gates = [bench.gate(), bench.gate()] as const;
    const counts = `setsid sh -c 'trap "echo a SIGTERM" TERM; echo ready; read x < "$1"' sh "$2" &`;
    const launch = await bench.start([...sandbox, 'init=1', ...groups.procs, 'grace=1', ...sh(`${counts} read x < "$1"`, ...gates)]);
    await launch.prints('ready');
    writeFileSync(join(launch.dir, 'stop'), '600000\n');
    writeFileSync(gates[0], 'go\n');
    await vi.waitFor(() => expect(isAlive(launch.programPid)).toBe(false), { timeout: 60_000, interval: 5 });
    writeFileSync(gates[1], 'go\n');
    await launch.ended;
    expect(launch.output).not.toContain('a SIGTERM');
    expect(launch.exit).not.toHaveProperty('killed');
  });

  test('a monitor that is killed meanwhile takes the init and what is left with it', async () => {
    const gate = bench.gate();
    const launch = await bench.start([...sandbox, 'init=1', ...groups.procs, LONG, ...sh(`${stubborn} read x < "$1"`, gate)]);
    await launch.prints('ready');
    writeFileSync(gate, 'go\n');
    await vi.waitFor(() => expect(isAlive(launch.programPid)).toBe(false), { timeout: 60_000, interval: 5 });
    launch.launcher.kill('SIGKILL');
    await groups.empty();
    await vi.waitFor(() => expect(isAlive(launch.pid)).toBe(false), { timeout: 60_000, interval: 5 });
  });
});
