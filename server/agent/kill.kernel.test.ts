// Kills and freezes: a kill thaws what it froze, and what a frozen group above makes impossible is refused at once.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('kill');

test('freezing stops the group, thawing lets it continue', async () => {
  const path = await agent.make('ice');
  agent.process(path, 'while :; do :; done');
  await agent.until(() => Number(agent.measured(path, 'cpu-usage') ?? 0) > 0);
  expect(await agent.call('freeze', { group: path })).toMatchObject({ state: 'frozen' });
  expect(agent.kernel.isFrozen(path)).toBe(true);
  const used = agent.kernel.measure(path, 'cpu-usage');
  await agent.ticks(3);
  expect(agent.kernel.measure(path, 'cpu-usage')).toBe(used);
  expect(await agent.call('thaw', { group: path })).toMatchObject({ state: 'thawed' });
  await agent.until(() => Number(agent.measured(path, 'cpu-usage')) > Number(used));
  expect(agent.events.filter(({ kind, group }) => group === path && (kind === 'freeze' || kind === 'thaw'))).toHaveLength(2);
});

test('a kill ends all processes, frozen or forking', async () => {
  const path = await agent.make('kill', { 'pids.max': 50 });
  agent.process(path, 'while :; do sleep 100 & sleep 0.01; done');
  // One of them may be the short sleep, which ends by itself.
  await agent.until(() => Number(agent.reading(path, 'cgroup.procs') ?? 0) > 6);
  await agent.call('freeze', { group: path });
  const { killed } = await agent.call('kill', { group: path });
  expect(killed.length).toBeGreaterThan(5);
  expect(agent.kernel.members(path).flat()).toEqual([]);
  expect((await agent.call('removeGroup', { path })).group).toBe(path);
});

test('a kill and a removal name the processes they ended, in answer and event', async () => {
  const { path, pid } = await agent.inhabited('named');
  const named = [{ pid, comm: 'sleep' }];
  const answer = await agent.call('kill', { group: path });
  expect(answer).toEqual({ killed: [pid], named });
  expect(await agent.event('kill', path)).toMatchObject({ pids: [pid], named, signal: 'SIGKILL', by: 'test' });
  const again = await agent.enter(path);
  await agent.call('removeGroup', { path, kill: true });
  expect(await agent.event('kill', path, ({ pids }) => pids.includes(again))).toMatchObject({ named: [{ pid: again, comm: 'sleep' }] });
});

test('a group with processes is not removed unless they are killed first', async () => {
  const { path } = await agent.inhabited('full');
  expect(await agent.refused('removeGroup', { path })).toMatchObject({ code: 'busy', errno: 'EBUSY' });
  expect((await agent.call('removeGroup', { path, kill: true })).killed.length).toBeGreaterThan(0);
});

test('a kill that waits in vain for a process leaves the group and its siblings thawed, and is not done', async () => {
  const all = await agent.make('all');
  const path = await agent.make('all/writer');
  const { path: sibling } = await agent.inhabited('all/sibling');
  const dir = mkdtempSync(join(tmpdir(), 'cgdeck-frozen-'));
  // Nothing ends a task that writes to a frozen file system.
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', dir]);
  try {
    execFileSync('sh', ['-ec', 'truncate -s 16M disk; mke2fs -q -t ext4 -F disk; mkdir fs; mount -o loop disk fs; fsfreeze --freeze fs'], {
      cwd: dir,
    });
    const pid = agent.process(path, `exec dd if=/dev/zero of='${dir}/fs/file' bs=1k count=1`);
    const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
    // It waits in openat(2).
    const waits = () => read('comm') === 'dd\n' && /^State:\s+D/m.test(read('status')) && read('syscall').startsWith('257 ');
    await expect.poll(waits, { timeout: 60_000 }).toBe(true);
    expect(await agent.refused('kill', { group: all })).toMatchObject({
      code: 'busy',
      detail: expect.stringContaining(`${pid}`),
    });
    for (const group of [all, path, sibling]) expect(agent.kernel.isFrozen(group)).toBe(false);
    execFileSync('fsfreeze', ['--unfreeze', join(dir, 'fs')]);
    await agent.until(() => agent.kernel.members(path).flat().length === 0);
  } finally {
    execFileSync('sh', ['-c', 'fsfreeze --unfreeze fs; umount --lazy fs; cd ..; umount --lazy "$1"', 'sh', dir], {
      cwd: dir,
      stdio: 'ignore',
    });
    rmdirSync(dir);
  }
});

describeOnMemory(1, 'v1', () => {
  test('below a frozen group, thaw, kill, removal and stop are refused at once, with its name', async () => {
    const above = await agent.make('above');
    const { path, pid } = await agent.inhabited('above/below');
    await agent.call('freeze', { group: above });
    const refusals = [
      await agent.refused('thaw', { group: path }),
      await agent.refused('kill', { group: path }),
      await agent.refused('removeGroup', { path, kill: true }),
    ];
    for (const problem of refusals)
      expect(problem).toMatchObject({ code: 'conflict', file: above, detail: expect.stringContaining(`by its ancestor ${above}`) });
    expect(agent.kernel.members(path).every((pids) => pids.includes(pid))).toBe(true);
    await agent.call('thaw', { group: above });
    expect((await agent.call('kill', { group: path })).killed).toContain(pid);
  });

  test('a stop of a launch below a frozen managed root is refused', async () => {
    const { group, pid } = await agent.call('launch', { name: 'cold', argv: ['/bin/sleep', '1000'] });
    agent.kernel.setFrozen(agent.root, true);
    try {
      expect(await agent.refused('stop', { group })).toMatchObject({ code: 'conflict', file: agent.root });
    } finally {
      agent.kernel.setFrozen(agent.root, false);
    }
    expect(await agent.call('stop', { group, graceMs: 0 })).toMatchObject({ group });
    expect(await agent.event('exit', group)).toMatchObject({ pid });
  });
});

describeOnMemory(2, 'v2', () => {
  test('below a frozen group a thaw is refused with its name, and a kill ends frozen processes', async () => {
    const above = await agent.make('above');
    const { path, pid } = await agent.inhabited('above/below');
    await agent.call('freeze', { group: above });
    expect(await agent.refused('thaw', { group: path })).toMatchObject({ code: 'conflict', file: above });
    expect((await agent.call('kill', { group: path })).killed).toContain(pid);
    expect(agent.kernel.isFrozen(above)).toBe(true);
  });
});
