// A routed network on the real kernel: addresses, traffic, rates, what cannot be spoofed, and that nothing stays.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bench, devices, exchange, hostRate, inside, insideRate, ip, problem, setting, TEST_RANGE, until } from './fixtures/namespaces.ts';
import type { Networks } from './networks.ts';

const GROUP = '/cgdeck/größe "1"\\ it’s #1';
const FREE = { rates: {}, nat: false };

let bench: Bench;
let networks: Networks;
let server: Server | undefined;

beforeEach(() => {
  bench = new Bench();
  networks = bench.networks();
});

afterEach(async () => {
  server?.close();
  server = undefined;
  await bench.end();
});

/** Answers each connection with some bytes, once it has had one. */
async function listen(address: string, bytes: number): Promise<number> {
  const started = createServer((socket) => socket.once('data', () => socket.resume().end(Buffer.alloc(bytes, 'x'))));
  server = started;
  await new Promise<void>((resolve) => started.listen(0, address, resolve));
  const at = started.address();
  return typeof at === 'object' && at !== null ? at.port : 0;
}

/** How many packets the kernel has dropped because their source was not to be found behind the device they came by. */
function reversePathDrops(): number {
  const [names = '', values = ''] = readFileSync('/proc/net/netstat', 'utf8').split('\n');
  return Number(values.split(' ')[names.split(' ').indexOf('IPReversePathFilter')]);
}

test('a process gets an address, a default route and a working lo', async () => {
  const pid = await bench.process();
  const made = await networks.attach(GROUP, pid, FREE);
  expect(made).toEqual({
    device: expect.stringMatching(/^cgd[0-9a-f]{5}_[0-9a-f]+$/),
    address: expect.stringMatching(/^198\.18\.0\.\d+$/),
    gateway: expect.stringMatching(/^198\.18\.0\.\d+$/),
    prefix: 30,
    nat: false,
    rates: {},
  });
  expect(networks.get(GROUP)).toEqual(made);
  const links = JSON.parse(await inside(pid, 'ip', '-j', 'addr'));
  expect(links).toMatchObject([
    { ifname: 'lo', flags: expect.arrayContaining(['UP']) },
    { ifname: 'eth0', addr_info: [{ family: 'inet', local: made.address, prefixlen: 30 }] },
  ]);
  expect(links[1].addr_info).toHaveLength(1);
  expect(JSON.parse(await inside(pid, 'ip', '-j', 'route'))).toMatchObject([
    { dst: 'default', gateway: made.gateway, dev: 'eth0' },
    { dev: 'eth0', prefsrc: made.address },
  ]);
  const [host] = JSON.parse(ip('-j', 'addr', 'show', 'dev', made.device));
  expect(host.addr_info).toMatchObject([{ family: 'inet', local: made.gateway, prefixlen: 30 }]);
  expect(JSON.parse(ip('-j', 'link', 'show', 'dev', made.device))[0].ifalias).toMatch(
    /^cgdeck:[0-9a-f]{16}:\/cgdeck\/gr%c3%b6%c3%9fe%20%221%22/,
  );
});

test('it reaches the host at its gateway, and what it sent and received is counted on the right sides', async () => {
  const pid = await bench.process();
  const { gateway } = await networks.attach(GROUP, pid, FREE);
  const quiet = await bench.process();
  await networks.attach('/quiet', quiet, FREE);
  const port = await listen(gateway, 300_000);
  expect(await exchange(pid, gateway, port, 1000)).toHaveLength(300_000);
  const traffic = networks.counters();
  expect([...traffic.keys()].sort()).toEqual([GROUP, '/quiet'].sort());
  const busy = traffic.get(GROUP);
  expect(busy?.['net.rx_bytes']).toBeGreaterThan(300_000);
  expect(busy?.['net.tx_bytes']).toBeGreaterThan(1000);
  expect(busy?.['net.tx_bytes']).toBeLessThan(300_000);
  expect(busy?.['net.rx_packets']).toBeGreaterThan(0);
  expect(busy?.['net.tx_packets']).toBeGreaterThan(0);
  expect([busy?.['net.rx_dropped'], busy?.['net.tx_dropped']]).toEqual([0, 0]);
  expect(traffic.get('/quiet')?.['net.rx_bytes']).toBeLessThan(1000);
});

test('rates are in force from the start, change while it runs, and go', async () => {
  const pid = await bench.process();
  const { device, gateway } = await networks.attach(GROUP, pid, {
    rates: { egressBitsPerSec: 8_000_000, ingressBitsPerSec: 400_000_000 },
    nat: false,
  });
  expect([hostRate(device), await insideRate(pid)]).toEqual([400_000_000, 8_000_000]);
  const changed = await networks.setRates(GROUP, { egressBitsPerSec: 100_000_000_000, ingressBitsPerSec: 1_000 });
  expect(changed.rates).toEqual({ egressBitsPerSec: 100_000_000_000, ingressBitsPerSec: 1_000 });
  expect([hostRate(device), await insideRate(pid)]).toEqual([1_000, 100_000_000_000]);
  await networks.setRates(GROUP, { egressBitsPerSec: 64_000_000 });
  expect([hostRate(device), await insideRate(pid)]).toEqual([undefined, 64_000_000]);
  expect(networks.get(GROUP)?.rates).toEqual({ egressBitsPerSec: 64_000_000 });
  // Traffic still passes, through the bucket and without.
  expect(await exchange(pid, gateway, await listen(gateway, 200_000), 200_000)).toHaveLength(200_000);
  await networks.setRates(GROUP, {});
  await networks.setRates(GROUP, {});
  expect([hostRate(device), await insideRate(pid)]).toEqual([undefined, undefined]);
});

test('a limit that somebody removed by hand can be removed', async () => {
  const pid = await bench.process();
  const { device } = await networks.attach(GROUP, pid, { rates: { ingressBitsPerSec: 1_000_000 }, nat: false });
  execFileSync('tc', ['qdisc', 'del', 'dev', device, 'root']);
  expect((await networks.setRates(GROUP, {})).rates).toEqual({});
});

test('no other source than its own is believed, and nothing on the host end listens to it', async () => {
  const pid = await bench.process();
  const { device, gateway } = await networks.attach(GROUP, pid, FREE);
  expect(
    ['rp_filter', 'accept_redirects', 'accept_source_route', 'route_localnet', 'proxy_arp', 'arp_ignore'].map((name) =>
      setting(device, name),
    ),
  ).toEqual(['1', '0', '0', '0', '0', '1']);
  if (existsSync('/proc/sys/net/ipv6')) expect(setting(device, 'disable_ipv6', 'ipv6')).toBe('1');
  // Its neighbour table knows the gateway from now on: the host would not answer the question for it from another address either.
  const port = await listen(gateway, 10);
  expect(await exchange(pid, gateway, port)).toHaveLength(10);
  // With every capability in its namespace it takes the address of another launch, which is where an answer would go.
  const neighbour = await networks.attach('/neighbour', await bench.process(), FREE);
  await inside(pid, 'ip', 'addr', 'add', `${neighbour.address}/32`, 'dev', 'eth0');
  await inside(pid, 'ip', 'route', 'add', `${gateway}/32`, 'dev', 'eth0', 'src', neighbour.address);
  const before = reversePathDrops();
  await inside(pid, 'bash', '-c', `echo x >/dev/udp/${gateway}/9`);
  await until('the packet is dropped', () => reversePathDrops() > before);
  await inside(pid, 'ip', 'route', 'del', `${gateway}/32`);
  expect(await exchange(pid, gateway, port)).toHaveLength(10);
});

test('a namespace that belongs to a user namespace is connected like any other', async () => {
  const { pid } = bench.spawn('unshare', '--user', '--map-root-user', '--net', 'sleep', '600');
  await until('it is in its namespaces', () => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n');
  const { device } = await networks.attach(GROUP, pid, {
    rates: { egressBitsPerSec: 8_000_000, ingressBitsPerSec: 16_000_000 },
    nat: false,
  });
  expect([hostRate(device), await insideRate(pid)]).toEqual([16_000_000, 8_000_000]);
});

test('detaching leaves nothing, also twice, also when the namespace has gone before', async () => {
  const [first, second] = [await bench.process(), await bench.process()];
  const { device } = await networks.attach('/first', first, FREE);
  const gone = await networks.attach('/second', second, FREE);
  await networks.detach('/first');
  await networks.detach('/first');
  await bench.kill(second);
  await networks.detach('/second');
  expect(devices()).not.toContain(device);
  expect(devices()).not.toContain(gone.device);
  expect([networks.get('/first'), networks.get('/second'), networks.counters().size]).toEqual([undefined, undefined, 0]);
  expect(JSON.parse(await inside(first, 'ip', '-j', 'link'))).toHaveLength(1);
  // The subnet and the name are free again.
  expect(await networks.attach('/first', first, FREE)).toMatchObject({ device });
});

test('rates can be set while any process is left in the namespace', async () => {
  const pid = await bench.process();
  await networks.attach(GROUP, pid, FREE);
  const { pid: second } = bench.spawn('nsenter', `--net=/proc/${pid}/ns/net`, 'sleep', '600');
  await until('it has joined', () => readFileSync(`/proc/${second}/comm`, 'utf8') === 'sleep\n');
  await bench.kill(pid);
  await networks.setRates(GROUP, { egressBitsPerSec: 8_000_000 });
  expect(await insideRate(second)).toBe(8_000_000);
});

test('rates cannot be set once the process is gone', async () => {
  const pid = await bench.process();
  await networks.attach(GROUP, pid, FREE);
  await bench.kill(pid);
  expect(await problem(networks.setRates(GROUP, { egressBitsPerSec: 1_000_000 }))).toMatchObject({ code: 'not_found' });
  expect(await problem(networks.setRates('/never', {}))).toMatchObject({ code: 'not_found' });
});

test.each([
  ['too slow', { egressBitsPerSec: 999 }, 'egressBitsPerSec'],
  ['too fast', { ingressBitsPerSec: 100_000_000_001 }, 'ingressBitsPerSec'],
  ['a fraction', { egressBitsPerSec: 5000.5 }, 'egressBitsPerSec'],
  ['no number', { egressBitsPerSec: Number.NaN }, 'egressBitsPerSec'],
])('a rate that is %s is refused, and nothing is made', async (_, rates, name) => {
  const pid = await bench.process();
  expect(await problem(networks.attach(GROUP, pid, { rates, nat: false }))).toMatchObject({
    code: 'invalid',
    detail: expect.stringContaining(name),
  });
  expect(networks.get(GROUP)).toBeUndefined();
  await networks.attach(GROUP, pid, FREE);
  expect(await problem(networks.setRates(GROUP, rates))).toMatchObject({ code: 'invalid' });
});

test('a process that is gone, or in the host’s own namespace, is not connected', async () => {
  const pid = await bench.process();
  await bench.kill(pid);
  expect(await problem(networks.attach(GROUP, pid, FREE))).toMatchObject({ code: 'not_found', file: `/proc/${pid}/ns/net` });
  expect(await problem(networks.attach(GROUP, process.pid, FREE))).toMatchObject({ code: 'self_protected' });
  expect(networks.get(GROUP)).toBeUndefined();
});

test('an owner has one network', async () => {
  const pid = await bench.process();
  const [first, second] = await Promise.allSettled([networks.attach(GROUP, pid, FREE), networks.attach(GROUP, pid, FREE)]);
  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({ status: 'rejected', reason: { problem: { code: 'conflict' } } });
});

test('a namespace that has an eth0 already: refused in words, and all that was made is taken back', async () => {
  const pid = await bench.process();
  await inside(pid, 'ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
  const before = devices();
  expect(await problem(networks.attach(GROUP, pid, FREE))).toMatchObject({
    code: 'conflict',
    errno: 'EEXIST',
    file: expect.stringMatching(/\/ip$/),
    asked: expect.stringMatching(/^link add dev cgd/),
  });
  expect([devices(), networks.get(GROUP)]).toEqual([before, undefined]);
});

test('a step that fails half-way takes back what was made before it', async () => {
  const pid = await bench.process();
  // Its own route for the default is in the way of ours: the last step of all.
  await inside(pid, 'ip', 'link', 'set', 'lo', 'up');
  await inside(pid, 'ip', 'route', 'add', 'default', 'dev', 'lo');
  const before = devices();
  const refused = await problem(networks.attach(GROUP, pid, FREE));
  expect(refused).toMatchObject({ code: 'conflict', asked: expect.stringMatching(/^route add default/) });
  expect(refused.detail).toContain('"File exists"');
  expect([devices(), networks.get(GROUP)]).toEqual([before, undefined]);
  await inside(pid, 'ip', 'route', 'del', 'default');
  await networks.attach(GROUP, pid, FREE);
});

test('a range that is used up, until somebody leaves', async () => {
  const tiny = bench.networks({ range: '198.18.0.64/29' });
  const pids = [await bench.process(), await bench.process(), await bench.process()] as const;
  const made = [await tiny.attach('/a', pids[0], FREE), await tiny.attach('/b', pids[1], FREE)];
  expect(made.map(({ address }) => address).sort()).toEqual(['198.18.0.66', '198.18.0.70']);
  expect(await problem(tiny.attach('/c', pids[2], FREE))).toMatchObject({
    code: 'conflict',
    detail: expect.stringContaining('198.18.0.64/29'),
  });
  await tiny.detach('/a');
  expect(await tiny.attach('/c', pids[2], FREE)).toMatchObject({ address: made[0]?.address });
});

test('subnets that the host has an address in or a route to are left alone', async () => {
  bench.device('cgdtest', 'link add cgdtest type veth peer name cgdtest1', 'addr add 198.18.0.65/30 dev cgdtest');
  ip('link', 'set', 'cgdtest', 'up');
  ip('route', 'add', '198.18.0.72/29', 'dev', 'cgdtest');
  const crowded = bench.networks({ range: '198.18.0.64/28' });
  const pid = await bench.process();
  expect(await crowded.attach(GROUP, pid, FREE)).toMatchObject({ address: '198.18.0.70' });
  expect(await problem(crowded.attach('/more', await bench.process(), FREE))).toMatchObject({ code: 'conflict' });
});

test('twenty at once have twenty networks', async () => {
  const owners = Array.from({ length: 20 }, (_, i) => `/many/${i}`);
  const pids = await Promise.all(owners.map(() => bench.process()));
  const made = await Promise.all(
    owners.map((owner, i) => networks.attach(owner, pids[i] ?? 0, { rates: { egressBitsPerSec: 1_000_000 + i * 8 }, nat: false })),
  );
  expect(new Set(made.map(({ device }) => device)).size).toBe(20);
  expect(new Set(made.map(({ address }) => address)).size).toBe(20);
  expect(networks.counters().size).toBe(20);
  for (const [i, pid] of pids.entries()) expect(await insideRate(pid)).toBe(1_000_000 + i * 8);
  await Promise.all(owners.map((owner) => networks.detach(owner)));
  expect(devices().filter((device) => made.some((one) => one.device === device))).toEqual([]);
});

test('what is kept on disk is for root alone', async () => {
  await networks.attach(GROUP, await bench.process(), FREE);
  const path = join(bench.dir, 'state', 'networks.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(path, 'utf8')).networks).toHaveLength(1);
});

test('on a full disk nothing is begun, and a network that is there keeps its rates', async () => {
  const dir = join(bench.dir, 'full');
  mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', dir]);
  try {
    const cramped = bench.networks({ stateDir: dir });
    const [pid, other] = [await bench.process(), await bench.process()];
    const { device } = await cramped.attach(GROUP, pid, { rates: { ingressBitsPerSec: 8_000_000 }, nat: false });
    expect(() => writeFileSync(join(dir, 'filler'), Buffer.alloc(1024 * 1024))).toThrow('ENOSPC');
    const before = devices();
    expect(await problem(cramped.attach('/other', other, FREE))).toMatchObject({ code: 'busy', errno: 'ENOSPC' });
    expect(await problem(cramped.setRates(GROUP, { ingressBitsPerSec: 16_000_000 }))).toMatchObject({ code: 'busy', errno: 'ENOSPC' });
    expect([devices(), hostRate(device), cramped.get('/other')]).toEqual([before, 8_000_000, undefined]);
    await cramped.detach(GROUP);
    expect(devices()).not.toContain(device);
  } finally {
    execFileSync('umount', [dir]);
  }
});

test.each([['ip'], ['tc'], ['nsenter']])('without %s there is no routed network, and a sentence says so', async (missing) => {
  const names = ['ip', 'tc', 'nsenter', 'unshare'].filter((name) => name !== missing);
  const lacking = bench.networks({ searchPath: bench.tools(names), range: TEST_RANGE });
  const sentence = expect.stringMatching(new RegExp(`the program ${missing}, which is not installed: install \\w`));
  expect(await lacking.support()).toMatchObject({ routed: sentence, nat: sentence });
  expect(await problem(lacking.attach(GROUP, await bench.process(), FREE))).toMatchObject({ code: 'unsupported', detail: sentence });
});

test('a kernel without veth is told apart from a missing program', async () => {
  const searchPath = bench.tools(['tc', 'nsenter', 'unshare'], { ip: 'echo "Error: Unknown device type." >&2; exit 2' });
  expect((await bench.networks({ searchPath }).support()).routed).toContain('"Unknown device type."');
});
