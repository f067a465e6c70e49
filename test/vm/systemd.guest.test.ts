// Beside systemd, which is process 1 here and owns the tree: as a user's scope with a delegation, as root, and as a service.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CallAnswer } from '../../server/contract/calls.ts';
import type { Event, EventKind } from '../../server/contract/events.ts';
import type { LaunchAnswer } from '../../server/contract/launched.ts';
import { Deck, DeckAt, TOKEN } from './fixtures/deck.ts';
import { clear, kernel, MOUNT, until } from './fixtures/unified-groups.ts';

const MIB = 2 ** 20;
const UID = 4321;
const USER = 'cgdeck-user';
const RUNTIME = `/run/user/${UID}`;
const CLONE = join(import.meta.dirname, '..', '..');
const LOAD = join(CLONE, 'native', 'build', 'cgdeck-load');
const UNITS = '/run/systemd/system';
const UNIT_FILE = 'cgdeck.service';
const DROP_INS = join(UNITS, 'user@.service.d');
const SLEEP = ['sleep', '1000'];

const run = (file: string, ...args: string[]) => execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
const systemctl = (...args: string[]) => run('systemctl', ...args);

let folder: string;
let deck: Deck | undefined;
let roots: string[];
let units: string[];

beforeEach(() => {
  roots = [];
  units = [];
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-systemd-'));
  // The web process, with the user nobody, has to reach the run directory in it.
  chmodSync(folder, 0o755);
});

afterEach(async () => {
  await deck?.stop();
  deck = undefined;
  // One that has ended already is not loaded any more.
  for (const unit of units) spawnSync('systemctl', ['stop', unit]);
  for (const root of roots) if (existsSync(MOUNT + root)) await clear(root);
  rmSync(folder, { recursive: true, force: true });
});

/** The first event of a kind of a group. */
async function firstEvent<K extends EventKind>(from: DeckAt, group: string, kind: K): Promise<Extract<Event, { kind: K }>> {
  let found: Event | undefined;
  await until(async () => {
    const { events } = await from.get<CallAnswer<'events'>>('/events');
    found = events.find((event) => event.group === group && event.kind === kind);
    return found !== undefined;
  });
  return found as Extract<Event, { kind: K }>;
}

describe('a user’s own scope, started as in the README', () => {
  beforeAll(() => {
    run('useradd', '--create-home', '--uid', String(UID), USER);
    // As a login does.
    run('loginctl', 'enable-linger', USER);
    systemctl('start', `user@${UID}.service`);
  });

  afterAll(() => rmSync(DROP_INS, { recursive: true, force: true }));

  async function start(): Promise<Deck> {
    chownSync(folder, UID, UID);
    const session = `env XDG_RUNTIME_DIR=${RUNTIME} DBUS_SESSION_BUS_ADDRESS=unix:path=${RUNTIME}/bus`;
    const scope = 'systemd-run --user --scope --quiet -p Delegate=yes';
    const before = `set -- setpriv --reuid ${UID} --regid ${UID} --init-groups ${session} ${scope} "$@"`;
    deck = await Deck.start({ before, folder });
    return deck;
  }

  test('is found, has the controllers that systemd delegates, and reports which it does not; the rest is as anywhere', async () => {
    const here = await start();
    const { managedRoot, missing } = await here.host();
    expect(managedRoot).toMatch(
      new RegExp(`^/user\\.slice/user-${UID}\\.slice/user@${UID}\\.service/app\\.slice/run-[^/]+\\.scope/cgdeck$`),
    );
    expect(kernel(managedRoot, 'cgroup.controllers').split(' ')).toEqual(expect.arrayContaining(['memory', 'pids']));
    expect(missing.join('\n')).toMatch(/no limits and no readings of .*cpuset.*"Delegate=cpu cpuset io memory pids"/);
    expect(new Set(missing).size).toBe(missing.length);

    const limits = { 'memory.max': '48M', 'memory.swap.max': '0' };
    const { group } = await here.done<LaunchAnswer>('POST', '/launch', { name: 'leak', argv: ['cgdeck-load', 'leak', '20'], limits });
    expect(await firstEvent(here, group, 'oom_kill')).toMatchObject({ count: 1 });
    const { group: rest } = await here.done<LaunchAnswer>('POST', '/launch', { name: 'rest', argv: SLEEP });
    expect(await here.done('POST', '/freeze', { group: rest })).toMatchObject({ state: 'frozen' });
    expect(await here.done('POST', '/thaw', { group: rest })).toMatchObject({ state: 'thawed' });
    await here.done('POST', '/kill', { group: rest });
    expect(await here.stop()).toBe(0);
    // With the last process goes the scope, and with it all that was made in it.
    await until(() => !existsSync(MOUNT + managedRoot));
  });

  test('has the other controllers where they are delegated as in the README', async () => {
    mkdirSync(DROP_INS);
    writeFileSync(join(DROP_INS, 'delegate.conf'), '[Service]\nDelegate=cpu cpuset io memory pids\n');
    systemctl('daemon-reload');
    systemctl('restart', `user@${UID}.service`);
    const here = await start();
    const { managedRoot } = await here.host();
    expect(kernel(managedRoot, 'cgroup.controllers').split(' ')).toEqual(expect.arrayContaining(['cpu', 'cpuset', 'io', 'memory', 'pids']));
    const limits = { 'cpuset.cpus': '0', 'memory.max': '64M' };
    const { group } = await here.done<LaunchAnswer>('POST', '/launch', { name: 'rest', argv: SLEEP, limits });
    expect(kernel(group, 'cpuset.cpus.effective')).toBe('0');
    await here.done('POST', '/kill', { group });
  });
});

describe('as root', () => {
  const ROOT = '/cgdeck-test-systemd';
  const UNIT = 'cgdeck-test-other.service';
  const OTHER = `/system.slice/${UNIT}`;

  function service(unit: string, argv: readonly string[], ...properties: string[]): void {
    units.push(unit);
    run('systemd-run', '--quiet', '--collect', `--unit=${unit}`, ...properties.map((property) => `--property=${property}`), ...argv);
  }

  async function start(): Promise<Deck> {
    roots.push(ROOT);
    deck = await Deck.start({ folder, args: ['--root', ROOT, '--state-dir', join(folder, 'state'), '--run-dir', join(folder, 'run')] });
    return deck;
  }

  test('what is launched keeps its limits, and their controllers, whatever units come, go and are reloaded', async () => {
    const here = await start();
    const limits = { 'memory.max': '64M', 'cpu.weight': '50', 'pids.max': '20', 'cpuset.cpus': '0' };
    const { group } = await here.done<LaunchAnswer>('POST', '/launch', { name: 'rest', argv: SLEEP, limits });
    const before = kernel(group, 'cgroup.controllers');
    expect(before.split(' ')).toEqual(expect.arrayContaining(['cpu', 'cpuset', 'memory', 'pids']));
    service(UNIT, SLEEP, 'MemoryMax=50M', 'CPUWeight=20', 'AllowedCPUs=0');
    systemctl('daemon-reload');
    systemctl('stop', UNIT);
    systemctl('daemon-reload');
    expect(kernel(group, 'cgroup.controllers')).toBe(before);
    expect(kernel(group, 'memory.max')).toBe(String(64 * MIB));
    expect(['cpu.weight', 'pids.max', 'cpuset.cpus'].map((name) => kernel(group, name))).toEqual(['50', '20', '0']);
  });

  test('what systemd runs is shown with its limits, its changes, its freezer, its rules of devices and its kills, and is not touched', async () => {
    const here = await start();
    service(UNIT, SLEEP, 'MemoryMax=50M', 'DevicePolicy=closed');
    await until(async () => (await here.ask('GET', `/api/v1/groups${OTHER}`)).status === 200);
    await until(async () => (await here.group(OTHER)).readings['memory.max'] === 50 * MIB);
    expect(await here.group(OTHER)).toMatchObject({ managed: false });
    for (const [path, body] of [
      [`/files${OTHER}/memory.max`, { value: '60M' }],
      [`/files${OTHER}/cgroup.kill`, { value: '1' }],
    ] as const)
      expect(await here.refused('PUT', path, body)).toMatchObject({ code: 'protected' });
    expect(await here.refused('POST', '/freeze', { group: OTHER })).toMatchObject({ code: 'protected' });

    systemctl('set-property', '--runtime', UNIT, 'MemoryMax=60M');
    const write = await firstEvent(here, OTHER, 'write');
    expect(write).toMatchObject({ file: 'memory.max', old: String(50 * MIB), new: String(60 * MIB) });
    expect(write.by).toBeUndefined();
    systemctl('freeze', UNIT);
    expect(await firstEvent(here, OTHER, 'freeze')).not.toHaveProperty('by');
    expect(await here.group(OTHER)).toMatchObject({ state: 'frozen' });
    systemctl('thaw', UNIT);
    await firstEvent(here, OTHER, 'thaw');
    expect(JSON.stringify(await here.get(`/devices${OTHER}`))).toContain('sd_devices');

    service('cgdeck-test-leak.service', [LOAD, 'leak', '20'], 'MemoryMax=30M', 'MemorySwapMax=0');
    expect(await firstEvent(here, '/system.slice/cgdeck-test-leak.service', 'oom_kill')).toMatchObject({ victim: { comm: 'cgdeck-load' } });
  });

  test('as a service: its stop leaves what was launched and who takes its output, and its next start finds both', async () => {
    const address = '127.0.0.1:7599';
    const settings = { TOKEN, LISTEN: address, ROOT, STATE_DIR: join(folder, 'state'), RUN_DIR: join(folder, 'run') };
    const environment = Object.entries(settings).map(([name, value]) => `Environment=CGDECK_${name}=${value}\n`);
    copyFileSync(join(CLONE, 'docs', UNIT_FILE), join(UNITS, UNIT_FILE));
    mkdirSync(join(UNITS, `${UNIT_FILE}.d`));
    writeFileSync(join(UNITS, `${UNIT_FILE}.d`, 'here.conf'), `[Service]\nWorkingDirectory=${CLONE}\n${environment.join('')}`);
    systemctl('daemon-reload');
    units.push(UNIT_FILE);
    roots.push(ROOT);
    const here = new DeckAt(address);
    const begin = async () => {
      systemctl('start', UNIT_FILE);
      await until(() =>
        here.host().then(
          () => true,
          () => false,
        ),
      );
    };
    await begin();
    const argv = ['sh', '-c', 'trap "echo still here" USR1; while :; do sleep 1; done'];
    const { group, pid } = await here.done<LaunchAnswer>('POST', '/launch', { name: 'rest', argv, limits: { 'memory.max': '64M' } });
    // What the kernel chooses first when the machine is out of memory.
    const scores = [systemctl('show', '-P', 'MainPID', UNIT_FILE), pid].map((one) =>
      readFileSync(`/proc/${one}/oom_score_adj`, 'utf8').trim(),
    );
    expect(scores).toEqual(['-900', '0']);
    systemctl('stop', UNIT_FILE);
    expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('sh\n');
    expect(kernel(group, 'memory.max')).toBe(String(64 * MIB));
    await begin();
    expect(await here.group(group)).toMatchObject({ managed: true, launched: { pid } });
    process.kill(pid, 'SIGUSR1');
    await until(async () => JSON.stringify(await here.get(`/output?group=${encodeURIComponent(group)}`)).includes('still here'));
    await here.done('POST', '/kill', { group });
    expect(await firstEvent(here, group, 'exit')).toMatchObject({ pid, signal: 'SIGKILL' });
    systemctl('stop', UNIT_FILE);
    expect(existsSync(`${MOUNT}/system.slice/${UNIT_FILE}`)).toBe(false);
  });
});
