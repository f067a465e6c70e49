// The launcher's input, byte for byte.
import { expect, test } from 'vitest';
import { LaunchRequest } from '../../contract/launch.ts';
import { joinRecord, type LaunchPlan, requestRecord } from './request-record.ts';
import { SharedFolders } from './shared-folders.ts';

function records(request: Record<string, unknown>, change: Partial<LaunchPlan> = {}): string[] {
  const parsed = LaunchRequest.parse({ name: 'web', argv: ['/bin/true'], ...request });
  const plan = {
    request: parsed,
    placed: new SharedFolders({ share: ['/srv'], own: [] }).place(parsed),
    procs: ['/sys/a/cgroup.procs', '/sys/b/cgroup.procs'],
    dir: '/state/x',
    toolDir: '/run/bin',
    hostId: 700_000,
    outputMaxBytes: 1024,
    scratchDir: '/state/x/scratch',
    append: false,
    ...change,
  };
  const bytes = requestRecord(plan);
  expect(bytes.at(-1)).toBe(0);
  return bytes.toString('utf8').split('\0').slice(0, -1);
}

const of = (key: string, all: string[]) =>
  all.filter((record) => record.startsWith(`${key}=`)).map((record) => record.slice(key.length + 1));

test('keeps the order and every byte of arguments', () => {
  const argv = ['/bin/sh', '-c', 'echo "$1"\n\ttrue', '', 'arg=x', "it's", '群 ö', '=', '\u0001'];
  expect(of('arg', records({ argv }))).toEqual(argv);
});

test('maps ids with a user namespace, and sets the unprivileged id without one', () => {
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

test('a home in memory where the root is read-only, root’s own where it can be written to, and none without own mounts', () => {
  const homes = (request: Record<string, unknown>) => {
    const all = records(request, request.overlay ? { layerDir: '/state/x/layer' } : {});
    return [of('home', all), of('env', all).filter((variable) => variable.startsWith('HOME='))];
  };
  expect(homes({})).toEqual([['/run/home'], ['HOME=/run/home']]);
  expect(homes({ rootfs: '/srv/r' })).toEqual([['/run/home'], ['HOME=/run/home']]);
  expect(homes({ rootfs: '/srv/r', overlay: {} })).toEqual([[], ['HOME=/root']]);
  expect(homes({ rootfs: '/srv/r', rootfsWritable: true })).toEqual([[], ['HOME=/root']]);
  expect(homes({ rootfs: '/srv/r', rootfsWritable: true, namespaces: ['mnt', 'pid'] })).toEqual([['/run/home'], ['HOME=/run/home']]);
  expect(homes({ namespaces: ['pid'] })).toEqual([[], ['HOME=/']]);
  expect(homes({ env: { HOME: '/srv' } })).toEqual([['/run/home'], ['HOME=/srv']]);
});

test('the sizes of /tmp and /dev/shm in bytes', () => {
  expect([of('tmpsize', records({})), of('shmsize', records({}))]).toEqual([[], []]);
  const sized = records({ tmpSize: '1G', shmSize: 4096 });
  expect([of('tmpsize', sized), of('shmsize', sized)]).toEqual([[String(2 ** 30)], ['4096']]);
});

test('names groups, folders and the size of the output', () => {
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

test('passes on nothing of our environment: PATH with the presets’ folder, HOME, LANG and the requested variables', () => {
  expect(of('env', records({ env: { A: 'x=y\n', HOME: '/root' } }))).toEqual([
    'PATH=/run/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOME=/root',
    'LANG=C.UTF-8',
    'A=x=y\n',
  ]);
  expect(of('env', records({ env: { PATH: '/x' } }))[0]).toBe('PATH=/x');
});

test('encodes the view of files: the host’s root or a directory, layer, scratch and binds in order', () => {
  expect(records({}).filter((record) => /^(view|rootfs|rootrw|layer|scratch|bind|bindto|bindrw)=/.test(record))).toEqual([
    'view=host',
    'scratch=/state/x/scratch',
    'bind=/run/bin',
  ]);
  const binds = [{ source: '/a' }, { source: '/srv/b', target: '/c d', writable: true }];
  const all = records({ rootfs: '/srv/root', overlay: {}, binds }, { layerDir: '/state/x/layer' });
  expect(all.filter((record) => /^(view|rootfs|rootrw|layer|scratch|bind|bindto|bindrw|bindlinks)=/.test(record))).toEqual([
    'rootfs=/srv/root',
    'layer=/state/x/layer',
    'scratch=/state/x/scratch',
    'bind=/run/bin',
    'bind=/a',
    'bindto=/a',
    'bindlinks=always',
    'bind=/srv/b',
    'bindto=/c d',
    'bindrw=1',
    'bindlinks=if-any',
  ]);
  expect(of('rootrw', records({ rootfs: '/srv/root', rootfsWritable: true }))).toEqual(['1']);
  // Without a mount namespace there is no view of its own.
  expect(records({ namespaces: ['pid'] }).filter((record) => /^(view|rootfs|scratch|bind)=/.test(record))).toEqual([]);
});

test('grants only the requested privileges', () => {
  const plain = records({});
  expect([of('cap', plain), of('nnp', plain), of('seccomp', plain), of('rlimit', plain)]).toEqual([[], [], ['default'], []]);
  const asked = records({
    capabilities: ['CAP_CHOWN', 'CAP_KILL'],
    noNewPrivileges: false,
    seccomp: 'unconfined',
    rlimits: { nofile: { soft: 64, hard: 'max' } },
    oomScoreAdj: 5,
    nice: 3,
    umask: '027',
  });
  expect(asked.filter((record) => /^(cap|nnp|seccomp|rlimit|oomscore|nice|umask)=/.test(record))).toEqual([
    'cap=CAP_CHOWN',
    'cap=CAP_KILL',
    'nnp=0',
    'seccomp=none',
    'rlimit=nofile 64 max',
    'oomscore=5',
    'nice=3',
    'umask=027',
  ]);
});

test('sets init only in a pid namespace, TERM with a terminal, and go only for a routed network', () => {
  expect([of('init', records({})), of('init', records({ init: false })), of('init', records({ namespaces: ['mnt'] }))]).toEqual([
    ['1'],
    [],
    [],
  ]);
  expect([of('tty', records({ tty: true })), of('env', records({ tty: true })).includes('TERM=xterm-256color')]).toEqual([['1'], true]);
  expect([of('go', records({})), of('go', records({ network: 'routed' })), of('append', records({}, { append: true }))]).toEqual([
    [],
    ['1'],
    ['1'],
  ]);
});

test('gives a program that joins the namespaces and privileges of the launch only', () => {
  const request = LaunchRequest.parse({
    name: 'web',
    argv: ['/bin/true'],
    env: { A: '1' },
    cwd: '/srv',
    capabilities: ['CAP_CHOWN'],
    hostname: 'x',
  });
  const plan = { request, procs: ['/p/cgroup.procs'], dir: '/d', toolDir: '/t', hostId: 7, outputMaxBytes: 1, pid: 42 };
  const text = joinRecord({ ...plan, argv: ['sh'], env: { B: '2' }, cwd: undefined, tty: true }).toString();
  const all = text.split('\0').slice(0, -1);
  expect([of('join', all), of('ns', all), of('cap', all), of('cwd', all), of('arg', all), of('tty', all)]).toEqual([
    ['42'],
    [...request.namespaces],
    ['CAP_CHOWN'],
    ['/srv'],
    ['sh'],
    ['1'],
  ]);
  expect(of('env', all)).toEqual(expect.arrayContaining(['A=1', 'B=2']));
  expect(all.filter((record) => /^(uidmap|gidmap|uid|gid|hostname|view|init|go|layer|scratch|bind)=/.test(record))).toEqual([]);
  const outside = LaunchRequest.parse({ name: 'web', argv: ['/bin/true'], namespaces: ['pid'] });
  expect(joinRecord({ ...plan, request: outside, argv: ['sh'], env: {}, cwd: undefined, tty: false }).toString()).toContain(
    '\0uid=7\0gid=7\0',
  );
});
