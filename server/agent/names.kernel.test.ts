// Groups whose names have bytes that are not UTF-8, control or bidi characters: they are shown, frozen, killed and removed like others.
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('names');

/** The directories of a group, by the bytes of its name, in the hierarchies that a kill uses. */
const dirsOf = (parent: string, name: Buffer) => agent.dirs(parent).map((dir) => Buffer.concat([Buffer.from(`${dir}/`), name]));

/** Makes a group as another program would, but not in v2 of a hybrid machine, whose cgroup.kill needs no names. */
function madeByOthers(parent: string, name: Buffer): { dirs: Buffer[]; pid: number } {
  const dirs = dirsOf(parent, name);
  const some = dirs.length > 1 ? dirs.slice(0, -1) : dirs;
  const pid = agent.outsider();
  for (const dir of some) {
    mkdirSync(dir);
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const path = Buffer.concat([dir, Buffer.from(`/${file}`)]);
      if (existsSync(path) && agent.layout.mode !== 'v2') writeFileSync(path, '0');
    }
    writeFileSync(Buffer.concat([dir, Buffer.from('/cgroup.procs')]), String(pid));
  }
  return { dirs: some, pid };
}

const NAMES: [string, Buffer, string][] = [
  ['no UTF-8', Buffer.from([0x61, 0xff]), 'a\\xff'],
  ['what would be its escape', Buffer.from('a\\xff'), 'a\\x5cxff'],
  ['a tab, ESC and DEL', Buffer.from('a\tb\x1b\x7f'), 'a\\x09b\\x1b\\x7f'],
  ['a bidi mark', Buffer.from('a\u202eb'), 'a\\xe2\\x80\\xaeb'],
  ['a line separator', Buffer.from('a\u2028b'), 'a\\xe2\\x80\\xa8b'],
];

test.each(NAMES)('a group with %s in its name is shown, read, frozen, thawed, killed and removed', async (_, name, spelling) => {
  const path = `${agent.root}/${spelling}`;
  const { dirs, pid } = madeByOthers(agent.root, name);
  await agent.event('create', path);
  await agent.until(() => agent.reading(path, 'cgroup.procs') === 1);
  expect(await agent.call('group', { path })).toMatchObject({ path, managed: true, processes: 1 });
  expect((await agent.call('groups', {})).groups.map((group) => group.path)).toContain(path);
  expect((await agent.call('processes', { group: path })).processes.map((process) => process.pid)).toEqual([pid]);
  expect(await agent.call('freeze', { group: path })).toMatchObject({ state: 'frozen' });
  expect(await agent.call('thaw', { group: path })).toMatchObject({ state: 'thawed' });
  expect(await agent.call('writeFile', { path, file: 'pids.max', value: 9 })).toMatchObject({ new: '9' });
  expect(agent.kernel.read(path, 'pids.max')).toBe('9');
  expect((await agent.call('kill', { group: path })).killed).toEqual([pid]);
  await agent.call('removeGroup', { path });
  expect(dirs.some((dir) => existsSync(dir))).toBe(false);
  expect((await agent.event('remove', path)).by).toBe('test');
});

test('a kill and a removal reach all processes below, whatever the names', async () => {
  const path = `${agent.root}/parent`;
  await agent.call('createGroup', { path });
  const { dirs, pid } = madeByOthers(path, Buffer.from([0x62, 0x61, 0x64, 0xff]));
  expect((await agent.call('kill', { group: path })).killed).toEqual([pid]);
  const again = agent.outsider();
  writeFileSync(Buffer.concat([dirs[0] ?? Buffer.alloc(0), Buffer.from('/cgroup.procs')]), String(again));
  expect((await agent.call('removeGroup', { path, kill: true })).killed).toEqual([again]);
  expect(agent.kernel.where(path)).toEqual([]);
});

test('a path may have control characters as they are or escaped; a new group’s may not', async () => {
  const [dir = Buffer.alloc(0)] = dirsOf(agent.root, Buffer.from('a\tb'));
  mkdirSync(dir);
  await agent.event('create', `${agent.root}/a\\x09b`);
  expect((await agent.call('group', { path: `${agent.root}/a\tb` })).path).toBe(`${agent.root}/a\\x09b`);
  rmdirSync(dir);
  for (const name of ['a\tb', 'a\\x09b', 'a\\xff', 'a\u202eb', 'a\u2028b'])
    expect((await agent.refused('createGroup', { path: `${agent.root}/${name}` })).code, JSON.stringify(name)).toBe('invalid');
});
