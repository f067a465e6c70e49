// Rates of routed networks on the real kernel: applied, changed, removed and refused.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bench, exchange, hostRate, insideRate, problem, until } from './fixtures/namespaces.ts';
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

test('applies rates from the start, changes them and removes them', async () => {
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
  expect(await exchange(pid, gateway, await bench.listen(gateway, 200_000), 200_000)).toHaveLength(200_000);
  await networks.setRates(GROUP, {});
  await networks.setRates(GROUP, {});
  expect([hostRate(device), await insideRate(pid)]).toEqual([undefined, undefined]);
});

test('accepts the removal of a rate that was already removed by hand', async () => {
  const pid = await bench.process();
  const { device } = await networks.attach(GROUP, pid, { rates: { ingressBitsPerSec: 1_000_000 }, nat: false });
  execFileSync('tc', ['qdisc', 'del', 'dev', device, 'root']);
  expect((await networks.setRates(GROUP, {})).rates).toEqual({});
});

test('sets rates while any process is left in the namespace', async () => {
  const pid = await bench.process();
  await networks.attach(GROUP, pid, FREE);
  const { pid: second } = bench.spawn('nsenter', `--net=/proc/${pid}/ns/net`, 'sleep', '600');
  await until('it has joined', () => readFileSync(`/proc/${second}/comm`, 'utf8') === 'sleep\n');
  await bench.kill(pid);
  await networks.setRates(GROUP, { egressBitsPerSec: 8_000_000 });
  expect(await insideRate(second)).toBe(8_000_000);
});

test('refuses rates once the process has ended', async () => {
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
])('refuses a rate that is %s, and makes nothing', async (_, rates, name) => {
  const pid = await bench.process();
  expect(await problem(networks.attach(GROUP, pid, { rates, nat: false }))).toMatchObject({
    code: 'invalid',
    detail: expect.stringContaining(name),
  });
  expect(networks.get(GROUP)).toBeUndefined();
  await networks.attach(GROUP, pid, FREE);
  expect(await problem(networks.setRates(GROUP, rates))).toMatchObject({ code: 'invalid' });
});
