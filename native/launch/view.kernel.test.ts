import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TestGroups } from './fixtures/groups.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, asNobody, asRoot, everyNamespace, sandbox, sh } from './fixtures/records.ts';

const CGROUPS = '/sys/fs/cgroup';
const view = [...sandbox, 'view=host'];
const rootNamespaces = everyNamespace.filter((kind) => kind !== 'ns=user');

describe.each(builds)('a root made by the launcher $name', (build) => {
  const bench = benchFor(build);

  const owned: [string, readonly string[]][] = [
    ['in a user namespace', sandbox],
    ['as root of the machine', [...rootNamespaces, ...asRoot]],
    ['as the user nobody', [...rootNamespaces, ...asNobody]],
  ];

  describe.each(owned)('of the host, %s', (_how, ids) => {
    const host = [...ids, 'view=host'];

    test('is read-only everywhere but in fresh places', async () => {
      const name = `cgdeck-test-${process.pid}`;
      const script = `for dir in / /etc /usr /var /dev /sys /proc; do (: > $dir/${name}) 2>/dev/null && echo $dir; done; for dir in /tmp /dev/shm; do : > $dir/${name} && echo $dir; done`;
      const output = await bench.outputOf([...host, ...sh(script)]);
      expect(output).toBe('/tmp\n/dev/shm\n');
      expect(existsSync(`/tmp/${name}`)).toBe(false);
    });

    test('has no mount that allows devices or set-user-id but the terminals, and none that the host shares', async () => {
      const mounts = (await bench.outputOf([...host, ...sh('cat /proc/self/mountinfo')])).trim().split('\n');
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
      const output = await bench.outputOf([...host, ...sh(script)]);
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

    test('hides what containers hide, and lets no program write to the kernel', async () => {
      const script = [
        'for file in kcore keys sysrq-trigger timer_list interrupts; do [ ! -e /proc/$file ] || [ -c /proc/$file ] || echo seen $file; done',
        'for dir in /proc/acpi /proc/scsi /sys/firmware /sys/devices/virtual/powercap; do [ -z "$(ls $dir 2>/dev/null)" ] || echo seen $dir; done',
        'for file in /proc/sys/kernel/domainname /proc/sysrq-trigger; do (echo x > $file) 2>/dev/null && [ ! -c $file ] && echo written $file; done',
        'cat /proc/self/mountinfo | grep -c " /proc/sys ro"',
      ].join('\n');
      expect(await bench.outputOf([...host, ...sh(script)])).toBe('1\n');
    });

    test('has nothing of the old root left', async () => {
      const output = await bench.outputOf([
        ...host,
        ...sh('pwd; echo $(ls /proc/self/root/); cut -d" " -f4,5 /proc/self/mountinfo | head -1'),
      ]);
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
    expect(await bench.outputOf([...view, ...sh('ls /sys/class/net')])).toBe('lo\n');
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

  test('cannot be left by a directory that is outside', async () => {
    const launch = await bench.start([...view, 'cwd=/proc/self/fd/3', ...args('/bin/true')]);
    expect(launch.failure).toMatchObject({ step: 'cwd' });
    rmSync(launch.dir, { recursive: true });
  });
});
