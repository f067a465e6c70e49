// What a launched program must not be able to do, tried from inside by native/launch/fixtures/escape.c: each test fails if its attempt succeeds.
// Where that is harmless, the attempt is made outside first, to show that its success can be recognised.
import { execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import type { CallInput } from '../contract/calls.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

type Change = Partial<CallInput<'launch'>>;

/** Where the program finds its attempts. */
const ESCAPE = '/run/escape';
/** A copy: the source folder may be readable by root only. */
let escapeProgram: string;
const MIB = 2 ** 20;
/** A masked file of /proc or /sys that this kernel has. */
const MASKED = ['/proc/timer_list', '/proc/keys', '/proc/kcore', '/proc/interrupts'].filter((path) => existsSync(path));

let agent: RunningAgent;
let folder: string;
let number = 0;

beforeAll(async () => {
  execFileSync('make', ['-s', '-C', join(buildDir, '..'), 'build/escape'], { stdio: ['ignore', 'ignore', 'inherit'] });
  agent = await RunningAgent.start('sandbox');
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-sandbox-'));
  chmodSync(folder, 0o755);
  escapeProgram = join(folder, 'escape');
  copyFileSync(join(buildDir, 'escape'), escapeProgram);
});
afterAll(async () => {
  await agent.clean();
  rmSync(folder, { recursive: true, force: true });
});

interface Tried {
  readonly group: string;
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly text: string;
}

/** Runs a program in a launch, and returns its exit and output. */
async function run(argv: string[], change: Change = {}): Promise<Tried> {
  const binds = [{ source: escapeProgram, target: ESCAPE }, ...(change.binds ?? [])];
  const { group, pid } = await agent.call('launch', { name: `try-${++number}`, argv, ...change, binds });
  const { code, signal } = await agent.event('exit', group, (event) => event.pid === pid);
  const { chunks } = await agent.call('output', { group });
  return { group, code, signal, text: chunks.map(({ text }) => text).join('') };
}

const attempt = (name: string, argument = '', change: Change = {}) => run([ESCAPE, name, argument], change);

/** The same attempt, by root of the host. */
const outside = (name: string, argument = ''): SpawnSyncReturns<string> => spawnSync(escapeProgram, [name, argument], { encoding: 'utf8' });

function expectRefused({ code, text }: Tried, errnos: RegExp): void {
  expect(text).toMatch(errnos);
  expect(code).toBe(1);
}

describe('system calls that containers refuse', () => {
  // Root outside passes the capability check, and succeeds or gets an error about the arguments.
  test.each([
    ['mount', '/tmp', /EPERM/],
    ['fsopen', '', /EPERM/],
    ['open-tree', '/', /EPERM/],
    ['remount-root', '', /EPERM/],
    ['unmount', '/proc', /EPERM/],
    ['chroot', '/', /EPERM/],
    ['new-user-namespace', '', /EPERM/],
    ['new-mount-namespace', '', /EPERM/],
    ['clone-user-namespace', '', /EPERM/],
    ['clone3-user-namespace', '', /ENOSYS|EPERM/],
    ['join-namespace', '/proc/1/ns/pid', /EPERM|EACCES/],
    ['bpf', '', /EPERM/],
    ['keyring', '', /EPERM|ENOSYS/],
    ['add-key', '', /EPERM|ENOSYS/],
    ['userfaultfd', '', /EPERM|ENOSYS/],
    ['io-uring', '', /ENOSYS/],
    ['perf-events', '', /EPERM|EACCES/],
    ['load-kernel', '', /EPERM|ENOSYS/],
    ['load-module', '', /EPERM|ENOSYS/],
    ['set-clock', '', /EPERM/],
    ['swap-on', '', /EPERM/],
    ['reboot', '', /EPERM/],
    ['kernel-log', '', /EPERM/],
    ['io-ports', '', /EPERM|ENOSYS/],
    ['file-by-handle', '', /EPERM/],
    ['raw-socket', '', /EPERM/],
    ['packet-socket', '', /EPERM|EAFNOSUPPORT/],
    ['trace-init', '', /EPERM/],
    ['read-memory-of', '1', /EPERM/],
    ['gain-capabilities', '', /EPERM/],
  ] as const)('%s %s', async (name, argument, errnos) => {
    expectRefused(await attempt(name, argument), errnos);
  });

  test.each([
    'bpf',
    'keyring',
    'userfaultfd',
    'io-uring',
    'perf-events',
    'new-user-namespace',
    'clone-user-namespace',
    'raw-socket',
    'fsopen',
  ])('outside, %s works: inside it is the sandbox that refuses', (name) => expect(outside(name).stdout).toBe(`${name} succeeded\n`));

  test('pushing input into its own terminal (TIOCSTI)', async () => {
    expectRefused(await attempt('type-into-terminal', '', { tty: true }), /EPERM/);
  });
});

describe('other processes', () => {
  test('cannot be seen', async () => {
    expect(outside('see-any-process').status).toBe(0);
    expectRefused(await attempt('see-any-process'), /ESRCH/);
    expectRefused(await attempt('open-to-read', `/proc/${process.pid}/stat`), /ENOENT/);
  });

  test('cannot be signalled', async () => {
    const child = spawn('sleep', ['1000']);
    try {
      expect(outside('signal', String(child.pid)).status).toBe(0);
      expectRefused(await attempt('signal', String(child.pid)), /ESRCH/);
      // Also with a known pid: without a pid namespace it belongs to another user.
      expectRefused(await attempt('signal', String(child.pid), { namespaces: ['mnt', 'user'] }), /EPERM/);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('its pid 1 has no descriptor that could be taken', async () => {
    expectRefused(await attempt('descriptors-of-init'), /EACCES|EPERM/);
    expectRefused(await attempt('memory-of-init'), /EACCES|EPERM/);
    expectRefused(await attempt('inherited-descriptor'), /EBADF/);
    expectRefused(await attempt('inherited-descriptor', '', { init: false }), /EBADF/);
  });

  test('a daemon does not outlive its pid 1', async () => {
    const { group, code } = await attempt('daemon-stays');
    expect(code).toBe(0);
    await agent.until(() => agent.reading(group, 'cgroup.procs') === 0);
    expect(agent.kernel.members(group).flat()).toEqual([]);
  });
});

describe('the host’s files', () => {
  test.each<[verb: string, name: string, path: () => string, errnos: RegExp]>([
    ['read', 'open-to-read', () => join(agent.settings.stateDir, 'journal.ndjson'), /EACCES|ENOENT/],
    ['read', 'open-to-read', () => '/etc/shadow', /EACCES/],
    ['read', 'open-to-read', () => '/proc/kcore', /EACCES|EPERM|ENOENT/],
    ['changed', 'create', () => '/usr/cgdeck-was-here', /EROFS/],
    ['changed', 'open-to-write', () => '/etc/hostname', /EROFS|EACCES/],
    ['changed', 'open-to-write', () => '/proc/sys/kernel/core_pattern', /EROFS|EACCES/],
    ['changed', 'open-to-write', () => '/proc/sysrq-trigger', /EROFS|EACCES|ENOENT/],
    ['changed', 'open-to-write', () => '/sys/kernel/mm/transparent_hugepage/enabled', /EROFS|EACCES|ENOENT/],
    ['changed', 'open-to-write', () => '/proc/1/exe', /EACCES/],
    ['changed', 'open-to-write', () => '/usr/bin/env', /EROFS|EACCES/],
  ])('are not %s: %s %s', async (_, name, path, errnos) => {
    expectRefused(await attempt(name, path()), errnos);
  });

  test('in /tmp and /run are not visible', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'x', { mode: 0o644 });
    expect(outside('open-to-read', secret).status).toBe(0);
    expectRefused(await attempt('open-to-read', secret), /ENOENT/);
    expectRefused(await attempt('connect-path', join(agent.settings.runDir, 'agent.sock')), /ENOENT|EACCES/);
    expectRefused(await attempt('open-to-read', '/run/utmp'), /ENOENT/);
  });

  test('devices can be neither made nor found', async () => {
    expectRefused(await attempt('make-device', '/tmp/memory'), /EPERM/);
    expectRefused(await attempt('make-device', '/var/tmp/memory'), /EPERM/);
    const { text } = await run(['/bin/ls', '/dev']);
    expect(text.split('\n').filter((line) => /^(mem|kmsg|port|vd|sd|loop|kvm|fuse)/.test(line))).toEqual([]);
  });

  test('the launcher’s file is unchanged afterwards', async () => {
    const before = readFileSync(join(buildDir, 'launch'));
    const { pid } = await agent.call('launch', { name: `try-${++number}`, argv: ['/bin/sleep', '1000'] });
    // Init and monitor run a sealed file that cannot be written (native/libc/process.test.ts).
    const ppid = (of: number) => Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${of}/status`, 'utf8'))?.[1]);
    for (const its of [ppid(pid), ppid(ppid(pid))]) expect(readlinkSync(`/proc/${its}/exe`)).toBe('/memfd:cgdeck-launch (deleted)');
    await run(['/bin/sh', '-c', 'for f in /proc/1/exe /proc/self/exe /proc/*/exe; do : > $f; echo x > $f; done 2>&1']);
    expect(readFileSync(join(buildDir, 'launch')).equals(before)).toBe(true);
  });
});

describe('the group', () => {
  test('its own control files cannot be written', async () => {
    expectRefused(await attempt('write-control-files', '/sys/fs/cgroup'), /EROFS|EACCES|EPERM/);
    expectRefused(await attempt('write-control-files', '/sys/fs/cgroup', { namespaces: ['pid', 'mnt'] }), /EROFS|EACCES|EPERM/);
  });

  test('a fork bomb ends at pids.max', async () => {
    const { group, text, code } = await attempt('fork-bomb', '300', { limits: { 'pids.max': 40 } });
    const made = Number(/made (\d+)/.exec(text)?.[1]);
    expect(code).toBe(1);
    expect(made).toBeGreaterThan(10);
    expect(made).toBeLessThan(40);
    await agent.until(() => agent.reading(group, 'cgroup.procs') === 0);
  });

  test('memory is limited, and the process that used it is killed', async () => {
    const { group, code, signal } = await attempt('fill-memory', '512', { limits: agent.walled(64 * MIB) });
    expect(code === undefined ? signal : `code ${code}`).toMatch(/SIGKILL/);
    expect(await agent.event('oom_kill', group)).toMatchObject({ victim: { comm: 'escape' } });
  });

  test('files in tmpfs count as memory', async () => {
    const filling = ['/bin/dd', 'if=/dev/zero', 'of=/tmp/big', 'bs=1M', 'count=200'];
    const { code, signal } = await run(filling, { limits: agent.walled(64 * MIB) });
    expect(signal === 'SIGKILL' || code !== 0).toBe(true);
  });
});

describe('the host', () => {
  let server: Server;
  let port: number;
  let abstract: Server;
  const name = `cgdeck-sandbox-${process.pid}`;
  beforeAll(async () => {
    server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    abstract = createServer((socket) => socket.destroy()).listen(`\0${name}`);
    await Promise.all([once(server, 'listening'), once(abstract, 'listening')]);
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
  });
  afterAll(() => {
    server.close();
    abstract.close();
  });

  test('keeps its name', async () => {
    const before = hostname();
    expectRefused(await attempt('set-host-name', 'owned'), /EPERM/);
    expectRefused(await attempt('set-host-name', 'owned', { namespaces: ['mnt', 'user'] }), /EPERM/);
    expect(hostname()).toBe(before);
  });

  test('its loopback and abstract sockets cannot be reached', async () => {
    expectRefused(await attempt('connect-loopback', String(port)), /ECONNREFUSED/);
    expectRefused(await attempt('connect-abstract', name), /ECONNREFUSED/);
    const reached = await attempt('connect-loopback', String(port), { namespaces: ['mnt'] });
    expect(reached.code, 'with the host’s network it is reached: the test can tell').toBe(0);
  });
});

describe('a malicious root directory', () => {
  let rootfs: string;
  const binds = ['/bin', '/lib', '/lib64', '/usr'].filter((path) => existsSync(path)).map((source) => ({ source }));

  function makeRoot(shape: (at: (path: string) => string) => void): void {
    rootfs = mkdtempSync(join(folder, 'root-'));
    chmodSync(rootfs, 0o755);
    shape((path) => join(rootfs, path));
  }
  afterEach(() => {
    // No file of the host may appear in it: a launch's mounts are its own.
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(folder);
  });

  /** The launch runs or is refused; either way the host is unchanged. */
  async function runIn(argv: string[], change: Change = {}): Promise<string> {
    try {
      return (await run(argv, { rootfs, ...change, binds: [...binds, ...(change.binds ?? [])] })).text;
    } catch (error) {
      return `refused: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  test.each(['proc', 'dev', 'sys', 'tmp', 'run', 'var', 'bin', 'usr'])('with /%s as a link to a folder of the host', async (name) => {
    const target = join(folder, `target-${name}`);
    mkdirSync(target);
    makeRoot((at) => symlinkSync(target, at(name)));
    await runIn(['/bin/sh', '-c', `echo x > /${name}/written; echo x > /var/tmp/written; ls /${name}`]);
    expect(readdirSync(target)).toEqual([]);
  });

  test('with links that lead out of it', async () => {
    const target = join(folder, 'climbed');
    mkdirSync(target);
    makeRoot((at) => {
      mkdirSync(at('a'));
      symlinkSync('../../../../../../../../../..', at('a/up'));
      symlinkSync('/proc/1/root', at('out'));
    });
    const where = `/a/up${target}`;
    await runIn(['/bin/true'], { binds: [{ source: '/etc', target: where }] });
    expect(readdirSync(target)).toEqual([]);
    expect(await runIn(['/bin/sh', '-c', `cat /out${folder}/secret /a/up${folder}/secret 2>&1`])).not.toMatch(/^x$/m);
  });

  /** Says of each masked file what it is now, and how much can be read of it. */
  const look = `for f in ${MASKED.join(' ')}; do ls -l $f; head -c 99 $f | wc -c; echo x > $f; done 2>&1; ls -l /dev/null`;
  const masked = [...MASKED.flatMap((path) => [`c.* 1, +3 .* ${path}`, '0']), 'c.* 1, +3 .* /dev/null'].join('\\n');

  test('with /dev/null as a link to the file to be masked (CVE-2025-31133)', async () => {
    makeRoot((at) => {
      mkdirSync(at('dev'));
      symlinkSync(MASKED[0] ?? '', at('dev/null'));
    });
    expect(await runIn(['/bin/sh', '-c', look], { overlay: {} })).toMatch(new RegExp(`^${masked}\\n$`));
  });

  test('with /dev/console and /dev/pts as links, and a terminal (CVE-2025-52565)', async () => {
    makeRoot((at) => {
      mkdirSync(at('dev'));
      symlinkSync(MASKED[0] ?? '', at('dev/console'));
      symlinkSync('/proc', at('dev/pts'));
    });
    const text = await runIn(['/bin/sh', '-c', look], { overlay: {}, tty: true });
    expect(text.replaceAll('\r', '')).toMatch(new RegExp(`^${masked}\\n$`));
  });

  test('with /proc as a folder that is not proc (CVE-2025-52881)', async () => {
    makeRoot((at) => {
      mkdirSync(at('proc/self'), { recursive: true });
      writeFileSync(at('proc/self/attr'), '');
    });
    expect(await runIn(['/bin/sh', '-c', 'head -c 10 /proc/self/status; grep -c . /proc/mounts'])).toMatch(/^Name:/);
  });

  test.each([
    {},
    { capabilities: ['CAP_SYS_ADMIN'] },
    { capabilities: ['CAP_SYS_ADMIN'], seccomp: 'unconfined' },
    { capabilities: ['CAP_SYS_ADMIN'], seccomp: 'unconfined', noNewPrivileges: false },
    { capabilities: ['CAP_SYS_ADMIN'], noNewPrivileges: false, overlay: {} },
  ] satisfies Change[])('with a device of root’s that lies in it: %j', async (change) => {
    makeRoot((at) => execFileSync('mknod', ['-m', '600', at('random'), 'c', '1', '9']));
    expect(await runIn([ESCAPE, 'open-device', '/random'], change)).toMatch(/^open-device refused: (EACCES|EPERM)/);
  });

  test('that is itself a link, a loop of links, a file, or missing', async () => {
    makeRoot((at) => {
      symlinkSync(folder, at('link'));
      symlinkSync('loop', at('loop'));
      writeFileSync(at('file'), '');
    });
    for (const name of ['link', 'loop', 'file', 'missing']) {
      const problem = await agent.refused('launch', { name: 'bad', argv: ['/bin/true'], rootfs: join(rootfs, name) });
      expect(problem, name).toMatchObject({ code: 'kernel_refused', errno: expect.stringMatching(/ENOTDIR|ELOOP|ENOENT/) });
      expect(problem.detail, name).toContain(name);
    }
    expect(agent.kernel.where(`${agent.root}/bad`)).toEqual([]);
  });

  test('a working directory that leads out by a descriptor (CVE-2024-21626)', async () => {
    for (let fd = 0; fd < 16; fd++) {
      for (const cwd of [`/proc/self/fd/${fd}`, `/proc/self/fd/${fd}/../../../..`, `/proc/1/fd/${fd}`, '/proc/1/root']) {
        const outcome = await run(
          ['/bin/sh', '-c', `cat ${folder}/secret ./${folder}/secret ../../../../${folder}/secret 2>/dev/null; true`],
          { cwd },
        ).then(
          ({ text }) => text,
          () => '',
        );
        expect(outcome, cwd).toBe('');
      }
    }
  });
});

describe('a launch that keeps a capability', () => {
  test('has no other', async () => {
    const { text } = await run(['/bin/grep', '-E', '^(Cap(Prm|Eff|Bnd)|NoNewPrivs|Seccomp):', '/proc/self/status'], {
      capabilities: ['CAP_CHOWN'],
    });
    const fields = Object.fromEntries(
      text
        .trim()
        .split('\n')
        .map((line) => line.split(/:\s*/)),
    );
    expect(fields).toEqual({
      CapPrm: '0000000000000001',
      CapEff: '0000000000000001',
      CapBnd: '0000000000000001',
      NoNewPrivs: '1',
      Seccomp: '2',
    });
  });

  test('without the filter and with all capabilities, is still confined by the user namespace', async () => {
    const change: Change = {
      seccomp: 'unconfined',
      noNewPrivileges: false,
      capabilities: ['CAP_SYS_ADMIN', 'CAP_MKNOD', 'CAP_DAC_OVERRIDE'],
    };
    expectRefused(await attempt('make-device', '/tmp/memory', change), /EPERM/);
    expectRefused(await attempt('open-to-write', '/proc/sys/kernel/core_pattern', change), /EROFS|EACCES|EPERM/);
    expectRefused(await attempt('create', '/usr/cgdeck-was-here', change), /EROFS|EACCES/);
    expectRefused(await attempt('open-to-read', '/etc/shadow', change), /EACCES/);
    expectRefused(await attempt('load-module', '', change), /EPERM|ENOSYS/);
  });
});
