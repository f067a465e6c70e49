// The agent on the real kernel, through its link: events, history, and what the next agent finds.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { controllersIn } from './fixtures/kernel-view.ts';
import { WITH_FILES } from './fixtures/page-cache.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('agent');

const MIB = 1024 * 1024;

/** Makes and removes groups as another program would: in one hierarchy, the memory controller’s if there is one. */
const dirOf = (group: string) => agent.dirs(group)[0] ?? '';

describe('events', () => {
  test('pressure, OOM and the kill with its victim’s name, each with its latency', async () => {
    const path = await agent.make('oom', agent.walled('20M'));
    agent.process(path, 'exec tail /dev/zero');
    const kill = await agent.event('oom_kill', path);
    expect(kill.victim?.comm).toBe('tail');
    expect(kill.victim?.rssBytes).toBeGreaterThan(10 * MIB);
    expect(kill.limitGroup).toBe(path);
    expect(kill.latencyMs).toBeGreaterThanOrEqual(0);
    expect((await agent.event('oom', path)).underOom).toBe(false);
    // Before the OOM, v1 signals pressure, and v2 counts that the limit was reached.
    const warning = agent.layout.ofController('memory')
      ? agent.event('pressure', path, ({ level }) => level === 'critical')
      : agent.event('threshold', path, ({ file }) => file === 'memory.max');
    expect((await warning).latencyMs).toBeGreaterThanOrEqual(0);
    await agent.until(() => agent.measured(path, 'oom-kills') === 1);
    await agent.ticks(3);
    expect(agent.all('oom_kill', path)).toHaveLength(1);
  });

  /** At least two of one of the three levels; a machine may take seconds for each. */
  const ENOUGH = process.env.CGDECK_TEST_SLOWNESS === undefined ? 4 : 3;

  test('pressure is merged to at most one event for each level and second', async () => {
    const path = await agent.make('press', agent.walled('16M'));
    agent.process(path, `${WITH_FILES} while :; do read_files; done`);
    await agent.event('pressure', path);
    await agent.until(() => agent.all('pressure', path).length > ENOUGH);
    for (const events of Map.groupBy(agent.all('pressure', path), ({ level }) => level).values())
      for (const [i, { time }] of events.slice(1).entries()) expect(time - (events[i]?.time ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('the kernel’s signals when a group is removed are reported as neither OOM nor pressure', async () => {
    const path = await agent.make('quiet');
    await agent.call('removeGroup', { path });
    await agent.event('remove', path);
    await agent.caughtUp();
    expect(agent.events.filter(({ group, kind }) => group === path && (kind === 'oom' || kind === 'pressure'))).toEqual([]);
  });
});

describe('history', () => {
  test('has the readings of the ticks', async () => {
    const limit = agent.kernel.file('memory-hard-limit');
    const path = await agent.make('h', { [limit]: '64M' });
    // A tick may have read the group before it had its limit.
    await agent.until(() => agent.reading(path, limit) === 64 * MIB);
    await agent.call('writeFile', { path, file: limit, value: '32M' });
    await agent.until(() => agent.reading(path, limit) === 32 * MIB);
    const { series } = await agent.call('history', { group: path, reading: [limit] });
    expect(series[0]?.points.slice(-2).map(([, value]) => value)).toEqual([64 * MIB, 32 * MIB]);
  });
});

describe('the next agent', () => {
  const LOGS = ['events.ndjson', 'groups.ndjson', 'journal.ndjson'];

  test('finds launched processes again, and reports what happened meanwhile', async () => {
    const kept = await agent.call('launch', { name: 'kept', argv: ['/bin/sleep', '1000'] });
    const ended = await agent.call('launch', { name: 'ended', argv: ['/bin/sleep', '1000'] });
    const { path } = await agent.inhabited('victim', agent.walled('20M'));
    await agent.end();
    const before = agent.events.at(-1)?.id ?? 0;
    // While no agent runs: an exit, an OOM kill, a new group.
    process.kill(ended.pid, 'SIGKILL');
    agent.process(path, 'exec tail /dev/zero');
    mkdirSync(agent.dirs(`${agent.root}/made`)[0] ?? '');
    await vi.waitFor(() => expect(agent.kernel.measure(path, 'oom-kills')).toBe('1'), 60_000);
    await agent.recordedEnd(ended.pid);
    await agent.begin();
    expect(await agent.event('exit', ended.group)).toMatchObject({ pid: ended.pid, signal: 'SIGKILL', late: true });
    expect(await agent.event('oom_kill', path)).toMatchObject({ late: true, victim: { comm: 'tail' } });
    expect(await agent.event('create', `${agent.root}/made`)).toMatchObject({ late: true });
    for (const [i, { id }] of agent.events.slice(1).entries()) expect(id).toBeGreaterThan(agent.events[i]?.id ?? 0);
    expect(agent.events.some(({ id }) => id > before)).toBe(true);
    const view = await agent.call('group', { path: kept.group });
    expect(view.launched).toMatchObject({ pid: kept.pid });
    expect(view.launched?.exit).toBeUndefined();
    process.kill(kept.pid, 'SIGKILL');
    expect(await agent.event('exit', kept.group)).toMatchObject({ pid: kept.pid });
  });

  test('a group that others made is the same one after a restart, in whichever hierarchy it was made first', async () => {
    const path = `${agent.root}/others`;
    for (const hierarchy of [...agent.layout.hierarchies.slice(0, 2), ...agent.layout.hierarchies.slice(2).slice(-1)].toReversed()) {
      mkdirSync(agent.layout.dir(hierarchy, path));
      const [controller = ''] = controllersIn(hierarchy);
      await agent.until(() => agent.mirror.byPath(path)?.entry.controllers.includes(controller));
    }
    agent.process(path, 'exec sleep 1000');
    await agent.until(() => agent.reading(path, 'cgroup.procs') === 1);
    await agent.end();
    await agent.begin();
    await agent.caughtUp();
    expect([agent.all('create', path).length, agent.all('remove', path)]).toEqual([1, []]);
  });

  test.each<[string, (file: (name: string) => string) => void]>([
    [
      'torn files',
      (file) => {
        for (const log of LOGS) appendFileSync(file(log), '{"id":99,"ki');
      },
    ],
    [
      'empty files',
      (file) => {
        for (const log of LOGS) writeFileSync(file(log), '');
      },
    ],
    [
      'zeros',
      (file) => {
        for (const log of LOGS.slice(0, 2)) appendFileSync(file(log), '\0'.repeat(4096));
      },
    ],
    [
      'half a launch',
      (file) => {
        mkdirSync(file('launches/x'));
        writeFileSync(file('launches/x/launch.json.new'), '{');
      },
    ],
    ['no folder', (file) => rmSync(file(''), { recursive: true })],
  ])('starts with %s, and has its groups', async (_, damage) => {
    const { path } = await agent.inhabited('kept');
    mkdirSync(dirOf(`${path}/child`));
    await agent.event('create', `${path}/child`);
    await agent.end();
    damage((name) => join(agent.settings.stateDir, name));
    await agent.begin();
    await agent.caughtUp();
    expect((await agent.call('group', { path })).processes).toBe(1);
  });
});
