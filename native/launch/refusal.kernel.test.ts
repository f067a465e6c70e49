// What cannot be launched: each failure is named with its step and errno, ends with code 1, and leaves no process.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  args,
  asNobody,
  Bench,
  builds,
  encode,
  everyNamespace,
  isAlive,
  type Launch,
  maps,
  type Rec,
  sandbox,
  sh,
} from './fixtures/launcher.ts';

describe.each(builds)('the launcher $name', (build) => {
  const bench = new Bench(build);
  beforeAll(() => bench.prepare(), 120_000);
  afterEach(() => {
    bench.endAll();
    expect(bench.takeReports()).toEqual([]);
  });
  afterAll(() => bench.remove());

  async function refused(launch: Launch): Promise<Launch> {
    expect(await launch.ended).toBe(1);
    expect(launch.failure).toMatchObject({
      errno: expect.stringMatching(/^E[A-Z0-9]+$/),
      number: expect.any(Number),
      message: expect.stringMatching(/./),
    });
    expect(launch.status.filter((line) => line.error)).toHaveLength(1);
    for (const { pid } of launch.status) expect(pid === undefined || !isAlive(pid)).toBe(true);
    if (launch.dir !== '') expect(readdirSync(launch.dir)).not.toContain('exit');
    return launch;
  }

  const script = (name: string, content: string, mode: number) => {
    const path = bench.path(`${name}-${build.target}`);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };

  describe('says why a program cannot be executed', () => {
    test('missing', async () => {
      const launch = await refused(await bench.start([...sandbox, ...args('/no/such')]));
      expect(launch.failure).toEqual({ step: 'exec', errno: 'ENOENT', number: 2, message: 'No such file or directory', what: '/no/such' });
    });

    test('missing on PATH, or only in a directory that it may not look into', async () => {
      const closed = bench.path(`closed-${build.target}`);
      mkdirSync(closed, { mode: 0o700 });
      for (const path of ['/usr/bin:/bin', `/usr/bin:${closed}`, '/usr/bin:/etc/passwd', '']) {
        const launch = await refused(await bench.start([...sandbox, `env=PATH=${path}`, ...args('no-such-tool')]));
        expect(launch.failure).toMatchObject({ step: 'exec', errno: 'ENOENT', what: 'no-such-tool' });
      }
    });

    test('not executable, by its path and on PATH', async () => {
      const path = script('text', '#!/bin/sh\n', 0o644);
      const name = path.slice(bench.folder.length + 1);
      for (const records of [args(path), [`env=PATH=/usr/bin:${bench.folder}:/bin`, ...args(name)]]) {
        const launch = await refused(await bench.start([...sandbox, ...records]));
        expect(launch.failure).toMatchObject({ step: 'exec', errno: 'EACCES', what: path });
      }
    });

    test('a directory, a file of no known kind, a script whose interpreter is missing', async () => {
      const odd = script('odd', 'echo never\n', 0o755);
      const orphan = script('orphan', '#!/no/such/interpreter\n', 0o755);
      const cases = [
        ['/etc', 'EACCES'],
        [odd, 'ENOEXEC'],
        [orphan, 'ENOENT'],
        [`${odd}/x`, 'ENOTDIR'],
      ] as const;
      for (const [path, errno] of cases) {
        const launch = await refused(await bench.start([...sandbox, ...args(path)]));
        expect(launch.failure).toMatchObject({ step: 'exec', errno, what: path });
      }
    });

    test('an argument longer than the kernel takes', async () => {
      const launch = await refused(await bench.start([...sandbox, ...args('/bin/true', 'x'.repeat(200_000))]));
      expect(launch.failure).toMatchObject({ step: 'exec', errno: 'E2BIG' });
    });
  });

  test.each([
    ['/no/such/dir', 'ENOENT'],
    ['/etc/passwd', 'ENOTDIR'],
    ['/proc/self/fd/3', 'ELOOP'],
  ])('says that the working directory %s is %s', async (cwd, errno) => {
    const launch = await refused(await bench.start([...sandbox, `cwd=${cwd}`, ...args('/bin/true')]));
    expect(launch.failure).toMatchObject({ step: 'cwd', errno, what: cwd });
  });

  test('enters no directory that the program may not enter itself', async () => {
    const closed = bench.path(`private-${build.target}`);
    mkdirSync(closed, { mode: 0o700 });
    for (const ids of [sandbox, asNobody]) {
      const launch = await refused(await bench.start([...ids, `cwd=${closed}`, ...args('/bin/true')]));
      expect(launch.failure).toMatchObject({ step: 'cwd', errno: 'EACCES' });
    }
  });

  test('says that the output directory is missing, or no directory', async () => {
    for (const [dir, errno] of [
      ['/no/such/dir', 'ENOENT'],
      ['/etc/passwd', 'ENOTDIR'],
    ]) {
      const launch = await bench.send(encode([`dir=${dir}`, ...sandbox, ...args('/bin/true')]));
      expect((await refused(launch)).failure).toMatchObject({ step: 'output', errno, what: dir });
    }
  });

  test('leaves no terminal behind', async () => {
    const launch = await refused(await bench.start([...asNobody, 'tty=1', ...args('/no/such')]));
    expect(launch.failure).toMatchObject({ step: 'exec', errno: 'ENOENT' });
    expect(readdirSync(launch.dir)).toEqual(['output']);
  });

  test('says that the kernel refuses a mapping', async () => {
    const overlapping = [...maps, 'uidmap=5 300000 10'];
    const launch = await refused(await bench.start([...everyNamespace, ...overlapping, ...args('/bin/true')]));
    expect(launch.failure).toMatchObject({ step: 'maps', errno: 'EINVAL', what: `/proc/${launch.pid}/uid_map` });
  });

  const dir = 'dir=/tmp';
  const run = 'arg=/bin/true';
  const [uid, gid] = asNobody as [string, string];
  test.each<[string, Rec[], string]>([
    ['nothing at all', [], 'missing: what to run'],
    ['no program', [dir, uid, gid], 'missing: what to run'],
    ['a program without a name', [dir, uid, gid, 'arg='], "the program's name is empty"],
    ['no output directory', [run, uid, gid], 'missing: where to write'],
    ['a relative output directory', [run, uid, gid, 'dir=tmp'], 'not an absolute path'],
    ['a relative working directory', [run, uid, gid, dir, 'cwd=tmp'], 'not an absolute path'],
    ['a relative group', [run, uid, gid, dir, 'procs=cgroup.procs'], 'not an absolute path'],
    ['an unknown key', [run, uid, gid, dir, 'colour=red'], 'unknown key'],
    ['an empty key', [run, uid, gid, dir, '=red'], 'unknown key'],
    ['a key that only begins like one', [run, uid, gid, dir, 'argument=x'], 'unknown key'],
    ['a record without =', [run, uid, gid, dir, 'arg'], 'not a record as key=value'],
    ['an empty record', [run, uid, gid, dir, ''], 'not a record as key=value'],
    ['a directory given twice', [run, uid, gid, dir, dir], 'given twice'],
    ['an unknown namespace', [run, uid, gid, dir, 'ns=clock'], 'not a namespace'],
    ['a variable without =', [run, uid, gid, dir, 'env=A'], 'not a variable'],
    ['a variable without a name', [run, uid, gid, dir, 'env==A'], 'not a variable'],
    ['a host name without a namespace for it', [run, uid, gid, dir, 'hostname=deck'], 'needs ns=uts'],
    ['an empty host name', [run, uid, gid, dir, 'ns=uts', 'hostname='], 'not a host name'],
    ['a host name of 65 characters', [run, uid, gid, dir, 'ns=uts', `hostname=${'x'.repeat(65)}`], 'not a host name'],
    ['no ids outside of a user namespace', [run, dir], 'needed without ns=user'],
    ['no gid outside of a user namespace', [run, dir, uid], 'needed without ns=user'],
    ['maps without a user namespace', [run, dir, uid, gid, ...maps], 'needs ns=user'],
    ['a user namespace without maps', [run, dir, 'ns=user'], 'must map 0'],
    ['a user namespace that does not map its root', [run, dir, 'ns=user', 'uidmap=1 100000 10', 'gidmap=0 100000 10'], 'must map 0'],
    ...['', 'x', '-1', '+1', ' 1', '1 ', '1x', '4294967295', '18446744073709551617', '1e3', '0x10'].map(
      (value): [string, Rec[], string] => [`the uid ${JSON.stringify(value)}`, [run, dir, gid, `uid=${value}`], 'not an id'],
    ),
    ...['', '0', '0 1', '0 1 0', '0 1 2 3', '0  1 2', '0 1 x', '0 4294967295 1', '0 1 4294967295', '-1 0 1'].map(
      (value): [string, Rec[], string] => [
        `the mapping ${JSON.stringify(value)}`,
        [run, dir, 'ns=user', `uidmap=${value}`],
        'not a mapping',
      ],
    ),
    ...['', '0', '-5', '63', '1073741825'].map((value): [string, Rec[], string] => [
      `outputmax=${value}`,
      [run, dir, uid, gid, `outputmax=${value}`],
      'not a number of bytes',
    ]),
    ...['', '0', '60001'].map((value): [string, Rec[], string] => [
      `timeout=${value}`,
      [run, dir, uid, gid, `timeout=${value}`],
      'not a time',
    ]),
    ...['', '0', '2', 'true'].map((value): [string, Rec[], string] => [`tty=${value}`, [run, dir, uid, gid, `tty=${value}`], 'not 1']),
    ...['', '80', '0 24', '80 0', '80 65536', '80x24', '80 24 ', ' 80 24', '-1 24'].map((value): [string, Rec[], string] => [
      `winsize=${value}`,
      [run, dir, uid, gid, 'tty=1', `winsize=${value}`],
      'not a size',
    ]),
    ['a size without a terminal', [run, dir, uid, gid, 'winsize=80 24'], 'needs tty=1'],
    ...(
      [
        ['join with maps', ['join=1', 'ns=user', ...maps], 'does not go with join'],
        ['join with a host name', ['join=1', 'ns=uts', 'hostname=deck'], 'does not go with join'],
        ['join with a view', ['join=1', 'ns=mnt', 'view=host'], 'does not go with join'],
        ['join with a root', ['join=1', 'ns=mnt', 'rootfs=/srv'], 'does not go with join'],
        ['join with an init', ['join=1', 'ns=pid', 'init=1'], 'does not go with join'],
        ['join with a wait', ['join=1', 'ns=net', 'go=1'], 'does not go with join'],
        ['join without kinds', ['join=1'], 'needs the kinds to join'],
        ['an init without a pid namespace', ['init=1'], 'needs ns=pid'],
        ['an init that root with CAP_SYS_PTRACE could look into', ['ns=pid', 'init=1', 'cap=CAP_SYS_PTRACE'], 'needs ns=user'],
        ['a view without a mount namespace', ['view=host'], 'needs ns=mnt'],
        ['a root without a mount namespace', ['rootfs=/srv'], 'needs ns=mnt'],
        ['a view and a root', ['ns=mnt', 'view=host', 'rootfs=/srv'], 'does not go with view'],
        ['a writable root without a root', ['ns=mnt', 'view=host', 'rootrw=1'], 'needs rootfs'],
        ['a writable root under a layer', ['ns=mnt', 'rootfs=/srv', 'rootrw=1', 'layer=/srv/l'], 'does not go with layer'],
        ['a layer on nothing', ['ns=mnt', 'layer=/srv/l'], 'needs view or rootfs'],
        ['scratch on nothing', ['ns=mnt', 'scratch=/srv/l'], 'needs view or rootfs'],
        ['a bind on nothing', ['ns=mnt', 'bind=/usr'], 'needs view or rootfs'],
        ['another view', ['ns=mnt', 'view=guest'], 'not a view'],
        ['a relative bind', ['bind=usr'], 'not an absolute path'],
        ['a bind over the root', ['bind=//'], 'not a path below /'],
        ['a target without its bind', ['bindto=/usr'], 'there is no bind before it'],
        ['two targets of a bind', ['bind=/usr', 'bindto=/a', 'bindto=/b'], 'given twice'],
        ['a writable nothing', ['bindrw=1'], 'there is no bind before it'],
        ['a target that climbs', ['bind=/usr', 'bindto=/a/../../b'], 'not a path without ..'],
        ['a target that ends in ..', ['bind=/usr', 'bindto=/a/..'], 'not a path without ..'],
        ['an unknown capability', ['cap=CAP_FLY'], 'not a capability'],
        ['a capability in small letters', ['cap=cap_chown'], 'not a capability'],
        ['an unknown filter', ['seccomp=strict'], 'neither default nor none'],
        ['no_new_privs of 2', ['nnp=2'], 'neither 0 nor 1'],
        ['an init of 2', ['init=2'], 'not 1'],
        ['a wait of 0', ['go=0'], 'not 1'],
        ['an unknown limit', ['rlimit=files 1 2'], 'not a resource'],
        ['a limit with one bound', ['rlimit=nofile 1'], 'not a limit'],
        ['a limit with three', ['rlimit=nofile 1 2 3'], 'not a limit'],
        ['a limit below 0', ['rlimit=nofile -1 2'], 'not a limit'],
        ['a limit upside down', ['rlimit=nofile max 2'], 'above the hard one'],
        ['a limit twice', ['rlimit=nofile 1 2', 'rlimit=nofile 1 2'], 'given twice'],
        ['an OOM score of 1001', ['oomscore=1001'], 'not a number from -1000'],
        ['a nice value of -21', ['nice=-21'], 'not a number from -20'],
        ['a nice value of --1', ['nice=--1'], 'not a number from -20'],
        ['a decimal umask', ['umask=089'], 'not an octal number'],
        ['a umask of 1000', ['umask=1000'], 'not an octal number'],
        ['the pid 0', ['join=0'], 'not a pid'],
        ['65 binds', Array<string>(65).fill('bind=/usr'), 'too many binds'],
      ] satisfies [string, string[], string][]
    ).map(([what, records, message]): [string, Rec[], string] => [what, [run, dir, uid, gid, ...records], message]),
    ['4097 arguments', [dir, uid, gid, ...Array<string>(4097).fill('arg=x')], 'too many arguments'],
    ['4097 variables', [run, dir, uid, gid, ...Array<string>(4097).fill('env=A=x')], 'too many variables'],
    ['65 groups', [run, dir, uid, gid, ...Array<string>(65).fill('procs=/x/cgroup.procs')], 'too many groups'],
    ['17 mappings', [run, dir, 'ns=user', ...Array<string>(17).fill('uidmap=0 1 1')], 'too many mappings'],
  ])('refuses %s', async (_what, records, message) => {
    const launch = await refused(await bench.send(encode(records)));
    expect(launch.failure).toMatchObject({ step: 'request', errno: 'EINVAL', message: expect.stringContaining(message) });
    expect(launch.status).toHaveLength(1);
  });

  test('refuses a request whose last record does not end', async () => {
    const whole = encode([run, dir, uid, gid]);
    const launch = await refused(await bench.send(whole.subarray(0, -1)));
    expect(launch.failure).toMatchObject({ step: 'request', errno: 'EINVAL', message: 'the last record does not end in NUL' });
  });

  test('refuses a request of more than 4 MiB, and takes one of just as much', async () => {
    for (const size of [10 << 20, (4 << 20) + 1]) {
      const launch = await refused(await bench.send(Buffer.alloc(size, 'arg=x\0')));
      expect(launch.failure).toMatchObject({ step: 'request', errno: 'E2BIG', number: 7 });
    }
    const head = encode([run, dir, uid, gid, 'colour=']);
    const whole = Buffer.concat([head.subarray(0, -1), Buffer.alloc((4 << 20) - head.length, 'x'), Buffer.from([0])]);
    expect(whole).toHaveLength(4 << 20);
    expect((await refused(await bench.send(whole))).failure).toMatchObject({ step: 'request', message: 'unknown key' });
  });

  test('refuses garbage, and reports it as JSON', async () => {
    for (let round = 0; round < 20; round++) {
      const launch = await refused(await bench.send(Buffer.concat([randomBytes(5000), Buffer.from([0])])));
      expect(launch.failure).toMatchObject({ step: 'request', errno: 'EINVAL' });
    }
    const launch = await refused(await bench.send(encode([Buffer.from('a\u0001"\\\n\x7fé'), run])));
    expect(launch.failure?.what).toBe('a\u0001"\\\n\x7fé');
    const cut = await refused(await bench.send(encode([Buffer.from([0x61, 0xff, 0xed, 0xa0, 0x80, 0xc3]), run])));
    expect(cut.failure?.what).toBe('a\ufffd\ufffd\ufffd\ufffd\ufffd');
  });

  test('without its two descriptors says what it needs', () => {
    const alone = spawnSync(bench.binary, { env: bench.env, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
    expect(alone.status).toBe(2);
    expect(alone.stderr).toContain('takes a request on descriptor 3');
  });

  test('launches where a script that fails at once is a success, with its code in the record', async () => {
    const launch = await bench.run([...sandbox, ...sh('exit 1')]);
    expect(launch.failure).toBeUndefined();
    expect(launch.exit).toMatchObject({ code: 1 });
  });
});
