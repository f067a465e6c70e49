// A program as another user than root of its namespace: by name or number, with its groups and home, and never with root's rights.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectRefused } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, everyNamespace, OUTSIDE_ID, sandbox, sh } from './fixtures/records.ts';

const LONG = 'x'.repeat(9000);
const PASSWD = `root:x:0:0:root:/root:/bin/sh
broken:x
huge:x:4294967295:1:::
long:x:70:70:${LONG}:/:
ann:x:1000:1001:Ann:/home/ann:/bin/sh
bob:x:70000:1::/nowhere:
`;
const GROUP = 'root:x:0:\nstaff:x:50:bob,ann\nann:x:1001:\nfar:x:70000:bob\naudio:x:29:ann,\n';

describe.each(builds)('a user, by the launcher $name', (build) => {
  const bench = benchFor(build);
  let etc: string[] = [];
  beforeAll(() => {
    const dir = bench.path('etc');
    mkdirSync(dir);
    writeFileSync(join(dir, 'passwd'), PASSWD);
    writeFileSync(join(dir, 'group'), GROUP);
    etc = ['view=host', `bind=${dir}`, 'bindto=/etc'];
  });
  const as = (user: string, ...more: string[]) => [...sandbox, 'init=1', ...etc, `user=${user}`, ...more];

  test.each([
    ['ann', [], '1000 1001 1001,29,50 ann ann /home/ann'],
    ['1000', [], '1000 1001 1001,29,50 ann ann /home/ann'],
    ['ann', ['group=staff'], '1000 50 29,50 ann ann /home/ann'],
    ['ann', ['group=7'], '1000 7 29,50,7 ann ann /home/ann'],
    ['ann', ['env=HOME=/tmp', 'env=USER=me'], '1000 1001 1001,29,50 me ann /tmp'],
    ['4321', [], '4321 4321 4321   /'],
    ['4321', ['group=staff'], '4321 50 50   /'],
    ['root', [], '0 0 0 root root /root'],
  ])('%s %j', async (user, more, expected) => {
    const script = 'echo $(id -u) $(id -g) $(id -G | tr " " "\\n" | sort | paste -sd,) "$USER $LOGNAME $HOME"; echo again > /dev/stdout';
    expect(await bench.outputOf([...as(user, ...more), ...sh(script)])).toBe(`${expected}\nagain\n`);
  });

  test('has no capability, cannot become root again, and is another user on the host too', async () => {
    const script =
      'grep -E "Cap|NoNewPrivs|Seccomp:" /proc/self/status; setpriv --reuid 0 id -u 2>&1; cat /proc/1/environ 2>&1; echo ready; exec sleep 1000';
    const launch = await bench.start([...as('ann'), ...sh(script)]);
    await launch.prints('ready');
    for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) expect(launch.output).toContain(`Cap${set}:\t${'0'.repeat(16)}`);
    expect(launch.output).toMatch(/NoNewPrivs:\t1\nSeccomp:\t2/);
    expect(launch.output).toContain('Operation not permitted');
    expect(launch.output).toContain('Permission denied');
    for (const pid of [launch.pid, launch.programPid]) {
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(
        new RegExp(`Uid:(\\t${OUTSIDE_ID + 1000}){4}\\nGid:(\\t${OUTSIDE_ID + 1001}){4}`),
      );
    }
  });

  test('has the capabilities that are kept, also where it may gain privileges', async () => {
    for (const more of [[], ['nnp=0']]) {
      const output = await bench.outputOf([
        ...as('ann', 'cap=CAP_CHOWN', ...more),
        ...sh('grep -E "CapEff|CapAmb|Seccomp:" /proc/self/status'),
      ]);
      expect(output).toBe('CapEff:\t0000000000000001\nCapAmb:\t0000000000000001\nSeccomp:\t2\n');
    }
  });

  test('gets signals through its init, and a terminal of its own', async () => {
    const script = 'trap "echo got it; exit 7" TERM; [ -O /dev/tty ] || stat -c %u $(tty); echo ready; while :; do sleep 0.01; done';
    const launch = await bench.start([...as('ann', 'tty=1'), ...sh(script)]);
    await launch.prints('ready');
    process.kill(launch.pid, 'SIGTERM');
    await launch.ended;
    expect(launch.exit).toMatchObject({ code: 7 });
  });

  test('joins as another user', async () => {
    const host = await bench.start([...as('ann'), ...sh('echo ready; exec sleep 1000')]);
    await host.prints('ready');
    const join_ = (user: string) => bench.outputOf([...everyNamespace, `join=${host.programPid}`, user, ...sh('echo $(id -u) $(id -G)')]);
    expect(await join_('user=4321')).toBe('4321 4321\n');
    expect(await join_('user=0')).toBe('0 0\n');
  });

  test.each([
    ['user=carl', 'ENOENT', 'carl', "the launch's /etc/passwd has no such user"],
    ['group=wheel', 'ENOENT', 'wheel', "the launch's /etc/group has no such group"],
    ['user=bob', 'EINVAL', 'bob', 'it has 0 to 65535'],
    ['user=70000', 'EINVAL', '70000', 'it has 0 to 65535'],
    ['user=broken', 'ENOENT', 'broken', 'no such user'],
    ['user=huge', 'ENOENT', 'huge', 'no such user'],
    ['user=long', 'ENOENT', 'long', 'no such user'],
  ])('%s is refused', async (record, errno, what, message) => {
    const launch = await expectRefused(await bench.start([...sandbox, 'init=1', ...etc, record, ...args('/bin/true')]));
    expect(launch.failure).toMatchObject({ step: 'user', errno, message: expect.stringContaining(message) });
    expect(['setgroups', what]).toContain(launch.failure?.what);
  });

  test.each([
    ['a fifo', (path: string) => execFileSync('mkfifo', ['-m', '666', path])],
    ['a link to a descriptor', (path: string) => symlinkSync('/proc/self/fd/3', path)],
    ['a link to itself', (path: string) => symlinkSync('passwd', path)],
    ['closed to it', (path: string) => writeFileSync(path, PASSWD, { mode: 0 })],
    ['endless', (path: string) => writeFileSync(path, 'x'.repeat(20 << 20))],
  ])('a passwd that is %s has no users, and numbers still work', async (_what, make) => {
    const dir = bench.path(`etc-${Math.random()}`);
    mkdirSync(dir);
    make(join(dir, 'passwd'));
    const records = [...sandbox, 'init=1', 'view=host', `bind=${dir}`, 'bindto=/etc'];
    expect((await expectRefused(await bench.start([...records, 'user=ann', ...args('/bin/true')]))).failure).toMatchObject({
      step: 'user',
      errno: 'ENOENT',
    });
    expect(await bench.outputOf([...records, 'user=1000', ...sh('id -u')])).toBe('1000\n');
  });
});
