// The monitor: it keeps the end of the output, records how the program ended, and neither holds the program up nor takes it along.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { args, asNobody, asRoot, Bench, builds, encode, endProcess, isAlive, sandbox, sh } from './fixtures/launcher.ts';

const patience = { timeout: 10_000, interval: 5 };

describe.each(builds)('the monitor $name', (build) => {
  const bench = new Bench(build);
  let strays: number[] = [];
  beforeAll(() => bench.prepare(), 120_000);
  afterEach(() => {
    bench.endAll();
    for (const pid of strays) endProcess(pid);
    strays = [];
    expect(bench.takeReports()).toEqual([]);
  });
  afterAll(() => bench.remove());

  let made = 0;
  /** A fifo that a program waits on: opening its other end lets it go on. */
  function gate(): string {
    const path = bench.path(`gate-${build.target}-${++made}`);
    execFileSync('mkfifo', ['-m', '666', path]);
    return path;
  }

  test('keeps stdout and stderr in the order in which they came', async () => {
    const launch = await bench.run([...sandbox, ...sh('echo a; echo b >&2; echo c; printf "no end"')]);
    expect(launch.output).toBe('a\nb\nc\nno end');
    expect(readdirSync(launch.dir).sort()).toEqual(['exit', 'output']);
  });

  test('records an exit code', async () => {
    const before = Date.now();
    const launch = await bench.run([...sandbox, ...sh('exit 77')]);
    expect(launch.exit).toEqual({ pid: launch.pid, code: 77, time: expect.any(Number) });
    expect(launch.exit.time).toBeGreaterThanOrEqual(before - 1);
    expect(launch.exit.time).toBeLessThanOrEqual(Date.now());
  });

  test.each([
    ['KILL', 9],
    ['TERM', 15],
    ['SEGV', 11],
    ['RTMIN', 34],
  ])('records the end by SIG%s', async (name, number) => {
    const launch = await bench.run([...asNobody, ...sh('ulimit -c 0; kill -$1 $$', String(number))]);
    expect(launch.exit).toMatchObject({ pid: launch.pid, signal: number, name: name === 'RTMIN' ? 'SIGRTMIN+0' : `SIG${name}` });
  });

  test('forgets what an earlier launch left in the directory', async () => {
    const dir = bench.outputDir();
    for (const name of ['exit', 'output', 'output.1']) writeFileSync(`${dir}/${name}`, 'old');
    const launch = await bench.start([...sandbox, ...sh('echo ready; exec sleep 1000')], dir);
    await launch.says('ready');
    expect(readdirSync(dir)).toEqual(['output']);
    expect(launch.output).toBe('ready\n');
  });

  test('has the last bytes in two files, whatever was written', async () => {
    const whole = `${Array.from({ length: 2000 }, (_, i) => i + 1).join('\n')}\n`;
    for (const max of [1, 100, 1000, 4096, whole.length, whole.length + 1]) {
      const launch = await bench.run([
        ...sandbox,
        `outputmax=${max}`,
        ...sh('seq 1800; i=1800; while [ $i -lt 2000 ]; do i=$((i+1)); echo $i; done'),
      ]);
      const rolled = existsSync(`${launch.dir}/output.1`) ? readFileSync(`${launch.dir}/output.1`, 'utf8') : '';
      const kept = rolled + launch.output;
      expect(whole.endsWith(kept)).toBe(true);
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(max, whole.length));
      expect(Math.max(rolled.length, launch.output.length)).toBeLessThanOrEqual(max);
    }
  });

  test('takes a flood without keeping it, and stays small', async () => {
    const launch = await bench.start([...sandbox, 'outputmax=65536', ...sh('head -c 50000000 /dev/zero; echo flooded; exec sleep 1000')]);
    await launch.says('flooded');
    expect(statSync(`${launch.dir}/output`).size + statSync(`${launch.dir}/output.1`).size).toBeLessThanOrEqual(131_072);
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${launch.launcher.pid}/status`, 'utf8'));
    if (build.target === 'all') expect(Number(resident?.[1])).toBeLessThan(1024);
  });

  test('holds nothing of its caller: no descriptor, directory, session or name', async () => {
    const launch = await bench.start([...sandbox, ...args('/bin/sleep', '1000')]);
    const proc = `/proc/${launch.launcher.pid}`;
    await vi.waitFor(() => {
      const open = readdirSync(`${proc}/fd`).map((fd) => readlinkSync(`${proc}/fd/${fd}`).replace(/\d+/g, 'n'));
      // stdio on /dev/null, the output's directory and file, the pidfd and the pipe.
      expect(open.filter((target) => target === '/dev/null')).toHaveLength(3);
      expect(open.filter((target) => target === 'pipe:[n]')).toHaveLength(1);
      expect(open).toHaveLength(7);
    }, patience);
    expect(readlinkSync(`${proc}/cwd`)).toBe('/');
    expect(readFileSync(`${proc}/comm`, 'utf8')).toBe('cgdeck-monitor\n');
    expect(readFileSync(`${proc}/stat`, 'utf8').split(' ')[5]).toBe(String(launch.launcher.pid));
  });

  test('waits for a program that has closed its output', async () => {
    const fifo = gate();
    const launch = await bench.start([...asRoot, ...sh('exec >&- 2>&-; read x < "$1"; exit 5', fifo)]);
    expect(isAlive(launch.pid)).toBe(true);
    writeFileSync(fifo, 'go\n');
    expect(await launch.ended).toBe(0);
    expect(launch.exit.code).toBe(5);
  });

  test('ends with the program, not with a grandchild that holds the output', async () => {
    const launch = await bench.run([...asNobody, ...sh('sleep 1000 & echo $!; head -c 30000 /dev/zero; exit 4')]);
    strays.push(Number(launch.output.split('\n')[0]));
    expect(launch.exit.code).toBe(4);
    expect(launch.output.length).toBe(30_000 + String(strays[0]).length + 1);
    expect(isAlive(strays[0] ?? 0)).toBe(true);
  });

  test('ends with the program, even if a grandchild never stops writing', async () => {
    const launch = await bench.run([...asNobody, ...sh('while echo more; do :; done & while echo much; do :; done & yes & exit 4')]);
    expect(launch.exit.code).toBe(4);
  });

  test('is not ended by what ends the agent', async () => {
    const fifo = gate();
    const launch = await bench.start([...asRoot, ...sh('read x < "$1"; exit 6', fifo)]);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGPIPE'] as const) launch.launcher.kill(signal);
    writeFileSync(fifo, 'go\n');
    expect(await launch.ended).toBe(0);
    expect(launch.exit.code).toBe(6);
  });

  test('outlives its parent, and still records the end', async () => {
    const [fifo, dir] = [gate(), bench.outputDir()];
    const [request, status] = [bench.path(`request-${build.target}`), bench.path(`status-${build.target}`)];
    writeFileSync(request, encode([`dir=${dir}`, ...asRoot, ...sh('echo ready; read x < "$1"; echo later; exit 8', fifo)]));
    const parent = spawn('/bin/sh', ['-c', '"$1" 3<"$2" 4>"$3" & echo $!; wait', 'sh', bench.binary, request, status], {
      env: bench.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const monitor = Number(line);
    strays.push(monitor);
    await vi.waitFor(() => expect(readFileSync(`${dir}/output`, 'utf8')).toBe('ready\n'), patience);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(isAlive(monitor)).toBe(true);
    writeFileSync(fifo, 'go\n');
    await vi.waitFor(() => expect(JSON.parse(readFileSync(`${dir}/exit`, 'utf8'))).toMatchObject({ code: 8 }), patience);
    expect(readFileSync(`${dir}/output`, 'utf8')).toBe('ready\nlater\n');
  });

  test('does not take the program along when it is killed', async () => {
    const [fifo, marker] = [gate(), bench.path(`lives-${build.target}`)];
    const launch = await bench.start([...asRoot, ...sh('read x < "$1"; : > "$2"', fifo, marker)]);
    launch.launcher.kill('SIGKILL');
    await launch.ended;
    expect(isAlive(launch.pid)).toBe(true);
    writeFileSync(fifo, 'go\n');
    await vi.waitFor(() => expect(existsSync(marker)).toBe(true), patience);
    expect(readdirSync(launch.dir)).toEqual(['output']);
  });

  test('drains the output when its directory is gone', async () => {
    const [fifo, marker] = [gate(), bench.path(`drained-${build.target}`)];
    const script = 'echo ready; read x < "$1"; head -c 1000000 /dev/zero; : > "$2"';
    const launch = await bench.start([...asRoot, 'outputmax=1000', ...sh(script, fifo, marker)]);
    await launch.says('ready');
    rmSync(launch.dir, { recursive: true });
    writeFileSync(fifo, 'go\n');
    expect(await launch.ended).toBe(0);
    expect(existsSync(marker)).toBe(true);
  });

  test('drains the output onto a full disk, and still records the end', async () => {
    const dir = bench.path(`full-${build.target}`);
    mkdirSync(dir);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'cgdeck-test', dir]);
    try {
      const launch = await bench.run([...asRoot, 'outputmax=40000', ...sh('head -c 1000000 /dev/zero; exit 9')], dir);
      expect(launch.exit.code).toBe(9);
      expect(launch.exit.pid).toBe(launch.pid);
    } finally {
      execFileSync('umount', [dir]);
    }
  });

  test('does not mind that nobody reads its status', async () => {
    const dir = bench.outputDir();
    const launcher = spawn(bench.binary, { env: bench.env, stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'] });
    launcher.stdio[4]?.destroy();
    const request = launcher.stdio[3];
    if (request && 'end' in request) request.end(encode([`dir=${dir}`, ...sandbox, ...sh('exit 3')]));
    expect(await once(launcher, 'exit')).toEqual([0, null]);
    expect(JSON.parse(readFileSync(`${dir}/exit`, 'utf8'))).toMatchObject({ code: 3 });
  });
});
