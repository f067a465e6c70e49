// What a program with a root of its own sees: the host read-only or a directory, fresh kernel file systems, masks, layers and binds.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { TestGroups } from './fixtures/groups.ts';
import { args, asNobody, asRoot, Bench, builds, everyNamespace, isAlive, OUTSIDE_ID, type Rec, sandbox, sh } from './fixtures/launcher.ts';

const CGROUPS = '/sys/fs/cgroup';
const view = [...sandbox, 'view=host'];
const rootNamespaces = everyNamespace.filter((kind) => kind !== 'ns=user');

describe.each(builds)('a root made by the launcher $name', (build) => {
  const bench = new Bench(build);
  beforeAll(() => bench.prepare(), 120_000);
  afterEach(() => {
    bench.endAll();
    expect(bench.takeReports()).toEqual([]);
  });
  afterAll(() => bench.remove());

  let made = 0;
  /** A directory root, whose programs come from the host's /usr. */
  function directoryRoot(): string {
    const root = bench.path(`root-${build.target}-${++made}`);
    mkdirSync(`${root}/etc`, { recursive: true });
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, `${root}/${name}`);
    writeFileSync(`${root}/etc/whose`, 'ours\n');
    return root;
  }

  function layer(): string {
    const dir = bench.path(`layer-${build.target}-${++made}`);
    for (const name of ['upper', 'work']) mkdirSync(`${dir}/${name}`, { recursive: true });
    return dir;
  }

  async function refused(records: readonly Rec[], failure: Record<string, string>): Promise<void> {
    const before = readFileSync('/proc/self/mountinfo', 'utf8');
    const launch = await bench.start([...records, ...args('/bin/true')]);
    expect(await launch.ended).toBe(1);
    expect(launch.failure).toMatchObject(failure);
    expect(isAlive(launch.pid)).toBe(false);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before);
  }

  const owned: [string, readonly string[]][] = [
    ['in a user namespace', sandbox],
    ['as root of the machine', [...rootNamespaces, ...asRoot]],
    ['as nobody', [...rootNamespaces, ...asNobody]],
  ];

  describe.each(owned)('of the host, %s', (_how, ids) => {
    const host = [...ids, 'view=host'];

    test('is read-only everywhere but in fresh places', async () => {
      const name = `cgdeck-test-${process.pid}`;
      const script = `for dir in / /etc /usr /var /dev /sys /proc; do (: > $dir/${name}) 2>/dev/null && echo $dir; done; for dir in /tmp /dev/shm; do : > $dir/${name} && echo $dir; done`;
      const output = await bench.says([...host, ...sh(script)]);
      expect(output).toBe('/tmp\n/dev/shm\n');
      expect(existsSync(`/tmp/${name}`)).toBe(false);
    });

    test('has no mount that allows devices or set-user-id but the terminals, and none that the host shares', async () => {
      const mounts = (await bench.says([...host, ...sh('cat /proc/self/mountinfo')])).trim().split('\n');
      expect(mounts.filter((line) => !/nosuid/.test(line))).toEqual([]);
      const withDevices = mounts.filter((line) => !/nodev/.test(line)).map((line) => line.split(' ')[4]);
      const masked = withDevices.filter((path) => !path?.startsWith('/dev/') && path !== '/dev');
      expect(masked.filter((path) => !path?.startsWith('/proc/'))).toEqual([]);
      expect(mounts.filter((line) => / (shared|master):/.test(line))).toEqual([]);
      // A second time on the same place would mean that the host's lies beneath.
      const places = mounts.map((line) => line.split(' ')[4] ?? '').filter((path) => /^\/(proc|sys|dev|tmp|run)$/.test(path));
      expect(places.sort()).toEqual(['/dev', '/proc', '/run', '/sys', '/tmp']);
    });

    test('has devices that work, and no others', async () => {
      const script =
        'exec 2>&1; ls /dev; echo gone > /dev/null; head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; echo x > /dev/full || echo full';
      const output = await bench.says([...host, ...sh(script)]);
      const [full, ...rest] = output.trim().split('\n').reverse();
      expect(full).toBe('full');
      expect(rest.filter((line) => /^\d/.test(line))).toEqual(['3', '3']);
      for (const name of [
        'fd',
        'full',
        'mqueue',
        'null',
        'ptmx',
        'pts',
        'random',
        'shm',
        'stderr',
        'stdin',
        'stdout',
        'tty',
        'urandom',
        'zero',
      ]) {
        expect(rest).toContain(name);
      }
      expect(rest.filter((line) => /^[a-z]+$/.test(line))).toHaveLength(14);
    });

    test('hides what containers hide, and lets nobody write to the kernel', async () => {
      const script = [
        'for file in kcore keys sysrq-trigger timer_list interrupts; do [ ! -e /proc/$file ] || [ -c /proc/$file ] || echo seen $file; done',
        'for dir in /proc/acpi /proc/scsi /sys/firmware /sys/devices/virtual/powercap; do [ -z "$(ls $dir 2>/dev/null)" ] || echo seen $dir; done',
        'for file in /proc/sys/kernel/domainname /proc/sysrq-trigger; do (echo x > $file) 2>/dev/null && [ ! -c $file ] && echo written $file; done',
        'cat /proc/self/mountinfo | grep -c " /proc/sys ro"',
      ].join('\n');
      expect(await bench.says([...host, ...sh(script)])).toBe('1\n');
    });

    test('has nothing of the old root left', async () => {
      const output = await bench.says([...host, ...sh('pwd; echo $(ls /proc/self/root/); cut -d" " -f4,5 /proc/self/mountinfo | head -1')]);
      const [pwd, names = '', first] = output.trim().split('\n');
      expect([pwd, first]).toEqual(['/', '/ /']);
      expect(names.trim().split(' ').sort()).toEqual(
        readdirSync('/')
          .filter((name) => !name.startsWith('.'))
          .sort(),
      );
    });
  });

  test('without a pid namespace shows the host’s /proc, read-only and masked', async () => {
    const records = ['ns=mnt', 'view=host', ...asNobody];
    const launch = await bench.run([
      ...records,
      ...sh('ls -d /proc/$1; [ -c /proc/keys ] && echo masked; : > /proc/self/comm', String(process.pid)),
    ]);
    expect(launch.output).toMatch(new RegExp(`^/proc/${process.pid}\nmasked\n.*Read-only`));
    expect(launch.status.find((line) => line.step === 'proc')?.note).toContain('read-only');
  });

  test('shows the network devices of its own namespace only', async () => {
    expect(await bench.says([...view, ...sh('ls /sys/class/net')])).toBe('lo\n');
  });

  test('shows the program’s own group, which it cannot write to', async () => {
    const groups = new TestGroups(`/cgdeck-test-view-${process.pid}`);
    try {
      groups.limitMemory('64M');
      const limit = groups.file(groups.version === 1 ? 'memory.limit_in_bytes' : 'memory.max');
      const mount = limit.slice(0, limit.indexOf(groups.path));
      // v2 alone is mounted at the folder itself, what is mounted in parts each below it.
      const seen = mount === CGROUPS ? readdirSync(dirname(limit)) : groups.hierarchies;
      for (const ids of [sandbox, [...rootNamespaces, ...asRoot]]) {
        const script = `ls ${CGROUPS}; cat ${mount}/${basename(limit)}; echo 1 > ${mount}/cgroup.procs`;
        const launch = await bench.run([...groups.procs, ...ids, 'view=host', ...sh(script)]);
        const lines = launch.output.trim().split('\n');
        expect(lines.slice(0, -2).sort()).toEqual([...seen].sort());
        expect(lines.at(-2)).toBe(String(64 << 20));
        expect(lines.at(-1)).toContain('Read-only file system');
      }
    } finally {
      await groups.remove();
    }
  });

  test('that is a directory has its files, owned by the program’s root, and stays as it was', async () => {
    const root = directoryRoot();
    const script = 'exec 2>&1; cat /etc/whose; stat -c %u:%g /etc/whose; echo x > /etc/new || echo read-only; ls /home 2>&1';
    const output = await bench.says([...sandbox, `rootfs=${root}`, 'bind=/usr', ...sh(`${script}; :`)]);
    expect(output).toMatch(/^ours\n0:0\n.*Read-only file system\nread-only\n.*No such file/s);
    expect(readdirSync(`${root}/etc`)).toEqual(['whose']);
  });

  test('that is writable takes what is written, as root’s on disk', async () => {
    const root = directoryRoot();
    await bench
      .says([...sandbox, `rootfs=${root}`, 'rootrw=1', 'bind=/usr', ...sh('echo new > /etc/new; chown 5:5 /etc/new; echo 2 > /etc/two')])
      .catch(() => {});
    expect(statSync(`${root}/etc/new`)).toMatchObject({ uid: 0, gid: 0 });
    expect(readFileSync(`${root}/etc/two`, 'utf8')).toBe('2\n');
  });

  test('with a layer keeps what is written there, for the next launch', async () => {
    const [root, above] = [directoryRoot(), layer()];
    const records = [...sandbox, `rootfs=${root}`, `layer=${above}`, 'bind=/usr'];
    await bench.says([...records, ...sh('echo changed > /etc/whose; echo new > /new; mkdir /etc/dir')]);
    expect(await bench.says([...records, ...sh('cat /etc/whose /new; stat -c %u /new /etc/dir')])).toBe('changed\nnew\n0\n0\n');
    expect(readFileSync(`${root}/etc/whose`, 'utf8')).toBe('ours\n');
    expect(statSync(`${above}/upper/new`).uid).toBe(OUTSIDE_ID);
  });

  test('with a layer over the host leaves its owners: root inside reads no secret', async () => {
    const above = layer();
    const secret = bench.path(`secret-${build.target}`);
    writeFileSync(secret, 'secret', { mode: 0o600 });
    const output = await bench.says([
      ...view,
      `layer=${above}`,
      ...sh('echo mine > /cgdeck-new; cat /cgdeck-new; stat -c %u /etc/shadow; cat /etc/shadow 2>&1 || :'),
    ]);
    expect(output).toMatch(/^mine\n65534\n.*Permission denied/);
    expect(existsSync('/cgdeck-new')).toBe(false);
  });

  test('binds files and directories, elsewhere, read-only or not, after the fresh file systems', async () => {
    const shared = bench.path(`shared-${build.target}`);
    mkdirSync(shared);
    execFileSync('chmod', ['777', shared]);
    writeFileSync(`${shared}/file`, 'bound\n');
    const output = await bench.says([
      ...view,
      ...[`bind=${shared}`, 'bindto=/run/cgdeck/bin'],
      ...[`bind=${shared}/file`, 'bindto=/tmp/one/file'],
      ...[`bind=${shared}`, 'bindto=/run/rw', 'bindrw=1'],
      `scratch=${shared}`,
      ...sh(
        'cat /run/cgdeck/bin/file /tmp/one/file; (: > /run/cgdeck/bin/no) 2>/dev/null || echo read-only; : > /run/rw/yes; : > /var/tmp/scratch',
      ),
    ]);
    expect(output).toBe('bound\nbound\nread-only\n');
    expect(readdirSync(shared).sort()).toEqual(['file', 'scratch', 'yes']);
  });

  test('resolves links of a directory root inside of it, for binds as well', async () => {
    const root = directoryRoot();
    symlinkSync('/etc', `${root}/absolute`);
    symlinkSync('../../../../../../../../../../tmp', `${root}/up`);
    const name = `cgdeck-test-${process.pid}`;
    const binds = [`/absolute/${name}`, `/up/${name}`].flatMap((target) => ['bind=/etc/passwd', `bindto=${target}`]);
    const records = [...sandbox, `rootfs=${root}`, 'rootrw=1', 'bind=/usr', ...binds];
    expect(await bench.says([...records, ...sh('ls /tmp /etc')])).toBe(`/etc:\n${name}\nwhose\n\n/tmp:\n${name}\n`);
    expect(existsSync(`/etc/${name}`)).toBe(false);
    expect(existsSync(`/tmp/${name}`)).toBe(false);
  });

  test.each(['proc', 'sys', 'dev', 'tmp', 'run'])('refuses a directory root whose /%s is a link', async (name) => {
    const root = directoryRoot();
    mkdirSync(`${root}/real`);
    symlinkSync('real', `${root}/${name}`);
    await refused([...sandbox, `rootfs=${root}`, 'bind=/usr'], { step: 'view', errno: 'ELOOP', what: `/${name}` });
  });

  test('refuses roots, layers and binds that are not there, or not what they should be', async () => {
    const root = directoryRoot();
    symlinkSync(root, bench.path(`link-${build.target}`));
    symlinkSync(`loop-${build.target}`, bench.path(`loop-${build.target}`));
    mkdirSync(bench.path(`empty-${build.target}`));
    const cases: [string[], Record<string, string>][] = [
      [['rootfs=/no/such'], { step: 'trees', errno: 'ENOENT', what: '/no/such' }],
      [['rootfs=/etc/passwd'], { step: 'trees', errno: 'ENOTDIR', what: '/etc/passwd' }],
      [[`rootfs=${bench.path(`link-${build.target}`)}`], { step: 'trees', errno: 'ELOOP' }],
      [[`rootfs=${bench.path(`loop-${build.target}`)}`], { step: 'trees', errno: 'ELOOP' }],
      [[`rootfs=${bench.path(`loop-${build.target}`)}/x`], { step: 'trees', errno: 'ELOOP' }],
      [['rootfs=/'], { step: 'trees', errno: 'EINVAL', what: '/' }],
      [[`rootfs=${root}`, 'layer=/no/such'], { step: 'trees', errno: 'ENOENT', what: '/no/such' }],
      [['view=host', `layer=${bench.path(`empty-${build.target}`)}`], { step: 'trees', errno: 'ENOENT' }],
      [['view=host', 'bind=/no/such'], { step: 'trees', errno: 'ENOENT', what: '/no/such' }],
      [['view=host', 'scratch=/no/such'], { step: 'trees', errno: 'ENOENT', what: '/no/such' }],
      [['view=host', 'bind=/etc', 'bindto=/no/such/place'], { step: 'bind', errno: 'EROFS', what: '/no/such/place' }],
      [['view=host', 'bind=/etc', 'bindto=/proc/self'], { step: 'bind', what: '/proc/self' }],
      [['view=host', 'bind=/etc', 'bindto=/proc/sys/kernel'], { step: 'bind', errno: 'EPERM', what: '/proc/sys/kernel' }],
      [['view=host', 'bind=/etc/passwd', 'bindto=/sys/kernel/uevent_seqnum'], { step: 'bind', errno: 'EPERM' }],
      [['view=host', 'bind=/etc/passwd', 'bindto=/usr/bin'], { step: 'bind', what: '/usr/bin' }],
    ];
    for (const [records, failure] of cases) await refused([...sandbox, ...records], failure);
  });

  test('cannot be left by a directory that is outside', async () => {
    const launch = await bench.start([...view, 'cwd=/proc/self/fd/3', ...args('/bin/true')]);
    expect(launch.failure).toMatchObject({ step: 'cwd' });
    rmSync(launch.dir, { recursive: true });
  });
});
