// Groups: the program is in all of them before it runs, is limited from its first instruction, and a launch that they prevent fails in bounded time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TestGroups } from './fixtures/groups.ts';
import { isAlive } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, asNobody, encode, sandbox, sh } from './fixtures/records.ts';

describe.each(builds)('the launcher $name', (build) => {
  const bench = benchFor(build);
  let groups: TestGroups;
  beforeEach(() => {
    groups = new TestGroups(`/cgdeck-test-launch-${process.pid}`);
  });
  afterEach(async () => {
    bench.endAll();
    await groups.remove();
  });

  /** The group of each hierarchy as /proc/<pid>/cgroup has it. */
  const groupsOf = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.split(':').slice(2).join(':'));

  test('puts the program into its group in every hierarchy', async () => {
    const launch = await bench.run([...groups.procs, ...asNobody, ...sh('cat /proc/self/cgroup')]);
    const found = groupsOf(launch.output);
    expect(found).toHaveLength(groups.hierarchies.length);
    expect(new Set(found)).toEqual(new Set([groups.path]));
  });

  test('makes the group the root of its cgroup namespace', async () => {
    const launch = await bench.run([...groups.procs, ...sandbox, ...sh('cat /proc/self/cgroup')]);
    expect(new Set(groupsOf(launch.output))).toEqual(new Set(['/']));
  });

  test('does not join the groups itself', async () => {
    const launch = await bench.start([...groups.procs, ...sandbox, ...args('/bin/sleep', '1000')]);
    expect(groups.pids()).toEqual([launch.pid]);
  });

  test('starts a single process in a group that allows no fork', async () => {
    groups.write('pids.max', '0');
    const launch = await bench.run([...groups.procs, ...sandbox, ...sh('echo alone; (:) || true')]);
    expect(launch.exit.code).toBe(2);
    expect(launch.output).toMatch(/^alone\n.*fork/);
  });

  test('limits the program from the start', async () => {
    groups.limitMemory('16M');
    const launch = await bench.run([...groups.procs, ...asNobody, ...args('/usr/bin/head', '-c', '100M', '/dev/zero')]);
    expect(launch.exit.code).toBe(0);
    const hog = await bench.run([
      ...groups.procs,
      ...asNobody,
      ...args('/usr/bin/dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64M', 'count=1'),
    ]);
    expect(hog.exit).toMatchObject({ signal: 9, name: 'SIGKILL' });
    expect(groups.oomKills).toBeGreaterThan(0);
  });

  test('reports that the new process was killed before exec', async () => {
    groups.limitMemory('4096');
    const launch = await bench.start([...groups.procs, ...sandbox, ...args('/bin/true')]);
    expect(await launch.ended).toBe(1);
    expect(launch.failure).toMatchObject({ step: 'child', errno: 'ECHILD', message: expect.stringContaining('killed before exec') });
    expect(groups.pids()).toEqual([]);
  });

  test('reports the signal, where it was another', async () => {
    groups.freeze();
    const starting = bench.start([...groups.procs, ...asNobody, ...args('/bin/true')]);
    await vi.waitFor(() => expect(groups.pids()).toHaveLength(1), { timeout: 60_000, interval: 5 });
    process.kill(groups.pids()[0] ?? 0, 'SIGXCPU');
    groups.thaw();
    const launch = await starting;
    expect(await launch.ended).toBe(1);
    expect(launch.failure).toMatchObject({ step: 'child', errno: 'ECHILD', message: 'the new process was ended by SIGXCPU before exec' });
  });

  test('fails in time where the group is frozen, and ends its process in it', async () => {
    groups.freeze();
    const launch = await bench.start([...groups.procs, ...sandbox, 'timeout=200', ...args('/bin/true')]);
    expect(await launch.ended).toBe(1);
    expect(launch.failure).toMatchObject({ step: 'timeout', errno: 'ETIMEDOUT', what: '/bin/true' });
    expect(isAlive(launch.pid)).toBe(false);
    expect(groups.pids()).toEqual([]);
    expect(groups.isFrozen).toBe(true);
  });

  test('ends the new process when it is killed before exec', async () => {
    groups.freeze();
    const marker = bench.path(`marker-${build.target}`);
    const launcher = spawn(bench.binary, { env: bench.env, stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'] });
    const request = launcher.stdio[3] as Writable;
    request.end(encode([`dir=${bench.outputDir()}`, ...groups.procs, ...asNobody, ...sh(': > "$1"; sleep 1000', marker)]));
    await vi.waitFor(() => expect(groups.pids()).toHaveLength(1), { timeout: 60_000, interval: 5 });
    const [child = 0] = groups.pids();
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    expect(isAlive(child)).toBe(true);
    groups.thaw();
    await groups.empty();
    expect(existsSync(marker)).toBe(false);
  });

  const procs = () => groups.file('cgroup.procs');
  test.each([
    ['does not exist', () => join(dirname(procs()), 'none', 'cgroup.procs'), 'ENOENT'],
    ['is another file of a group', () => join(dirname(procs()), groups.version === 1 ? 'notify_on_release' : 'cgroup.max.depth'), 'EINVAL'],
    ['is a device', () => '/dev/null', 'EINVAL'],
    ['is a directory', () => dirname(procs()), 'EISDIR'],
  ])('refuses a procs path that %s, after the good ones', async (_what, pathOf, errno) => {
    const path = pathOf();
    const launch = await bench.start([...groups.procs, `procs=${path}`, ...sandbox, ...args('/bin/true')]);
    expect(await launch.ended).toBe(1);
    expect(launch.failure).toMatchObject({ step: 'groups', errno, what: path });
    expect(isAlive(launch.pid)).toBe(false);
    expect(groups.pids()).toEqual([]);
  });

  test('leaves a file alone that only has the name of one', async () => {
    const file = bench.path('cgroup.procs');
    writeFileSync(file, 'mine');
    const launch = await bench.start([`procs=${file}`, ...sandbox, ...args('/bin/true')]);
    expect(launch.failure).toMatchObject({ step: 'groups', errno: 'EINVAL', message: 'not the cgroup.procs file of a group' });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('names the group that takes no process', async () => {
    // On v1 one without a CPU, on v2 one that hands a controller down that counts whole processes.
    if (groups.version === 1) groups.write('cpuset.cpus', '\n');
    else groups.write('cgroup.subtree_control', '+memory');
    const launch = await bench.start([...groups.procs, ...sandbox, ...args('/bin/true')]);
    const [errno, file] = groups.version === 1 ? ['ENOSPC', 'cpuset.cpus'] : ['EBUSY', 'cgroup.procs'];
    expect(launch.failure).toMatchObject({ step: 'groups', errno, what: join(dirname(groups.file(file)), 'cgroup.procs') });
    expect(groups.pids()).toEqual([]);
  });
});
