// Namespaces that are there already, clocks of a namespace, and a launch that waits for its caller's word.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, readlinkSync } from 'node:fs';
import { release } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { built } from '../../test/vm/fixtures/built.ts';
import { isAlive } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, asNobody, asRoot, encode, everyNamespace, sandbox, sh } from './fixtures/records.ts';

const kinds = everyNamespace.map((record) => record.slice('ns='.length));
const namespacesOf = (pid: number) => Object.fromEntries(kinds.map((kind) => [kind, readlinkSync(`/proc/${pid}/ns/${kind}`)]));

describe.each(builds)('the launcher $name', (build) => {
  const bench = benchFor(build);

  const sleeper = ['hostname=joined', 'view=host', ...sh('echo here > /tmp/mark; echo ready; exec sleep 1000')];

  test('joins all namespaces of a process, as root of its user namespace without a capability', async () => {
    const host = await bench.start([...sandbox, 'init=1', ...sleeper]);
    await host.prints('ready');
    const guest = await bench.start([
      ...everyNamespace,
      `join=${host.programPid}`,
      ...sh(
        'hostname; cat /tmp/mark; id -u; grep CapBnd /proc/self/status; ls /proc | grep -c "^[0-9]"; echo done > /dev/stdout; exec sleep 1000',
      ),
    ]);
    await guest.prints('done');
    expect(guest.output.split('\n').slice(0, 4)).toEqual(['joined', 'here', '0', `CapBnd:\t${'0'.repeat(16)}`]);
    expect(namespacesOf(guest.programPid)).toEqual(namespacesOf(host.programPid));
  });

  test('keeps no supplementary group, whatever the joined program mounts at /proc', async () => {
    // The kernel's text where supplementary groups cannot be dropped, mounted by the program.
    const fake = 'mount -t tmpfs none /proc && mkdir /proc/self && echo deny > /proc/self/setgroups && echo ready; exec sleep 1000';
    const host = await bench.start([...sandbox, 'init=1', 'view=host', 'cap=CAP_SYS_ADMIN', ...sh(fake)]);
    await host.prints('ready');
    const dir = bench.outputDir();
    const records = [`dir=${dir}`, ...everyNamespace, `join=${host.programPid}`, ...sh('id -G; exec sleep 1000')];
    const guest = await bench.send(encode(records), dir, ['setpriv', '--groups=0,4242']);
    await guest.prints('\n');
    expect(guest.output).toBe('0\n');
    expect(readFileSync(`/proc/${guest.programPid}/status`, 'utf8')).toMatch(/^Groups:\s*$/m);
  });

  test('joins the asked kinds only', async () => {
    const host = await bench.start([...sandbox, ...sleeper]);
    await host.prints('ready');
    const guest = await bench.start(['ns=net', 'ns=uts', ...asNobody, `join=${host.pid}`, ...args('/bin/sleep', '1000')]);
    const [theirs, ours, self] = [namespacesOf(host.pid), namespacesOf(guest.pid), namespacesOf(process.pid)];
    expect(ours).toEqual({ ...self, net: theirs.net, uts: theirs.uts });
  });

  test('records the end of a program in a joined pid namespace', async () => {
    const host = await bench.start([...sandbox, 'init=1', ...sleeper]);
    await host.prints('ready');
    const guest = await bench.run([...everyNamespace, `join=${host.programPid}`, ...sh('kill -TERM $$')]);
    expect(guest.exit).toMatchObject({ pid: guest.pid, signal: 15 });
    expect(isAlive(host.programPid)).toBe(true);
  });

  test('joins a process whose first thread has ended, by another', async () => {
    const program = bench.path('headless');
    copyFileSync(built('headless'), program);
    const host = await bench.start([...sandbox, 'init=1', ...args(program)]);
    await vi.waitFor(() => expect(readFileSync(`/proc/${host.programPid}/stat`, 'utf8')).toMatch(/\) Z /), {
      timeout: 60_000,
      interval: 5,
    });
    const guest = await bench.start([...everyNamespace, `join=${host.programPid}`, ...sh('id -u; echo done; exec sleep 1000')]);
    const [major = 0, minor = 0] = release().split('.').map(Number);
    if (major < 6 || (major === 6 && minor < 9)) {
      expect(await guest.ended).toBe(1);
      expect(guest.failure).toMatchObject({ step: 'join', message: expect.stringContaining('Linux before 6.9 cannot join by another') });
      return;
    }
    await guest.prints('done');
    const theirs = Object.fromEntries(kinds.map((kind) => [kind, readlinkSync(`/proc/${host.pid}/ns/${kind}`)]));
    expect(namespacesOf(guest.programPid)).toEqual(theirs);
  });

  test('does not join a process that shares the host’s namespace, or has ended', async () => {
    const host = await bench.start(['ns=uts', ...asNobody, ...args('/bin/sleep', '1000')]);
    const shared = await bench.start(['ns=uts', 'ns=net', ...asNobody, `join=${host.pid}`, ...args('/bin/true')]);
    expect(await shared.ended).toBe(1);
    expect(shared.failure).toMatchObject({ step: 'join', errno: 'EINVAL', message: expect.stringContaining("in the host's namespace") });
    process.kill(host.pid, 'SIGKILL');
    await host.ended;
    const gone = await bench.start(['ns=uts', ...asNobody, `join=${host.pid}`, ...args('/bin/true')]);
    expect(gone.failure).toMatchObject({ step: 'join', errno: 'ESRCH' });
    expect(gone.status).toHaveLength(1);
  });

  test('starts the clocks of a time namespace at 0, and leaves its own', async () => {
    const clocks = ['ns=time', ...asRoot, ...sh('cat /proc/uptime /proc/self/timens_offsets; exec sleep 1000')];
    const launch = await bench.start(clocks);
    await launch.prints('boottime');
    const [uptime = '', ...offsets] = launch.output.trim().split('\n');
    expect(Number(uptime.split(' ')[0])).toBeLessThan(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) / 2);
    expect(offsets.map((line) => line.split(/\s+/)[0])).toEqual(['monotonic', 'boottime']);
    for (const line of offsets) expect(Number(line.split(/\s+/)[1])).toBeLessThan(0);
    expect(readlinkSync(`/proc/${launch.launcher.pid}/ns/time`)).toBe(readlinkSync('/proc/self/ns/time'));
  });

  describe('asked to wait', () => {
    const starts: ReturnType<typeof spawn>[] = [];
    afterEach(() => {
      for (const launcher of starts.splice(0)) launcher.kill('SIGKILL');
    });

    /** Up to `ready`, with the caller's end of descriptor 5. */
    async function begin(records: readonly (string | Buffer)[]) {
      const dir = bench.outputDir();
      const launcher = spawn(bench.binary, { env: bench.env, stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe', 'pipe'] });
      starts.push(launcher);
      const [request, reports, go] = launcher.stdio.slice(3) as [Writable, Readable, Writable];
      request.end(encode([`dir=${dir}`, ...sandbox, 'go=1', 'timeout=10000', ...records]));
      let status = '';
      reports.on('data', (chunk: Buffer) => {
        status += chunk;
      });
      const ended = once(launcher, 'exit');
      await vi.waitFor(() => expect(status).toContain('"ready"'), { timeout: 60_000, interval: 5 });
      const ready = status
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .find((line) => line.step === 'ready');
      return { go, ended, dir, status: () => status, pid: ready.pid as number };
    }

    test('continues when its caller allows it, with its namespaces made before', async () => {
      const launch = await begin(sh('echo went; exit 4'));
      expect(readlinkSync(`/proc/${launch.pid}/ns/net`)).not.toBe(readlinkSync('/proc/self/ns/net'));
      expect(readFileSync(`/proc/${launch.pid}/uid_map`, 'utf8')).toMatch(/0\s+100000\s+65536/);
      expect(launch.status()).not.toContain('"exec"');
      launch.go.write('g');
      expect(await launch.ended).toEqual([0, null]);
      expect(JSON.parse(readFileSync(`${launch.dir}/exit`, 'utf8'))).toMatchObject({ code: 4 });
    });

    test('is cancelled where the caller closes instead', async () => {
      const launch = await begin(args('/bin/true'));
      launch.go.destroy();
      expect(await launch.ended).toEqual([1, null]);
      expect(launch.status()).toContain('"errno":"ECANCELED"');
      expect(isAlive(launch.pid)).toBe(false);
    });

    test('fails where the new process is killed meanwhile', async () => {
      const launch = await begin(args('/bin/true'));
      process.kill(launch.pid, 'SIGKILL');
      expect(await launch.ended).toEqual([1, null]);
      expect(launch.status()).toContain('killed before exec');
    });

    test('refuses without a descriptor to wait on', async () => {
      const launcher = spawn(bench.binary, { env: bench.env, stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'] });
      const [request, status] = launcher.stdio.slice(3) as [Writable, Readable];
      request.end(encode([`dir=${bench.outputDir()}`, ...sandbox, 'go=1', ...args('/bin/true')]));
      expect(JSON.parse(await text(status)).error).toMatchObject({ step: 'request', errno: 'EBADF', what: 'go' });
    });
  });
});
