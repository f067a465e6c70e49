// Namespaces of launches on the real kernel: programs that join them, and routed networks.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('shared-ns');

const sh = (script: string) => ['/bin/sh', '-c', script];
const sleeps = sh('exec sleep 1000');

describe('a program that joins', () => {
  test('is in the namespaces and group of the launch, has its own output, and its end is reported', async () => {
    const main = await agent.call('launch', { name: 'home', argv: sh('echo up; exec sleep 1000'), hostname: 'home' });
    await agent.printed(main.group, 'up');
    const argv = sh('echo "$(cat /proc/sys/kernel/hostname) $(cat /proc/1/comm)"; exec sleep 1000');
    const joined = await agent.call('join', { group: main.group, argv });
    expect(joined.id).toBe('exec-1');
    await agent.printed(main.group, 'home', joined.id);
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
    const { group, pid } = await agent.call('launch', { name: 'short', argv: sleeps });
    const joined = await agent.call('join', { group, argv: sh('trap "" TERM; exec sleep 1000') });
    await agent.call('kill', { pid, signal: 'SIGKILL' });
    await agent.event('exit', group, (event) => event.pid === pid);
    expect(await agent.event('exit', group, (event) => event.pid === joined.pid)).toMatchObject({ launchId: 'exec-1' });
    expect(await agent.refused('join', { group, argv: sh('true') })).toMatchObject({ code: 'conflict' });
    expect(await agent.refused('join', { group: agent.root, argv: sh('true') })).toMatchObject({ code: 'not_found' });
  });

  test('is found by the next agent', async () => {
    const { group } = await agent.call('launch', { name: 'kept', argv: sleeps });
    const joined = await agent.call('join', { group, argv: sleeps });
    await agent.end();
    await agent.begin();
    expect((await agent.call('group', { path: group })).joined).toMatchObject([{ id: 'exec-1', pid: joined.pid }]);
    process.kill(joined.pid, 'SIGKILL');
    expect(await agent.event('exit', group)).toMatchObject({ launchId: 'exec-1', signal: 'SIGKILL' });
  });

  test('programs that join have their own ids, outputs and exits', async () => {
    const { group } = await agent.call('launch', { name: 'home', argv: sleeps });
    const numbers = [1, 2, 3, 4, 5, 6];
    const joined = await Promise.all(numbers.map((code) => agent.call('join', { group, argv: sh(`echo "I am ${code}"; exit ${code}`) })));
    expect(new Set(joined.map(({ id }) => id)).size).toBe(numbers.length);
    for (const [at, { id, pid }] of joined.entries()) {
      expect(await agent.event('exit', group, (event) => event.pid === pid)).toMatchObject({ launchId: id, code: at + 1 });
      expect(await agent.output(group, id)).toBe(`I am ${at + 1}\n`);
    }
  });
});

describe('a routed network', () => {
  const isThere = (device = 'none') => readdirSync('/sys/class/net').includes(device);

  test('has an address, counters and rates that can be changed, and is removed with the program', async () => {
    const { group, network } = await agent.call('launch', {
      name: 'net',
      network: 'routed',
      rates: { ingressBitsPerSec: 8_000_000 },
      argv: sh('cat /proc/net/dev; echo ready; exec sleep 1000'),
    });
    if (!network) throw new Error('no network');
    expect(isThere(network.device)).toBe(true);
    await agent.printed(group, 'ready');
    expect(await agent.output(group)).toMatch(/eth0:/);
    await agent.until(() => agent.reading(group, 'net.tx_bytes') !== undefined);
    // Read anew for a single group, but for what comes from no control file.
    const { readings } = await agent.call('group', { path: group });
    for (const key of ['rx_bytes', 'rx_packets', 'rx_dropped', 'tx_bytes', 'tx_packets', 'tx_dropped'])
      expect(readings[`net.${key}`], key).toBeTypeOf('number');
    const tc = () => execFileSync('tc', ['-j', 'qdisc', 'show', 'dev', network.device]).toString();
    expect(JSON.parse(tc())).toMatchObject([{ kind: 'tbf', options: { rate: 1_000_000 } }]);
    expect(await agent.call('setRates', { group, rates: { ingressBitsPerSec: 16_000_000 } })).toMatchObject({
      rates: { ingressBitsPerSec: 16_000_000 },
    });
    expect(JSON.parse(tc())).toMatchObject([{ options: { rate: 2_000_000 } }]);
    expect(await agent.event('write', group, ({ file }) => file === 'net.ingress')).toMatchObject({ old: '8000000', new: '16000000' });
    const over = { rates: { ingressBitsPerSec: 8_000_000 }, replaces: { ingressBitsPerSec: null } };
    expect(await agent.refused('setRates', { group, ...over })).toMatchObject({ code: 'changed', now: '16000000', asked: 'max' });
    expect((await agent.call('group', { path: group })).launched?.network?.rates).toMatchObject({ ingressBitsPerSec: 16_000_000 });
    await agent.call('setRates', { group, rates: { ingressBitsPerSec: null }, replaces: { ingressBitsPerSec: 16_000_000 } });
    expect(tc()).not.toContain('tbf');
    await agent.call('stop', { group, graceMs: 0 });
    await agent.until(() => agent.reading(group, 'net.tx_bytes') === undefined);
    await agent.until(() => !isThere(network.device));
    expect(await agent.refused('setRates', { group, rates: {} })).toMatchObject({ code: 'conflict' });
  });

  test('left by a crash is removed at the next start, unless it is in use', async () => {
    const [dead, alive] = await Promise.all(
      ['dead', 'alive'].map((name) => agent.call('launch', { name, network: 'routed', argv: sleeps })),
    );
    await agent.end();
    process.kill(dead?.pid ?? 0, 'SIGKILL');
    await agent.begin();
    await agent.event('exit', dead?.group ?? '');
    await agent.until(() => !isThere(dead?.network?.device));
    expect(isThere(alive?.network?.device)).toBe(true);
  });

  test('a launch that fails after its network was made removes it', async () => {
    const { group, network } = await agent.call('launch', { name: 'good', network: 'routed', argv: sleeps });
    const problem = await agent.refused('launch', { name: 'bad', network: 'routed', argv: ['/no/such/program'] });
    expect(problem).toMatchObject({ code: 'kernel_refused', errno: 'ENOENT' });
    // This agent's devices begin alike.
    const ours = network?.device.split('_')[0] ?? '';
    expect(readdirSync('/sys/class/net').filter((name) => name.startsWith(ours))).toEqual([network?.device]);
    await agent.call('removeGroup', { path: group, kill: true });
  });
});
