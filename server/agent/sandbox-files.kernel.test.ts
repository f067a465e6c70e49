// What a launched program must not be able to do to the host's files, also from a root directory made for that: each test fails if its attempt succeeds.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import { type Change, ESCAPE, EscapeAttempts } from './fixtures/escape-attempts.ts';

/** A masked file of /proc or /sys that this kernel has. */
const MASKED = ['/proc/timer_list', '/proc/keys', '/proc/kcore', '/proc/interrupts'].filter((path) => existsSync(path));
const attempts = new EscapeAttempts('sandbox-files');
const { agent, folder } = attempts;

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
    await attempts.refused(errnos, name, path());
  });

  test('in /tmp and /run are not visible', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'x', { mode: 0o644 });
    expect(attempts.outside('open-to-read', secret).status).toBe(0);
    await attempts.refused(/ENOENT/, 'open-to-read', secret);
    await attempts.refused(/ENOENT|EACCES/, 'connect-path', join(agent.settings.runDir, 'agent.sock'));
    await attempts.refused(/ENOENT/, 'open-to-read', '/run/utmp');
  });

  test('devices can be neither made nor found', async () => {
    await attempts.refused(/EPERM/, 'make-device', '/tmp/memory');
    await attempts.refused(/EPERM/, 'make-device', '/var/tmp/memory');
    const { text } = await attempts.run(['/bin/ls', '/dev']);
    expect(text.split('\n').filter((line) => /^(mem|kmsg|port|vd|sd|loop|kvm|fuse)/.test(line))).toEqual([]);
  });

  test('the launcher’s file is unchanged afterwards', async () => {
    const before = readFileSync(join(buildDir, 'launch'));
    const { pid } = await agent.call('launch', { name: 'running', argv: ['/bin/sleep', '1000'] });
    // Init and monitor run a sealed file that cannot be written (native/libc/process.test.ts).
    const ppid = (of: number) => Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${of}/status`, 'utf8'))?.[1]);
    for (const its of [ppid(pid), ppid(ppid(pid))]) expect(readlinkSync(`/proc/${its}/exe`)).toBe('/memfd:cgdeck-launch (deleted)');
    await attempts.run(['/bin/sh', '-c', 'for f in /proc/1/exe /proc/self/exe /proc/*/exe; do : > $f; echo x > $f; done 2>&1']);
    expect(readFileSync(join(buildDir, 'launch')).equals(before)).toBe(true);
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
      return (await attempts.run(argv, { rootfs, ...change, binds: [...binds, ...(change.binds ?? [])] })).text;
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

  /** Reports of each masked file what it is now, and how much can be read of it. */
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
    const script = `cat ${folder}/secret ./${folder}/secret ../../../../${folder}/secret 2>/dev/null; true`;
    const read = async (cwd: string) =>
      attempts.run(['/bin/sh', '-c', script], { cwd }).then(
        ({ text }) => text,
        () => '',
      );
    const numbers = Array.from({ length: 16 }, (_, fd) => fd);
    const folders = numbers.flatMap((fd) => [`/proc/self/fd/${fd}`, `/proc/self/fd/${fd}/../../../..`, `/proc/1/fd/${fd}`]);
    expect(new Set(await Promise.all([...folders, '/proc/1/root'].map(read)))).toEqual(new Set(['']));
  });
});
