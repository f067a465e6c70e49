// Where one's own group is on what is mounted.
import { expect, test } from 'vitest';
import { ownGroup } from './own-group.ts';

const V2 = '35 24 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
const V1 = '36 24 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n';
const PART = '35 24 0:30 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n';

test.each([
  ['the whole tree', '0::/user.slice/a\n', V2, { path: '/user.slice/a', dir: '/sys/fs/cgroup/user.slice/a' }],
  ['the root of a namespace', '0::/\n', V2, { path: '/', dir: '/sys/fs/cgroup' }],
  ['beside v1', '3:memory:/x\n0::/y\n', V1 + V2, { path: '/y', dir: '/sys/fs/cgroup/y' }],
  ['the group that a bind mount shows', '0::/docker/abc\n', PART, { path: '/', dir: '/sys/fs/cgroup' }],
  ['the group that is mounted over the whole', '0::/docker/abc\n', V2 + PART, { path: '/', dir: '/sys/fs/cgroup' }],
  ['one below it', '0::/docker/abc/x\n', PART, { path: '/x', dir: '/sys/fs/cgroup/x' }],
  ['one that a bind mount does not show', '0::/docker/abcd\n', PART, undefined],
  ['v1 alone', '3:memory:/x\n', V1, undefined],
])('%s', (_, cgroup, mountinfo, expected) => {
  expect(ownGroup(cgroup, mountinfo)).toEqual(expected);
});
