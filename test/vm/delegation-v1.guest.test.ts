// cgdeck without root, in groups of v1 that were given to a user: what it does there, and what it and the kernel refuse outside.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KernelView } from '../../server/agent/fixtures/kernel-view.ts';
import { Layout } from '../../server/agent/kernel/hierarchy/layout.ts';
import { readHierarchies } from '../../server/agent/kernel/hierarchy/mounts.ts';
import type { LaunchAnswer } from '../../server/contract/launched.ts';
import { Deck } from './fixtures/deck.ts';
import { until } from './fixtures/unified-groups.ts';

const UID = 1000;
const ROOT = '/cgdeck-test-given';
const AS_USER = `setpriv --reuid ${UID} --regid ${UID} --clear-groups`;
const layout = new Layout(readHierarchies());
const kernel = new KernelView(layout);
let folder: string;
let deck: Deck | undefined;

/** cgroups.rst requires no more than that the files are the user's; a cpuset that is empty would accept no process. */
function give(group: string): void {
  for (const hierarchy of layout.hierarchies) {
    const dir = layout.dir(hierarchy, group);
    mkdirSync(dir);
    for (const file of hierarchy.controllers.includes('cpuset') ? ['cpuset.cpus', 'cpuset.mems'] : [])
      writeFileSync(join(dir, file), readFileSync(join(dir, '..', file)));
    for (const name of ['', ...readdirSync(dir)]) chownSync(join(dir, name), UID, UID);
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-user-'));
  chownSync(folder, UID, UID);
  give(ROOT);
});

afterEach(async () => {
  await deck?.stop();
  deck = undefined;
  await until(() => kernel.members(ROOT).flat().length === 0);
  for (const hierarchy of layout.hierarchies) rmdirSync(layout.dir(hierarchy, ROOT));
  rmSync(folder, { recursive: true, force: true });
});

const start = () => Deck.start({ before: `set -- ${AS_USER} "$@"`, folder, args: ['--root', ROOT] });

test('it makes groups there, limits, freezes, thaws and removes them, and touches nothing outside', async () => {
  deck = await start();
  const host = await deck.host();
  expect(host).toMatchObject({ mode: layout.mode, managedRoot: ROOT });
  expect(host.missing.join('\n')).toMatch(/does not run as root/);
  const path = `${ROOT}/a`;
  await deck.done('POST', '/groups', { path, limits: { 'memory.limit_in_bytes': '64M', 'pids.max': 9 } });
  expect(kernel.where(path)).toEqual(kernel.everywhere);
  expect(kernel.read(path, 'memory.limit_in_bytes')).toBe(String(64 * 2 ** 20));
  expect(await deck.done('PUT', `/files${path}/cpu.shares`, { value: 1 })).toMatchObject({ asked: '1', new: '2' });
  expect(await deck.done('POST', '/freeze', { group: path })).toMatchObject({ state: 'frozen' });
  expect(kernel.isFrozen(path)).toBe(true);
  expect(await deck.done('POST', '/thaw', { group: path })).toMatchObject({ state: 'thawed' });
  expect(await deck.refused('PUT', '/files/memory.limit_in_bytes', { value: '1G' })).toMatchObject({ code: 'protected' });
  await deck.done('DELETE', `/groups${path}`);
  expect(kernel.where(path)).toEqual([]);
});

test('it launches there, in a user namespace, freezes and kills what it launched, and reports the end', async () => {
  deck = await start();
  const limits = { 'memory.limit_in_bytes': '64M', 'pids.max': 20 };
  const { group, pid } = await deck.done<LaunchAnswer>('POST', '/launch', { name: 'mine', argv: ['/bin/sleep', '1000'], limits });
  for (const pids of kernel.members(group)) expect(pids).toContain(pid);
  expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(new RegExp(`^Uid:\t${UID}\t`, 'm'));
  expect(await deck.done('POST', '/freeze', { group })).toMatchObject({ state: 'frozen' });
  await deck.done('POST', '/thaw', { group });
  expect(await deck.done<{ killed: number[] }>('POST', '/kill', { group })).toMatchObject({ killed: expect.arrayContaining([pid]) });
  const { events } = await deck.get<{ events: { pid?: number; signal?: string }[] }>(
    `/events?kind=exit&group=${encodeURIComponent(group)}`,
  );
  expect(events).toContainEqual(expect.objectContaining({ pid, signal: 'SIGKILL' }));
  await deck.done('DELETE', `/groups${group}`);
});

test('a kill of a group with a process of another user is refused with that reason, and nothing stays frozen', async () => {
  deck = await start();
  const path = `${ROOT}/foreign`;
  await deck.done('POST', '/groups', { path });
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  try {
    for (const hierarchy of layout.hierarchies) writeFileSync(join(layout.dir(hierarchy, path), 'cgroup.procs'), String(child.pid));
    const problem = await deck.refused('POST', '/kill', { group: path });
    expect(problem).toMatchObject({ code: 'busy', file: path });
    expect(problem.detail).toMatch(/another user/);
    expect(kernel.isFrozen(path)).toBe(false);
    expect(child.signalCode).toBeNull();
    expect(kernel.members(path).every((pids) => pids.includes(Number(child.pid)))).toBe(true);
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  await deck.done('DELETE', `/groups${path}`);
});

test('an OOM kill there is reported, by the kernel’s counter', async () => {
  deck = await start();
  const limits = { 'memory.limit_in_bytes': '16M' };
  const { group } = await deck.done<LaunchAnswer>('POST', '/launch', { name: 'full', argv: ['/usr/bin/tail', '/dev/zero'], limits });
  // No pressure before it: memory.pressure_level may be read by root only, and registering for it asks for that.
  await until(async () => {
    const { events = [] } = (await deck?.get<{ events: { kind: string }[] }>(`/events?group=${encodeURIComponent(group)}`)) ?? {};
    return ['oom_kill', 'exit'].every((kind) => events.some((event) => event.kind === kind));
  });
  expect(kernel.measure(group, 'oom-kills')).toBe('1');
  await deck.done('DELETE', `/groups${group}`);
});
