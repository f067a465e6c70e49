// Where the agent may run: inside a container of one kind or another, with fewer capabilities, or on a tree that is unmounted under it. What can
// be shown is shown, what cannot be done is reported at start, and nothing ends it.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Deck } from './fixtures/deck.ts';
import { clear, file, kernel, MOUNT, until } from './fixtures/unified-groups.ts';

/** What a container's runtime would have made for it. */
const OUTER = '/cgdeck-test-container';
let folder: string;
let deck: Deck | undefined;
let children: ChildProcess[];

beforeEach(() => {
  children = [];
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-standpoint-'));
  // The web process passes through it.
  chmodSync(folder, 0o755);
  for (const group of [OUTER, `${OUTER}/beside`]) mkdirSync(MOUNT + group);
});

afterEach(async () => {
  await deck?.stop();
  deck = undefined;
  for (const child of children) child.kill('SIGKILL');
  for (const group of [OUTER, ...(existsSync(`${MOUNT}/cgdeck`) ? ['/cgdeck'] : [])]) {
    await clear(group);
  }
  rmSync(folder, { recursive: true, force: true });
});

function start(lines: readonly string[], args: readonly string[] = []): Promise<Deck> {
  const dirs = ['--state-dir', join(folder, 'state'), '--run-dir', join(folder, 'run')];
  return Deck.start({ before: lines.join('\n'), folder, args: [...dirs, '--interval', '200', ...args] });
}

/** Runs the rest of the lines in namespaces of its own. */
function inside(namespaces: string, script: string): string {
  return `set -- unshare ${namespaces} --propagation private sh -ec '${script}\nexec "$@"' sh "$@"`;
}

const enter = `echo $$ > ${file(OUTER, 'cgroup.procs')}`;
const missing = async () => (await (deck as Deck).host()).missing.join('\n');

test('a private cgroup namespace, with its own part mounted and writable: a managed root of its own in it', async () => {
  deck = await start([enter, inside('--mount --cgroup', `umount -l ${MOUNT}; mount -t cgroup2 cgroup2 ${MOUNT}`)]);
  expect(await missing()).toMatch(/its own cgroup namespace/);
  expect(await missing()).toMatch(/kernel log has the machine’s paths of groups/);
  expect(await missing()).not.toMatch(/hand/);
  // It has moved to a leaf: its group, the root here, hands controllers down.
  expect(kernel(OUTER, 'cgroup.procs')).toBe('');
  await deck.done('POST', '/groups', { path: '/cgdeck/a', limits: { 'memory.max': '64M' } });
  expect(kernel(`${OUTER}/cgdeck/a`, 'memory.max')).toBe(String(64 * 2 ** 20));
  for (const group of ['/', '/cgdeck-self'])
    expect(['protected', 'self_protected']).toContain((await deck.refused('POST', '/freeze', { group })).code);
  expect(await deck.done('POST', '/launch', { name: 'in', argv: ['/bin/sleep', '1000'] })).toMatchObject({ group: '/cgdeck/in' });
  expect(kernel(`${OUTER}/cgdeck/in`, 'cgroup.events')).toMatch(/populated 1/);
});

test('a read-only tree: everything is shown, nothing can be changed, and it reports that', async () => {
  deck = await start([enter, inside('--mount', `mount -o remount,bind,ro ${MOUNT}`)]);
  expect(await missing()).toMatch(/mounted read-only at \/sys\/fs\/cgroup/);
  expect((await deck.group(`${OUTER}/beside`)).readings['cgroup.freeze']).toBe(0);
  const problem = await deck.refused('POST', '/groups', { path: '/cgdeck/a' });
  expect(problem).toMatchObject({ errno: 'EROFS' });
  expect(problem.detail).toMatch(/read-only/);
  expect((await deck.refused('POST', '/launch', { name: 'no', argv: ['/bin/true'] })).detail).toMatch(/read-only/);
});

test('a part of the tree, bound in place of the whole: our own group is known there and protected', async () => {
  deck = await start([enter, inside('--mount', `mount --bind ${MOUNT}${OUTER} ${MOUNT}`)]);
  expect(await missing()).toMatch(new RegExp(`Only a part of a hierarchy is mounted at ${MOUNT}: .* the group ${OUTER}`));
  await deck.done('POST', '/groups', { path: '/cgdeck/a', limits: { 'pids.max': 5 } });
  expect(kernel(`${OUTER}/cgdeck/a`, 'pids.max')).toBe('5');
  expect((await deck.group('/cgdeck-self')).self).toBe(true);
  // A process from outside of it is somebody else's.
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  children.push(child);
  writeFileSync(file(`${OUTER}/beside`, 'cgroup.procs'), String(child.pid));
  expect(await deck.refused('POST', '/attach', { pid: child.pid, group: '/cgdeck/a' })).toMatchObject({ code: 'protected' });
});

test('a tree from beyond its own namespace: looked at, and left alone', async () => {
  deck = await start([enter, inside('--cgroup --mount', 'true')]);
  expect(await missing()).toMatch(/shows groups above the cgroup namespace of cgdeck/);
  expect((await deck.group(`${OUTER}/beside`)).managed).toBe(false);
  expect(await deck.refused('POST', '/groups', { path: '/cgdeck/a' })).toMatchObject({ code: 'protected' });
  expect(existsSync(`${MOUNT}/cgdeck`)).toBe(false);
});

test('without CAP_SYS_ADMIN and without a kernel log it starts, reports what it cannot do, and does the rest', async () => {
  const without = '-sys_admin,-syslog,-net_admin,-sys_resource';
  // The last line is the outermost: what it mounts is there before the capability goes.
  deck = await start(
    [`set -- setpriv --bounding-set ${without} --inh-caps ${without} "$@"`, inside('--mount', 'mount --bind /dev/null /dev/kmsg')],
    ['--control', '/'],
  );
  const sentences = await missing();
  expect(sentences).toMatch(/Nothing can be launched.*CAP_SYS_ADMIN/);
  expect(sentences).toMatch(/routed network/i);
  expect(sentences).toMatch(/\/dev\/kmsg cannot be read/);
  await deck.done('POST', '/groups', { path: '/cgdeck/a', limits: { 'memory.max': '64M' } });
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  children.push(child);
  await deck.done('POST', '/attach', { pid: child.pid, group: '/cgdeck/a' });
  expect(await deck.done('POST', '/freeze', { group: '/cgdeck/a' })).toMatchObject({ state: 'frozen' });
  expect((await deck.refused('POST', '/launch', { name: 'no', argv: ['/bin/true'] })).detail).toMatch(/CAP_SYS_ADMIN/);
  expect(existsSync(`${MOUNT}/cgdeck/no`)).toBe(false);
  expect(await deck.done('POST', '/kill', { group: '/cgdeck/a' })).toMatchObject({ killed: [child.pid] });
});

test('a tree that is unmounted under it is reported as unmounted, nothing is done blindly, and it is found again', async () => {
  deck = await start([inside('--mount', 'true')], ['--control', '/']);
  const { pid } = deck.process;
  const within = (...args: string[]) => expect(spawnSync('nsenter', ['--mount', '--target', String(pid), ...args]).status).toBe(0);
  await deck.done('POST', '/groups', { path: '/cgdeck/a', limits: { 'pids.max': 7 } });
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  children.push(child);
  await deck.done('POST', '/attach', { pid: child.pid, group: '/cgdeck/a' });
  within('umount', '-l', MOUNT);
  expect(await missing()).toMatch(/not mounted at \/sys\/fs\/cgroup any more/);
  for (const [method, path, body] of [
    ['PUT', '/files/cgdeck/a/pids.max', { value: 9 }],
    ['POST', '/groups', { path: '/cgdeck/b' }],
    ['DELETE', '/groups/cgdeck/a?kill=true', undefined],
    ['POST', '/kill', { group: '/cgdeck/a' }],
    ['POST', '/freeze', { group: '/cgdeck/a' }],
    ['POST', '/launch', { name: 'c', argv: ['/bin/true'] }],
  ] as const)
    expect((await deck.refused(method, path, body)).detail, `${method} ${path}`).toMatch(/not mounted/);
  // What others do meanwhile comes to light when it is back; a limit that cannot be read is not shown as it was.
  writeFileSync(file('/cgdeck/a', 'pids.max'), '11');
  mkdirSync(`${MOUNT}/cgdeck/others`);
  await until(async () => (await (deck as Deck).group('/cgdeck/a')).readings['pids.max'] === undefined);
  within('mount', '-t', 'cgroup2', 'cgroup2', MOUNT);
  await until(async () => !(await missing()).includes('not mounted'));
  await until(async () => (await (deck as Deck).group('/cgdeck/a')).readings['pids.max'] === 11);
  await until(async () => (await (deck as Deck).ask('GET', '/api/v1/groups/cgdeck/others')).status === 200);
  const { events } = await deck.get<{ events: { kind: string; group: string }[] }>('/events?kind=remove');
  expect(events.filter(({ group }) => group.startsWith('/cgdeck'))).toEqual([]);
  expect(await deck.done('POST', '/kill', { group: '/cgdeck/a' })).toMatchObject({ killed: [child.pid] });
});
