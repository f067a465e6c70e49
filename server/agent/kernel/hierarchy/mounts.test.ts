// mountinfo of real machines, and lines that only resemble hierarchies.
import { expect, test } from 'vitest';
import { fileFromDisk, Layout } from './layout.ts';
import { type Hierarchy, isAboveNamespace, modeOf, parseMountinfo, shownPath } from './mounts.ts';

const HYBRID = `
22 27 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw
31 23 0:28 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
32 31 0:29 / /sys/fs/cgroup/unified rw,nosuid,nodev,noexec,relatime shared:10 - cgroup2 cgroup2 rw,nsdelegate
33 31 0:30 / /sys/fs/cgroup/systemd rw,nosuid,nodev,noexec,relatime shared:11 - cgroup cgroup rw,xattr,name=systemd
36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid,nodev,noexec,relatime shared:15 - cgroup cgroup rw,cpu,cpuacct
37 31 0:34 / /sys/fs/cgroup/memory rw,nosuid,nodev,noexec,relatime shared:16 - cgroup cgroup rw,memory
38 31 0:35 / /sys/fs/cgroup/net_cls,net_prio rw,relatime - cgroup cgroup rw,net_cls,net_prio
`;

const V1_ONE_BY_ONE = `
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup none rw,memory,release_agent=/sbin/agent
`;

const V2 = '35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n';

test.each<[string, string, Hierarchy[]]>([
  [
    'hybrid, with co-mounted controllers',
    HYBRID,
    [
      { mountPoint: '/sys/fs/cgroup/unified', version: 2, controllers: [] },
      { mountPoint: '/sys/fs/cgroup/systemd', version: 1, controllers: ['name=systemd'] },
      { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', version: 1, controllers: ['cpu', 'cpuacct'] },
      { mountPoint: '/sys/fs/cgroup/memory', version: 1, controllers: ['memory'] },
      { mountPoint: '/sys/fs/cgroup/net_cls,net_prio', version: 1, controllers: ['net_cls', 'net_prio'] },
    ],
  ],
  [
    'v1, one by one, with other options',
    V1_ONE_BY_ONE,
    [
      { mountPoint: '/sys/fs/cgroup/cpu', version: 1, controllers: ['cpu'] },
      { mountPoint: '/sys/fs/cgroup/cpuacct', version: 1, controllers: ['cpuacct'] },
      { mountPoint: '/sys/fs/cgroup/memory', version: 1, controllers: ['memory'] },
    ],
  ],
  ['v2 alone', V2, [{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: [] }]],
  [
    'a mount point with a blank, a tab, a newline and a backslash',
    '35 24 0:30 / /mnt/my\\040groups\\011\\012\\134040 rw - cgroup cgroup rw,pids\n',
    [{ mountPoint: '/mnt/my groups\t\n\\040', version: 1, controllers: ['pids'] }],
  ],
  [
    'a mount point with unicode',
    '35 24 0:30 / /mnt/größe rw - cgroup cgroup rw,pids\n',
    [{ mountPoint: '/mnt/größe', version: 1, controllers: ['pids'] }],
  ],
  [
    'a bind mount of one group, where the whole is not there',
    '35 24 0:30 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n',
    [{ mountPoint: '/sys/fs/cgroup/memory', version: 1, controllers: ['memory'], part: '/docker/abc' }],
  ],
  [
    'a bind mount of one group, and then the whole',
    `36 24 0:30 /a /mnt/part rw - cgroup2 cgroup2 rw\n${V2}`,
    [{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: [] }],
  ],
  [
    'one group mounted over the whole',
    `${V2}36 35 0:30 /a /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n`,
    [{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: [], part: '/a' }],
  ],
  [
    'the same hierarchy mounted twice',
    `${V2}99 24 0:30 / /mnt/again rw - cgroup2 cgroup2 rw\n`,
    [{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: [] }],
  ],
  [
    'several optional fields, and none',
    '35 24 0:30 / /a rw shared:1 master:2 propagate_from:3 - cgroup cgroup rw,pids\n36 24 0:31 / /b rw - cgroup cgroup rw,memory\n',
    [
      { mountPoint: '/a', version: 1, controllers: ['pids'] },
      { mountPoint: '/b', version: 1, controllers: ['memory'] },
    ],
  ],
  [
    'other filesystems under the same names',
    '35 24 0:30 / /sys/fs/cgroup rw - tmpfs cgroup rw,memory\n36 24 0:31 / /x rw - fuse.cgroup cgroup2 rw\n',
    [],
  ],
  ['torn lines', '35 24 0:30 /\n35 24 0:30 / /sys/fs/cgroup rw\n - \n\n', []],
  ['nothing', '', []],
])('%s', (_, mountinfo, hierarchies) => {
  expect(parseMountinfo(mountinfo)).toEqual(hierarchies);
});

test.each([
  [HYBRID, 'hybrid'],
  [V1_ONE_BY_ONE, 'v1'],
  [V2, 'v2'],
])('the mode', (mountinfo, mode) => {
  expect(modeOf(parseMountinfo(mountinfo))).toBe(mode);
});

test('the layout puts memory first and v2 last, and finds files by their controller', () => {
  const layout = new Layout(parseMountinfo(HYBRID).filter(({ controllers }) => !controllers.includes('name=systemd')));
  expect(layout.hierarchies[0]?.controllers).toEqual(['memory']);
  expect(layout.hierarchies.at(-1)?.version).toBe(2);
  const path = (name: string, in_ = (_: Hierarchy) => true) => layout.filePath('/a', name, in_);
  expect(path('cpuacct.usage')).toBe('/sys/fs/cgroup/cpu,cpuacct/a/cpuacct.usage');
  expect(path('memory.pressure')).toBe('/sys/fs/cgroup/unified/a/memory.pressure');
  expect(path('cgroup.procs')).toBe('/sys/fs/cgroup/memory/a/cgroup.procs');
  expect(path('cgroup.procs', ({ version }) => version === 2)).toBe('/sys/fs/cgroup/unified/a/cgroup.procs');
  expect(path('memory.stat', ({ version }) => version === 2)).toBeUndefined();
  expect(path('pids.max')).toBeUndefined();
  expect(path('no.such')).toBeUndefined();
  expect(layout.filePath('/', 'memory.stat', () => true)).toBe('/sys/fs/cgroup/memory/memory.stat');
});

test('a cpuset that is mounted without its prefix names its files without it', () => {
  const [cpuset] = parseMountinfo('37 21 0:29 / /dev/cpuset rw - cgroup none rw,cpuset,noprefix,release_agent=/sbin/agent\n');
  if (!cpuset) throw new Error('no hierarchy');
  const layout = new Layout([cpuset]);
  const names = [
    ['cpuset.cpus', 'cpus'],
    ['cpuset.mems', 'mems'],
    ['cgroup.procs', 'cgroup.procs'],
    ['tasks', 'tasks'],
  ] as const;
  for (const [name, file] of names) {
    expect(layout.filePath('/a', name, () => true)).toBe(`/dev/cpuset/a/${file}`);
    expect(fileFromDisk(cpuset, file)).toBe(name);
  }
});

test('a file is taken from the version whose hierarchy has its controller', () => {
  const everywhere = (layout: Layout, name: string) => layout.filePath('/a', name, () => true);
  const v2 = new Layout([{ mountPoint: '/cg', version: 2, controllers: ['memory', 'pids', 'cpu', 'io'] }]);
  for (const name of ['memory.max', 'pids.max', 'cpu.stat', 'io.max', 'cgroup.procs', 'memory.pressure'])
    expect(everywhere(v2, name), name).toBe(`/cg/a/${name}`);
  for (const name of ['memory.limit_in_bytes', 'cpuset.cpus', 'freezer.state', 'tasks']) expect(everywhere(v2, name), name).toBeUndefined();
  expect(v2.place('/a', 'pids.max', () => true)?.file.version).toBe(2);
  const split = new Layout([
    { mountPoint: '/cg/memory', version: 1, controllers: ['memory'] },
    { mountPoint: '/cg/unified', version: 2, controllers: ['io', 'pids'] },
  ]);
  expect(everywhere(split, 'memory.limit_in_bytes')).toBe('/cg/memory/a/memory.limit_in_bytes');
  expect(everywhere(split, 'memory.max')).toBeUndefined();
  expect(everywhere(split, 'io.stat')).toBe('/cg/unified/a/io.stat');
  expect(everywhere(split, 'pids.max')).toBe('/cg/unified/a/pids.max');
  expect(everywhere(split, 'cgroup.procs')).toBe('/cg/memory/a/cgroup.procs');
  expect(split.place('/a', 'pids.max', () => true)?.file.version).toBe(2);
});

test('a tick reads each name once, and of v2 only what v1 lacks', () => {
  const names = (layout: Layout, group = '/a') => [...layout.sampled(group, () => true)].map(({ file }) => `${file.version} ${file.name}`);
  const v1 = ['memory', 'cpu', 'cpuacct', 'freezer', 'pids'].map((name) => ({
    mountPoint: `/cg/${name}`,
    version: 1 as const,
    controllers: [name],
  }));
  const hybrid = names(new Layout([...v1, { mountPoint: '/cg/unified', version: 2, controllers: [] }]));
  expect(hybrid).toContain('1 cpu.stat');
  expect(hybrid).toContain('1 cgroup.procs');
  expect(hybrid).toContain('2 memory.pressure');
  for (const name of ['2 cpu.stat', '2 cgroup.procs', '2 cgroup.events', '2 cgroup.freeze', '2 memory.current'])
    expect(hybrid).not.toContain(name);
  // systemd makes some groups in v2 only.
  const both = new Layout([...v1, { mountPoint: '/cg/unified', version: 2, controllers: [] }]);
  const inV2 = [...both.sampled('/a', ({ version }) => version === 2)].map(({ file }) => `${file.version} ${file.name}`);
  expect(inV2).toEqual(expect.arrayContaining(['2 cpu.stat', '2 cgroup.events', '2 cgroup.freeze']));
  const alone = new Layout([{ mountPoint: '/cg', version: 2, controllers: ['memory', 'cpu', 'pids', 'io', 'cpuset'] }]);
  const v2 = names(alone);
  for (const name of ['2 cpu.stat', '2 cgroup.procs', '2 cgroup.events', '2 cgroup.freeze', '2 memory.current']) expect(v2).toContain(name);
  expect(new Set(v2).size).toBe(v2.length);
  expect(names(alone, '/')).not.toContain('2 memory.current');
  expect(names(alone, '/')).toContain('2 memory.stat');
});

test.each([
  ['/a/b', undefined, '/a/b'],
  ['/docker/abc', '/docker/abc', '/'],
  ['/docker/abc/x', '/docker/abc', '/x'],
  ['/docker/abcd', '/docker/abc', '/../docker/abcd'],
  ['/', '/docker/abc', '/../'],
  ['/../other', '/docker/abc', '/../other'],
])('%s is shown, with %s mounted, as %s', (path, part, shown) => {
  expect(shownPath(path, part)).toBe(shown);
});

test.each([
  ['/../..', true],
  ['/..', true],
  ['/docker/abc', false],
  ['/..a', false],
  [undefined, false],
])('a mount of %s shows groups above our namespace: %s', (part, above) => {
  expect(isAboveNamespace({ mountPoint: '/x', version: 2, controllers: [], ...(part === undefined ? {} : { part }) })).toBe(above);
});
