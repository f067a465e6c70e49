// Groups on the real kernel through the agent: made, removed, reused, counted, and those of other programs.
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { controllersIn } from './fixtures/kernel-view.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('groups');
const MIB = 1024 * 1024;

/** Makes and removes groups as another program would: in one hierarchy, the memory controller’s if there is one. */
const dirOf = (group: string) => agent.dirs(group)[0] ?? '';

const kinds = (group: string) =>
  agent.events.filter((event) => event.group === group && (event.kind === 'create' || event.kind === 'remove')).map(({ kind }) => kind);

describe('groups', () => {
  test('a group is made in every hierarchy, with its limits, and removed', async () => {
    const path = `${agent.root}/a`;
    const view = await agent.call('createGroup', {
      path,
      limits: { [agent.kernel.file('memory-hard-limit')]: '64M', 'pids.max': 7, 'cpuset.cpus': '0' },
    });
    expect(agent.kernel.where(path)).toEqual(agent.kernel.everywhere);
    expect(view.readings[agent.kernel.key('memory-hard-limit')]).toBe(64 * MIB);
    expect(view.readings['cpuset.cpus']).toBe('0');
    expect(agent.kernel.measure(path, 'memory-hard-limit')).toBe(String(64 * MIB));
    expect(agent.kernel.read(path, 'pids.max')).toBe('7');
    expect((await agent.event('create', path)).by).toBe('test');
    expect((await agent.call('removeGroup', { path })).killed).toEqual([]);
    expect((await agent.event('remove', path)).by).toBe('test');
  });

  test('names with blanks and unicode work; dots, slashes, newlines and 300 characters do not', async () => {
    for (const name of ['with blank', 'größe-群', 'a:b', '%2e']) {
      const path = await agent.make(name);
      await agent.until(() => agent.mirror.byPath(path));
      expect((await agent.call('group', { path })).path).toBe(path);
    }
    for (const name of ['..', '.', 'a\nb', 'a/../b', 'x'.repeat(300), '', 'a//b', 'a\0b', 'a\u007f']) {
      expect((await agent.refused('createGroup', { path: `${agent.root}/${name}` })).code, JSON.stringify(name)).toBe('invalid');
    }
  });

  test('a group named like a control file is refused, and nothing is left in any hierarchy', async () => {
    const path = `${agent.root}/${agent.kernel.file('memory-hard-limit')}`;
    expect(await agent.refused('createGroup', { path })).toMatchObject({ code: 'conflict', errno: 'EEXIST' });
    // The hierarchy that has the control file answers EEXIST.
    expect(agent.kernel.where(path)).toHaveLength(1);
  });

  test('a refused limit removes the new group again', async () => {
    const path = `${agent.root}/half`;
    expect(await agent.refused('createGroup', { path, limits: { 'cpuset.cpus': '4095' } })).toMatchObject({
      errno: 'ERANGE',
      code: 'kernel_refused',
    });
    expect((await agent.refused('createGroup', { path, limits: { 'memory.nope': '1' } })).code).toBe('invalid');
    expect(agent.kernel.where(path)).toEqual([]);
  });

  test('groups that other programs make and remove are reported by inotify, one event for all hierarchies', async () => {
    const path = `${agent.root}/by-hand`;
    const [first, second] = agent.layout.hierarchies;
    if (!first) throw new Error('there are no control groups');
    mkdirSync(agent.layout.dir(first, path));
    mkdirSync(agent.layout.dir(first, `${path}/below`));
    if (second) mkdirSync(agent.layout.dir(second, path));
    const created = await agent.event('create', path);
    expect(created.by).toBeUndefined();
    await agent.event('create', `${path}/below`);
    const seen = [first, second].flatMap((hierarchy) => (hierarchy ? controllersIn(hierarchy) : []));
    await agent.until(() => {
      const { controllers = [] } = agent.mirror.byPath(path)?.entry ?? {};
      return seen.every((controller) => controllers.includes(controller));
    });
    if (second) rmdirSync(agent.layout.dir(second, path));
    rmdirSync(agent.layout.dir(first, `${path}/below`));
    rmdirSync(agent.layout.dir(first, path));
    await agent.event('remove', path);
    expect(agent.all('create', path)).toHaveLength(1);
    await agent.until(() => agent.mirror.byPath(path) === undefined);
  });

  test('a group made again is another group', async () => {
    const path = await agent.make('again');
    const first = await agent.until(() => agent.mirror.byPath(path)?.entry);
    await agent.call('removeGroup', { path });
    await agent.call('createGroup', { path });
    const second = await agent.until(() => {
      const entry = agent.mirror.byPath(path)?.entry;
      return entry && entry.gid !== first.gid ? entry : undefined;
    });
    expect(second.inode).not.toBe(first.inode);
  });

  test('a user whose removal was refused is not named when another program removes the group', async () => {
    const path = await agent.make('full');
    mkdirSync(dirOf(`${path}/child`));
    await agent.event('create', `${path}/child`);
    expect((await agent.refused('removeGroup', { path })).code).toBe('busy');
    rmdirSync(dirOf(`${path}/child`));
    for (const dir of agent.dirs(path)) rmdirSync(dir);
    expect((await agent.event('remove', path)).by).toBeUndefined();
    expect((await agent.refused('createGroup', { path: `${agent.root}/no/parent` })).code).toBe('not_found');
  });
});

describe('a name that is reused at once', () => {
  test('late notices of the old group do not affect the new one', async () => {
    const path = `${agent.root}/again`;
    for (let round = 0; round < 5; round++) {
      await agent.call('createGroup', { path });
      await agent.call('removeGroup', { path });
    }
    await agent.call('createGroup', { path, limits: { 'pids.max': 9, [agent.kernel.file('memory-hard-limit')]: '64M' } });
    await agent.caughtUp();
    expect(kinds(path)).toEqual([...Array.from({ length: 5 }, () => ['create', 'remove']).flat(), 'create']);
    expect(agent.all('create', path).every((event) => 'by' in event)).toBe(true);
  });

  test('a second launch of a name keeps its record and its output', async () => {
    for (let round = 0; round < 4; round++) {
      const { group, pid } = await agent.call('launch', {
        name: 'twice',
        argv: ['/bin/echo', `round ${round}`],
        limits: { 'pids.max': 9, [agent.kernel.file('memory-hard-limit')]: '64M' },
      });
      expect(await agent.event('exit', group, (event) => event.pid === pid)).toMatchObject({ code: 0 });
      await agent.caughtUp();
      expect(await agent.output(group)).toBe(`round ${round}\n`);
      expect((await agent.call('group', { path: group })).launched).toMatchObject({ pid, exit: { code: 0 } });
    }
    expect(kinds(`${agent.root}/twice`)).toEqual([...Array.from({ length: 3 }, () => ['create', 'remove']).flat(), 'create']);
  });
});

describe('the number of processes', () => {
  test('follows the kernel at ticks faster than v1 renews its list of members', async () => {
    const path = await agent.make('count');
    for (let count = 1; count <= 3; count++) {
      agent.process(path, 'exec sleep 1000');
      await agent.until(() => agent.reading(path, 'cgroup.procs') === count);
    }
    await agent.call('kill', { group: path });
    await agent.until(() => agent.reading(path, 'cgroup.procs') === 0);
  });

  test('is right for more than a page of pids, and if only the last ones change', async () => {
    const path = await agent.make('crowd');
    agent.process(path, `exec ${join(buildDir, 'cgdeck-load')} fork 2000`);
    await agent.until(() => agent.reading(path, 'cgroup.procs') === 2001);
    expect((await agent.call('group', { path })).processes).toBe(2001);
    expect(Buffer.byteLength(agent.kernel.read(path, 'cgroup.procs'))).toBeGreaterThan(8192);
    agent.process(path, 'exec sleep 1000');
    await agent.until(() => agent.reading(path, 'cgroup.procs') === 2002);
    expect((await agent.call('removeGroup', { path, kill: true })).killed.length).toBeGreaterThanOrEqual(2002);
  });
});

describeOnMemory(1, 'several hierarchies', () => {
  test('a group whose parent is in one hierarchy only is refused, and nothing is left of it', async () => {
    const parent = `${agent.root}/partial`;
    mkdirSync(dirOf(parent));
    await agent.event('create', parent);
    expect(await agent.refused('createGroup', { path: `${parent}/below` })).toMatchObject({ code: 'not_found', errno: 'ENOENT' });
    expect(agent.kernel.where(`${parent}/below`)).toEqual([]);
    rmdirSync(dirOf(parent));
  });
});
