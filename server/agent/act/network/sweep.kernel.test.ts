// The sweep at the start: networks of ended launches are removed, those of running ones stay, and those of others are left alone.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bench, devices, hostRate, inside, insideRate, ip } from './fixtures/namespaces.ts';
import type { Networks } from './networks.ts';

const FREE = { rates: {}, nat: false };

let bench: Bench;
let crashed: Networks;

beforeEach(() => {
  bench = new Bench();
  crashed = bench.networks();
});

afterEach(() => bench.end());

test('removes networks of ended launches, and knows and changes those of running ones', async () => {
  const [alive, dead] = [await bench.process(), await bench.process()];
  const rates = { egressBitsPerSec: 8_000_000, ingressBitsPerSec: 16_000_000 };
  const kept = await crashed.attach('/alive', alive, { rates, nat: false });
  const left = await crashed.attach('/dead', dead, FREE);
  const next = bench.networks();
  expect(await next.sweep(new Set(['/alive', '/unknown']))).toEqual(['/dead']);
  expect([devices().includes(kept.device), devices().includes(left.device)]).toEqual([true, false]);
  expect([next.get('/alive'), next.get('/dead')]).toEqual([kept, undefined]);
  expect([hostRate(kept.device), await insideRate(alive)]).toEqual([16_000_000, 8_000_000]);
  await next.setRates('/alive', { egressBitsPerSec: 24_000_000 });
  expect([hostRate(kept.device), await insideRate(alive)]).toEqual([undefined, 24_000_000]);
  expect([...next.counters().keys()]).toEqual(['/alive']);
  const more = await next.attach('/dead', dead, FREE);
  expect(more.address).not.toBe(kept.address);
  await next.detach('/alive');
  expect(devices()).not.toContain(kept.device);
});

test('forgets the network of a running launch whose device was removed', async () => {
  const pid = await bench.process();
  const { device } = await crashed.attach('/a', pid, FREE);
  await inside(pid, 'ip', 'link', 'delete', 'eth0');
  const next = bench.networks();
  expect(await next.sweep(new Set(['/a']))).toEqual(['/a']);
  expect([next.get('/a'), devices().includes(device)]).toEqual([undefined, false]);
});

test('leaves the networks of another agent alone', async () => {
  const other = bench.networks({ stateDir: join(bench.dir, 'other') });
  const mine = await crashed.attach('/a', await bench.process(), FREE);
  const theirs = await other.attach('/a', await bench.process(), FREE);
  expect(theirs.address).not.toBe(mine.address);
  expect(await bench.networks().sweep(new Set())).toEqual(['/a']);
  expect([devices().includes(mine.device), devices().includes(theirs.device)]).toEqual([false, true]);
  expect(other.get('/a')).toEqual(theirs);
});

test.each([
  ['lost', (path: string) => rmSync(path)],
  ['damaged', (path: string) => writeFileSync(path, '{"networks":[{"owner":"/a"}]')],
])('recognises devices by their alias with the file %s', async (_, damage) => {
  const owner = '/cgdeck/größe "1"\\ #1';
  const left = await crashed.attach(owner, await bench.process(), FREE);
  const kept = await crashed.attach('/alive', await bench.process(), FREE);
  damage(join(bench.dir, 'state', 'networks.json'));
  const next = bench.networks();
  expect(await next.sweep(new Set(['/alive']))).toEqual([owner]);
  expect([devices().includes(left.device), devices().includes(kept.device)]).toEqual([false, true]);
  const fresh = await next.attach('/fresh', await bench.process(), FREE);
  expect(fresh.address).not.toBe(kept.address);
});

test('leaves a device alone that has our kind of name without our alias', async () => {
  const { device } = await crashed.attach('/a', await bench.process(), FREE);
  const name = `${device.slice(0, device.indexOf('_'))}_fffe`;
  bench.device(name, `link add ${name} type veth peer name cgdtest1`);
  await bench.networks().sweep(new Set());
  expect([devices().includes(name), devices().includes(device)]).toEqual([true, false]);
});

test('keeps a network that is attached during the sweep', async () => {
  await crashed.attach('/old', await bench.process(), FREE);
  const next = bench.networks();
  const pid = await bench.process();
  const [made, removed] = await Promise.all([next.attach('/new', pid, FREE), next.sweep(new Set())]);
  expect(removed).toEqual(['/old']);
  expect([next.get('/new'), devices().includes(made.device)]).toEqual([made, true]);
});

test('ignores records from before the last boot', async () => {
  const path = join(bench.dir, 'state', 'networks.json');
  await crashed.attach('/a', await bench.process(), FREE);
  const state = JSON.parse(readFileSync(path, 'utf8'));
  await crashed.detach('/a');
  writeFileSync(path, JSON.stringify({ ...state, boot: 'an earlier one', forwarding: ['lo'] }));
  const next = bench.networks();
  expect([await next.sweep(new Set(['/a'])), next.get('/a')]).toEqual([[], undefined]);
});

test('removes a device that a crash left without an alias', async () => {
  const { device } = await crashed.attach('/a', await bench.process(), FREE);
  ip('link', 'set', 'dev', device, 'alias', '');
  expect(await bench.networks().sweep(new Set())).toEqual(['/a']);
  expect(devices()).not.toContain(device);
});

test('leaves and forgets a device that now has another alias', async () => {
  const { device } = await crashed.attach('/a', await bench.process(), FREE);
  ip('link', 'set', 'dev', device, 'alias', 'another owner');
  bench.device(device);
  const next = bench.networks();
  expect(await next.sweep(new Set())).toEqual(['/a']);
  expect([devices().includes(device), next.get('/a')]).toEqual([true, undefined]);
});
