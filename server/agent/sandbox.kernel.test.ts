// What a launched program must not be able to do to the kernel, other processes and the host, tried from inside: each test fails if its attempt succeeds.
// Where that is harmless, the attempt is made outside first, to show that its success can be recognised.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Change, EscapeAttempts } from './fixtures/escape-attempts.ts';

const MIB = 2 ** 20;
const attempts = new EscapeAttempts('sandbox');
const { agent } = attempts;

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
    await attempts.refused(errnos, name, argument);
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
  ])('outside, %s works: inside it is the sandbox that refuses', (name) =>
    expect(attempts.outside(name).stdout).toBe(`${name} succeeded\n`),
  );

  test('pushing input into its own terminal (TIOCSTI)', async () => {
    await attempts.refused(/EPERM/, 'type-into-terminal', '', { tty: true });
  });
});

describe('other processes', () => {
  test('cannot be seen', async () => {
    expect(attempts.outside('see-any-process').status).toBe(0);
    await attempts.refused(/ESRCH/, 'see-any-process');
    await attempts.refused(/ENOENT/, 'open-to-read', `/proc/${process.pid}/stat`);
  });

  test('cannot be signalled', async () => {
    const child = spawn('sleep', ['1000']);
    try {
      expect(attempts.outside('signal', String(child.pid)).status).toBe(0);
      await attempts.refused(/ESRCH/, 'signal', String(child.pid));
      // Also with a known pid: without a pid namespace it belongs to another user.
      await attempts.refused(/EPERM/, 'signal', String(child.pid), { namespaces: ['mnt', 'user'] });
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('its pid 1 has no descriptor that could be taken', async () => {
    await attempts.refused(/EACCES|EPERM/, 'descriptors-of-init');
    await attempts.refused(/EACCES|EPERM/, 'memory-of-init');
    await attempts.refused(/EBADF/, 'inherited-descriptor');
    await attempts.refused(/EBADF/, 'inherited-descriptor', '', { init: false });
  });

  test('a daemon does not outlive its pid 1', async () => {
    const { group, code } = await attempts.inside('daemon-stays');
    expect(code).toBe(0);
    await agent.until(() => agent.reading(group, 'cgroup.procs') === 0);
    expect(agent.kernel.members(group).flat()).toEqual([]);
  });
});

describe('the group', () => {
  test('its own control files cannot be written', async () => {
    await attempts.refused(/EROFS|EACCES|EPERM/, 'write-control-files', '/sys/fs/cgroup');
    await attempts.refused(/EROFS|EACCES|EPERM/, 'write-control-files', '/sys/fs/cgroup', { namespaces: ['pid', 'mnt'] });
  });

  test('a fork bomb ends at pids.max', async () => {
    const { group, text, code } = await attempts.inside('fork-bomb', '300', { limits: { 'pids.max': 40 } });
    const made = Number(/made (\d+)/.exec(text)?.[1]);
    expect(code).toBe(1);
    expect(made).toBeGreaterThan(10);
    expect(made).toBeLessThan(40);
    await agent.until(() => agent.reading(group, 'cgroup.procs') === 0);
  });

  test('memory is limited, and the process that used it is killed', async () => {
    const { group, code, signal } = await attempts.inside('fill-memory', '512', { limits: agent.walled(64 * MIB) });
    expect(code === undefined ? signal : `code ${code}`).toMatch(/SIGKILL/);
    expect(await agent.event('oom_kill', group)).toMatchObject({ victim: { comm: 'escape' } });
  });

  test('files in tmpfs count as memory', async () => {
    const filling = ['/bin/dd', 'if=/dev/zero', 'of=/tmp/big', 'bs=1M', 'count=200'];
    const { code, signal } = await attempts.run(filling, { limits: agent.walled(64 * MIB) });
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
    await attempts.refused(/EPERM/, 'set-host-name', 'owned');
    await attempts.refused(/EPERM/, 'set-host-name', 'owned', { namespaces: ['mnt', 'user'] });
    expect(hostname()).toBe(before);
  });

  test('its loopback and abstract sockets cannot be reached', async () => {
    await attempts.refused(/ECONNREFUSED/, 'connect-loopback', String(port));
    await attempts.refused(/ECONNREFUSED/, 'connect-abstract', name);
    const reached = await attempts.inside('connect-loopback', String(port), { namespaces: ['mnt'] });
    expect(reached.code, 'with the host’s network it is reached: the test can tell').toBe(0);
  });
});

describe('a launch that keeps a capability', () => {
  test('has no other', async () => {
    const { text } = await attempts.run(['/bin/grep', '-E', '^(Cap(Prm|Eff|Bnd)|NoNewPrivs|Seccomp):', '/proc/self/status'], {
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
    await attempts.refused(/EPERM/, 'make-device', '/tmp/memory', change);
    await attempts.refused(/EROFS|EACCES|EPERM/, 'open-to-write', '/proc/sys/kernel/core_pattern', change);
    await attempts.refused(/EROFS|EACCES/, 'create', '/usr/cgdeck-was-here', change);
    await attempts.refused(/EACCES/, 'open-to-read', '/etc/shadow', change);
    await attempts.refused(/EPERM|ENOSYS/, 'load-module', '', change);
  });
});
