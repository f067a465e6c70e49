// What a launched program finds: its namespaces, its ids and powers, its arguments and surroundings, as the kernel shows them from inside.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import { Bench, benchFor, builds } from './fixtures/launcher.ts';
import { args, asNobody, asRoot, encode, everyNamespace, maps, OUTSIDE_ID, sandbox, sh } from './fixtures/records.ts';

const kinds = ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user', 'time'];
const idsOf = (kind: string) => (kind === 'user' ? maps : asNobody);
const hosts = Object.fromEntries(kinds.map((kind) => [kind, readlinkSync(`/proc/self/ns/${kind}`)]));

/** `Name:\tvalue` lines of /proc/<pid>/status. */
function fields(status: string): Record<string, string> {
  return Object.fromEntries(status.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

describe.each(builds)('a program launched by the launcher $name', (build) => {
  const bench = benchFor(build);

  async function inside(records: readonly (string | Buffer)[]): Promise<string> {
    const launch = await bench.run(records);
    expect(launch.status.at(-1), launch.failure?.message).toEqual({ step: 'exec', pid: launch.pid });
    expect(launch.exit).toMatchObject({ pid: launch.pid, code: 0 });
    expect(await launch.ended).toBe(0);
    return launch.output;
  }

  const listNamespaces = sh('for kind; do echo $kind $(readlink /proc/self/ns/$kind); done', ...kinds);

  test.each(kinds)('is in a %s namespace of its own and in no other', async (kind) => {
    const output = await inside([`ns=${kind}`, ...idsOf(kind), ...listNamespaces]);
    const found = output
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    expect(found.filter(([name, id]) => id !== hosts[name ?? '']).map(([name]) => name)).toEqual([kind]);
    expect(found).toHaveLength(kinds.length);
  });

  test('is in all of them, or in none', async () => {
    const all = await inside([...sandbox, ...listNamespaces]);
    for (const kind of kinds) expect(all).not.toContain(hosts[kind]);
    const none = await inside([...asNobody, ...listNamespaces]);
    for (const kind of kinds) expect(none).toContain(hosts[kind]);
  });

  test('sees its own processes only, and is the first of them', async () => {
    const output = await inside([...sandbox, ...sh('echo $$; readlink /proc/self; ls /proc | grep -c "^[0-9]"; cat /proc/1/comm')]);
    const [self, link, count, comm] = output.split('\n');
    expect([self, comm]).toEqual(['1', 'sh']);
    expect(Number(link)).toBeLessThan(10);
    expect(Number(count)).toBeLessThanOrEqual(3);
  });

  test('keeps the host’s /proc where it has no mount namespace, which is reported', async () => {
    const launch = await bench.run(['ns=pid', ...asNobody, ...sh('echo $$; ls -d /proc/$1', String(process.pid))]);
    expect(launch.output).toBe(`1\n/proc/${process.pid}\n`);
    expect(launch.status.find((line) => line.step === 'proc')?.note).toContain('not mounted');
    expect(launch.status.find((line) => line.step === 'mounts')).toBeUndefined();
  });

  test('mounts nothing that the host sees', async () => {
    const before = readFileSync('/proc/self/mountinfo', 'utf8');
    const mounts = await inside([...sandbox, ...sh('cat /proc/self/mountinfo')]);
    expect(mounts).not.toMatch(/ shared:\d+ | master:\d+ /);
    expect(mounts.match(/ \/proc rw,nosuid,nodev,noexec/g)?.length).toBeGreaterThanOrEqual(1);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before);
  });

  test('has the host name that was asked for', async () => {
    const before = hostname();
    expect(await inside([...sandbox, 'hostname=deck-7.test', ...sh('hostname')])).toBe('deck-7.test\n');
    expect(hostname()).toBe(before);
  });

  test('has a loopback device that is up, and no other', async () => {
    const output = await inside([...sandbox, ...sh('cat /proc/net/dev | tail -n +3 | cut -d: -f1; grep -c 127.0.0.1 /proc/net/fib_trie')]);
    const [device, addresses] = output
      .trim()
      .split('\n')
      .map((line) => line.trim());
    expect(device).toBe('lo');
    expect(Number(addresses)).toBeGreaterThan(0);
  });

  test.each([
    ['in a user namespace', sandbox],
    ['as root of the machine', asRoot],
    ['as the user nobody', asNobody],
  ])('has no capability in any set, and can gain none: %s', async (_how, ids) => {
    const status = fields(await inside([...ids, ...sh('cat /proc/self/status')]));
    const sets = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => status[name]);
    expect(sets).toEqual(Array(5).fill('0'.repeat(16)));
    expect(status.NoNewPrivs).toBe('1');
    expect(status.Groups).toBe('');
  });

  test('starts with default signals, none blocked, as leader of a session', async () => {
    const status = fields(await inside([...sandbox, ...sh('cat /proc/self/status')]));
    expect([status.SigBlk, status.SigIgn]).toEqual(['0'.repeat(16), '0'.repeat(16)]);
    const [pid, , , , , session] = (await inside([...sandbox, ...args('/bin/cat', '/proc/self/stat')])).split(' ');
    expect(session).toBe(pid);
  });

  test('is root inside and an unprivileged user outside', async () => {
    const file = bench.path(`owned-${build.target}`);
    const output = await inside([...sandbox, ...sh('id -u; id -g; tr -s " " < /proc/self/uid_map; : > "$1"', file)]);
    expect(output).toBe(`0\n0\n 0 ${OUTSIDE_ID} 65536\n`);
    expect(statSync(file)).toMatchObject({ uid: OUTSIDE_ID, gid: OUTSIDE_ID });
  });

  test('takes several id mappings', async () => {
    const several = ['uidmap=0 100000 1', 'uidmap=5 200000 10', 'gidmap=0 100000 1'];
    const output = await inside([...everyNamespace, ...several, ...sh('tr -s " " < /proc/self/uid_map')]);
    expect(output).toBe(' 0 100000 1\n 5 200000 10\n');
  });

  test('becomes the asked ids without a user namespace', async () => {
    expect(await inside(['uid=1234', 'gid=4321', ...sh('id -u; id -g; id -G')])).toBe('1234\n4321\n4321\n');
  });

  test.each([
    ['without a user namespace', asNobody],
    ['in one', sandbox],
  ])('has none of its launcher’s supplementary groups %s', async (_how, ids) => {
    const dir = bench.outputDir();
    const launch = await bench.send(encode([`dir=${dir}`, ...ids, ...args('/bin/cat', '/proc/self/status')]), dir, [
      'setpriv',
      '--groups',
      '4,24,27',
    ]);
    expect(await launch.ended).toBe(0);
    expect(fields(launch.output).Groups).toBe('');
  });

  test('starts in the asked directory, and in / without one', async () => {
    const dir = bench.path(`work dir ${build.target}`);
    mkdirSync(dir, { mode: 0o755 });
    expect(await inside([...sandbox, `cwd=${dir}`, ...args('/bin/pwd')])).toBe(`${dir}\n`);
    expect(await inside([...sandbox, ...args('/bin/pwd')])).toBe('/\n');
  });

  test('has the environment of the request and nothing else', async () => {
    const odd = ['A=1', 'EMPTY=', 'LINES=one\ntwo', 'QUOTES=\'"$A`', 'A B=with = signs', 'UNI=Ünïcode'];
    const output = await inside([...sandbox, ...odd.map((entry) => `env=${entry}`), ...args('/usr/bin/env', '-0')]);
    expect(output.split('\0').slice(0, -1)).toEqual(odd);
    expect(await inside([...sandbox, ...args('/usr/bin/env', '-0')])).toBe('');
  });

  test('has its arguments byte for byte', async () => {
    const odd = ['', ' ', '"', "'", '\\', '$(id)', '`id`', 'a\nb\n', '\t', '*', '-n', 'Ünï=cöde', 'x'.repeat(100_000), ''];
    const bytes = Buffer.from([0xff, 0xfe, 0x80, 0x01, 0x7f]);
    const argv = ['/bin/sh', '-c', 'cat /proc/$$/cmdline; :', ...odd];
    const launch = await bench.run([...sandbox, 'outputmax=1000000', 'env=PATH=/usr/bin:/bin', ...args(...argv, bytes)]);
    const expected = Buffer.concat([...argv, bytes].flatMap((arg) => [Buffer.from(arg), Buffer.from([0])]));
    expect(launch.bytes.equals(expected)).toBe(true);
  });

  test('inherits no descriptor but its own three', async () => {
    const output = await inside([...sandbox, ...sh('ls /proc/$$/fd; readlink /proc/$$/fd/0; :')]);
    expect(output).toBe('0\n1\n2\n/dev/null\n');
  });

  test('can open its own /dev/stdout and /dev/stderr', async () => {
    expect(await inside([...sandbox, ...sh('echo out > /dev/stdout; echo err > /dev/stderr')])).toBe('out\nerr\n');
  });

  test('is looked for on the PATH of the request, past what cannot be run', async () => {
    const [plain, good] = [bench.path(`plain-${build.target}`), bench.path(`good-${build.target}`)];
    for (const dir of [plain, good]) mkdirSync(dir, { mode: 0o755 });
    writeFileSync(`${plain}/deck-tool`, '#!/bin/sh\necho plain\n', { mode: 0o644 });
    writeFileSync(`${good}/deck-tool`, '#!/bin/sh\necho good\n');
    chmodSync(`${good}/deck-tool`, 0o755);
    expect(await inside([...sandbox, `env=PATH=/nowhere:${plain}:${good}`, ...args('deck-tool')])).toBe('good\n');
    expect(await inside([...sandbox, 'env=PATH=', `cwd=${good}`, ...args('deck-tool')])).toBe('good\n');
    expect(await inside([...sandbox, ...args('true')])).toBe('');
  });

  test('is reported step by step', async () => {
    const launch = await bench.run([...sandbox, 'hostname=deck', ...args('/bin/true')]);
    expect(launch.status.map((line) => line.step)).toEqual([
      'clone',
      'maps',
      'groups',
      'cgroup',
      'ids',
      'mounts',
      'proc',
      'stdio',
      'hostname',
      'loopback',
      'session',
      'capabilities',
      'privileges',
      'cwd',
      'seccomp',
      'exec',
    ]);
  });

  test('is refused, with the step and the errno, where the kernel gives no user namespace', async () => {
    const request = encode([`dir=${bench.outputDir()}`, 'ns=user', 'uidmap=0 0 1', 'gidmap=0 0 1', ...args('/bin/true')]);
    // The setting counts in the namespace in which it is made, and below.
    const none = ['unshare', '--user', '--map-root-user', 'sh', '-c', 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"', 'sh'];
    const launch = await bench.send(request, '', none);
    expect(launch.failure).toMatchObject({ step: 'clone', errno: 'ENOSPC', what: 'clone3' });
    expect(launch.status.some(({ step }) => step === 'exec')).toBe(false);
  });
});

test.each(['memory', 'number'])(
  'a sanitizer’s report about a %s would be noticed',
  (kind) => {
    const [, sanitized] = builds;
    const bench = new Bench(sanitized);
    try {
      bench.prepare();
      expect(() => execFileSync(`${sanitized.folder}/fault`, [kind], { env: bench.env })).toThrow();
      expect(bench.takeReports()).toHaveLength(1);
    } finally {
      bench.remove();
    }
  },
  120_000,
);
