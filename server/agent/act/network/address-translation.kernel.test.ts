// Address translation with nftables on the real kernel, to a namespace in the role of the outside, and the commands given to a fake nft.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Bench, exchange, inside, ip, problem, setting } from './fixtures/namespaces.ts';
import type { Networks } from './networks.ts';

const UPLINK = 'cgdtup';
/** The host’s address on the link to the outside, and the outside’s. */
const HOST = '198.19.0.1';
const OUTSIDE = '198.19.0.2';
const PORT = 7000;

const GROUP = '/cgdeck/a';
const NAT = { rates: {}, nat: true };

let bench: Bench;
let outside: number;

beforeEach(async () => {
  bench = new Bench();
  outside = await bench.process();
  bench.device(
    UPLINK,
    `link add ${UPLINK} type veth peer name eth0 netns ${outside}`,
    `addr add ${HOST}/30 dev ${UPLINK}`,
    `link set ${UPLINK} up`,
  );
  await inside(outside, 'ip', 'addr', 'add', `${OUTSIDE}/30`, 'dev', 'eth0');
  await inside(outside, 'ip', 'link', 'set', 'eth0', 'up');
  writeFileSync(`/proc/sys/net/ipv4/conf/${UPLINK}/forwarding`, '0');
});

afterEach(() => bench.end());

describe('with nftables', () => {
  let networks: Networks;

  beforeEach(() => {
    networks = bench.networks({ uplinks: [UPLINK] });
  });

  const tables = () => execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' });

  /** Answers each connection with the address that it comes from. */
  async function serveOutside(): Promise<void> {
    const script = `require('node:net').createServer((socket) => socket.end(socket.remoteAddress)).listen(${PORT}, '${OUTSIDE}', () => console.log('ready'))`;
    const child = bench.spawn('nsenter', `--net=/proc/${outside}/ns/net`, process.execPath, '-e', script);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
  }

  test('sends under the host’s address, lets no connection in from outside, and leaves nothing after the detach', async () => {
    await serveOutside();
    const pid = await bench.process();
    const { device, address, nat } = await networks.attach(GROUP, pid, NAT);
    expect([nat, setting(UPLINK, 'forwarding'), setting(device, 'forwarding')]).toEqual([true, '1', '1']);
    expect(await exchange(pid, OUTSIDE, PORT)).toBe(HOST);
    await inside(outside, 'ip', 'route', 'add', `${address}/32`, 'via', HOST);
    await inside(outside, 'bash', '-c', `echo x >/dev/udp/${address}/9`);
    expect(await exchange(pid, OUTSIDE, PORT)).toBe(HOST);
    const [names = '', values = ''] = (await inside(pid, 'cat', '/proc/net/snmp')).split('\n').filter((line) => line.startsWith('Udp:'));
    expect(values.split(' ')[names.split(' ').indexOf('NoPorts')]).toBe('0');
    await networks.detach(GROUP);
    expect(tables()).not.toContain(device);
    expect(setting(UPLINK, 'forwarding')).toBe('0');
  });

  test('does not forward a forged source address, even without rp_filter', async () => {
    const pid = await bench.process();
    const { device } = await networks.attach(GROUP, pid, NAT);
    writeFileSync(`/proc/sys/net/ipv4/conf/${device}/rp_filter`, '0');
    const received = await receiveOutside();
    await inside(pid, 'ip', 'addr', 'add', '198.18.0.250/32', 'dev', 'eth0');
    await inside(
      pid,
      'ip',
      'route',
      'add',
      `${OUTSIDE}/32`,
      'dev',
      'eth0',
      'via',
      networks.get(GROUP)?.gateway ?? '',
      'src',
      '198.18.0.250',
    );
    await inside(pid, 'bash', '-c', `echo forged >/dev/udp/${OUTSIDE}/${PORT}`);
    await inside(pid, 'ip', 'route', 'del', `${OUTSIDE}/32`);
    await inside(pid, 'bash', '-c', `echo own >/dev/udp/${OUTSIDE}/${PORT}`);
    // Both take the same path, so a forged packet that passed would have arrived first.
    await vi.waitFor(() => expect(received.join('')).toContain('own'), { timeout: 60_000 });
    expect(received.join('')).toBe(`own from ${HOST}\n`);
  });

  /** The packets that arrive outside, with their source addresses. */
  async function receiveOutside(): Promise<string[]> {
    const script = `const socket = require('node:dgram').createSocket('udp4');
      socket.on('message', (text, from) => console.log(String(text).trim() + ' from ' + from.address));
      socket.bind(${PORT}, '${OUTSIDE}', () => console.log('ready'))`;
    const child = bench.spawn('nsenter', `--net=/proc/${outside}/ns/net`, process.execPath, '-e', script);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const received: string[] = [];
    child.stdout?.on('data', (text) => received.push(String(text)));
    return received;
  }

  test('keeps forwarding on while a launch needs it, and where it was on before', async () => {
    await networks.attach('/a', await bench.process(), NAT);
    await networks.attach('/b', await bench.process(), NAT);
    await networks.detach('/a');
    expect(setting(UPLINK, 'forwarding')).toBe('1');
    await networks.detach('/b');
    expect(setting(UPLINK, 'forwarding')).toBe('0');
    writeFileSync(`/proc/sys/net/ipv4/conf/${UPLINK}/forwarding`, '1');
    const { device } = await networks.attach('/a', await bench.process(), NAT);
    expect(execFileSync('nft', ['list', 'table', 'ip', `cgdeck_${device}`], { encoding: 'utf8' })).not.toContain(UPLINK);
    await networks.detach('/a');
    expect(setting(UPLINK, 'forwarding')).toBe('1');
  });

  test('keeps forwarding on for another agent’s launch', async () => {
    const other = bench.networks({ uplinks: [UPLINK], stateDir: join(bench.dir, 'other') });
    await networks.attach('/a', await bench.process(), NAT);
    await other.attach('/a', await bench.process(), NAT);
    await networks.detach('/a');
    expect(setting(UPLINK, 'forwarding')).toBe('1');
  });

  test('sweeps the tables and forwarding of ended launches, and keeps those of running ones', async () => {
    const pid = await bench.process();
    await serveOutside();
    const alive = await networks.attach('/alive', pid, NAT);
    const dead = await networks.attach('/dead', await bench.process(), NAT);
    const next = bench.networks({ uplinks: [UPLINK] });
    expect(await next.sweep(new Set(['/alive']))).toEqual(['/dead']);
    expect([tables().includes(alive.device), tables().includes(dead.device)]).toEqual([true, false]);
    expect(await exchange(pid, OUTSIDE, PORT)).toBe(HOST);
    expect(await bench.networks({ uplinks: [UPLINK] }).sweep(new Set())).toEqual(['/alive']);
    expect([tables().includes(alive.device), setting(UPLINK, 'forwarding')]).toEqual([false, '0']);
  });
});

describe('with a fake nft', () => {
  const written = () => readFileSync(join(bench.dir, 'written'), 'utf8');

  function fake(answer: string): Networks {
    const script = `cat >>${bench.dir}/written; echo "$*" >>${bench.dir}/written\n${answer}`;
    return bench.networks({ uplinks: [UPLINK], searchPath: bench.tools(['ip', 'tc', 'nsenter', 'unshare'], { nft: script }) });
  }

  test('makes a table for a launch, and removes it', async () => {
    const networks = fake(`echo '{"nftables":[{"metainfo":{}},{"table":{"family":"ip","name":"filter","handle":1}}]}'`);
    const { device, address } = await networks.attach(GROUP, await bench.process(), NAT);
    expect(written()).toContain(`ip saddr ${address} oifname != "${device}" masquerade`);
    expect(written()).toContain(`iifname "${UPLINK}" ct state`);
    expect(setting(UPLINK, 'forwarding')).toBe('1');
    await networks.detach(GROUP);
    expect(written()).toContain(`delete table ip cgdeck_${device}\n-j list tables`);
    expect(setting(UPLINK, 'forwarding')).toBe('0');
  });

  test('removes everything if the rules are refused', async () => {
    const networks = fake(
      `grep -q "^table ip cgdeck_cgd" ${bench.dir}/written && case "$1" in -f) echo "Error: Could not process rule" >&2; exit 1;; -j) echo '{"nftables":[]}';; esac; true`,
    );
    const before = bench.agentDevices();
    expect(await problem(networks.attach(GROUP, await bench.process(), NAT))).toMatchObject({
      code: 'kernel_refused',
      file: expect.stringMatching(/\/nft$/),
      detail: expect.stringContaining('"Could not process rule"'),
    });
    expect([bench.agentDevices(), networks.get(GROUP), setting(UPLINK, 'forwarding')]).toEqual([before, undefined, '0']);
  });
});

test('without nft, routes but refuses translation with advice, and leaves forwarding off', async () => {
  const networks = bench.networks({ uplinks: [UPLINK], searchPath: bench.tools(['ip', 'tc', 'nsenter', 'unshare']) });
  const sentence = expect.stringContaining('install nftables');
  expect(await networks.support()).toEqual({ nat: sentence });
  const pid = await bench.process();
  expect(await problem(networks.attach(GROUP, pid, NAT))).toMatchObject({ code: 'unsupported', detail: sentence });
  // Only this owner's devices count: another agent on this machine may have networks.
  expect(ip('-j', 'link', 'show', 'type', 'veth')).not.toContain(`:${GROUP}"`);
  await networks.attach(GROUP, pid, { rates: {}, nat: false });
  expect(setting(UPLINK, 'forwarding')).toBe('0');
  expect(existsSync(`/proc/sys/net/ipv4/conf/${networks.get(GROUP)?.device}`)).toBe(true);
});

test('refuses translation with nft’s own message where nft fails, and the sweep succeeds', async () => {
  const refusal = 'Unable to initialize Netlink socket: Protocol not supported';
  const searchPath = bench.tools(['ip', 'tc', 'nsenter', 'unshare'], { nft: `echo "${refusal}" >&2; exit 1` });
  const networks = bench.networks({ uplinks: [UPLINK], searchPath });
  expect(await networks.support()).toEqual({ nat: expect.stringContaining(refusal) });
  expect(await networks.sweep(new Set())).toEqual([]);
});
