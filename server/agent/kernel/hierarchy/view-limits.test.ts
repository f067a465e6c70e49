// What is said at start of a machine, of containers and of delegated parts of the tree.
import { expect, test } from 'vitest';
import { Layout } from './layout.ts';
import { type Standpoint, viewLimits } from './view-limits.ts';

const V2 = '35 24 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
const HOST: Standpoint = {
  layout: new Layout([{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: ['memory', 'pids'] }]),
  managedRoot: '/cgdeck',
  mountinfo: V2,
  cgroupNamespace: 'cgroup:[4026531835]',
  uid: 0,
  mayWrite: () => true,
};

test('a machine that is ours lacks nothing', () => {
  expect(viewLimits(HOST)).toEqual([]);
});

test.each<[string, Partial<Standpoint>, RegExp[]]>([
  ['a container with a read-only tree', { mountinfo: V2.replace('rw,nosuid', 'ro,nosuid') }, [/read-only at \/sys\/fs\/cgroup/]],
  ['a private cgroup namespace', { cgroupNamespace: 'cgroup:[4026532412]' }, [/namespace of its own/]],
  ['a user without rights', { uid: 1000, mayWrite: () => false }, [/does not let this user make \/cgdeck/, /not run as root/]],
  ['a user with a delegated part', { uid: 1000, mayWrite: (dir) => dir === '/sys/fs/cgroup/cgdeck' }, [/not run as root/]],
  [
    'a part of the tree',
    { layout: new Layout([{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: ['memory'], part: '/docker/abc' }]) },
    [/Only a part .* \/sys\/fs\/cgroup: .* the group \/docker\/abc/],
  ],
  [
    'a tree from outside of the namespace',
    { layout: new Layout([{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: ['memory'], part: '/../..' }]) },
    [/reaches beyond .* nothing can be changed/],
  ],
  ['a file system that is read-only itself', { mountinfo: V2.replace('cgroup2 rw,nsdelegate', 'cgroup2 ro') }, [/read-only at/]],
  [
    'no memory controller',
    { layout: new Layout([{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: ['pids'] }]) },
    [/no memory controller/],
  ],
])('%s', (_, change, sentences) => {
  const said = viewLimits({ ...HOST, ...change });
  expect(said).toHaveLength(sentences.length);
  for (const [at, sentence] of sentences.entries()) expect(said[at]).toMatch(sentence);
  for (const sentence of said) expect(sentence).toMatch(/\.$/);
});
