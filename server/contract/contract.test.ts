// The closed lists: event kinds, problem codes, calls; each agrees with its schema.
import { describe, expect, test } from 'vitest';
import { calls } from './calls.ts';
import { eventKinds } from './event-kinds.ts';
import { Event } from './events.ts';
import { LaunchRequest } from './launch.ts';
import { namespaceHelp, namespaceKinds, networkOf } from './launch-options.ts';
import { ProblemSchema } from './problem-schema.ts';
import { ProblemError, problemCodes } from './problems.ts';

test('the list of event kinds matches the union', () => {
  expect(Event.options.map((option) => option.shape.kind.value).sort()).toEqual([...eventKinds].sort());
});

test.each([0, -1, 1.5, '1', undefined])('an event’s id is not %j', (id) => {
  expect(Event.safeParse({ id, kind: 'create', group: '/a', time: 1 }).success).toBe(false);
  expect(Event.safeParse({ id: 1, kind: 'create', group: '/a', time: 1 }).success).toBe(true);
});

describe('problems', () => {
  test.each(problemCodes)('%s has a title and an error status, and is the same after transmission', (code) => {
    const error = new ProblemError(code, 'What and why.', { errno: 'EBUSY', file: '/a/b', asked: '1', cause: new Error('x') });
    const problem = ProblemSchema.parse(JSON.parse(JSON.stringify(error.problem)));
    expect(problem).toEqual({
      type: `urn:cgdeck:problem:${code}`,
      title: error.problem.title,
      status: error.problem.status,
      code,
      detail: 'What and why.',
      errno: 'EBUSY',
      file: '/a/b',
      asked: '1',
    });
    expect(problem.title).not.toBe('');
    expect(problem.status).toBeGreaterThanOrEqual(400);
    expect(problem.status).toBeLessThan(600);
    expect(ProblemError.from(problem).problem).toEqual(problem);
    expect(error.message).toBe('What and why.');
  });

  test('unknown facts are left out', () => {
    expect(Object.keys(new ProblemError('busy', 'x', { errno: undefined }).problem).sort()).toEqual([
      'code',
      'detail',
      'status',
      'title',
      'type',
    ]);
  });
});

test('calls that change something need an operator', () => {
  const forViewers = Object.entries(calls)
    .filter(([, call]) => call.role === 'viewer')
    .map(([name]) => name);
  expect(forViewers.sort()).toEqual([
    'devices',
    'events',
    'files',
    'group',
    'groups',
    'guards',
    'history',
    'holds',
    'host',
    'layer',
    'layers',
    'namespaces',
    'output',
    'outputPart',
    'processes',
    'readFile',
    'report',
    'reports',
    'templates',
    'tryGuard',
  ]);
});

test('every namespace has a help sentence', () => {
  for (const kind of namespaceKinds) expect(namespaceHelp[kind], kind).toMatch(/^Its own .*\.$/);
});

describe('launch requests', () => {
  const good = { name: 'web', argv: ['/bin/true'] };

  test('the smallest request has every namespace but time, and no limits, privileges or restarts', () => {
    expect(LaunchRequest.parse(good)).toEqual({
      ...good,
      namespaces: namespaceKinds.filter((kind) => kind !== 'time'),
      init: true,
      limits: {},
      rates: {},
      nat: false,
      rootfsWritable: false,
      binds: [],
      tty: false,
      capabilities: [],
      noNewPrivileges: true,
      seccomp: 'default',
      rlimits: {},
      restart: { policy: 'never' },
      graceMs: 10_000,
    });
    expect(networkOf(LaunchRequest.parse(good))).toBe('none');
    expect(networkOf(LaunchRequest.parse({ ...good, namespaces: [] }))).toBe('host');
  });

  test('parsing a parsed request changes nothing', () => {
    const whole = LaunchRequest.parse({
      ...good,
      network: 'routed',
      rates: { egressBitsPerSec: 1e6 },
      rootfs: '/srv',
      overlay: { layer: 'a' },
    });
    expect(LaunchRequest.parse(whole)).toEqual(whole);
  });

  test.each([
    ['no program', { argv: [] }],
    ['an empty program', { argv: [''] }],
    ['NUL in an argument', { argv: ['/bin/true', 'a\0b'] }],
    ['too many arguments', { argv: Array.from({ length: 1025 }, () => 'x') }],
    ['an argument over 128 KiB', { argv: ['x'.repeat(131_073)] }],
    ['a variable with =', { env: { 'A=B': 'x' } }],
    ['an empty variable', { env: { '': 'x' } }],
    ['NUL in a value', { env: { A: 'a\0' } }],
    ['a relative folder', { cwd: 'tmp' }],
    ['NUL in the folder', { cwd: '/a\0b' }],
    ['an unknown namespace', { namespaces: ['net', 'disk'] }],
    ['a namespace twice', { namespaces: ['net', 'net'] }],
    ['a host name without its namespace', { namespaces: [], hostname: 'x' }],
    ['the host’s network in a namespace of its own', { network: 'host' }],
    ['a routed network without a namespace', { network: 'routed', namespaces: ['mnt'] }],
    ['a rate without a routed network', { rates: { egressBitsPerSec: 8000 } }],
    ['a rate of 0', { network: 'routed', rates: { egressBitsPerSec: 0 } }],
    ['translation without a routed network', { nat: true }],
    ['a relative root', { rootfs: 'srv' }],
    ['a root without mounts of its own', { rootfs: '/srv', namespaces: ['pid'] }],
    ['a writable root without a root', { rootfsWritable: true }],
    ['a writable root under a layer', { rootfs: '/srv', rootfsWritable: true, overlay: {} }],
    ['a layer’s name with a path', { overlay: { layer: '../x' } }],
    ['a bind without mounts of its own', { binds: [{ source: '/a' }], namespaces: [] }],
    ['a relative bind', { binds: [{ source: 'a' }] }],
    ['a capability that would apply on the host', { capabilities: ['CAP_SYS_ADMIN'], namespaces: ['mnt', 'pid'] }],
    [
      'an egress rate with the capability to remove it',
      { network: 'routed', rates: { egressBitsPerSec: 8000 }, capabilities: ['CAP_NET_ADMIN'] },
    ],
    ['an OOM score that has the kernel kill others first', { oomScoreAdj: -1 }],
    ['an unknown capability', { capabilities: ['CAP_EVERYTHING'] }],
    ['a hard limit below the soft one', { rlimits: { nofile: { soft: 5, hard: 4 } } }],
    ['an unknown resource', { rlimits: { files: { soft: 1, hard: 1 } } }],
    ['an invalid umask', { umask: '888' }],
    ['an unknown restart policy', { restart: { policy: 'maybe' } }],
    ['too long a grace time', { graceMs: 1e9 }],
    ['a host name with a blank', { hostname: 'a b' }],
    ['a host name of 65 characters', { hostname: 'x'.repeat(65) }],
    ['a name with a slash', { name: 'a/b' }],
    ['a limit that is a list', { limits: { 'pids.max': [1] } }],
    ['an unknown field', { shell: true }],
  ])('%s is refused', (_, change) => {
    expect(LaunchRequest.safeParse({ ...good, ...change }).success).toBe(false);
  });
});
