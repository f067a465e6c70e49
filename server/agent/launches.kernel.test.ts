// Launches on the real kernel: restarts, stops, joins, layers, networks, and bursts.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { OutputChunk } from '../contract/launched.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('launches');
});
afterEach(() => agent.clean());

const sh = (script: string) => ['/bin/sh', '-c', script];
const textOf = (chunks: readonly OutputChunk[]) => chunks.map(({ text }) => text).join('');
const output = async (group: string, id = 'main') => textOf((await agent.call('output', { group, id })).chunks);
const launched = async (group: string) => (await agent.call('group', { path: group })).launched;

/** Waits until the assertion passes, at most for the test's own time limit. */
const eventually = (condition: () => unknown) => vi.waitFor(condition, { timeout: 120_000, interval: 5 });

/** Waits until the program's output has `words`. */
const outputs = (group: string, words: string, id?: string) => eventually(async () => expect(await output(group, id)).toContain(words));

describe('the record of a launch', () => {
  test('an operator gets the whole request, a viewer gets it without the environment', async () => {
    const request = { name: 'x', argv: sh('exit 0'), env: { SECRET: 'word' }, hostname: 'deck', nice: 5, umask: '027' };
    const { group } = await agent.call('launch', request);
    expect(await agent.call('launchRequest', { group })).toMatchObject(request);
    expect(await agent.refused('launchRequest', { group }, 'viewer')).toMatchObject({ code: 'forbidden' });
    const view = await agent.call('group', { path: group }, 'viewer');
    expect(view.launched?.request).toMatchObject({ name: 'x', hostname: 'deck', nice: 5 });
    expect(JSON.stringify(view)).not.toContain('word');
  });

  test('stdout and stderr are separate, each with its time', async () => {
    const { group } = await agent.call('launch', { name: 'two', argv: sh('echo one; echo two >&2; echo three') });
    await agent.event('exit', group);
    const { chunks, tty } = await agent.call('output', { group });
    expect(tty).toBe(false);
    expect(textOf(chunks.filter(({ stream }) => stream === 'out'))).toBe('one\nthree\n');
    expect(textOf(chunks.filter(({ stream }) => stream === 'err'))).toBe('two\n');
    for (const { time } of chunks) expect(Math.abs(Date.now() - time)).toBeLessThan(60_000);
  });

  test('has its end and the resources it used', async () => {
    const burn = 'head -c 30M /dev/zero | tail -c 20M | wc -c; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; exit 7';
    const { group } = await agent.call('launch', { name: 'used', argv: sh(burn) });
    const exit = await agent.event('exit', group);
    expect(exit).toMatchObject({ code: 7 });
    expect(exit.peakBytes).toBeGreaterThan(15 * 2 ** 20);
    expect(exit.cpuMs).toBeGreaterThan(10);
    expect(exit.runMs).toBeGreaterThan(10);
    expect((await launched(group))?.exit).toMatchObject({ code: 7, peakBytes: exit.peakBytes, cpuMs: exit.cpuMs });
  });
});

describe('a restart policy', () => {
  const counts = 'n=$(cat /var/tmp/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /var/tmp/n; echo "run $n";';

  test('starts a failed program again until it succeeds; the output continues', async () => {
    const { group, pid } = await agent.call('launch', {
      name: 'again',
      argv: sh(`${counts} test $n -ge 2 && exit 0; exit 3`),
      restart: { policy: 'on-failure' },
      limits: { 'pids.max': 20 },
    });
    expect(await agent.event('exit', group)).toMatchObject({ pid, code: 3 });
    expect(await agent.event('restart', group)).toMatchObject({ count: 1, delayMs: 1000 });
    const second = await agent.event('launch', group, (event) => event.pid !== pid);
    expect(await agent.event('exit', group, (event) => event.pid === second.pid)).toMatchObject({ code: 0 });
    expect(await launched(group)).toMatchObject({ pid: second.pid, restarts: { count: 1 }, exit: { code: 0 } });
    expect((await launched(group))?.restarts.nextAt).toBeUndefined();
    expect(await output(group)).toBe('run 1\nrun 2\n');
    expect(agent.kernel.read(group, 'pids.max')).toBe('20');
    expect(agent.events.filter((event) => event.kind === 'restart')).toHaveLength(1);
  });

  test('the name of a launch that waits for its restart is refused; a stop cancels the restart', async () => {
    const request = { name: 'wait', argv: sh('exit 1'), restart: { policy: 'always' as const } };
    const { group } = await agent.call('launch', request);
    await agent.event('restart', group);
    expect((await launched(group))?.restarts.nextAt).toBeGreaterThan(Date.now() - 1000);
    expect(await agent.refused('launch', request)).toMatchObject({ code: 'conflict' });
    expect(await agent.call('stop', { group })).toMatchObject({ how: 'ended', killed: [], exit: { code: 1 } });
    expect((await launched(group))?.restarts.nextAt).toBeUndefined();
    await agent.call('launch', { ...request, argv: sh('exec sleep 1000'), restart: { policy: 'never' } });
    expect(agent.events.filter((event) => event.kind === 'restart')).toHaveLength(1);
  });

  test('a restart that was due while no agent ran happens at the next start', async () => {
    const { group, pid } = await agent.call('launch', {
      name: 'away',
      argv: sh(`${counts} exec sleep 1000`),
      restart: { policy: 'always' },
    });
    await outputs(group, 'run 1');
    await agent.end();
    process.kill(pid, 'SIGKILL');
    await agent.begin();
    expect(await agent.event('exit', group)).toMatchObject({ pid, signal: 'SIGKILL', late: true });
    await agent.event('launch', group, (event) => event.pid !== pid);
    await outputs(group, 'run 2');
  });

  test('removing the group cancels the restart', async () => {
    const { group } = await agent.call('launch', { name: 'gone', argv: sh('exit 1'), restart: { policy: 'always' } });
    await agent.event('restart', group);
    await agent.call('removeGroup', { path: group });
    await agent.event('remove', group);
    expect(agent.kernel.where(group)).toEqual([]);
  });
});

describe('a stop', () => {
  test('lets a program end by itself, and causes no restart', async () => {
    const { group } = await agent.call('launch', {
      name: 'kind',
      argv: sh('trap "echo bye; exit 5" TERM; echo ready; while :; do sleep 0.01; done'),
      restart: { policy: 'always' },
    });
    await outputs(group, 'ready');
    expect(await agent.call('stop', { group })).toMatchObject({ group, how: 'ended', exit: { code: 5 } });
    expect(await output(group)).toContain('bye');
    expect(await launched(group)).toMatchObject({ exit: { code: 5 }, restarts: { count: 0 } });
    expect(agent.events.some((event) => event.kind === 'restart')).toBe(false);
  });

  test('kills a program that ignores SIGTERM, and all others in its group', async () => {
    const { group, pid } = await agent.call('launch', {
      name: 'deaf',
      argv: sh('trap "" TERM; sleep 1000 & echo ready; while :; do sleep 0.01; done'),
      namespaces: ['mnt'],
    });
    await outputs(group, 'ready');
    const answer = await agent.call('stop', { group, graceMs: 50 });
    expect(answer).toMatchObject({ how: 'killed', exit: { signal: 'SIGKILL' } });
    expect(answer.killed).toContain(pid);
    expect(agent.kernel.members(group).flat()).toEqual([]);
  });

  test('thaws a frozen group, so that it can end', async () => {
    const { group } = await agent.call('launch', { name: 'ice', argv: sh('trap "exit 4" TERM; echo ready; while :; do sleep 0.01; done') });
    await outputs(group, 'ready');
    await agent.call('freeze', { group });
    expect(await agent.call('stop', { group })).toMatchObject({ how: 'ended', exit: { code: 4 } });
    expect(agent.kernel.isFrozen(group)).toBe(false);
  });

  test('a group without a launch cannot be stopped, nor one that is not managed', async () => {
    const path = `${agent.root}/plain`;
    await agent.call('createGroup', { path });
    expect(await agent.refused('stop', { group: path })).toMatchObject({ code: 'not_found' });
    expect(await agent.refused('stop', { group: '/' })).toMatchObject({ code: 'protected' });
  });
});

describe('a program that joins', () => {
  test('is in the namespaces and group of the launch, has its own output, and its end is reported', async () => {
    const main = await agent.call('launch', { name: 'home', argv: sh('echo up; exec sleep 1000'), hostname: 'home' });
    await outputs(main.group, 'up');
    const argv = sh('echo "$(cat /proc/sys/kernel/hostname) $(cat /proc/1/comm)"; exec sleep 1000');
    const joined = await agent.call('join', { group: main.group, argv });
    expect(joined.id).toBe('exec-1');
    await outputs(main.group, 'home', joined.id);
    const { processes } = await agent.call('processes', { group: main.group });
    const [first, second] = [main.pid, joined.pid].map((pid) => processes.find((process) => process.pid === pid));
    expect(second?.namespaces).toEqual(first?.namespaces);
    for (const kind of ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user']) expect(second?.namespaces[kind]?.own, kind).toBe(true);
    const { namespaces } = await agent.call('namespaces', { group: main.group });
    const net = namespaces.find(({ kind }) => kind === 'net');
    expect(net).toMatchObject({ own: true, othersCount: 0 });
    expect(net?.pids).toEqual(expect.arrayContaining([main.pid, joined.pid]));
    expect(namespaces.find(({ kind }) => kind === 'time')).toMatchObject({ own: false });
    await agent.call('kill', { pid: joined.pid, signal: 'SIGKILL' });
    expect(await agent.event('exit', main.group)).toMatchObject({ pid: joined.pid, launchId: 'exec-1', signal: 'SIGKILL' });
    const view = await agent.call('group', { path: main.group });
    expect(view.launched?.exit).toBeUndefined();
    expect(view.joined).toMatchObject([{ id: 'exec-1', exit: { signal: 'SIGKILL' } }]);
  });

  test('ends with the launch, and cannot join one that has ended', async () => {
    const { group, pid } = await agent.call('launch', { name: 'short', argv: sh('exec sleep 1000') });
    const joined = await agent.call('join', { group, argv: sh('trap "" TERM; exec sleep 1000') });
    await agent.call('kill', { pid, signal: 'SIGKILL' });
    await agent.event('exit', group, (event) => event.pid === pid);
    expect(await agent.event('exit', group, (event) => event.pid === joined.pid)).toMatchObject({ launchId: 'exec-1' });
    expect(await agent.refused('join', { group, argv: sh('true') })).toMatchObject({ code: 'conflict' });
    expect(await agent.refused('join', { group: agent.root, argv: sh('true') })).toMatchObject({ code: 'not_found' });
  });

  test('is found by the next agent', async () => {
    const { group } = await agent.call('launch', { name: 'kept', argv: sh('exec sleep 1000') });
    const joined = await agent.call('join', { group, argv: sh('exec sleep 1000') });
    await agent.end();
    await agent.begin();
    expect((await agent.call('group', { path: group })).joined).toMatchObject([{ id: 'exec-1', pid: joined.pid }]);
    process.kill(joined.pid, 'SIGKILL');
    expect(await agent.event('exit', group)).toMatchObject({ launchId: 'exec-1', signal: 'SIGKILL' });
  });
});

describe('a layer', () => {
  test('gets what is written, is listed, kept, reused and removed; the root is unchanged', async () => {
    const rootfs = mkdtempSync(join(tmpdir(), 'cgdeck-rootfs-'));
    try {
      for (const dir of ['bin', 'lib', 'lib64', 'usr', 'etc']) execFileSync('mkdir', ['-p', join(rootfs, dir)]);
      execFileSync('chmod', ['755', rootfs]);
      const binds = ['/bin', '/lib', '/lib64', '/usr'].filter((path) => existsSync(path)).map((source) => ({ source }));
      writeFileSync(join(rootfs, 'etc', 'old'), 'old');
      const first = { name: 'layer', rootfs, binds, overlay: {}, argv: sh('echo new > /made; echo at work; exec sleep 1000') };
      const { group } = await agent.call('launch', first);
      await outputs(group, 'at work');
      expect(await agent.call('layer', { group })).toMatchObject({
        files: expect.arrayContaining([{ path: '/made', change: 'written', bytes: 4 }]),
      });
      expect(await agent.refused('keepLayer', { group, name: 'one' })).toMatchObject({ code: 'conflict' });
      await agent.call('stop', { group, graceMs: 0 });
      expect(await agent.call('keepLayer', { group, name: 'one' })).toMatchObject({ name: 'one', usedBy: [] });
      expect(existsSync(join(rootfs, 'made'))).toBe(false);

      const second = await agent.call('launch', {
        ...first,
        overlay: { layer: 'one' },
        argv: sh('cat /made; echo more >> /made; exec sleep 1000'),
      });
      await outputs(second.group, 'new');
      expect((await agent.call('layers', {})).layers).toMatchObject([{ name: 'one', usedBy: [group] }]);
      expect(await agent.refused('launch', { ...first, name: 'other', overlay: { layer: 'one' } })).toMatchObject({ code: 'conflict' });
      expect(await agent.refused('dropLayer', { name: 'one' })).toMatchObject({ code: 'conflict' });
      await agent.call('removeGroup', { path: group, kill: true });
      await agent.event('remove', group);
      await agent.call('dropLayer', { name: 'one' });
      expect(await agent.refused('layer', { name: 'one' })).toMatchObject({ code: 'not_found' });
      expect(await agent.refused('launch', { ...first, overlay: { layer: 'one' } })).toMatchObject({ code: 'not_found' });
      expect(agent.kernel.where(group)).toEqual([]);
    } finally {
      rmSync(rootfs, { recursive: true });
    }
  });
});

describe('a routed network', () => {
  const devices = () => readdirSync('/sys/class/net').filter((name) => name.startsWith('cgd'));

  test('has an address, counters and rates that can be changed, and is removed with the program', async () => {
    const before = devices();
    const { group, network } = await agent.call('launch', {
      name: 'net',
      network: 'routed',
      rates: { ingressBitsPerSec: 8_000_000 },
      argv: sh('cat /proc/net/dev; echo ready; exec sleep 1000'),
    });
    if (!network) throw new Error('no network');
    expect(devices()).toContain(network.device);
    await outputs(group, 'ready');
    expect(await output(group)).toMatch(/eth0:/);
    await agent.until(() => agent.reading(group, 'net.tx_bytes') !== undefined);
    const tc = () => execFileSync('tc', ['-j', 'qdisc', 'show', 'dev', network.device]).toString();
    expect(JSON.parse(tc())).toMatchObject([{ kind: 'tbf', options: { rate: 1_000_000 } }]);
    expect(await agent.call('setRates', { group, rates: { ingressBitsPerSec: 16_000_000 } })).toMatchObject({
      rates: { ingressBitsPerSec: 16_000_000 },
    });
    expect(JSON.parse(tc())).toMatchObject([{ options: { rate: 2_000_000 } }]);
    expect(await agent.event('write', group, ({ file }) => file === 'net.ingress')).toMatchObject({ old: '8000000', new: '16000000' });
    await agent.call('setRates', { group, rates: { ingressBitsPerSec: null } });
    expect(tc()).not.toContain('tbf');
    await agent.call('stop', { group, graceMs: 0 });
    await agent.until(() => agent.reading(group, 'net.tx_bytes') === undefined);
    await eventually(() => expect(devices().length).toBeLessThanOrEqual(before.length));
    expect(await agent.refused('setRates', { group, rates: {} })).toMatchObject({ code: 'conflict' });
  });

  test('left by a crash is removed at the next start, unless it is in use', async () => {
    const before = devices();
    const [dead, alive] = await Promise.all(
      ['dead', 'alive'].map((name) => agent.call('launch', { name, network: 'routed', argv: sh('exec sleep 1000') })),
    );
    await agent.end();
    process.kill(dead?.pid ?? 0, 'SIGKILL');
    await agent.begin();
    await agent.event('exit', dead?.group ?? '');
    await eventually(() => expect(devices().length).toBeLessThanOrEqual(before.length + 1));
    expect(devices()).toContain(alive?.network?.device);
  });

  test('a launch that fails after its network was made removes it', async () => {
    const before = devices();
    const problem = await agent.refused('launch', { name: 'bad', network: 'routed', argv: ['/no/such/program'] });
    expect(problem).toMatchObject({ code: 'kernel_refused', errno: 'ENOENT' });
    expect(devices()).toEqual(before);
  });
});

/** "" for a descriptor that was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

describe('bursts', () => {
  /** Without descriptors of control files and eventfds, whose number depends on other groups of the machine. */
  const fds = () => readdirSync('/proc/self/fd').filter((fd) => !/^\/sys\/fs\/cgroup|eventfd/.test(linkOf(`/proc/self/fd/${fd}`))).length;
  /** Those of this agent's launches: other programs mount and unmount meanwhile. */
  const mounts = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(agent.settings.stateDir));

  test('forty launches and exits leave no process, group, mount, device or descriptor', { timeout: 600_000 }, async () => {
    await agent.call('launch', { name: 'warm', argv: ['/bin/true'] });
    await agent.event('exit', `${agent.root}/warm`);
    const before = { fds: fds(), mounts: mounts(), devices: readdirSync('/sys/class/net') };
    for (let i = 0; i < 40; i++) {
      const network = i % 10 === 0 ? ({ network: 'routed' } as const) : {};
      const { group, pid } = await agent.call('launch', { name: `n${i}`, argv: ['/bin/true'], overlay: {}, ...network });
      await agent.event('exit', group, (event) => event.pid === pid);
      await agent.call('removeGroup', { path: group, kill: true });
    }
    await eventually(() => expect(fds()).toBeLessThanOrEqual(before.fds + 2));
    await eventually(() => expect(readdirSync('/sys/class/net').length).toBeLessThanOrEqual(before.devices.length));
    expect({ mounts: mounts(), devices: readdirSync('/sys/class/net') }).toEqual({ mounts: before.mounts, devices: before.devices });
    expect(readdirSync(agent.dirs(agent.root)[0] ?? '').filter((name) => /^n\d/.test(name))).toEqual([]);
    expect(readdirSync(join(agent.settings.stateDir, 'launches'))).toHaveLength(1);
  });

  test('a hundred at once are all answered, each with its own process', { timeout: 600_000 }, async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 100 }, (_, i) => agent.call('launch', { name: `b${i}`, argv: sh('exec sleep 1000') })),
    );
    const pids = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.pid] : []));
    expect(answers.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(new Set(pids).size).toBe(100);
  });
});

test('templates are kept over a restart of the agent', async () => {
  const request = { name: 'web', argv: ['/bin/true'], tty: true };
  await agent.call('saveTemplate', { name: 'web', request });
  await agent.end();
  await agent.begin();
  expect((await agent.call('templates', {})).templates).toMatchObject([{ name: 'web' }]);
  expect((await agent.call('template', { name: 'web' })).request).toMatchObject(request);
  expect(await agent.refused('template', { name: 'web' }, 'viewer')).toMatchObject({ code: 'forbidden' });
  await agent.call('removeTemplate', { name: 'web' });
  expect(await agent.refused('removeTemplate', { name: 'web' })).toMatchObject({ code: 'not_found' });
});
