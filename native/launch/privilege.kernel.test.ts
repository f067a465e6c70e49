// What a program may do: the capabilities that it keeps, the system calls that it is refused, and its limits.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { isAlive } from './fixtures/launch.ts';
import { benchFor, builds, make, probe } from './fixtures/launcher.ts';
import { args, asNobody, asRoot, encode, maps, sandbox, sh } from './fixtures/records.ts';

const CAP_NET_BIND_SERVICE = 1 << 10;
const CAP_CHOWN = 1;
const CAP_SYS_RESOURCE = 1n << 24n;
const own = BigInt(`0x${/CapEff:\s(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`);
/** Root of a machine may; in some containers that tests run in it may not. */
const mayRaise = (own & CAP_SYS_RESOURCE) !== 0n;
const hex = (set: number) => set.toString(16).padStart(16, '0');

describe.each(builds)('a program launched by the launcher $name', (build) => {
  const bench = benchFor(build);
  beforeAll(() => make('probe'));

  /** How each call ended. */
  async function tried(records: readonly string[], ...calls: string[]): Promise<Record<string, string>> {
    const output = await bench.outputOf([...records, ...args(probe, ...calls)]);
    return Object.fromEntries(
      output
        .trim()
        .split('\n')
        .map((line) => line.split(' ')),
    );
  }

  async function capabilities(records: readonly string[]): Promise<string[]> {
    const status = await bench.outputOf([...records, ...sh('grep Cap /proc/self/status')]);
    return ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => new RegExp(`${name}:\\s(\\w+)`).exec(status)?.[1] ?? '');
  }

  const kept = ['cap=CAP_NET_BIND_SERVICE', 'cap=CAP_CHOWN'];
  const set = hex(CAP_NET_BIND_SERVICE | CAP_CHOWN);
  const none = hex(0);

  test('keeps exactly the asked capabilities as root, of a user namespace or of the machine', async () => {
    for (const ids of [sandbox, asRoot]) expect(await capabilities([...ids, ...kept])).toEqual([set, set, set, set, none]);
  });

  test('keeps them as an ordinary user as well, through exec', async () => {
    expect(await capabilities(['uid=1234', 'gid=1234', ...kept])).toEqual([set, set, set, set, set]);
  });

  test('can use a kept capability in its own namespaces, and lacks it otherwise', async () => {
    const script = 'ip link set lo mtu 1400 2>&1 || echo refused';
    expect(await bench.outputOf([...sandbox, 'cap=CAP_NET_ADMIN', ...sh(script)])).not.toContain('refused');
    expect(await bench.outputOf([...sandbox, ...sh(script)])).toContain('refused');
  });

  test('has no_new_privs unless the request unsets it, and is filtered in both cases', async () => {
    const flags = sh('grep -E "NoNewPrivs|Seccomp:" /proc/self/status | tr -d "\\n\\t"');
    expect(await bench.outputOf([...sandbox, ...flags])).toBe('NoNewPrivs:1Seccomp:2');
    expect(await bench.outputOf([...sandbox, 'nnp=0', ...flags])).toBe('NoNewPrivs:0Seccomp:2');
    expect(await bench.outputOf([...asRoot, 'nnp=0', ...flags])).toBe('NoNewPrivs:0Seccomp:2');
    expect(await bench.outputOf([...sandbox, 'seccomp=none', ...flags])).toBe('NoNewPrivs:1Seccomp:0');
  });

  test('is refused what containers are refused, which the kernel alone would allow', async () => {
    const calls = ['keyctl', 'io_uring', 'userfaultfd', 'kcmp', 'open_tree', 'clone-user', 'persona', 'unshare'];
    const open = await tried([...sandbox, 'seccomp=none'], ...calls);
    expect(open).toEqual(Object.fromEntries(calls.map((call) => [call, 'ok'])));
    const filtered = await tried(sandbox, ...calls);
    // With ENOSYS a program does without.
    expect(filtered).toEqual({ ...Object.fromEntries(calls.map((call) => [call, 'EPERM'])), io_uring: 'ENOSYS' });
  });

  test.each(['mbind', 'get_mempolicy', 'set_mempolicy', 'set_mempolicy_home_node'])(
    'places memory on nodes only with CAP_SYS_NICE: %s',
    async (call) => {
      // Where the kernel knows no nodes, it has no such call.
      const unfiltered = (await tried([...sandbox, 'seccomp=none'], call))[call];
      expect(unfiltered).not.toBe('EPERM');
      expect(await tried(sandbox, call)).toEqual({ [call]: 'EPERM' });
      expect(await tried([...sandbox, 'cap=CAP_SYS_NICE'], call)).toEqual({ [call]: unfiltered });
    },
  );

  test('gets ENOSYS for clone3, so that the C library falls back, and can fork', async () => {
    expect(await tried(sandbox, 'clone3', 'fork')).toEqual({ clone3: 'ENOSYS', fork: 'ok' });
    expect(await tried([...sandbox, 'seccomp=none'], 'clone3')).toEqual({ clone3: 'EINVAL' });
  });

  test('cannot type into a terminal, also not with bits that the kernel ignores', async () => {
    const calls = ['tiocsti', 'tiocsti-high', 'tiocgwinsz'];
    expect(await tried(sandbox, ...calls)).toEqual({ tiocsti: 'EPERM', 'tiocsti-high': 'EPERM', tiocgwinsz: 'ENOTTY' });
    expect(await tried([...sandbox, 'seccomp=none'], 'tiocsti')).toEqual({ tiocsti: 'ENOTTY' });
  });

  test('has sockets of the usual families only, and raw ones with the capability', async () => {
    const calls = ['inet', 'netlink', 'packet', 'alg'];
    const refused = 'EAFNOSUPPORT';
    expect(await tried(sandbox, ...calls)).toEqual({ inet: 'ok', netlink: 'ok', packet: refused, alg: refused });
    expect(await tried([...sandbox, 'cap=CAP_NET_RAW'], ...calls)).toEqual({ inet: 'ok', netlink: 'ok', packet: 'ok', alg: refused });
  });

  test('may make the calls that a kept capability allows', async () => {
    const opened = { unshare: 'ok', 'unshare-mounts': 'ok', mount: 'ok', keyctl: 'EPERM' };
    const calls = ['keyctl', 'mount', 'unshare-mounts', 'unshare'];
    expect(await tried([...sandbox, 'cap=CAP_SYS_ADMIN'], ...calls)).toEqual(opened);
    expect(await tried([...sandbox, 'cap=CAP_SYS_PTRACE'], 'kcmp', 'unshare')).toEqual({ kcmp: 'ok', unshare: 'EPERM' });
    expect(await tried([...sandbox, 'cap=CAP_SYS_CHROOT'], 'chroot')).toEqual({ chroot: 'ok' });
    expect(await tried(sandbox, 'chroot', 'persona-32')).toEqual({ chroot: 'EPERM', 'persona-32': 'ok' });
  });

  test.runIf(process.arch === 'x64')('makes calls of a 32-bit program, through the same filter', async () => {
    const refused = [
      'alg',
      'socketcall',
      'unshare',
      'clone-user',
      'clone3',
      'keyctl',
      'io_uring',
      'tiocsti',
      'mount',
      'umount',
      'stime',
      'unknown',
    ];
    const calls = ['getpid-32', 'socket-32', ...refused.map((call) => `${call}-32`), 'unknown-x32'];
    const absent = {
      'socketcall-32': 'ENOSYS',
      'clone3-32': 'ENOSYS',
      'io_uring-32': 'ENOSYS',
      'unknown-32': 'ENOSYS',
      'unknown-x32': 'ENOSYS',
    };
    expect(await tried(sandbox, ...calls)).toEqual({
      ...Object.fromEntries(calls.map((call) => [call, 'EPERM'])),
      ...{ 'getpid-32': 'ok', 'socket-32': 'ok', 'alg-32': 'EAFNOSUPPORT' },
      ...absent,
    });
    // With the capability the kernel looks at the arguments.
    expect(await tried([...sandbox, 'cap=CAP_SYS_ADMIN'], 'mount-32')).not.toEqual({ 'mount-32': 'EPERM' });
  });

  test('traces its own processes in a pid and a user namespace, and never its init', async () => {
    const kinds = (...names: string[]) => names.map((name) => `ns=${name}`);
    const calls = ['read-memory', 'persona-fixed', 'trace-1', 'trace-child'];
    for (const more of [[], ['cap=CAP_SYS_PTRACE']])
      expect(await tried([...sandbox, 'init=1', ...more], ...calls)).toEqual({
        ...{ 'read-memory': 'ok', 'persona-fixed': 'ok', 'trace-1': 'EPERM', 'trace-child': 'ok' },
      });
    for (const shared of [
      [...kinds('user', 'mnt'), ...maps],
      [...kinds('pid', 'mnt'), ...asNobody],
    ])
      expect(await tried(shared, ...calls)).toEqual(Object.fromEntries(calls.map((call) => [call, 'EPERM'])));
  });

  test('has the asked limits', async () => {
    const limits = ['rlimit=nofile 64 128', 'rlimit=nproc 100 200', 'rlimit=core 0 0', 'rlimit=cpu 10 20'];
    const launch = await bench.start([...sandbox, ...limits, ...args('/bin/sleep', '1000')]);
    const table = readFileSync(`/proc/${launch.pid}/limits`, 'utf8');
    expect(table).toMatch(/Max open files\s+64\s+128/);
    expect(table).toMatch(/Max processes\s+100\s+200/);
    expect(table).toMatch(/Max core file size\s+0\s+0/);
    expect(table).toMatch(/Max cpu time\s+10\s+20/);
  });

  test('has limits that only the launcher may set; a launcher that may not reports which', async () => {
    const request = encode([
      'uid=1',
      'gid=1',
      'rlimit=core 5 6',
      'oomscore=-500',
      `dir=${bench.outputDir()}`,
      ...args('/bin/sleep', '1000'),
    ]);
    const launch = await bench.send(request, '', ['prlimit', '--core=0:0']);
    if (!mayRaise) {
      expect(launch.failure).toMatchObject({ step: 'limits', errno: 'EPERM', what: 'core 5 6' });
      expect(isAlive(launch.pid)).toBe(false);
      return;
    }
    expect(readFileSync(`/proc/${launch.pid}/limits`, 'utf8')).toMatch(/Max core file size\s+5\s+6/);
    expect(readFileSync(`/proc/${launch.pid}/oom_score_adj`, 'utf8')).toBe('-500\n');
  });

  test('may open as many files as the machine allows, and no more', async () => {
    const most = Number(readFileSync('/proc/sys/fs/nr_open', 'utf8'));
    const own = /Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    const allowed = mayRaise ? String(most) : own;
    expect(await bench.outputOf([...sandbox, 'rlimit=nofile 64 max', ...sh('ulimit -Sn; ulimit -Hn')])).toBe(`64\n${allowed}\n`);
    expect(await bench.outputOf([...sandbox, 'rlimit=nofile max max', ...sh('ulimit -Sn; ulimit -Hn')])).toBe(`${allowed}\n${allowed}\n`);
    const asked = `nofile 64 ${most + 1}`;
    const launch = await bench.start([...sandbox, 'rlimit=core 0 0', `rlimit=${asked}`, ...args('/bin/true')]);
    expect(launch.failure).toMatchObject({
      step: 'limits',
      errno: 'EPERM',
      what: asked,
      message: expect.stringContaining(`fs.nr_open, which is ${most}`),
    });
  });

  test('is not affected before exec by its own limits', async () => {
    const launch = await bench.run([...sandbox, 'init=1', 'rlimit=nofile 3 3', 'rlimit=fsize 0 0', ...args('/bin/true')]);
    expect(launch.failure).toBeUndefined();
  });

  test('has a session keyring of its own', async () => {
    const keyring = () =>
      bench.outputOf([...asNobody, 'seccomp=none', ...sh('grep -o "^[0-9a-f]*.*keyring *_ses" /proc/keys | cut -d" " -f1')]);
    const [first, second] = [await keyring(), await keyring()];
    expect(first).toMatch(/^[0-9a-f]{8}\n$/);
    expect(second).not.toBe(first);
  });

  test('has the asked OOM score, nice value and umask', async () => {
    const script = 'cat /proc/self/oom_score_adj; nice; umask';
    expect(await bench.outputOf([...sandbox, 'oomscore=500', 'nice=5', 'umask=077', ...sh(script)])).toBe('500\n5\n0077\n');
    expect(await bench.outputOf([...sandbox, 'nice=-5', ...sh(script)])).toBe(
      `${readFileSync('/proc/self/oom_score_adj', 'utf8')}-5\n0022\n`,
    );
  });
});
