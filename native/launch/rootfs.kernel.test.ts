// A directory as a program's root: whose its files are, what may be written, layers, binds, and paths that are refused.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endProcess, isAlive } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, encode, OUTSIDE_ID, type Rec, sandbox, sh } from './fixtures/records.ts';

const view = [...sandbox, 'view=host'];

describe.each(builds)('a root made by the launcher $name', (build) => {
  const bench = benchFor(build);

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

  /** A mount namespace of the tests' own, in which only a launch can change a mount. */
  let namespace: ChildProcess;
  beforeAll(async () => {
    namespace = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', 'echo ready; exec sleep 1000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(namespace.stdout as Readable, 'data');
  });
  afterAll(() => endProcess(namespace.pid));

  async function refused(records: readonly Rec[], failure: Record<string, string>): Promise<void> {
    const mounts = () => readFileSync(`/proc/${namespace.pid}/mountinfo`, 'utf8');
    const [before, dir] = [mounts(), bench.outputDir()];
    const request = encode([`dir=${dir}`, ...records, ...args('/bin/true')]);
    const launch = await bench.send(request, dir, ['nsenter', `--mount=/proc/${namespace.pid}/ns/mnt`]);
    expect(await launch.ended).toBe(1);
    expect(launch.failure).toMatchObject(failure);
    expect(isAlive(launch.pid)).toBe(false);
    expect(mounts()).toBe(before);
  }

  test('that is a directory has its files, owned by the program’s root, and stays as it was', async () => {
    const root = directoryRoot();
    const script = 'exec 2>&1; cat /etc/whose; stat -c %u:%g /etc/whose; echo x > /etc/new || echo read-only; ls /home 2>&1';
    const output = await bench.outputOf([...sandbox, `rootfs=${root}`, 'bind=/usr', ...sh(`${script}; :`)]);
    expect(output).toMatch(/^ours\n0:0\n.*Read-only file system\nread-only\n.*No such file/s);
    expect(readdirSync(`${root}/etc`)).toEqual(['whose']);
  });

  test('that is writable takes what is written, as root’s on disk', async () => {
    const root = directoryRoot();
    await bench
      .outputOf([
        ...sandbox,
        `rootfs=${root}`,
        'rootrw=1',
        'bind=/usr',
        ...sh('echo new > /etc/new; chown 5:5 /etc/new; echo 2 > /etc/two'),
      ])
      .catch(() => {});
    expect(statSync(`${root}/etc/new`)).toMatchObject({ uid: 0, gid: 0 });
    expect(readFileSync(`${root}/etc/two`, 'utf8')).toBe('2\n');
  });

  test('with a layer keeps what is written there, for the next launch', async () => {
    const [root, above] = [directoryRoot(), layer()];
    const records = [...sandbox, `rootfs=${root}`, `layer=${above}`, 'bind=/usr'];
    await bench.outputOf([...records, ...sh('echo changed > /etc/whose; echo new > /new; mkdir /etc/dir')]);
    expect(await bench.outputOf([...records, ...sh('cat /etc/whose /new; stat -c %u /new /etc/dir')])).toBe('changed\nnew\n0\n0\n');
    expect(readFileSync(`${root}/etc/whose`, 'utf8')).toBe('ours\n');
    expect(statSync(`${above}/upper/new`).uid).toBe(OUTSIDE_ID);
  });

  test('with a layer over the host leaves its owners: root inside reads no secret', async () => {
    const above = layer();
    const secret = bench.path(`secret-${build.target}`);
    writeFileSync(secret, 'secret', { mode: 0o600 });
    const output = await bench.outputOf([
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
    const output = await bench.outputOf([
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
    const records = [...sandbox, 'hostname=inside', `rootfs=${root}`, 'rootrw=1', 'bind=/usr', ...binds];
    expect(await bench.outputOf([...records, ...sh('ls /tmp /etc')])).toBe(`/etc:\n${name}\nhosts\nresolv.conf\nwhose\n\n/tmp:\n${name}\n`);
    expect(existsSync(`/etc/${name}`)).toBe(false);
    expect(existsSync(`/tmp/${name}`)).toBe(false);
  });

  test.each(['proc', 'sys', 'dev'])('refuses a directory root whose /%s is a link', async (name) => {
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
});
