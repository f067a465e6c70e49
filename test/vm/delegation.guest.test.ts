// cgdeck without root, in a part of the tree that was delegated to a user: what it does there, and what the kernel and it refuse outside.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import type { CallAnswer } from '../../server/contract/calls.ts';
import type { LaunchAnswer } from '../../server/contract/launched.ts';
import { Deck, modeOf } from './fixtures/deck.ts';
import { clear, file, kernel, MOUNT, until } from './fixtures/unified-groups.ts';

const UID = 1000;
const DELEGATED = '/cgdeck-test-delegated';
const OUTSIDE = '/cgdeck-test-outside';
const ROOT = `${DELEGATED}/cgdeck`;
const AS_USER = `setpriv --reuid ${UID} --regid ${UID} --clear-groups`;
let folder: string;
let children: ChildProcess[];

/** What a delegation is (cgroup-v2.rst, “Delegation”). */
function delegate(group: string): void {
  mkdirSync(MOUNT + group);
  chownSync(MOUNT + group, UID, UID);
  for (const name of ['cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads']) chownSync(file(group, name), UID, UID);
}

function prepare(): void {
  children = [];
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-user-'));
  chownSync(folder, UID, UID);
  delegate(DELEGATED);
  mkdirSync(MOUNT + OUTSIDE);
}

async function cleanUp(deck: Deck | undefined): Promise<void> {
  await deck?.stop();
  for (const child of children) child.kill('SIGKILL');
  for (const group of [DELEGATED, OUTSIDE]) {
    await clear(group);
  }
  rmSync(folder, { recursive: true, force: true });
}

function start(args: readonly string[] = [], as = AS_USER): Promise<Deck> {
  return Deck.start({ before: `echo $$ > ${file(DELEGATED, 'cgroup.procs')}\nset -- ${as} "$@"`, folder, args });
}

/** A process of the user's, or of root's, in a group. */
function processIn(group: string, as = AS_USER): number {
  const child = spawn('/bin/sh', ['-c', `echo $$ > ${file(group, 'cgroup.procs')}; exec ${as} sleep 1000`], { stdio: 'ignore' });
  children.push(child);
  return child.pid ?? 0;
}

/** One deck for all that does not end it: its start takes a machine longer than a test. */
describe('in its part', () => {
  let deck: Deck;
  beforeAll(async () => {
    prepare();
    deck = await start();
  });
  afterAll(() => cleanUp(deck));

  test('it finds its part, moves to a leaf, and keeps its folders and its socket to the user', async () => {
    const host = await deck.host();
    expect(host.managedRoot).toBe(ROOT);
    expect(host.missing.join('\n')).toMatch(/does not run as root/);
    expect(deck.lines.filter((line) => line.startsWith('Missing: '))).toEqual(host.missing.map((sentence) => `Missing: ${sentence}`));
    expect(kernel(DELEGATED, 'cgroup.procs')).toBe('');
    expect(kernel(`${DELEGATED}/cgdeck-self`, 'cgroup.procs').split('\n').map(Number)).toEqual(
      expect.arrayContaining([deck.process.pid, ...deck.children()]),
    );
    for (const pid of deck.children()) {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      expect(status).toMatch(new RegExp(`^Uid:\\t${UID}\\t${UID}\\t${UID}\\t${UID}$`, 'm'));
      expect(status).toMatch(/^CapEff:\t0+$/m);
    }
    const state = join(folder, '.local/state/cgdeck');
    for (const path of [state, join(state, 'run')]) expect(modeOf(path)).toBe('700');
    expect(modeOf(join(state, 'run/agent.sock'))).toBe('600');
    // It is shown, and cannot be changed.
    expect(await deck.group('/')).toMatchObject({ managed: false });
    for (const group of [OUTSIDE, DELEGATED]) {
      expect((await deck.group(group)).readings['memory.current']).toBeTypeOf('number');
      expect(await deck.refused('PUT', `/files${group}/memory.high`, { value: '64M' })).toMatchObject({ code: 'protected' });
    }
  });

  test('a signal to another user’s process, within reach or not, is refused with a sentence', async () => {
    await deck.done('POST', '/groups', { path: `${ROOT}/roots` });
    const pid = processIn(`${ROOT}/roots`, '');
    await until(() => kernel(`${ROOT}/roots`, 'cgroup.procs') === String(pid));
    const problem = await deck.refused('POST', '/kill', { pid, signal: 'SIGTERM' });
    expect(problem).toMatchObject({ code: 'kernel_refused', errno: 'EPERM' });
    expect(problem.detail).toMatch(/another user/);
    // cgroup.kill asks who owns the group, not who owns the process.
    expect(await deck.done('POST', '/kill', { group: `${ROOT}/roots` })).toMatchObject({ killed: [pid] });
  });

  test('a launch is the user outside and root inside, sees no home, and joins, is limited, and ends like any', async () => {
    writeFileSync(join(folder, 'secret'), 'secret');
    chownSync(join(folder, 'secret'), UID, UID);
    const script = `id -u; ls -A ${folder}; touch /usr/x 2>&1; grep CapEff /proc/self/status; echo y > /var/tmp/y && echo written; exec sleep 1000`;
    const { group, pid } = await deck.done<LaunchAnswer>('POST', '/launch', {
      name: 'own',
      argv: ['/bin/sh', '-c', script],
      limits: { 'memory.max': '64M' },
    });
    const output = async (id = 'main') => {
      const { chunks } = await deck.get<CallAnswer<'output'>>(`/output?group=${encodeURIComponent(group)}&id=${id}`);
      return chunks.map(({ text }) => text).join('');
    };
    await until(async () => (await output()).includes('written'));
    const text = await output();
    expect(text).toMatch(/^0\n/);
    expect(text).not.toContain('secret');
    expect(text).toContain('Read-only file system');
    expect(text).toMatch(/CapEff:\t0+$/m);
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(new RegExp(`^Uid:\\t${UID}\\t`, 'm'));
    expect(kernel(group, 'cgroup.procs').split('\n')).toContain(String(pid));
    const joined = await deck.done<{ id: string }>('POST', '/join', {
      group,
      argv: ['/bin/sh', '-c', 'echo joined; id -u; ls -A /proc/1'],
    });
    await until(async () => (await output(joined.id)).includes('joined'));
    for (const [change, asked] of [
      [{ namespaces: ['pid', 'mnt'] }, 'namespaces'],
      [{ network: 'routed' }, 'network'],
      [{ overlay: {} }, 'overlay'],
      [{ binds: [{ source: '/var', writable: true }] }, 'binds'],
    ] as const) {
      const problem = await deck.refused('POST', '/launch', { name: 'more', argv: ['/bin/true'], ...change });
      expect(problem.asked, problem.detail).toBe(asked);
    }
    expect(existsSync(`${MOUNT}${ROOT}/more`)).toBe(false);
    expect(await deck.done('POST', '/stop', { group, graceMs: 500 })).toMatchObject({ how: expect.stringMatching(/ended|killed/) });
  });

  test('its end leaves the leaf that it moved to, and nothing else', async () => {
    expect(await deck.stop()).toBe(0);
    expect(readdirSync(MOUNT + DELEGATED, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))).toEqual([
      'cgdeck-self',
    ]);
  });
});

describe('with decks of their own', () => {
  let deck: Deck | undefined;
  beforeEach(prepare);
  afterEach(async () => {
    await cleanUp(deck);
    deck = undefined;
  });

  test('a user to whom nothing was delegated reads why, and nothing is started', async () => {
    await expect(Deck.start({ before: `set -- ${AS_USER} "$@"`, folder })).rejects.toThrow(/delegated.*--root/);
  });

  test('it makes groups, limits, freezes, moves within, kills, and explains what the kernel keeps within', async () => {
    deck = await start(['--control', '/**']);
    await deck.done('POST', '/groups', { path: `${ROOT}/a`, limits: { 'memory.max': '64M', 'pids.max': 9 } });
    await deck.done('POST', '/groups', { path: `${ROOT}/b` });
    expect(kernel(`${ROOT}/a`, 'memory.max')).toBe(String(64 * 2 ** 20));
    expect(await deck.done('PUT', `/files${ROOT}/a/cpu.weight`, { value: 50 })).toMatchObject({ new: '50' });
    const pid = processIn(`${ROOT}/a`);
    await until(() => kernel(`${ROOT}/a`, 'cgroup.procs') === String(pid));
    expect(await deck.done('POST', '/freeze', { group: `${ROOT}/a` })).toMatchObject({ state: 'frozen' });
    expect(await deck.done('POST', '/thaw', { group: `${ROOT}/a` })).toMatchObject({ state: 'thawed' });
    expect(await deck.done('POST', '/attach', { pid, group: `${ROOT}/b` })).toMatchObject({ from: `${ROOT}/a` });
    // Both ends may be written to, and what is above both may not.
    const foreign = processIn(OUTSIDE);
    await until(() => kernel(OUTSIDE, 'cgroup.procs') === String(foreign));
    for (const asked of [
      { pid: foreign, group: `${ROOT}/b` },
      { pid, group: OUTSIDE },
    ]) {
      const problem = await deck.refused('POST', '/attach', asked);
      expect(problem).toMatchObject({ code: 'kernel_refused', errno: 'EACCES' });
      expect(problem.detail).toMatch(/nearest group above both.*nsdelegate/);
    }
    expect(kernel(`${ROOT}/b`, 'cgroup.procs')).toBe(String(pid));
    expect(await deck.refused('PUT', `/files${OUTSIDE}/memory.high`, { value: '64M' })).toMatchObject({ errno: 'EACCES' });
    expect(await deck.refused('POST', '/groups', { path: '/cgdeck-test-refused' })).toMatchObject({ errno: 'EACCES' });
    expect(await deck.done('POST', '/kill', { group: `${ROOT}/b` })).toMatchObject({ killed: [pid] });
    await deck.done('DELETE', `/groups${ROOT}/b`);
  });

  test('a guard holds a group; with all of cgdeck killed but the watchdog, the group has its own again and goes on', async () => {
    deck = await start();
    const group = `${ROOT}/guarded`;
    await deck.done('POST', '/groups', { path: group, limits: { 'memory.max': '96M', 'memory.swap.max': 0 } });
    await deck.done('PUT', '/guards', { pattern: group, plan: { line: '90%', deadlineSeconds: 3600 } });
    const load = `exec ${AS_USER} '${join(buildDir, 'cgdeck-load')}' leak 60 90`;
    const child = spawn('/bin/sh', ['-c', `echo $$ > ${file(group, 'cgroup.procs')}; ${load}`], { stdio: 'ignore' });
    children.push(child);
    const ended = once(child, 'exit');
    await until(() => /^frozen 1$/m.test(kernel(group, 'cgroup.events')));
    expect((await deck.get<CallAnswer<'holds'>>('/holds')).holds).toMatchObject([{ group, reason: 'line' }]);
    for (const pid of [deck.process.pid ?? 0, ...deck.children()]) process.kill(pid, 'SIGKILL');
    expect(await ended).toEqual([0, null]);
    await until(() => kernel(group, 'memory.high') === 'max');
    expect([kernel(group, 'memory.max'), kernel(group, 'cgroup.freeze')]).toEqual([String(96 * 2 ** 20), '0']);
  });

  test('where a user may make no namespaces, that is reported at start, and everything else works', async () => {
    writeFileSync('/proc/sys/user/max_user_namespaces', '0');
    try {
      deck = await start();
      expect((await deck.host()).missing.join('\n')).toMatch(/Nothing can be launched without root/);
      const problem = await deck.refused('POST', '/launch', { name: 'no', argv: ['/bin/true'] });
      expect(problem).toMatchObject({ code: 'unsupported', detail: expect.stringContaining('user.max_user_namespaces') });
      await deck.done('POST', '/groups', { path: `${ROOT}/a`, limits: { 'pids.max': 5 } });
    } finally {
      writeFileSync('/proc/sys/user/max_user_namespaces', '1000');
    }
  });

  test('with another process in its group it does without controllers, and names that process', async () => {
    const other = processIn(DELEGATED);
    await until(() => kernel(DELEGATED, 'cgroup.procs') === String(other));
    deck = await start();
    expect((await deck.host()).missing.join('\n')).toMatch(new RegExp(`${DELEGATED} contains 1 process.*\\(sleep ${other}\\).*no limits`));
    await deck.done('POST', '/groups', { path: `${ROOT}/a` });
    const pid = processIn(`${ROOT}/a`);
    await until(() => kernel(`${ROOT}/a`, 'cgroup.procs') === String(pid));
    expect(await deck.done('POST', '/freeze', { group: `${ROOT}/a` })).toMatchObject({ state: 'frozen' });
    await deck.done('POST', '/thaw', { group: `${ROOT}/a` });
    expect((await deck.refused('PUT', `/files${ROOT}/a/memory.max`, { value: '64M' })).detail).toContain('cgroup.subtree_control');
    expect(kernel(DELEGATED, 'cgroup.procs')).toBe(String(other));
  });
});
