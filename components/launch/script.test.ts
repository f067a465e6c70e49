// The script does what the request asks for, in words that a shell reads.
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type LaunchInput, LaunchRequest } from '../../server/contract/launch.ts';
import { splitCommand } from './argv.ts';
import { launchScript } from './script.ts';
import type { Mounts } from './script-places.ts';

const host = {
  managedRoot: '/cgdeck',
  hierarchies: [
    { mountPoint: '/sys/fs/cgroup/memory', version: 1 as const, controllers: ['memory'] },
    { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', version: 1 as const, controllers: ['cpu', 'cpuacct'] },
    { mountPoint: '/sys/fs/cgroup/cpuset', version: 1 as const, controllers: ['cpuset'] },
    { mountPoint: '/sys/fs/cgroup/unified', version: 2 as const, controllers: [] },
  ],
};
const script = (input: Partial<LaunchInput>, mounts: Mounts = host) =>
  launchScript(LaunchRequest.parse({ name: 'web', argv: ['sleep', '1'], ...input }), mounts);
/** The words of the last command, and the lines of the inner script. */
const inner = (text: string) => splitCommand(text.slice(text.indexOf('\nexec ')).trim()).argv.at(-1) ?? '';

describe('the group', () => {
  it('names every directory, file and value', () => {
    const text = script({ limits: { 'memory.limit_in_bytes': 64 * 2 ** 20, 'cpu.cfs_quota_us': '50000' } });
    expect(text).toContain('cd /sys/fs/cgroup\n');
    expect(text.split('for dir in memory cpu,cpuacct cpuset unified; do')).toHaveLength(3);
    expect(text).toContain('mkdir -p "$dir"/cgdeck/web\n');
    expect(text).toContain('echo $$ > "$dir"/cgdeck/web/cgroup.procs\n');
    expect(text).toContain('echo 64M > memory/cgdeck/web/memory.limit_in_bytes');
    expect(text).toContain('echo 50000 > cpu,cpuacct/cgdeck/web/cpu.cfs_quota_us');
    expect(text).toContain('cat cpuset/cgdeck/cpuset.cpus > cpuset/cgdeck/web/cpuset.cpus');
  });

  it('spells paths out where the hierarchies are mounted apart', () => {
    const apart = { ...host, hierarchies: [...host.hierarchies, { mountPoint: '/mnt/pids', version: 1 as const, controllers: ['pids'] }] };
    const text = script({ limits: { 'pids.max': '9' } }, apart);
    expect(text).not.toContain('cd /sys');
    expect(text).toContain('echo 9 > /mnt/pids/cgdeck/web/pids.max');
  });

  it('has a comment where this machine has no such file', () => {
    expect(script({ limits: { 'pids.max': '5' } })).toContain('# pids.max: no hierarchy of this machine has it');
  });
});

describe('the group on v2', () => {
  const unified = {
    managedRoot: '/cgdeck',
    hierarchies: [{ mountPoint: '/sys/fs/cgroup', version: 2 as const, controllers: ['cpu', 'cpuset', 'hugetlb', 'io', 'memory', 'pids'] }],
  };

  it('has its one directory, the enabled controllers, and each file', () => {
    const text = script({ limits: { 'memory.max': 64 * 2 ** 20, 'cpu.max': '50000 100000', 'pids.max': 9, 'cpu.shares': 2 } }, unified);
    expect(text.split('\n').slice(0, 18)).toEqual([
      '#!/bin/sh -e',
      '',
      '# The group.',
      'mkdir -p /sys/fs/cgroup/cgdeck/web',
      '',
      '# Every group above enables its controllers.',
      'echo +cpu +cpuset +io +memory +pids > /sys/fs/cgroup/cgroup.subtree_control',
      'echo +cpu +cpuset +io +memory +pids > /sys/fs/cgroup/cgdeck/cgroup.subtree_control',
      '',
      '# Its limits, before anything runs in it.',
      'echo 64M > /sys/fs/cgroup/cgdeck/web/memory.max',
      "echo '50000 100000' > /sys/fs/cgroup/cgdeck/web/cpu.max",
      'echo 9 > /sys/fs/cgroup/cgdeck/web/pids.max',
      '# cpu.shares: no hierarchy of this machine has it.',
      '',
      '# This shell joins it, with all that it starts.',
      'echo $$ > /sys/fs/cgroup/cgdeck/web/cgroup.procs',
      '',
    ]);
  });

  it('has in words what a program allows, since there is no file', () => {
    const devices: LaunchInput['devices'] = [{ type: 'c', major: 1, minor: 3, access: 'rw' }];
    expect(script({ devices }, unified)).toMatch(/BPF program of type cgroup_device[\s\S]*\n# {3}c 1:3 rw {2}# \/dev\/null\n/);
    expect(script({ devices: [] }, unified)).toContain('\n#   nothing\n');
    expect(script({}, unified)).not.toContain('device');
  });

  it('writes them on v1, everything denied first, each kind separately', () => {
    const v1 = {
      ...host,
      hierarchies: [...host.hierarchies, { mountPoint: '/sys/fs/cgroup/devices', version: 1 as const, controllers: ['devices'] }],
    };
    const text = script({ devices: [{ type: 'a', major: 1, minor: '*', access: 'r' }] }, v1);
    expect(text).toMatch(
      /echo a > devices\/cgdeck\/web\/devices.deny\necho 'b 1:\* r' > \S+devices.allow\necho 'c 1:\* r' > \S+devices.allow\n/,
    );
  });
});

describe('the namespaces', () => {
  it('enters only those that are on', () => {
    expect(script({ namespaces: ['net', 'uts'] })).toContain('exec unshare --net --uts \\\n  sh -ec');
    expect(script({ namespaces: [] })).not.toContain('unshare');
    expect(script({ namespaces: ['pid'] })).not.toContain('--mount-proc');
    expect(script({ namespaces: ['time'] })).toContain('unshare --time --monotonic="-$(cut');
  });

  it('routes a network, and limits its rates', () => {
    const text = script({ network: 'routed', nat: true, rates: { egressBitsPerSec: 10_000_000, ingressBitsPerSec: 500_000 } });
    expect(text).toContain('ip link add cg-web type veth peer name eth0 netns cgdeck-web');
    expect(text).toContain('tc -n cgdeck-web qdisc add dev eth0 root tbf rate 10000000bit');
    expect(text).toContain('tc qdisc add dev cg-web root tbf rate 500000bit');
    expect(text).toContain('masquerade');
    expect(text).toContain('exec ip netns exec cgdeck-web unshare');
    expect(text).not.toContain('--net ');
    expect(script({ network: 'routed' })).not.toMatch(/tbf|masquerade/);
  });
});

describe('the files', () => {
  it('makes the host’s root read-only', () => {
    const text = inner(script({}));
    expect(text).toContain('mount -o remount,bind,ro /\n');
    expect(text).toContain('mount --bind "$scratch" /var/tmp');
  });

  it('changes into a directory, read-only unless it may be written to', () => {
    const text = inner(
      script({
        rootfs: '/srv/a root',
        binds: [
          { source: '/data', target: '/in' },
          { source: '/rw', writable: true },
        ],
      }),
    );
    expect(text).toContain("mount -o remount,bind,ro '/srv/a root'\n");
    expect(text).toContain("mount --rbind /data '/srv/a root'/in\nmount -o remount,bind,ro '/srv/a root'/in");
    expect(text).toContain("mount --rbind /rw '/srv/a root'/rw\n");
    expect(text).not.toContain("remount,bind,ro '/srv/a root'/rw");
    expect(text).toContain("chroot '/srv/a root'");
    expect(inner(script({ rootfs: '/srv', rootfsWritable: true }))).not.toContain('remount');
  });

  it('puts a layer over it, new or kept', () => {
    const text = script({ rootfs: '/srv', overlay: { layer: 'tools' } });
    expect(text).toContain('layers/tools/. "$layer/upper"');
    expect(inner(text)).toContain('mount -t overlay -o lowerdir=/srv,upperdir="$layer/upper",workdir="$layer/work" overlay "$layer/root"');
    expect(script({ overlay: {} })).not.toContain('cp -a');
    expect(script({ namespaces: [] })).not.toContain('mount');
  });
});

describe('the program', () => {
  it('keeps the requested capabilities, and sets the process limits', () => {
    const text = inner(
      script({ capabilities: ['CAP_CHOWN'], rlimits: { nofile: { soft: 64, hard: 'max' } }, nice: 5, umask: '027', oomScoreAdj: 300 }),
    );
    expect(text).toContain('--bounding-set=-all,+chown --inh-caps=-all,+chown --ambient-caps=-all,+chown');
    for (const part of ['--no-new-privs', 'prlimit --nofile=64:unlimited', 'nice -n 5', 'umask 027', 'echo 300 > /proc/self/oom_score_adj'])
      expect(text).toContain(part);
    expect(inner(script({ user: 'ann' }))).toContain('--reuid=ann --regid=ann --init-groups');
    expect(inner(script({ user: '7', group: 'staff' }))).toContain('--reuid=7 --regid=staff --clear-groups');
    expect(inner(script({ noNewPrivileges: false }))).not.toContain('--no-new-privs');
  });

  it('has in words what a shell cannot do', () => {
    expect(script({ tty: true, restart: { policy: 'always' } })).toMatch(
      /# What a shell script cannot do.*seccomp.*init.*terminal.*restarts it/,
    );
    expect(script({ seccomp: 'unconfined', init: false, graceMs: 0 })).not.toContain('cannot do');
  });

  it('has exactly its argv', () => {
    const argv = ['printf', '%s', "it's", 'two\nlines', '"', '\\'];
    const text = inner(script({ argv }));
    expect(splitCommand(text.slice(text.indexOf('exec env'))).argv.slice(-argv.length)).toEqual(argv);
  });
});

it.each<Partial<LaunchInput>>([
  { name: 'leak' },
  { name: "it's" },
  { name: 'a b', network: 'routed', rates: { egressBitsPerSec: 1000 } },
  { name: '名', hostname: 'box', env: { A: "x 'y'" }, argv: ['sh', '-c', 'echo "$HOME"; printf "%s\\n" it\'s', 'two\nlines'] },
  { rootfs: "/srv/it's", overlay: {}, binds: [{ source: "/a 'b'", target: '/c d' }], cwd: '/x y' },
  { namespaces: ['user', 'pid', 'mnt', 'time'], capabilities: ['CAP_KILL'], rlimits: { core: { soft: 0, hard: 0 } }, nice: -5 },
])('is a script that a shell can read: %j', (input) => {
  const text = script(input);
  expect(() => execFileSync('sh', ['-n'], { input: text })).not.toThrow();
  expect(() => execFileSync('sh', ['-n'], { input: inner(text) })).not.toThrow();
});
