// The load program: each kind uses what it reports, at its rate, and ends by a signal, also as pid 1.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { TestGroups } from './fixtures/groups.ts';
import { endProcess, isAlive } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, asRoot, everyNamespace } from './fixtures/records.ts';

const MIB = 1 << 20;
const patience = { timeout: 60_000, interval: 10 };

// At the same time, because the program reports once a second.
describe.each(builds)('cgdeck-load $name', { concurrent: true }, (build) => {
  const bench = benchFor(build, { concurrent: true });
  const binary = join(build.folder, 'cgdeck-load');
  const loads: Load[] = [];
  const groupsOfTests: TestGroups[] = [];
  afterAll(async () => {
    for (const { process: load } of loads) if (load.exitCode === null && load.signalCode === null) endProcess(load.pid);
    bench.endAll();
    await Promise.all(groupsOfTests.map((groups) => groups.remove()));
  });

  class Load {
    readonly process: ChildProcess;
    text = '';

    constructor(...argv: string[]) {
      this.process = spawn(binary, argv, { env: bench.env, stdio: ['ignore', 'pipe', 'inherit'] });
      this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
        this.text += text;
      });
      loads.push(this);
    }

    proc(file: string): string {
      return readFileSync(`/proc/${this.process.pid}/${file}`, 'utf8');
    }

    async prints(words: RegExp): Promise<RegExpExecArray> {
      return vi.waitFor(() => {
        const match = words.exec(this.text);
        if (!match) throw new Error(`no ${words} in ${JSON.stringify(this.text)}`);
        return match;
      }, patience);
    }

    async terminate(): Promise<void> {
      this.process.kill('SIGTERM');
      expect(await once(this.process, 'exit')).toEqual([0, null]);
    }
  }

  test('leak allocates what it reports', async () => {
    const load = new Load('leak', '40');
    const [, held] = await load.prints(/leak: (\d+) MiB allocated\nleak: \d+ MiB allocated/);
    expect(Number(held)).toBeGreaterThan(0);
    expect(Number(held)).toBeLessThanOrEqual(40);
    const resident = /^RssAnon:\s+(\d+) kB/m.exec(load.proc('status'));
    expect(Number(resident?.[1]) * 1024).toBeGreaterThanOrEqual(Number(held) * MIB);
    await load.terminate();
    expect(load.text).toMatch(/leak: ends with \d+ MiB\n$/);
  });

  test('burn keeps as many threads busy', async () => {
    const load = new Load('burn', '2');
    await load.prints(/burn: 2 threads, (0\.[1-9]|[1-9])[\d.]* s of CPU time/);
    const running = readdirSync(`/proc/${load.process.pid}/task`).filter((tid) => /\) R /.test(load.proc(`task/${tid}/stat`)));
    expect(running.length).toBeGreaterThanOrEqual(1);
    expect(readdirSync(`/proc/${load.process.pid}/task`).length).toBeGreaterThanOrEqual(3);
    await load.terminate();
  });

  test('write makes real IO into a bounded file, and removes it', async () => {
    const file = bench.path(`written-${build.target}`);
    const load = new Load('write', '400', file);
    await vi.waitFor(() => {
      const totals = [...load.text.matchAll(/write: (\d+) MiB written\n/g)].map((match) => Number(match[1]));
      expect(totals.at(-1)).toBeGreaterThan(64);
    }, patience);
    expect(Number(/^write_bytes: (\d+)/m.exec(load.proc('io'))?.[1])).toBeGreaterThan(64 * MIB);
    expect(statSync(file).size).toBeLessThanOrEqual(64 * MIB);
    await load.terminate();
    expect(existsSync(file)).toBe(false);
  });

  test('write takes its own file over, and leaves another’s alone', async () => {
    const file = bench.path(`taken-${build.target}`);
    const killed = new Load('write', '20', file);
    await killed.prints(/MiB written/);
    killed.process.kill('SIGKILL');
    await once(killed.process, 'exit');
    const next = new Load('write', '20', file);
    await next.prints(/MiB written/);
    await next.terminate();
    expect(existsSync(file)).toBe(false);

    writeFileSync(file, 'mine');
    const refused = spawnSync(binary, ['write', '20', file], { env: bench.env, encoding: 'utf8' });
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('File exists');
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('fork keeps its children, replaces one, and ends them when it is killed', async () => {
    const load = new Load('fork', '20');
    await load.prints(/fork: 20 of 20 children, refused 0 times/);
    const children = () => load.proc(`task/${load.process.pid}/children`).trim().split(' ').map(Number);
    const before = children();
    expect(before).toHaveLength(20);
    endProcess(before[0]);
    await vi.waitFor(() => {
      expect(children()).toHaveLength(20);
      expect(children()).not.toContain(before[0]);
    }, patience);
    const last = children();
    load.process.kill('SIGKILL');
    await once(load.process, 'exit');
    await vi.waitFor(() => expect(last.filter(isAlive)).toEqual([]), patience);
  });

  test('refuses unknown arguments', () => {
    for (const argv of [
      [],
      ['leak'],
      ['leak', '0'],
      ['leak', '-1'],
      ['leak', '1x'],
      ['leak', '99999999999999999999'],
      ['burn', '1', '2'],
      ['write', '1'],
      ['dig', '1'],
    ]) {
      const load = spawnSync(binary, argv, { env: bench.env, encoding: 'utf8' });
      expect(load.status).toBe(2);
      expect(load.stderr).toContain('usage:');
    }
  });

  describe('as pid 1 of its namespace, in a group', () => {
    /** A group of the test's own. */
    function newGroups(name: string): TestGroups {
      const groups = new TestGroups(`/cgdeck-test-load-${process.pid}-${build.target}-${name}`);
      groupsOfTests.push(groups);
      return groups;
    }
    // Not in a user namespace, whose ids may be unable to reach a binary below a closed home directory.
    const namespaces = [
      ...everyNamespace.filter((record) => record !== 'ns=user'),
      ...asRoot,
      // The search for leaks at the end traces the process, which the filter refuses.
      ...(build.target === 'asan' ? ['seccomp=none'] : []),
    ];

    test.each([
      ['leak', '1'],
      ['burn', '1'],
      ['fork', '3'],
    ])('%s ends on SIGTERM', async (kind, amount) => {
      const groups = newGroups(kind);
      const launch = await bench.start([
        ...namespaces,
        ...groups.procs,
        ...Object.entries(bench.env).map(([name, value]) => `env=${name}=${value}`),
        ...args(binary, kind, amount),
      ]);
      await launch.prints(`${kind}: `);
      process.kill(launch.pid, 'SIGTERM');
      expect(await launch.ended).toBe(0);
      expect(launch.exit).toMatchObject({ code: 0 });
      expect(groups.pids()).toEqual([]);
    });

    test('fork is held by pids.max, reports it, and does not try all the time', async () => {
      const groups = newGroups('pids');
      groups.write('pids.max', '5');
      const launch = await bench.start([...namespaces, ...groups.procs, ...args(binary, 'fork', '50')]);
      await launch.prints('fork: refused: EAGAIN, at 4 of 50 children');
      await launch.prints('fork: 4 of 50 children, refused 1 times');
      expect(groups.read('pids.current')).toBe('5');
      groups.write('pids.max', '8');
      await launch.prints('fork: 7 of 50 children');
      const refusals = Number(/max (\d+)/.exec(groups.read('pids.events'))?.[1]);
      expect(refusals).toBeLessThan(20);
    });

    test('leak is stopped by its memory limit', async () => {
      const groups = newGroups('memory');
      groups.limitMemory('32M');
      const launch = await bench.run([...namespaces, ...groups.procs, ...args(binary, 'leak', '200')]);
      expect(launch.exit).toMatchObject({ signal: 9, name: 'SIGKILL' });
    });
  });
});
