// What is refused of a routed network on the real kernel, and that nothing is left then.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bench, devices, hostRate, inside, problem, TEST_RANGE } from './fixtures/namespaces.ts';
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

test('refuses a process that has ended or is in the host’s own namespace', async () => {
  const pid = await bench.process();
  await bench.kill(pid);
  expect(await problem(networks.attach(GROUP, pid, FREE))).toMatchObject({ code: 'not_found', file: `/proc/${pid}/ns/net` });
  expect(await problem(networks.attach(GROUP, process.pid, FREE))).toMatchObject({ code: 'self_protected' });
  expect(networks.get(GROUP)).toBeUndefined();
});

test('refuses a second network for an owner', async () => {
  const pid = await bench.process();
  const [first, second] = await Promise.allSettled([networks.attach(GROUP, pid, FREE), networks.attach(GROUP, pid, FREE)]);
  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({ status: 'rejected', reason: { problem: { code: 'conflict' } } });
});

test('refuses a namespace that has an eth0, and leaves nothing', async () => {
  const pid = await bench.process();
  await inside(pid, 'ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
  const before = bench.agentDevices();
  expect(await problem(networks.attach(GROUP, pid, FREE))).toMatchObject({
    code: 'conflict',
    errno: 'EEXIST',
    file: expect.stringMatching(/\/ip$/),
    asked: expect.stringMatching(/^link add dev cgd/),
  });
  expect([bench.agentDevices(), networks.get(GROUP)]).toEqual([before, undefined]);
});

test('removes what was made before a step that fails', async () => {
  const pid = await bench.process();
  // A default route of its own makes the last step fail.
  await inside(pid, 'ip', 'link', 'set', 'lo', 'up');
  await inside(pid, 'ip', 'route', 'add', 'default', 'dev', 'lo');
  const before = bench.agentDevices();
  const refused = await problem(networks.attach(GROUP, pid, FREE));
  expect(refused).toMatchObject({ code: 'conflict', asked: expect.stringMatching(/^route add default/) });
  expect(refused.detail).toContain('"File exists"');
  expect([bench.agentDevices(), networks.get(GROUP)]).toEqual([before, undefined]);
  await inside(pid, 'ip', 'route', 'del', 'default');
  await networks.attach(GROUP, pid, FREE);
});

test('refuses a launch in a full range, until another one is detached', async () => {
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

test('refuses on a full disk, where existing networks keep their rates', async () => {
  const dir = join(bench.dir, 'full');
  mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', dir]);
  try {
    const cramped = bench.networks({ stateDir: dir });
    const [pid, other] = [await bench.process(), await bench.process()];
    const { device } = await cramped.attach(GROUP, pid, { rates: { ingressBitsPerSec: 8_000_000 }, nat: false });
    expect(() => writeFileSync(join(dir, 'filler'), Buffer.alloc(1024 * 1024))).toThrow('ENOSPC');
    const before = bench.agentDevices();
    expect(await problem(cramped.attach('/other', other, FREE))).toMatchObject({ code: 'busy', errno: 'ENOSPC' });
    expect(await problem(cramped.setRates(GROUP, { ingressBitsPerSec: 16_000_000 }))).toMatchObject({ code: 'busy', errno: 'ENOSPC' });
    expect([bench.agentDevices(), hostRate(device), cramped.get('/other')]).toEqual([before, 8_000_000, undefined]);
    await cramped.detach(GROUP);
    expect(devices()).not.toContain(device);
  } finally {
    execFileSync('umount', [dir]);
  }
});

test.each([['ip'], ['tc'], ['nsenter']])('refuses a routed network without %s, with advice', async (missing) => {
  const names = ['ip', 'tc', 'nsenter', 'unshare'].filter((name) => name !== missing);
  const lacking = bench.networks({ searchPath: bench.tools(names), range: TEST_RANGE });
  const sentence = expect.stringMatching(new RegExp(`the program ${missing}, which is not installed: install \\w`));
  expect(await lacking.support()).toMatchObject({ routed: sentence, nat: sentence });
  expect(await problem(lacking.attach(GROUP, await bench.process(), FREE))).toMatchObject({ code: 'unsupported', detail: sentence });
});

test('distinguishes a kernel without veth from a missing program', async () => {
  const searchPath = bench.tools(['tc', 'nsenter', 'unshare'], { ip: 'echo "Error: Unknown device type." >&2; exit 2' });
  expect((await bench.networks({ searchPath }).support()).routed).toContain('"Unknown device type."');
});
