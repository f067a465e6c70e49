// Launches without root: which are refused, and which folders are hidden.
import { describe, expect, test } from 'vitest';
import { LaunchRequest } from '../../contract/launch.ts';
import { ProblemError } from '../../contract/problems.ts';
import { checkRootless, outermost } from './rootless.ts';

test.each([
  [
    ['/home/a', '/home/a/.local/state/cgdeck', '/srv/state'],
    ['/home/a', '/srv/state'],
  ],
  [
    ['/home/a', '/home/ab', '/home/a'],
    ['/home/a', '/home/ab'],
  ],
  [['/', '/run/user/1000/cgdeck', '/tmp/x'], []],
])('of %j are hidden %j', (folders, hidden) => {
  expect(outermost(folders)).toEqual(hidden);
});

describe('refuses, with the field of the request,', () => {
  const usual = LaunchRequest.parse({ name: 'a', argv: ['/bin/true'], network: 'none' });
  const of = (change: object, problem?: string) => {
    try {
      checkRootless({ uid: 1000, hidden: [], ...(problem === undefined ? {} : { problem }) }, LaunchRequest.parse({ ...usual, ...change }));
    } catch (error) {
      if (error instanceof ProblemError) return error.problem;
      throw error;
    }
    return undefined;
  };

  test('not the usual request', () => expect(of({})).toBeUndefined());
  test('anything without user namespaces', () => expect(of({}, 'No.')).toMatchObject({ code: 'unsupported', detail: 'No.' }));
  test.each(['user', 'pid', 'mnt', 'net', 'ipc'])('a request without a %s namespace', (kind) => {
    const namespaces = usual.namespaces.filter((one) => one !== kind);
    const network = kind === 'net' ? 'host' : usual.network;
    expect(of({ namespaces, network })).toMatchObject({ code: 'unsupported', asked: 'namespaces', detail: expect.stringContaining(kind) });
  });
  test('a routed network', () => expect(of({ network: 'routed' })).toMatchObject({ asked: 'network' }));
  test('a layer over the host', () => expect(of({ overlay: {} })).toMatchObject({ asked: 'overlay' }));
});
