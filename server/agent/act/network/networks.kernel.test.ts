// Routed networks on the real kernel: addresses, traffic, forged packets, and that a detach leaves nothing.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bench, devices, exchange, hostRate, inside, insideRate, ip, problem, setting, until } from './fixtures/namespaces.ts';
import type { Networks } from './networks.ts';

const GROUP = '/cgdeck/größe "1"\\ it’s #1';
const FREE = { rates: {}, nat: false };

let bench: Bench;
let networks: Networks;

beforeEach(() => {
  bench = new Bench();
  networks = bench.networks();
});

afterEach(() => bench.end());

/** Packets that rp_filter has dropped. */
function reversePathDrops(): number {
  const [names = '', values = ''] = readFileSync('/proc/net/netstat', 'utf8').split('\n');
  return Number(values.split(' ')[names.split(' ').indexOf('IPReversePathFilter')]);
}

test('gives a process an address, a default route and a working lo', async () => {
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

test('reaches the host at its gateway, and counts sent and received bytes on the right sides', async () => {
  const pid = await bench.process();
  const { gateway } = await networks.attach(GROUP, pid, FREE);
  const quiet = await bench.process();
  await networks.attach('/quiet', quiet, FREE);
  const port = await bench.listen(gateway, 300_000);
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

test('drops packets with a forged source address, and hardens the host’s end', async () => {
  const pid = await bench.process();
  const { device, gateway } = await networks.attach(GROUP, pid, FREE);
  expect(
    ['rp_filter', 'accept_redirects', 'accept_source_route', 'route_localnet', 'proxy_arp', 'arp_ignore'].map((name) =>
      setting(device, name),
    ),
  ).toEqual(['1', '0', '0', '0', '0', '1']);
  if (existsSync('/proc/sys/net/ipv6')) expect(setting(device, 'disable_ipv6', 'ipv6')).toBe('1');
  // Fills its neighbour table first, because the host would not answer ARP to a forged address.
  const port = await bench.listen(gateway, 10);
  expect(await exchange(pid, gateway, port)).toHaveLength(10);
  // With all capabilities in its namespace, it takes another launch's address.
  const neighbour = await networks.attach('/neighbour', await bench.process(), FREE);
  await inside(pid, 'ip', 'addr', 'add', `${neighbour.address}/32`, 'dev', 'eth0');
  await inside(pid, 'ip', 'route', 'add', `${gateway}/32`, 'dev', 'eth0', 'src', neighbour.address);
  const before = reversePathDrops();
  await inside(pid, 'bash', '-c', `echo x >/dev/udp/${gateway}/9`);
  await until('the packet is dropped', () => reversePathDrops() > before);
  await inside(pid, 'ip', 'route', 'del', `${gateway}/32`);
  expect(await exchange(pid, gateway, port)).toHaveLength(10);
});

test('connects a namespace that belongs to a user namespace', async () => {
  const { pid } = bench.spawn('unshare', '--user', '--map-root-user', '--net', 'sleep', '600');
  await until('it is in its namespaces', () => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n');
  const { device } = await networks.attach(GROUP, pid, {
    rates: { egressBitsPerSec: 8_000_000, ingressBitsPerSec: 16_000_000 },
    nat: false,
  });
  expect([hostRate(device), await insideRate(pid)]).toEqual([16_000_000, 8_000_000]);
});

test('leaves nothing after a detach, also a second one, also after the end of the namespace', async () => {
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

test('skips subnets in which the host has an address or a route', async () => {
  bench.device('cgdtest', 'link add cgdtest type veth peer name cgdtest1', 'addr add 198.18.0.65/30 dev cgdtest');
  ip('link', 'set', 'cgdtest', 'up');
  ip('route', 'add', '198.18.0.72/29', 'dev', 'cgdtest');
  const crowded = bench.networks({ range: '198.18.0.64/28' });
  const pid = await bench.process();
  expect(await crowded.attach(GROUP, pid, FREE)).toMatchObject({ address: '198.18.0.70' });
  expect(await problem(crowded.attach('/more', await bench.process(), FREE))).toMatchObject({ code: 'conflict' });
});

test('attaches ten at once', async () => {
  const owners = Array.from({ length: 10 }, (_, i) => `/many/${i}`);
  const pids = await Promise.all(owners.map(() => bench.process()));
  const made = await Promise.all(
    owners.map((owner, i) => networks.attach(owner, pids[i] ?? 0, { rates: { egressBitsPerSec: 1_000_000 + i * 8 }, nat: false })),
  );
  expect(new Set(made.map(({ device }) => device)).size).toBe(10);
  expect(new Set(made.map(({ address }) => address)).size).toBe(10);
  expect(networks.counters().size).toBe(10);
  for (const [i, pid] of pids.entries()) expect(await insideRate(pid)).toBe(1_000_000 + i * 8);
  await Promise.all(owners.map((owner) => networks.detach(owner)));
  expect(devices().filter((device) => made.some((one) => one.device === device))).toEqual([]);
});

test('keeps its file readable for root only', async () => {
  await networks.attach(GROUP, await bench.process(), FREE);
  const path = join(bench.dir, 'state', 'networks.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(path, 'utf8')).networks).toHaveLength(1);
});
