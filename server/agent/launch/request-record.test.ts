// The launcher's input, byte for byte.
import { expect, test } from 'vitest';
import { LaunchRequest } from '../../contract/launch.ts';
import { type LaunchPlan, requestRecord } from './request-record.ts';

function records(request: Record<string, unknown>, change: Partial<LaunchPlan> = {}): string[] {
  const plan = {
    request: LaunchRequest.parse({ name: 'web', argv: ['/bin/true'], ...request }),
    procs: ['/sys/a/cgroup.procs', '/sys/b/cgroup.procs'],
    dir: '/state/x',
    toolDir: '/run/bin',
    hostId: 700_000,
    outputMaxBytes: 1024,
    ...change,
  };
  const bytes = requestRecord(plan);
  expect(bytes.at(-1)).toBe(0);
  return bytes.toString('utf8').split('\0').slice(0, -1);
}

const of = (key: string, all: string[]) =>
  all.filter((record) => record.startsWith(`${key}=`)).map((record) => record.slice(key.length + 1));

test('arguments keep their order and every byte', () => {
  const argv = ['/bin/sh', '-c', 'echo "$1"\n\ttrue', '', 'arg=x', "it's", '群 ö', '=', '\u0001'];
  expect(of('arg', records({ argv }))).toEqual(argv);
});

test('with a user namespace ids are mapped, without one the program becomes the unprivileged id', () => {
  const inside = records({ namespaces: ['pid', 'user'] });
  expect([of('ns', inside), of('uidmap', inside), of('gidmap', inside), of('uid', inside), of('gid', inside)]).toEqual([
    ['pid', 'user'],
    ['0 700000 65536'],
    ['0 700000 65536'],
    [],
    [],
  ]);
  const outside = records({ namespaces: [] });
  expect([of('ns', outside), of('uidmap', outside), of('gidmap', outside), of('uid', outside), of('gid', outside)]).toEqual([
    [],
    [],
    [],
    ['700000'],
    ['700000'],
  ]);
});

test('groups, folders and the output’s bound', () => {
  const all = records({});
  expect([of('procs', all), of('dir', all), of('cwd', all), of('outputmax', all), of('hostname', all)]).toEqual([
    ['/sys/a/cgroup.procs', '/sys/b/cgroup.procs'],
    ['/state/x'],
    ['/'],
    ['1024'],
    [],
  ]);
  expect([of('cwd', records({ cwd: '/tmp/a b' })), of('hostname', records({ hostname: 'deck' }))]).toEqual([['/tmp/a b'], ['deck']]);
});

test('the environment is nothing of ours: the presets’ folder on PATH, a home, and what was asked', () => {
  expect(of('env', records({ env: { A: 'x=y\n', HOME: '/root' } }))).toEqual([
    'PATH=/run/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOME=/root',
    'LANG=C.UTF-8',
    'A=x=y\n',
  ]);
  expect(of('env', records({ env: { PATH: '/x' } }))[0]).toBe('PATH=/x');
});
