// Many launches on the real kernel: in turns, and at once.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ProblemError } from '../contract/problems.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('launches');

const sleeps = ['/bin/sleep', '1000'];
/** Waits until the assertion passes, at most for the test's own time limit. */
const eventually = (condition: () => unknown) => vi.waitFor(condition, { timeout: 120_000, interval: 5 });
const remove = (path: string) => agent.call('removeGroup', { path, kill: true });

describe('in turns', () => {
  test('a group that is removed can be launched again at once', async () => {
    const loop = async (name: string) => {
      for (let round = 0; round < 12; round++) {
        const { group } = await agent.call('launch', { name, argv: sleeps, overlay: {} });
        await remove(group);
      }
    };
    await Promise.all(['a', 'b', 'c', 'd'].map(loop));
    await agent.until(() => ['a', 'b', 'c', 'd'].every((name) => !agent.mirror.byPath(`${agent.root}/${name}`)));
  });

  test('launches and removals of one name take turns: each is done or refused', async () => {
    const codes = new Set<string>();
    const tried = (work: Promise<unknown>) =>
      work.catch((error: unknown) => {
        if (!(error instanceof ProblemError)) throw error;
        codes.add(error.problem.code);
      });
    const loop = async () => {
      for (let round = 0; round < 12; round++) {
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

/** "" for a descriptor that was closed meanwhile. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

describe('bursts', () => {
  /** Without descriptors of control files and eventfds, whose number depends on other groups of the machine. */
  const fds = () => readdirSync('/proc/self/fd').filter((fd) => !/^\/sys\/fs\/cgroup|eventfd/.test(linkOf(`/proc/self/fd/${fd}`))).length;

  /** Of the groups of these launches, also where they are gone. */
  const groupFiles = () => readdirSync('/proc/self/fd').filter((fd) => linkOf(`/proc/self/fd/${fd}`).includes(`${agent.root}/n`));

  /** How many of their names have user ids reserved; they are written a moment after a launch. */
  const reserved = () => {
    const { ranges } = JSON.parse(readFileSync(join(agent.settings.stateDir, 'host-ids.json'), 'utf8')) as { ranges: object };
    return Object.keys(ranges).filter((name) => name.startsWith(`${agent.root}/n`)).length;
  };

  /** Those of this agent's launches: other programs mount and unmount meanwhile. */
  const mounts = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(agent.settings.stateDir));

  test('many launches and exits leave no process, group, mount, device, descriptor or user ids', async () => {
    await agent.run({ name: 'warm', argv: ['/bin/true'] });
    const before = { fds: fds(), mounts: mounts() };
    const devices: string[] = [];
    for (let i = 0; i < 12; i++) {
      const network = i % 4 === 0 ? ({ network: 'routed' } as const) : {};
      const launched = await agent.call('launch', { name: `n${i % 3}`, argv: ['/bin/true'], overlay: {}, ...network });
      if (launched.network) devices.push(launched.network.device);
      await agent.event('exit', launched.group, ({ pid }) => pid === launched.pid);
      await remove(launched.group);
    }
    await eventually(() => expect(fds()).toBeLessThanOrEqual(before.fds + 2));
    await eventually(() => expect(groupFiles()).toEqual([]));
    // One for each name, however often it is launched.
    await eventually(() => expect(reserved()).toBe(3));
    expect(devices).toHaveLength(3);
    await eventually(() => expect(readdirSync('/sys/class/net').filter((device) => devices.includes(device))).toEqual([]));
    expect(mounts()).toEqual(before.mounts);
    expect(readdirSync(agent.dirs(agent.root)[0] ?? '').filter((name) => /^n\d/.test(name))).toEqual([]);
    await eventually(() => expect(readdirSync(join(agent.settings.stateDir, 'launches'))).toHaveLength(1));
  });

  test('forty at once are all answered, each with its own process', async () => {
    const answers = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => agent.call('launch', { name: `b${i}`, argv: sleeps })));
    const pids = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.pid] : []));
    expect(answers.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(new Set(pids).size).toBe(40);
  });
});
