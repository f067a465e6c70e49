// Faults between operations: names reused, groups removed meanwhile, calls at the same time, state left by a crash.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readlinkSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import { isWithin } from '../contract/paths.ts';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { controllersIn } from './fixtures/kernel-view.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('faults');
});

afterEach(async () => {
  const { root } = agent;
  await agent.clean();
  expect(agent.kernel.where(root), `${root} is left`).toEqual([]);
});

/** Makes and removes groups as another program would: in one hierarchy, the memory controller’s if there is one. */
const dirOf = (group: string) => agent.dirs(group)[0] ?? '';

/** Resolves once all kernel notices up to now are handled: a later one has been. */
async function caughtUp(): Promise<void> {
  const marker = `${agent.root}/marker`;
  // The last hierarchy is read last.
  const dir = agent.dirs(marker).at(-1) ?? '';
  mkdirSync(dir);
  await agent.event('create', marker);
  rmdirSync(dir);
  await agent.event('remove', marker);
}

const kinds = (group: string) =>
  agent.events.filter((event) => event.group === group && (event.kind === 'create' || event.kind === 'remove')).map(({ kind }) => kind);

describe('a name that is reused at once', () => {
  test('late notices of the old group do not affect the new one', async () => {
    const path = `${agent.root}/again`;
    for (let round = 0; round < 5; round++) {
      await agent.call('createGroup', { path });
      await agent.call('removeGroup', { path });
    }
    await agent.call('createGroup', { path, limits: { 'pids.max': 9, [agent.kernel.file('memory-hard-limit')]: '64M' } });
    await caughtUp();
    expect(kinds(path)).toEqual([...Array.from({ length: 5 }, () => ['create', 'remove']).flat(), 'create']);
    expect(agent.events.filter((event) => event.group === path && event.kind === 'create').every((event) => 'by' in event)).toBe(true);
  });

  test('a second launch of a name keeps its record and its output', async () => {
    for (let round = 0; round < 4; round++) {
      const { group, pid } = await agent.call('launch', {
        name: 'twice',
        argv: ['/bin/echo', `round ${round}`],
        limits: { 'pids.max': 9, [agent.kernel.file('memory-hard-limit')]: '64M' },
      });
      expect(await agent.event('exit', group, (event) => event.pid === pid)).toMatchObject({ code: 0 });
      await caughtUp();
      const { chunks } = await agent.call('output', { group });
      expect(chunks.map(({ text }) => text).join('')).toBe(`round ${round}\n`);
      expect((await agent.call('group', { path: group })).launched).toMatchObject({ pid, exit: { code: 0 } });
    }
    expect(kinds(`${agent.root}/twice`)).toEqual([...Array.from({ length: 3 }, () => ['create', 'remove']).flat(), 'create']);
  });
});

describe('the number of processes', () => {
  test('follows the kernel at ticks faster than v1 renews its list of members', async () => {
    const path = `${agent.root}/count`;
    await agent.call('createGroup', { path });
    for (let count = 1; count <= 3; count++) {
      agent.process(path, 'exec sleep 1000');
      await agent.until(() => agent.reading(path, 'cgroup.procs') === count);
    }
    await agent.call('kill', { group: path });
    await agent.until(() => agent.reading(path, 'cgroup.procs') === 0);
  });

  test('is right for more than a page of pids, and if only the last ones change', async () => {
    const path = `${agent.root}/crowd`;
    await agent.call('createGroup', { path });
    agent.process(path, `exec ${join(buildDir, 'cgdeck-load')} fork 3000`);
    await agent.until(() => agent.reading(path, 'cgroup.procs') === 3001);
    expect((await agent.call('group', { path })).processes).toBe(3001);
    expect(Buffer.byteLength(agent.kernel.read(path, 'cgroup.procs'))).toBeGreaterThan(8192);
    agent.process(path, 'exec sleep 1000');
    await agent.until(() => agent.reading(path, 'cgroup.procs') === 3002);
    expect((await agent.call('removeGroup', { path, kill: true })).killed.length).toBeGreaterThanOrEqual(3002);
  });
});

describe('calls at the same time', () => {
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
    const path = `${agent.root}/w`;
    await agent.call('createGroup', { path });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => agent.call('writeFile', { path, file: 'pids.max', value: 100 + i })),
    );
    for (const [i, answer] of answers.entries()) expect(answer).toMatchObject({ asked: String(100 + i), new: String(100 + i) });
    // Each `old` value is another write's `new` value.
    expect(new Set(answers.map(({ old }) => old)).size).toBe(20);
  });

  test('freezing and removing while groups are made below', async () => {
    const path = `${agent.root}/busy`;
    await agent.call('createGroup', { path });
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 10 }, (_, i) => agent.call('createGroup', { path: `${path}/${i}`, limits: { 'pids.max': 5 } })),
      agent.call('freeze', { group: path }),
      agent.call('removeGroup', { path, kill: true }),
      agent.call('thaw', { group: path }),
    ]);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason.problem?.code, String(outcome.reason)).toMatch(/^(not_found|busy|conflict)$/);
    // In any order, what is left is not frozen and can be removed.
    if (existsSync(dirOf(path))) await agent.call('removeGroup', { path, kill: true });
    expect(existsSync(dirOf(path))).toBe(false);
  });
});

describe('a refused call leaves nothing', () => {
  test('a user whose removal was refused is not named when another program removes the group', async () => {
    const path = `${agent.root}/full`;
    await agent.call('createGroup', { path });
    mkdirSync(dirOf(`${path}/child`));
    await agent.event('create', `${path}/child`);
    expect((await agent.refused('removeGroup', { path })).code).toBe('busy');
    rmdirSync(dirOf(`${path}/child`));
    for (const dir of agent.dirs(path)) rmdirSync(dir);
    expect((await agent.event('remove', path)).by).toBeUndefined();
    expect((await agent.refused('createGroup', { path: `${agent.root}/no/parent` })).code).toBe('not_found');
  });

  test('an argument list that is too long for the kernel', async () => {
    const argv = ['/bin/echo', ...Array.from({ length: 40 }, () => 'x'.repeat(100_000))];
    const problem = await agent.refused('launch', { name: 'huge', argv });
    expect(problem.code).toBe('kernel_refused');
    expect(problem.errno).toBe('E2BIG');
    expect(agent.kernel.where(`${agent.root}/huge`)).toEqual([]);
  });

  test('a group that is removed during its launch', async () => {
    const launching = agent.call('launch', { name: 'brief', argv: ['/bin/sleep', '1000'] }).then(
      () => undefined,
      (error: Error) => error,
    );
    const removing = agent.call('removeGroup', { path: `${agent.root}/brief`, kill: true }).then(
      () => undefined,
      (error: Error) => error,
    );
    const [failed] = await Promise.all([launching, removing]);
    if (failed) expect(failed.message).toContain('step');
    await agent.call('removeGroup', { path: `${agent.root}/brief`, kill: true }).catch(() => {});
    expect(agent.kernel.where(`${agent.root}/brief`)).toEqual([]);
    await agent.until(() => agent.mirror.byPath(`${agent.root}/brief`) === undefined);
  });

  test('a cpuset can be emptied', async () => {
    const path = `${agent.root}/cpus`;
    await agent.call('createGroup', { path, limits: { 'cpuset.cpus': '0' } });
    expect((await agent.call('writeFile', { path, file: 'cpuset.cpus', value: '' })).new).toBe('');
    expect(agent.kernel.read(path, 'cpuset.cpus')).toBe('');
  });
});

/** Fewer where each takes long: a leak of one descriptor a group shows too. */
const MANY = process.env.CGDECK_TEST_SLOWNESS === undefined ? 500 : 30;

test(`${MANY} groups made and removed leave no descriptor`, async () => {
  const round = async (i: number) => {
    const path = `${agent.root}/fd${i}`;
    await agent.call('createGroup', { path });
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
  /** Watches have descriptors that cannot be told apart by group. */
  const othersCount = () => [...agent.mirror.groups.values()].filter(({ entry }) => !isWithin(entry.path, agent.root)).length;
  const none = descriptors();
  await agent.call('createGroup', { path: `${agent.root}/fd` });
  // A group's files are opened at the first tick that reads it.
  await agent.until(() => agent.measured(`${agent.root}/fd`, 'memory-usage') !== undefined);
  const ofOne = descriptors() - none;
  await agent.call('removeGroup', { path: `${agent.root}/fd` });
  await round(0);
  await caughtUp();
  const before = descriptors();
  const othersBefore = othersCount();
  for (let i = 1; i <= MANY; i++) await round(i);
  await caughtUp();
  const { seq } = await agent.until(() => agent.mirror.head);
  await agent.until(() => (agent.mirror.head?.seq ?? 0) > seq + 1);
  const ofOthers = Math.max(0, othersCount() - othersBefore) * ofOne;
  expect(descriptors()).toBeLessThanOrEqual(before + ofOthers + 2);
  expect(agent.events.filter(({ kind, group }) => kind === 'remove' && group.startsWith(`${agent.root}/fd`))).toHaveLength(MANY + 2);
});

describe('a frozen group above', () => {
  test('a launch below it is refused with the step, and nothing is left', async () => {
    const path = agent.root;
    agent.kernel.setFrozen(path, true);
    try {
      const problem = await agent.refused('launch', { name: 'cold', argv: ['/bin/true'] });
      expect(problem.detail).toContain('The launch failed at the step');
    } finally {
      agent.kernel.setFrozen(path, false);
    }
    expect(agent.kernel.where(`${path}/cold`)).toEqual([]);
  });
});

describe('state left by a crash', () => {
  test('a group that others made is the same one after a restart, in whichever hierarchy it was made first', async () => {
    const path = `${agent.root}/others`;
    for (const hierarchy of [...agent.layout.hierarchies.slice(0, 2), ...agent.layout.hierarchies.slice(2).slice(-1)].toReversed()) {
      mkdirSync(agent.layout.dir(hierarchy, path));
      const [controller = ''] = controllersIn(hierarchy);
      await agent.until(() => agent.mirror.byPath(path)?.entry.controllers.includes(controller));
    }
    agent.process(path, 'exec sleep 1000');
    await agent.until(() => Number(agent.reading(path, 'cgroup.procs') ?? 0) === 1);
    await agent.end();
    await agent.begin();
    await caughtUp();
    expect(kinds(path)).toEqual(['create']);
  });

  test.each([
    [
      'torn files',
      (dir: string) => {
        for (const file of ['events.ndjson', 'groups.ndjson', 'journal.ndjson']) appendFileSync(join(dir, file), '{"id":99,"ki');
      },
    ],
    [
      'empty files',
      (dir: string) => {
        for (const file of ['events.ndjson', 'groups.ndjson', 'journal.ndjson']) writeFileSync(join(dir, file), '');
      },
    ],
    [
      'zeros',
      (dir: string) => {
        for (const file of ['events.ndjson', 'groups.ndjson']) appendFileSync(join(dir, file), '\0'.repeat(4096));
      },
    ],
    [
      'half a launch',
      (dir: string) => {
        mkdirSync(join(dir, 'launches', 'x'));
        writeFileSync(join(dir, 'launches', 'x', 'launch.json.new'), '{');
      },
    ],
    ['no folder', (dir: string) => rmSync(dir, { recursive: true })],
  ])('%s', async (_, damage) => {
    await agent.call('createGroup', { path: `${agent.root}/kept` });
    mkdirSync(dirOf(`${agent.root}/kept/child`));
    await agent.event('create', `${agent.root}/kept/child`);
    agent.process(`${agent.root}/kept`, 'exec sleep 1000');
    await agent.until(() => Number(agent.reading(`${agent.root}/kept`, 'cgroup.procs') ?? 0) === 1);
    await agent.end();
    damage(agent.settings.stateDir);
    await agent.begin();
    await caughtUp();
    expect((await agent.call('group', { path: `${agent.root}/kept` })).processes).toBe(1);
  });
});

describeOnMemory(1, 'several hierarchies', () => {
  test('memory and swap limits written at the same time stay in order', async () => {
    const path = `${agent.root}/m`;
    await agent.call('createGroup', { path, limits: { 'memory.limit_in_bytes': '64M', 'memory.memsw.limit_in_bytes': '64M' } });
    const files = ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'];
    await Promise.all(
      Array.from({ length: 24 }, (_, i) => agent.call('writeFile', { path, file: files[i % 2] ?? '', value: `${32 + ((i * 37) % 64)}M` })),
    );
    expect(Number(agent.kernel.read(path, files[0] ?? ''))).toBeLessThanOrEqual(Number(agent.kernel.read(path, files[1] ?? '')));
  });

  test('a group whose parent is in one hierarchy only can be made', async () => {
    const parent = `${agent.root}/partial`;
    mkdirSync(dirOf(parent));
    await agent.event('create', parent);
    expect(await agent.refused('createGroup', { path: `${parent}/below` })).toMatchObject({ code: 'not_found', errno: 'ENOENT' });
    expect(agent.kernel.where(`${parent}/below`)).toEqual([]);
    rmdirSync(dirOf(parent));
  });
});
