// Operations on launches at the same time: joins, removals, restarts and stops; ids and layers in use.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProblemError } from '../contract/problems.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('turns');
});
afterEach(() => agent.clean());

const sh = (script: string) => ['/bin/sh', '-c', script];
const sleeps = sh('exec sleep 1000');
/** Waits until the assertion passes, at most for the test's own time limit. */
const eventually = (condition: () => unknown) => vi.waitFor(condition, { timeout: 120_000, interval: 5 });
const output = async (group: string, id = 'main') => (await agent.call('output', { group, id })).chunks.map(({ text }) => text).join('');
const launched = async (group: string) => (await agent.call('group', { path: group })).launched;
const remove = (path: string) => agent.call('removeGroup', { path, kill: true });

/** A process's user id on the host. */
const uidOf = (pid: number) => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

describe('at the same time', () => {
  test('programs that join have their own ids, outputs and exits', async () => {
    const { group } = await agent.call('launch', { name: 'home', argv: sleeps });
    const numbers = [1, 2, 3, 4, 5, 6];
    const joined = await Promise.all(numbers.map((code) => agent.call('join', { group, argv: sh(`echo "I am ${code}"; exit ${code}`) })));
    expect(new Set(joined.map(({ id }) => id)).size).toBe(numbers.length);
    for (const [at, { id, pid }] of joined.entries()) {
      expect(await agent.event('exit', group, (event) => event.pid === pid)).toMatchObject({ launchId: id, code: at + 1 });
      expect(await output(group, id)).toBe(`I am ${at + 1}\n`);
    }
  });

  test('a group that is removed can be launched again at once', { timeout: 120_000 }, async () => {
    const loop = async (name: string) => {
      for (let round = 0; round < 40; round++) {
        const { group } = await agent.call('launch', { name, argv: sleeps, overlay: {} });
        await remove(group);
      }
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(loop));
    await agent.until(() => ['a', 'b', 'c', 'd'].every((name) => !agent.mirror.byPath(`${agent.root}/${name}`)));
  });

  test('launches and removals of one name take turns: each is done or refused', { timeout: 120_000 }, async () => {
    const codes = new Set<string>();
    const tried = (work: Promise<unknown>) =>
      work.catch((error: unknown) => {
        if (!(error instanceof ProblemError)) throw error;
        codes.add(error.problem.code);
      });
    const loop = async () => {
      for (let round = 0; round < 40; round++) {
        await tried(agent.call('launch', { name: 'one', argv: sleeps }));
        await tried(remove(`${agent.root}/one`));
      }
    };
    await Promise.all([loop(), loop(), loop(), loop()]);
    // busy: under load a killed process may take longer to end than a removal waits.
    expect([...codes].filter((code) => !['conflict', 'not_found', 'busy'].includes(code))).toEqual([]);
    await agent.call('launch', { name: 'one', argv: sleeps });
  });
});

describe('host ids', () => {
  test('of a kept layer go to no other launch', async () => {
    const first = { name: 'first', argv: sh('echo new > /new; exec sleep 1000'), overlay: {} };
    const { group, pid } = await agent.call('launch', first);
    const uid = uidOf(pid);
    await agent.call('stop', { group, graceMs: 0 });
    await agent.call('keepLayer', { group, name: 'kept' });
    await remove(group);
    await agent.end();
    await agent.begin();
    const other = await agent.call('launch', { name: 'other', argv: sleeps });
    const again = await agent.call('launch', { ...first, argv: sleeps, overlay: { layer: 'kept' } });
    expect(uidOf(again.pid)).toBe(uid);
    expect(uidOf(other.pid)).not.toBe(uid);
  });

  test('of a launch that has ended stay reserved while its layer can still be kept', async () => {
    const { group, pid } = await agent.call('launch', { name: 'ended', argv: sleeps, overlay: {} });
    const uid = uidOf(pid);
    await agent.call('stop', { group, graceMs: 0 });
    const other = await agent.call('launch', { name: 'other', argv: sleeps });
    expect(uidOf(other.pid)).not.toBe(uid);
  });
});

describe('a layer', () => {
  test('is in use while any process of its group runs', async () => {
    const daemon = 'setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo new > /new; exit 0';
    const { group } = await agent.call('launch', { name: 'daemon', argv: sh(daemon), namespaces: ['mnt'], overlay: {} });
    await agent.event('exit', group);
    expect(agent.kernel.members(group).flat().length).toBeGreaterThan(0);
    expect(await agent.refused('keepLayer', { group, name: 'busy' })).toMatchObject({ code: 'conflict' });
    await agent.call('kill', { group });
    expect(await agent.call('keepLayer', { group, name: 'busy' })).toMatchObject({ name: 'busy' });
  });

  test('that a launch has left is kept when the product stops', async () => {
    const { group } = await agent.call('launch', { name: 'left', argv: sh('echo new > /new; exit 0'), overlay: {} });
    await agent.event('exit', group);
    await agent.end();
    await agent.begin();
    expect(await agent.call('layer', { group })).toMatchObject({ files: [{ path: '/new' }] });
    expect(await launched(group)).toMatchObject({ exit: { code: 0 } });
  });
});

describe('a launch that waits for its restart', () => {
  const counts = 'n=$(cat /var/tmp/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > /var/tmp/n; echo "run $n";';

  test('keeps its group, limits, output and layer when the product stops', async () => {
    const { group, pid } = await agent.call('launch', {
      name: 'waits',
      argv: sh(`${counts} [ $n = 1 ] || exec sleep 1000; echo new > /new; exit 1`),
      overlay: {},
      restart: { policy: 'always' },
      limits: { 'pids.max': 20 },
    });
    await agent.event('restart', group);
    await agent.end();
    await agent.begin();
    await agent.event('launch', group, (event) => event.pid !== pid);
    await eventually(async () => expect(await output(group)).toBe('run 1\nrun 2\n'));
    expect(agent.kernel.read(group, 'pids.max')).toBe('20');
    expect(await agent.call('layer', { group })).toMatchObject({ files: [{ path: '/new' }] });
  });

  test('ends when its group is removed, also during the start', async () => {
    const removed = async (earlierMs: number) => {
      const { group } = await agent.call('launch', { name: `gone${earlierMs}`, argv: sh('exit 1'), restart: { policy: 'always' } });
      await agent.event('restart', group);
      const { nextAt = 0 } = (await launched(group))?.restarts ?? {};
      await new Promise((resolve) => setTimeout(resolve, nextAt - Date.now() - earlierMs));
      await remove(group);
      expect(await agent.refused('stop', { group })).toMatchObject({ code: 'not_found' });
      await agent.call('createGroup', { path: group });
      expect(await launched(group)).toBeUndefined();
      expect(agent.kernel.members(group).flat()).toEqual([]);
    };
    // Some removals come before the restart, some during it.
    await Promise.all([6, 4, 2, 0, -2, -4, -6, -8].map(removed));
  });
});
