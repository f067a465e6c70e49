// Reports of OOM kills on the real kernel: of a launch, of a group that is removed at once, of many kills at once, and with a full disk.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Report } from '../contract/reports.ts';
import { RunningAgent } from './fixtures/running-agent.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const MIB = 1024 * 1024;
const POLL_MS = 50;
const agent = sharedAgent('reports');

/** The report about a group's first kill, once it is written. */
async function reportOf(group: string): Promise<Report & { readonly text: string }> {
  for (;;) {
    const { reports } = await agent.call('reports', { group });
    const [last] = reports.slice(-1);
    if (last) {
      const { report, text } = await agent.call('report', { id: last.id });
      return { ...report, text };
    }
    await setTimeout(POLL_MS);
  }
}

test('a leak in a launch: who, why, and what led to it', async () => {
  const { group, pid } = await agent.call('launch', {
    name: 'leak',
    argv: ['cgdeck-load', 'leak', '16'],
    env: { PASSWORD: 'of-the-launch' },
    limits: agent.walled('64M'),
  });
  const kill = await agent.event('oom_kill', group);
  // At once, while it is made.
  expect((await agent.call('report', { id: kill.id })).report.id).toBe(kill.id);
  const report = await reportOf(group);
  expect(report).toMatchObject({
    id: kill.id,
    kind: 'kill',
    group,
    limitGroup: group,
    count: 1,
    owner: { kind: 'launch', name: 'leak' },
    charged: { from: 'kernel log', group },
  });
  // Viewers may read it.
  expect(report.actions.map(({ action }) => action)).toContain('launch');
  expect(JSON.stringify(report)).not.toContain('of-the-launch');
  const [victim] = report.victims;
  expect(victim).toMatchObject({
    comm: 'cgdeck-load',
    uid: expect.any(Number),
    oomScoreAdj: expect.any(Number),
    ageMs: expect.any(Number),
  });
  expect(victim?.command).toMatch(/cgdeck-load leak 16$/);
  expect(report.kernel?.tasks?.map((task) => task.pid)).toContain(victim?.pid);
  expect(report.kernel?.memory?.limitBytes).toBe(64 * MIB);
  expect(report.sentence).toMatch(
    new RegExp(
      `^cgdeck-load was killed because ${group} reached its own limit of 64 MiB; it grew by .* a second for .*; \\d+ % was anonymous memory; nothing could be reclaimed\\.$`,
    ),
  );
  const usage = report.history
    .find((one) => one.group === group)
    ?.series.find(({ reading }) => reading === agent.kernel.key('memory-usage'));
  expect(usage?.points.length).toBeGreaterThan(3);
  expect(report.limits[0]).toMatchObject({ group, limitBytes: 64 * MIB });
  expect(report.before.some((event) => event.kind === 'launch' && event.pid === pid)).toBe(true);
  expect(report.text).toContain(report.sentence);
  expect(report.text).toContain('invoked oom-killer');
});

test('a group that is removed at once, and made again', async () => {
  const group = await agent.make('brief', agent.walled('20M'));
  await agent.until(() => agent.measured(group, 'memory-hard-limit') === 20 * MIB);
  const pid = agent.process(group, 'exec tail /dev/zero');
  await agent.event('oom_kill', group);
  await agent.call('removeGroup', { path: group, kill: true });
  await agent.make('brief');
  const report = await reportOf(group);
  expect(report.victims).toMatchObject([{ pid, comm: 'tail' }]);
  expect(report.limits.find((limit) => limit.group === group)?.limitBytes).toBe(20 * MIB);
  expect(report.sentence).toContain(`because ${group} reached its own limit of 20 MiB`);
});

test('an ancestor\u2019s limit is named as such', async () => {
  const parent = await agent.make('parent', agent.walled('20M'));
  const group = await agent.make('parent/child');
  agent.process(group, 'exec tail /dev/zero');
  await agent.event('oom_kill', group);
  const report = await reportOf(group);
  expect(report.sentence).toContain(`because ${parent}, which ${group} is in, reached its limit of 20 MiB`);
  expect(report.charged?.group).toBe(parent);
});

const STORM = 40;

test('a storm: every kill is in one report, of which there are few', async () => {
  const group = await agent.make('storm', agent.walled('20M'));
  agent.process(group, `i=0; while [ $i -lt ${STORM} ]; do tail /dev/zero; i=$((i+1)); done; exec sleep 600`);
  const killed = () => agent.all('oom_kill', group).reduce((sum, { count }) => sum + count, 0);
  await agent.until(() => killed() >= STORM);
  const kills = agent.all('oom_kill', group);
  let reports: Awaited<ReturnType<typeof agent.call<'reports'>>>['reports'] = [];
  do {
    await setTimeout(POLL_MS);
    ({ reports } = await agent.call('reports', { group }));
  } while (reports.flatMap(({ events }) => events).length < kills.length);
  expect(reports.reduce((sum, { count }) => sum + count, 0)).toBe(killed());
  expect(reports.flatMap(({ events }) => events).toSorted((a, b) => a - b)).toEqual(kills.map(({ id }) => id));
  // By the id of any event.
  for (const { id } of kills) expect((await agent.call('report', { id })).report.events).toContain(id);
  expect(readdirSync(join(agent.settings.stateDir, 'reports')).every((name) => /^\d+\.json$/.test(name))).toBe(true);
});

test('a full disk: the report is there, the page shows that it is only in memory, and it is written once there is room', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'cgdeck-reports-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=700', 'tmpfs', dir]);
  const full = await RunningAgent.start('reports-full', { stateDir: dir });
  const missing = async () => (await full.call('host', {})).missing.join('\n');
  const files = () => readdirSync(join(dir, 'reports')).filter((name) => name.endsWith('.json'));
  try {
    const group = await full.make('leak', full.walled('20M'));
    try {
      writeFileSync(join(dir, 'full'), Buffer.alloc(4 * MIB));
    } catch {
      // The disk is full.
    }
    full.process(group, 'exec tail /dev/zero');
    const kill = await full.event('oom_kill', group);
    while (!(await missing()).includes('Reports of OOM kills cannot be written (ENOSPC')) await setTimeout(POLL_MS);
    // The kernel’s log may have left the kill out, after the storm before.
    expect((await full.call('report', { id: kill.id })).report).toMatchObject({ group, count: 1 });
    expect(files()).toEqual([]);
    rmSync(join(dir, 'full'));
    while (files().length === 0) await setTimeout(POLL_MS);
    expect(files()).toEqual([`${kill.id}.json`]);
    while ((await missing()).includes('Reports')) await setTimeout(POLL_MS);
    await full.end();
    await full.begin();
    expect((await full.call('reports', { group })).reports.map(({ id }) => id)).toEqual([kill.id]);
  } finally {
    rmSync(join(dir, 'full'), { force: true });
    await full.clean();
    execFileSync('umount', ['-l', dir]);
    rmdirSync(dir);
  }
});
