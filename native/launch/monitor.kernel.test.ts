// The monitor: it keeps the end of the output, records how the program ended, and neither delays the program nor ends it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeChunks } from './fixtures/chunks.ts';
import { endProcess, isAlive } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, asNobody, asRoot, encode, sandbox, sh } from './fixtures/records.ts';

const patience = { timeout: 60_000, interval: 5 };
/** In a test machine everything takes longer. */
const slowness = Number(process.env.CGDECK_TEST_SLOWNESS ?? 1);

describe.each(builds)('the monitor $name', (build) => {
  const bench = benchFor(build);
  let strays: number[] = [];
  afterEach(() => {
    bench.endAll();
    for (const pid of strays) endProcess(pid);
    strays = [];
  });

  test('records an exit code', async () => {
    const before = Date.now();
    const launch = await bench.run([...sandbox, ...sh('exit 77')]);
    expect(launch.exit).toEqual({
      pid: launch.pid,
      code: 77,
      time: expect.any(Number),
      runMs: expect.any(Number),
      cpuMs: expect.any(Number),
      peakRssBytes: expect.any(Number),
    });
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

  test('records how long the program ran, by the clock and on a processor, with the children that it waited for', async () => {
    const fifo = bench.gate();
    const before = performance.now();
    const launch = await bench.start([...asRoot, ...sh('read x < "$1"; perl -e "1 while (times)[0] < 0.2"; :', fifo)]);
    const started = performance.now();
    // It waits for the gate: what passes until then is part of its time.
    await vi.waitFor(() => expect(readFileSync(`/proc/${launch.pid}/stat`, 'utf8')).toMatch(/\) S /), patience);
    const waited = performance.now() - started;
    writeFileSync(fifo, 'go\n');
    await launch.ended;
    expect(launch.exit.runMs).toBeGreaterThanOrEqual(Math.floor(waited) - 1);
    expect(launch.exit.runMs).toBeLessThanOrEqual(Math.ceil(performance.now() - before) + 1);
    expect(launch.exit.cpuMs).toBeGreaterThanOrEqual(199);
    // What the process did before exec, on its way there, is the kernel's account too.
    expect(launch.exit.cpuMs).toBeLessThanOrEqual(launch.exit.runMs + 10 * slowness);
  });

  test('records the most memory that the program or a child of it held at once', async () => {
    const [small, large] = [sh(':'), sh('dd if=/dev/zero of=/dev/null bs=64M count=1 2> /dev/null; :')];
    const [few, many] = [await bench.run([...sandbox, ...small]), await bench.run([...sandbox, ...large])];
    expect(few.exit.peakRssBytes).toBeGreaterThan(100 << 10);
    expect(few.exit.peakRssBytes).toBeLessThan(64 << 20);
    expect(many.exit.peakRssBytes).toBeGreaterThanOrEqual(64 << 20);
    expect(many.exit.peakRssBytes).toBeLessThan(128 << 20);
  });

  test('forgets what an earlier launch left in the directory', async () => {
    const dir = bench.outputDir();
    for (const name of ['exit', 'output', 'output.1', 'tty.sock']) writeFileSync(`${dir}/${name}`, 'old');
    const launch = await bench.start([...sandbox, ...sh('echo ready; exec sleep 1000')], dir);
    await launch.prints('ready');
    expect(readdirSync(dir)).toEqual(['output']);
    expect(launch.output).toBe('ready\n');
  });

  test('reads a flood without keeping it, and stays small', async () => {
    const launch = await bench.start([...sandbox, 'outputmax=65536', ...sh('head -c 50000000 /dev/zero; echo flooded; exec sleep 1000')]);
    await launch.prints('flooded');
    expect(statSync(`${launch.dir}/output`).size + statSync(`${launch.dir}/output.1`).size).toBeLessThanOrEqual(131_072);
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${launch.launcher.pid}/status`, 'utf8'));
    if (build.target === 'all') expect(Number(resident?.[1])).toBeLessThan(1024);
  });

  test.runIf(build.target === 'all' && existsSync('/sys/kernel/mm/transparent_hugepage'))(
    'takes no huge pages for its buffers, also where they are always used',
    async () => {
      const launch = await bench.start([...sandbox, ...args('/bin/sleep', '1000')]);
      const maps = readFileSync(`/proc/${launch.launcher.pid}/smaps`, 'utf8').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m);
      const large = maps.filter((map) => /^\S+ rw-p .*(?<!\[stack\])\n/.test(map) && Number(/^Size: +(\d+)/m.exec(map)?.[1]) >= 2048);
      expect(large.map((map) => / nh /.test(/^VmFlags:.*/m.exec(map)?.[0] ?? ''))).toEqual([true]);
    },
  );

  test('keeps nothing of its caller: no descriptor, directory, session or name', async () => {
    const launch = await bench.start([...sandbox, ...args('/bin/sleep', '1000')]);
    const proc = `/proc/${launch.launcher.pid}`;
    await vi.waitFor(() => {
      const open = readdirSync(`${proc}/fd`).map((fd) => readlinkSync(`${proc}/fd/${fd}`).replace(/\d+/g, 'n'));
      // stdio on /dev/null, the output's directory and file, the pidfd and the pipes.
      expect(open.filter((target) => target === '/dev/null')).toHaveLength(3);
      expect(open.filter((target) => target === 'pipe:[n]')).toHaveLength(2);
      expect(open).toHaveLength(8);
    }, patience);
    expect(readlinkSync(`${proc}/cwd`)).toBe('/');
    expect(readFileSync(`${proc}/comm`, 'utf8')).toBe('cgdeck-monitor\n');
    expect(readFileSync(`${proc}/stat`, 'utf8').split(' ')[5]).toBe(String(launch.launcher.pid));
  });

  test('waits for a program that has closed its output', async () => {
    const fifo = bench.gate();
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
    const fifo = bench.gate();
    const launch = await bench.start([...asRoot, ...sh('read x < "$1"; exit 6', fifo)]);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGPIPE'] as const) launch.launcher.kill(signal);
    writeFileSync(fifo, 'go\n');
    expect(await launch.ended).toBe(0);
    expect(launch.exit.code).toBe(6);
  });

  test('outlives its parent, and still records the end', async () => {
    const [fifo, dir] = [bench.gate(), bench.outputDir()];
    const [request, status] = [bench.path(`request-${build.target}`), bench.path(`status-${build.target}`)];
    writeFileSync(request, encode([`dir=${dir}`, ...asRoot, ...sh('echo ready; read x < "$1"; echo later; exit 8', fifo)]));
    const parent = spawn('/bin/sh', ['-c', '"$1" 3<"$2" 4>"$3" & echo $!; wait', 'sh', bench.binary, request, status], {
      env: bench.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const monitor = Number(line);
    strays.push(monitor);
    const output = () => decodeChunks(readFileSync(`${dir}/output`)).map((chunk) => chunk.text);
    await vi.waitFor(() => expect(output()).toEqual(['ready\n']), patience);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(isAlive(monitor)).toBe(true);
    writeFileSync(fifo, 'go\n');
    await vi.waitFor(() => expect(JSON.parse(readFileSync(`${dir}/exit`, 'utf8'))).toMatchObject({ code: 8 }), patience);
    expect(output()).toEqual(['ready\n', 'later\n']);
  });

  test('does not end the program when it is killed', async () => {
    const [fifo, marker] = [bench.gate(), bench.path(`lives-${build.target}`)];
    const launch = await bench.start([...asRoot, ...sh('read x < "$1"; : > "$2"', fifo, marker)]);
    launch.launcher.kill('SIGKILL');
    await launch.ended;
    expect(isAlive(launch.pid)).toBe(true);
    writeFileSync(fifo, 'go\n');
    await vi.waitFor(() => expect(existsSync(marker)).toBe(true), patience);
    expect(readdirSync(launch.dir)).toEqual(['output']);
  });

  test('drains the output when its directory is gone', async () => {
    const [fifo, marker] = [bench.gate(), bench.path(`drained-${build.target}`)];
    const script = 'echo ready; read x < "$1"; head -c 1000000 /dev/zero; : > "$2"';
    const launch = await bench.start([...asRoot, 'outputmax=1000', ...sh(script, fifo, marker)]);
    await launch.prints('ready');
    rmSync(launch.dir, { recursive: true });
    writeFileSync(fifo, 'go\n');
    expect(await launch.ended).toBe(0);
    expect(existsSync(marker)).toBe(true);
  });

  test('works also where its status is not read', async () => {
    const dir = bench.outputDir();
    const launcher = spawn(bench.binary, { env: bench.env, stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'] });
    launcher.stdio[4]?.destroy();
    const request = launcher.stdio[3];
    if (request && 'end' in request) request.end(encode([`dir=${dir}`, ...sandbox, ...sh('exit 3')]));
    expect(await once(launcher, 'exit')).toEqual([0, null]);
    expect(JSON.parse(readFileSync(`${dir}/exit`, 'utf8'))).toMatchObject({ code: 3 });
  });
});
