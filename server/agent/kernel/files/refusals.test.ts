// What is answered when the kernel refuses: file, value, errno, and what to do.

import { describe, expect, test } from 'vitest';
import { errnoOf } from '../errno.ts';
import { refusal } from './refusals.ts';

function failed(code: string): Error {
  return Object.assign(new Error(`${code}: x, write`), { code, errno: -1, syscall: 'write' });
}

test.each([
  ['EBUSY', 'memory.limit_in_bytes', 'busy', 'above the usage'],
  ['EBUSY', 'memory.memsw.limit_in_bytes', 'busy', 'above the usage'],
  ['EBUSY', 'rmdir', 'busy', 'remove those first'],
  ['EBUSY', 'cgroup.procs', 'busy', 'in use'],
  ['EINVAL', 'memory.limit_in_bytes', 'kernel_refused', 'memory.memsw.limit_in_bytes: raise that first'],
  ['EINVAL', 'memory.memsw.limit_in_bytes', 'kernel_refused', 'lower that first'],
  ['EINVAL', 'cpu.cfs_quota_us', 'kernel_refused', '1000 µs'],
  ['EINVAL', 'memory.swappiness', 'kernel_refused', 'out of range'],
  ['ERANGE', 'cpuset.cpus', 'kernel_refused', 'does not have'],
  ['ERANGE', 'cgroup.freeze', 'kernel_refused', 'range'],
  ['ENOENT', 'memory.limit_in_bytes', 'not_found', 'does not exist'],
  ['ENODEV', 'memory.limit_in_bytes', 'not_found', 'does not exist'],
  ['ENODEV', 'blkio.throttle.read_bps_device', 'kernel_refused', 'major:minor'],
  ['ENOSPC', 'cgroup.procs', 'kernel_refused', 'CPUs'],
  ['EACCES', 'cpuset.cpus', 'kernel_refused', 'group above'],
  ['EPERM', 'devices.allow', 'kernel_refused', 'group above'],
  ['EINVAL', 'devices.deny', 'kernel_refused', 'no groups below'],
  ['ESRCH', 'cgroup.procs', 'not_found', 'ended'],
  ['EEXIST', 'mkdir', 'conflict', 'already'],
  ['EOPNOTSUPP', 'cgroup.threads', 'unsupported', 'support'],
  ['ENAMETOOLONG', 'mkdir', 'invalid', 'too long'],
  ['EIO', 'memory.limit_in_bytes', 'kernel_refused', 'help'],
])('%s of %s is %s', (errno, file, code, words) => {
  const cause = failed(errno);
  const error = refusal({ group: '/a', file, asked: '42', cause });
  const directory = file === 'mkdir' || file === 'rmdir';
  expect(error.problem).toMatchObject({ code, errno, file: directory ? '/a' : `/a/${file}`, asked: '42' });
  for (const part of [errno, file, '"42"', '/a', words]) expect(error.problem.detail).toContain(part);
  expect(error.problem.detail).toMatch(/\. .+\.$/);
  expect(error.cause).toBe(cause);
});

test('Node’s ENOTSUP is reported by the kernel’s name', () => {
  expect(errnoOf(failed('ENOTSUP'))).toBe('EOPNOTSUPP');
});

test.each([
  ['EBUSY', 'cgroup.procs', 'busy', 'groups below'],
  ['EBUSY', 'cgroup.subtree_control', 'busy', 'a group below'],
  ['EBUSY', 'rmdir', 'busy', 'remove those first'],
  ['EOPNOTSUPP', 'cgroup.procs', 'unsupported', 'cgroup.type'],
  ['ENOTSUP', 'cgroup.kill', 'unsupported', 'threaded'],
  ['EAGAIN', 'memory.reclaim', 'busy', 'reclaimed less'],
  ['ENOENT', 'cgroup.procs', 'kernel_refused', 'delegated'],
  ['ENOENT', 'cgroup.subtree_control', 'kernel_refused', 'above'],
  ['ENOENT', 'memory.max', 'not_found', 'cgroup.subtree_control'],
  ['EACCES', 'cgroup.procs', 'kernel_refused', 'delegated'],
  ['EPERM', 'memory.max', 'kernel_refused', 'delegated'],
  ['EINVAL', 'cpu.max', 'kernel_refused', '1000 µs'],
  ['ERANGE', 'io.max', 'kernel_refused', 'max'],
  ['ERANGE', 'cpuset.cpus', 'kernel_refused', 'does not have'],
  ['ENODEV', 'io.max', 'kernel_refused', 'major:minor'],
  ['EROFS', 'memory.max', 'kernel_refused', 'read-only'],
])('on v2, %s of %s is %s', (errno, file, code, words) => {
  const { problem } = refusal({ group: '/a', file, version: 2, cause: failed(errno) });
  expect(problem.code).toBe(code);
  expect(problem.detail).toContain(words);
});

test('without a value the sentence names the call', () => {
  expect(refusal({ group: '/a', file: 'rmdir', cause: failed('EBUSY') }).problem).not.toHaveProperty('asked');
  expect(refusal({ group: '/a', file: 'rmdir', cause: failed('EBUSY') }).message).toContain('EBUSY to rmdir of /a.');
});

describe('an error that no system call raised is thrown as it is', () => {
  test.each([new TypeError('x is not a function'), Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }), undefined, 'text'])(
    '%s',
    (cause) => {
      expect(errnoOf(cause)).toBe('');
      let thrown: unknown = 'nothing';
      try {
        refusal({ group: '/a', file: 'x', cause });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBe(cause);
    },
  );
});
