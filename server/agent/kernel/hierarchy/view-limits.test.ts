// What is reported as missing at start: on a machine, in containers, in delegated groups.
import { expect, test } from 'vitest';
import { Layout } from './layout.ts';
import { type View, viewLimits } from './view-limits.ts';

const V2 = '35 24 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
const HOST: View = {
  layout: new Layout([{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: ['memory', 'pids'] }]),
  managedRoot: '/cgdeck',
  mountinfo: V2,
  cgroupNamespace: 'cgroup:[4026531835]',
  uid: 0,
  mayWrite: () => true,
};

test('a read-only hierarchy with the managed root mounted over it to be written to, as in LXC, lacks nothing', () => {
  const mountinfo = `${V2.replace('rw,nosuid', 'ro,nosuid')}36 35 0:30 /cgdeck /sys/fs/cgroup/cgdeck rw,nosuid - cgroup2 cgroup2 rw\n`;
  expect(viewLimits({ ...HOST, mountinfo })).toEqual([]);
});

test('a read-only mount at a point with a blank is noticed', () => {
  const layout = new Layout([{ mountPoint: '/my cg', version: 2, controllers: ['memory'] }]);
  const mountinfo = '35 24 0:30 / /my\\040cg ro - cgroup2 - rw\n';
  expect(viewLimits({ ...HOST, layout, mountinfo })).toEqual([expect.stringMatching(/read-only at \/my cg/)]);
});

test('root on a whole machine lacks nothing', () => {
  expect(viewLimits(HOST)).toEqual([]);
});

test.each<[string, Partial<View>, RegExp[]]>([
  ['a container with a read-only hierarchy', { mountinfo: V2.replace('rw,nosuid', 'ro,nosuid') }, [/read-only at \/sys\/fs\/cgroup/]],
  ['a private cgroup namespace', { cgroupNamespace: 'cgroup:[4026532412]' }, [/its own cgroup namespace/]],
  ['a user without rights', { uid: 1000, mayWrite: () => false }, [/does not let this user make or change \/cgdeck/, /not run as root/]],
  ['a user with a delegated part', { uid: 1000, mayWrite: (dir) => dir === '/sys/fs/cgroup/cgdeck' }, [/not run as root/]],
  [
    'a part of the hierarchy',
    { layout: new Layout([{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: ['memory'], part: '/docker/abc' }]) },
    [/Only a part .* \/sys\/fs\/cgroup: .* the group \/docker\/abc/],
  ],
  [
    'a mount of what is above the namespace',
    { layout: new Layout([{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: ['memory'], part: '/../..' }]) },
    [/above the cgroup namespace .* nothing can be changed/],
  ],
  ['a file system that is read-only itself', { mountinfo: V2.replace('cgroup2 rw,nsdelegate', 'cgroup2 ro') }, [/read-only at/]],
  [
    'no memory controller on v1',
    { layout: new Layout([{ mountPoint: '/sys/fs/cgroup/cpu', version: 1, controllers: ['cpu'] }]), mountinfo: '' },
    [/no hierarchy has the memory controller/i],
  ],
  [
    'no memory controller',
    { layout: new Layout([{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: ['pids'] }]) },
    [/No hierarchy has the memory controller/],
  ],
])('%s', (_, change, sentences) => {
  const missing = viewLimits({ ...HOST, ...change });
  expect(missing).toHaveLength(sentences.length);
  for (const [at, sentence] of sentences.entries()) expect(missing[at]).toMatch(sentence);
  for (const sentence of missing) expect(sentence).toMatch(/\.$/);
});
