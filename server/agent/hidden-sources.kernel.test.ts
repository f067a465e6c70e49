// Machines that hide processes, files or notices from cgdeck: it starts, reports what is lost, and does the rest.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import type { CallAnswer, CallInput, CallName } from '../contract/calls.ts';
import type { ProblemError } from '../contract/problems.ts';
import { KernelView } from './fixtures/kernel-view.ts';
import { Layout } from './kernel/hierarchy/layout.ts';
import { readHierarchies } from './kernel/hierarchy/mounts.ts';

const layout = new Layout(readHierarchies());
const kernel = new KernelView(layout);
const FIXTURE = join(import.meta.dirname, 'fixtures', 'agent-apart.ts');

let number = 0;
let root: string;
let agent: ChildProcess;
let lines: AsyncIterator<string>;
let outsiders: ChildProcess[] = [];

/** Starts the agent by a command that ends in executing its arguments. */
async function start(...command: readonly [string, ...string[]]): Promise<string> {
  root = `/cgdeck-test-apart-${process.pid}-${++number}`;
  const [file, ...args] = command;
  agent = spawn(file, [...args, process.execPath, FIXTURE, root], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (!agent.stdout) throw new Error('no pipe');
  lines = createInterface({ input: agent.stdout })[Symbol.asyncIterator]();
  await answered();
  return (await call('host', {})).missing.join('\n');
}

const inShell = (setup: string, ...unshare: string[]) => start('unshare', ...unshare, 'sh', '-ec', `${setup}; exec "$@"`, 'sh');

async function answered(): Promise<{ answer?: unknown; problem?: ProblemError['problem'] }> {
  const { value, done } = await lines.next();
  if (done) throw new Error('the agent has ended');
  return JSON.parse(value);
}

async function asked<N extends CallName>(name: N, params: CallInput<N>) {
  agent.stdin?.write(`${JSON.stringify({ name, params })}\n`);
  return answered();
}

async function call<N extends CallName>(name: N, params: CallInput<N>): Promise<CallAnswer<N>> {
  const { answer, problem } = await asked(name, params);
  expect(problem).toBeUndefined();
  return answer as CallAnswer<N>;
}

const refused = async <N extends CallName>(name: N, params: CallInput<N>) => (await asked(name, params)).problem;

/** A process of this test, in the group in v1's hierarchies, and in v2's if asked. */
function outsider(group: string, versions: readonly number[]): ChildProcess {
  const child = spawn('/bin/sleep', ['1000'], { stdio: 'ignore' });
  outsiders.push(child);
  for (const hierarchy of layout.hierarchies)
    if (versions.includes(hierarchy.version)) writeFileSync(`${layout.dir(hierarchy, group)}/cgroup.procs`, String(child.pid));
  return child;
}

afterEach(async () => {
  for (const child of outsiders) child.kill('SIGKILL');
  await Promise.all(outsiders.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  outsiders = [];
  agent.stdin?.end();
  if (agent.exitCode === null) await once(agent, 'exit');
  expect(kernel.where(root), `${root} is left`).toEqual([]);
});

test('in its own pid namespace: a kill is never done while a process outside of it lives', async () => {
  expect(await start('unshare', '--pid', '--fork', '--mount-proc')).toMatch(/in its own pid namespace/);
  const path = `${root}/a`;
  await call('createGroup', { path });
  if (layout.mode !== 'v2') {
    const child = outsider(path, [1]);
    const left = { code: 'busy', detail: expect.stringContaining('outside of the pid namespace') };
    expect(await refused('kill', { group: path })).toMatchObject(left);
    expect(await refused('removeGroup', { path, kill: true })).toMatchObject(left);
    expect(child.signalCode).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  const child = outsider(path, [1, 2]);
  await call('kill', { group: path });
  if (child.signalCode === null) await once(child, 'exit');
  expect(kernel.members(path).flat()).toEqual([]);
});

test('in its own pid namespace, where nothing reaps orphans: a group with processes that have ended is killed and removed', async () => {
  await start('unshare', '--pid', '--fork', '--mount-proc');
  const script = '(sh -c "exit 0" & exec sleep 1000) & exec sleep 1000';
  const { group } = await call('launch', { name: 'orphans', argv: ['/bin/sh', '-c', script], namespaces: [] });
  await expect.poll(() => kernel.members(group).flat().length, { timeout: 60_000 }).toBeGreaterThan(1);
  await call('kill', { group });
  await call('removeGroup', { path: group, kill: true });
  expect(kernel.where(group)).toEqual([]);
});

test('with the /proc of another pid namespace: everything is shown, nothing is changed', async () => {
  expect(await start('unshare', '--pid', '--fork')).toMatch(/\/proc belongs to another pid namespace/);
  expect(await refused('createGroup', { path: `${root}/a` })).toMatchObject({ code: 'protected' });
  expect((await call('groups', {})).groups.map(({ path }) => path)).toContain('/');
});

test('with processes alone in /proc: the rest works', async () => {
  expect(await inShell('mount -t proc -o subset=pid proc /proc', '--mount')).toMatch(/mounted with subset=pid/);
  const path = `${root}/a`;
  await call('createGroup', { path });
  const child = outsider(path, [1, 2]);
  expect((await call('kill', { group: path })).killed).toEqual([child.pid]);
});

test('with the processes of others hidden: groups are killed all the same', async () => {
  const setup = 'mount -t proc -o hidepid=2,gid=12345 proc /proc';
  expect(await inShell(`${setup}; set -- setpriv --bounding-set=-sys_ptrace "$@"`, '--mount')).toMatch(
    /hides the processes of other users/,
  );
  const path = `${root}/a`;
  await call('createGroup', { path });
  for (const versions of [[1], [1, 2]]) {
    if (layout.mode === 'v2' && !versions.includes(2)) continue;
    const child = outsider(path, versions);
    // They cannot be named, and are not left out of the number.
    expect(await call('processes', { group: path })).toEqual({ processes: [], total: 1 });
    expect((await call('kill', { group: path })).killed).toEqual([child.pid]);
  }
});

test.each([
  ['instances', /inotify instances of this user are used up/],
  ['watches', /inotify watches of this user are used up/],
])('without inotify %s: what is written and made is still seen', async (what, sentence) => {
  // A user namespace has limits of its own. One watch is too few on every machine: there are the root and the managed root.
  const missing = await inShell(`echo ${what === 'watches' ? 1 : 0} > /proc/sys/user/max_inotify_${what}`, '--user', '--map-root-user');
  expect(missing).toMatch(sentence);
  const path = `${root}/a`;
  await call('createGroup', { path });
  await call('writeFile', { path, file: 'pids.max', value: 7 });
  const read = async () => (await call('group', { path })).readings['pids.max'];
  await expect.poll(read, { timeout: 60_000 }).toBe(7);
  writeFileSync(kernel.path(path, 'pids.max'), '8');
  await expect.poll(read, { timeout: 60_000 }).toBe(8);
});

test('without pressure readings that is reported', async () => {
  const { unified } = layout;
  if (!unified) throw new Error('there is no unified hierarchy');
  expect(readFileSync(join(unified.mountPoint, 'memory.pressure'), 'utf8')).toMatch(/^some /);
  // Also the machine's, which the root group of v2 lacks before Linux 5.2.
  const sources = [join(unified.mountPoint, 'memory.pressure'), '/proc/pressure/memory'].filter((path) => existsSync(path));
  const hide = sources.map((path) => `mount --bind /dev/null ${path}`).join('; ');
  expect(await inShell(hide, '--mount')).toMatch(/measures no pressure/);
  expect(execFileSync('cat', [join(unified.mountPoint, 'memory.pressure')], { encoding: 'utf8' })).toMatch(/^some /);
});
