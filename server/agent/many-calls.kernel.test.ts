// Many calls on the real kernel: at the same time each is done as a whole or refused, and one after another they leave no descriptor.
import { readdirSync, readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('same-time');

test('of several launches of one name one succeeds, and the others leave nothing', async () => {
  const launch = () => agent.call('launch', { name: 'same', argv: ['/bin/sleep', '1000'], limits: { 'pids.max': 5 } });
  const outcomes = await Promise.allSettled([launch(), launch(), launch(), launch()]);
  const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  expect(won).toHaveLength(1);
  for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason.problem.code).toBe('conflict');
  // The program and its init, and no process of the others.
  for (const inside of agent.kernel.members(`${agent.root}/same`)) {
    expect(inside).toHaveLength(2);
    expect(inside).toContain(won[0]?.pid);
  }
});

test('launches at the same time run as different users', async () => {
  const names = ['u1', 'u2', 'u3', 'u4'];
  const launched = await Promise.all(names.map((name) => agent.call('launch', { name, argv: ['/bin/sleep', '1000'] })));
  const uids = await Promise.all(launched.map(async ({ group }) => (await agent.call('processes', { group })).processes[0]?.uid));
  expect(new Set(uids).size).toBe(4);
  expect(uids).not.toContain(0);
});

test('writes to one file at the same time each read back their own value', async () => {
  const path = await agent.make('w');
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => agent.call('writeFile', { path, file: 'pids.max', value: 100 + i })),
  );
  for (const [i, answer] of answers.entries()) expect(answer).toMatchObject({ asked: String(100 + i), new: String(100 + i) });
  // Each `old` value is another write's `new` value.
  expect(new Set(answers.map(({ old }) => old)).size).toBe(20);
});

/** Ten groups below, at the same time. */
const below = (path: string) => Array.from({ length: 10 }, (_, i) => ({ path: `${path}/${i}`, limits: { 'pids.max': 5 } }));

test('freezing while groups are made below: all are made, and all are frozen', async () => {
  const path = await agent.make('frozen');
  const groups = below(path);
  const [frozen, ...made] = await Promise.all([
    agent.call('freeze', { group: path }),
    ...groups.map((group) => agent.call('createGroup', group)),
  ]);
  expect(frozen.state).toBe('frozen');
  expect(made.map((view) => view.path)).toEqual(groups.map((group) => group.path));
  for (const group of groups) expect(agent.kernel.read(group.path, 'pids.max')).toBe('5');
  for (const group of [path, ...groups.map((one) => one.path)]) expect((await agent.call('group', { path: group })).state).toBe('frozen');
  expect((await agent.call('thaw', { group: path })).state).toBe('thawed');
});

test('freezing and removing while groups are made below: it is removed, and what comes too late answers that it does not exist', async () => {
  const path = await agent.make('busy');
  const removed = agent.call('removeGroup', { path, kill: true });
  const others = [
    ...below(path).map((group) => agent.call('createGroup', group)),
    agent.call('freeze', { group: path }),
    agent.call('thaw', { group: path }),
  ];
  for (const outcome of await Promise.allSettled(others))
    if (outcome.status === 'rejected') expect(outcome.reason.problem?.code, String(outcome.reason)).toBe('not_found');
  await removed;
  expect(agent.kernel.where(path)).toEqual([]);
});

test('a group that is removed during its launch', async () => {
  const path = `${agent.root}/brief`;
  const remove = () => agent.call('removeGroup', { path, kill: true }).catch(() => {});
  const [launched] = await Promise.allSettled([agent.call('launch', { name: 'brief', argv: ['/bin/sleep', '1000'] }), remove()]);
  if (launched.status === 'rejected') expect(String(launched.reason)).toContain('step');
  await remove();
  expect(agent.kernel.where(path)).toEqual([]);
  await agent.until(() => agent.mirror.byPath(path) === undefined);
});

describeOnMemory(1, 'v1', () => {
  test('memory and swap limits written at the same time stay in order', async () => {
    const path = await agent.make('m', { 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': '64M' });
    const files = ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'];
    await Promise.all(
      Array.from({ length: 24 }, (_, i) => agent.call('writeFile', { path, file: files[i % 2] ?? '', value: `${32 + ((i * 37) % 64)}M` })),
    );
    expect(Number(agent.kernel.read(path, files[0] ?? ''))).toBeLessThanOrEqual(Number(agent.kernel.read(path, files[1] ?? '')));
  });
});

/** Enough for a leak of one descriptor a group to show among those of other groups. */
const MANY = 60;

test(`${MANY} groups made and removed leave no descriptor`, async () => {
  const round = async (i: number) => {
    const path = await agent.make(`fd${i}`);
    await agent.call('removeGroup', { path });
  };
  /** Groups that others make meanwhile have descriptors too. */
  const isOfOthers = (fd: string) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return agent.layout.hierarchies.some(({ mountPoint }) => path.startsWith(`${mountPoint}/`)) && !path.includes(agent.root);
    } catch {
      // The descriptor of this listing.
      return true;
    }
  };
  const descriptors = () => readdirSync('/proc/self/fd').filter((fd) => !isOfOthers(fd)).length;
  const one = await agent.make('fd');
  // A group's files are opened at the first tick that reads it.
  await agent.until(() => agent.measured(one, 'memory-usage') !== undefined);
  await agent.call('removeGroup', { path: one });
  await round(0);
  await agent.caughtUp();
  const before = descriptors();
  for (let i = 1; i <= MANY; i++) await round(i);
  await agent.caughtUp();
  await agent.ticks(1);
  // Watches have descriptors that do not show their group, and others make some groups meanwhile.
  expect(descriptors()).toBeLessThan(before + MANY / 2);
  expect(agent.events.filter(({ kind, group }) => kind === 'remove' && group.startsWith(`${agent.root}/fd`))).toHaveLength(MANY + 2);
});
