// What changes of a group at rest from outside is seen: at once where the kernel notifies it, else in the group's turn, within ten seconds.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sharedAgent } from './fixtures/shared-agent.ts';
import { TURN_MS } from './observe/sample/file-choice.ts';

const TICK_MS = 100;
/** Far fewer ticks than a turn. */
const AT_ONCE = 50;
/** A turn and the ticks around it. */
const IN_TURN = TURN_MS / TICK_MS + 5;
const CACHE_BYTES = 16 * 2 ** 20;
const HOLDS_MEMORY = "x=$(head -c 8M /dev/zero | tr '\\0' x); exec 3<&-; sleep 1000; : $x";

describe('a group at rest', () => {
  const agent = sharedAgent('outside', { intervalMs: TICK_MS });
  const usage = (path: string) => Number(agent.measured(path, 'memory-usage') ?? 0);
  const tasks = (path: string) => Number(agent.measured(path, 'tasks') ?? -1);

  /** Its tasks sleep, and ticks have read it since. */
  async function atRest(name: string): Promise<{ path: string; pid: number }> {
    const found = await agent.inhabited(name);
    await agent.ticks(AT_ONCE);
    return found;
  }

  test('page cache that another program drops is seen in its turn', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'cgdeck-outside-'));
    try {
      const path = await agent.make('cache');
      agent.process(path, `head -c ${CACHE_BYTES} /dev/zero > '${dir}/file'; sync '${dir}/file'; exec sleep 1000`);
      await agent.until(() => usage(path) >= CACHE_BYTES);
      await agent.ticks(AT_ONCE);
      rmSync(join(dir, 'file'));
      expect(await agent.ticksUntil(() => usage(path) < CACHE_BYTES)).toBeLessThanOrEqual(IN_TURN);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test('a limit that another program writes is seen at once, in a group with tasks and in one without', async () => {
    const { path } = await atRest('limited');
    const empty = await agent.make('limited-empty');
    const limit = agent.kernel.file('memory-hard-limit');
    for (const [group, bytes] of [
      [path, 64 * 2 ** 20],
      [empty, 32 * 2 ** 20],
    ] as const) {
      agent.kernel.write(group, limit, String(bytes));
      expect(await agent.ticksUntil(() => agent.reading(group, limit) === bytes)).toBeLessThan(AT_ONCE);
    }
  });

  test('a process that another program moves is seen at once in the group that it enters; the one that it leaves counts it no more', async () => {
    const { path, pid } = await atRest('left');
    const empty = await agent.make('entered');
    await agent.ticks(AT_ONCE);
    for (const hierarchy of agent.layout.hierarchies)
      spawn('sh', ['-c', `echo ${pid} > '${agent.layout.dir(hierarchy, empty)}/cgroup.procs'`], { stdio: 'ignore' });
    expect(await agent.ticksUntil(() => agent.reading(empty, 'cgroup.procs') === 1 && tasks(empty) === 1)).toBeLessThan(AT_ONCE);
    expect(await agent.ticksUntil(() => agent.reading(path, 'cgroup.procs') === 0 && tasks(path) === 0)).toBeLessThan(AT_ONCE);
  });

  test('what the first task of an empty group does is seen at once', async () => {
    const path = await agent.make('first');
    await agent.ticks(AT_ONCE);
    agent.process(path, HOLDS_MEMORY);
    expect(await agent.ticksUntil(() => usage(path) >= 8 * 2 ** 20)).toBeLessThan(IN_TURN);
    await agent.until(() => usage(agent.root) >= 8 * 2 ** 20);
  });

  test('a process that is killed from outside is counted no more, and its memory neither', async () => {
    const path = await agent.make('killed');
    const pid = agent.process(path, HOLDS_MEMORY);
    await agent.until(() => usage(path) >= 8 * 2 ** 20);
    await agent.ticks(AT_ONCE);
    for (const member of agent.kernel.members(path).flat()) process.kill(member, 'SIGKILL');
    expect(pid).toBeGreaterThan(0);
    expect(await agent.ticksUntil(() => tasks(path) === 0 && usage(path) < 8 * 2 ** 20)).toBeLessThanOrEqual(IN_TURN);
  });

  test('a freeze of the group above is seen at once, and the thaw', async () => {
    const above = await agent.make('above');
    const path = await agent.make('above/below');
    await agent.enter(path);
    await agent.ticks(AT_ONCE);
    const isFrozen = () => ['FROZEN', 1].includes(agent.measured(path, 'freezer-state') ?? '');
    agent.kernel.setFrozen(above, true);
    expect(await agent.ticksUntil(isFrozen)).toBeLessThan(AT_ONCE);
    agent.kernel.setFrozen(above, false);
    expect(await agent.ticksUntil(() => !isFrozen())).toBeLessThan(AT_ONCE);
  });

  test('a kill by the kernel is counted', async () => {
    const path = await agent.make('hits', agent.walled('16M'));
    await agent.ticks(AT_ONCE);
    agent.process(path, 'x=$(head -c 64M /dev/zero | tr "\\0" x); sleep 1000; : $x');
    await agent.until(() => Number(agent.measured(path, 'oom-kills') ?? 0) > 0);
    await agent.event('oom_kill', path);
  });

  test('a process that is in the memory hierarchy alone, whose CPU time is counted elsewhere', async () => {
    const memory = agent.layout.ofController('memory');
    if (!memory || agent.layout.ofController('cpuacct') === memory) return;
    const path = await agent.make('apart');
    await agent.ticks(AT_ONCE);
    const started = join(mkdtempSync(join(tmpdir(), 'cgdeck-apart-')), 'go');
    agent.process(
      '/',
      `echo $$ > '${agent.layout.dir(memory, path)}/cgroup.procs'; while ! [ -e '${started}' ]; do sleep 0.1; done; ${HOLDS_MEMORY}`,
    );
    await agent.until(() => Number(agent.reading(path, 'cgroup.procs') ?? 0) > 0);
    expect(tasks(path)).toBe(0);
    spawn('touch', [started], { stdio: 'ignore' });
    expect(await agent.ticksUntil(() => usage(path) >= 8 * 2 ** 20)).toBeLessThan(IN_TURN);
    rmSync(join(started, '..'), { recursive: true });
  });
});
