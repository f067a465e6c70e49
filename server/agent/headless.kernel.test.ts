// A process whose first thread has ended while another goes on, on the real kernel: /proc/<pid> shows a zombie, on v1 in the root group.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { built } from '../../test/vm/fixtures/built.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';
import type { Hierarchy } from './kernel/hierarchy/mounts.ts';
import { groupsOfProcess } from './kernel/hierarchy/process-groups.ts';
import { Reach } from './kernel/reach.ts';

const agent = sharedAgent('headless');
const { layout } = agent;
const isHeadless = (pid: number) => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

/** A group in these hierarchies only. @returns its path, once the agent knows it */
async function madeIn(hierarchies: readonly Hierarchy[], name: string): Promise<string> {
  const path = `${agent.root}/${name}`;
  for (const hierarchy of hierarchies) mkdirSync(layout.dir(hierarchy, path));
  await agent.until(() => agent.mirror.byPath(path) !== undefined);
  return path;
}

/** @returns its pid, once its first thread has ended */
async function headless(group: string, words = ''): Promise<number> {
  const pid = agent.process(group, `exec '${built('headless')}' ${words}`);
  await agent.until(() => isHeadless(pid));
  return pid;
}

const countingHierarchies = layout.hierarchies.filter(({ controllers }) => controllers.includes('memory') || controllers.includes('pids'));

test.each([
  ['in every hierarchy', layout.hierarchies],
  ['in those that count memory or processes', countingHierarchies],
])('is shown, signalled, and killed with its group, %s', async (_, hierarchies) => {
  const group = await madeIn(hierarchies, 'group');
  const first = await headless(group);
  const { processes } = await agent.call('processes', { group });
  expect(processes).toMatchObject([
    { pid: first, comm: 'headless', state: 'S (sleeping)', threads: 2, namespaces: { pid: { own: false } } },
  ]);
  expect(processes[0]?.rssBytes).toBeGreaterThan(0);
  expect(processes[0]?.command).toMatch(/headless$/);
  expect(await agent.call('kill', { pid: first, signal: 'SIGKILL' })).toMatchObject({ killed: [first] });
  await agent.until(() => !existsSync(`/proc/${first}`));
  const second = await headless(group);
  expect(await agent.call('kill', { group })).toEqual({ killed: [second], named: [{ pid: second, comm: 'headless' }] });
  await agent.until(() => !existsSync(`/proc/${second}`));
});

test('is in its group for what may be done with it, also in one that is named as if it was removed', async () => {
  const group = await agent.make('a (deleted)');
  const pid = await headless(group);
  expect([...groupsOfProcess(pid)].filter(([, path]) => path === group)).toHaveLength(layout.hierarchies.length);
  const reach = new Reach('/elsewhere', ['/'], []);
  expect(() => reach.mayMove(pid)).toThrow(group);
  expect(() => reach.maySignal(pid)).toThrow('no group that cgdeck manages');
});

test('is not moved, since v2 would move a part of it', async () => {
  const [from, to] = [await agent.make('from'), await agent.make('to')];
  const pid = await headless(from);
  expect(await agent.refused('attach', { pid, group: to })).toMatchObject({ code: 'unsupported' });
  expect(agent.kernel.members(to).flat()).toEqual([]);
});

test('that another program has moved, and that v2 lists in no group, is killed with its group', async () => {
  const { unified } = layout;
  if (!unified) return;
  const pid = await headless(await agent.make('from'));
  const to = await madeIn([unified], 'to');
  writeFileSync(join(layout.dir(unified, to), 'cgroup.procs'), String(pid));
  expect(readFileSync(join(layout.dir(unified, to), 'cgroup.procs'), 'utf8')).toBe('');
  expect((await agent.call('kill', { group: to })).killed).toEqual([pid]);
  await agent.until(() => !existsSync(`/proc/${pid}`));
});

test('one whose tracer stops it at its end does not end, and the refusal names the tracer', async () => {
  const { path, pid } = await agent.inhabited('traced');
  const tracer = spawn(built('headless'), ['trace', String(pid)], { stdio: 'ignore' });
  try {
    await agent.until(() => new RegExp(`^TracerPid:\\s${tracer.pid}$`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8')));
    const { code, detail } = await agent.refused('kill', { group: path });
    expect([code, detail]).toEqual(['busy', expect.stringContaining(`process ${tracer.pid}, which traces ${pid}`)]);
  } finally {
    tracer.kill('SIGKILL');
  }
  await agent.until(() => !existsSync(`/proc/${pid}`));
});

test('that was launched still runs for an agent that starts', async () => {
  // Where a launch sees it: it has a /tmp of its own.
  const folder = mkdtempSync('/srv/cgdeck-test-');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const program = join(folder, 'headless');
  copyFileSync(built('headless'), program);
  const { group, pid } = await agent.call('launch', { name: 'launched', argv: [program], restart: { policy: 'always' } });
  await agent.until(() => isHeadless(pid));
  await agent.end();
  await agent.begin();
  expect((await agent.call('group', { path: group })).launched).toMatchObject({ pid });
  await agent.call('kill', { pid, signal: 'SIGKILL' });
  expect(await agent.event('exit', group)).toMatchObject({ pid, signal: 'SIGKILL' });
});

test('killed for lack of memory while no agent ran is known by its group', async () => {
  let group: string;
  // Where many are killed at once the kernel's log leaves out the group: another kill is needed then.
  for (let i = 0; ; i++) {
    group = await agent.make(`short${i}`, agent.walled('16M'));
    // The agent removes empty groups when it stops.
    await agent.enter(group);
    await agent.end();
    const pid = agent.process(group, `exec '${built('headless')}' hog`);
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 60_000 }).toBe(false);
    await agent.begin();
    if (execFileSync('dmesg', { encoding: 'utf8', maxBuffer: 2 ** 26 }).includes(`task_memcg=${group},`)) break;
  }
  expect(await agent.event('oom_kill', group)).toMatchObject({ late: true, limitGroup: group, victim: { comm: 'second' } });
});
