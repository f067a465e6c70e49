// Mounts over groups, hierarchies and mounts, made and removed while the agent runs, in a mount namespace of this file's own.
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { mount, mountFolder, ownMounts, unmount } from './fixtures/own-mounts.ts';
import { RunningAgent } from './fixtures/running-agent.ts';
import { readHierarchies } from './kernel/hierarchy/mounts.ts';

let agent: RunningAgent | undefined;
const mounted: string[] = [];

/** Much longer than any of these takes. */
const LIMIT_MS = 60_000;

function mountOver(dir: string, ...parameters: string[]): void {
  mount(...parameters, dir);
  mounted.push(dir);
}

function unmountAll(): void {
  for (const dir of mounted.splice(0).reverse()) unmount(dir);
}

beforeAll(ownMounts);

afterEach(async () => {
  unmountAll();
  await agent?.clean();
  agent = undefined;
});

async function startWith(name: string, ...groups: string[]): Promise<RunningAgent> {
  agent = await RunningAgent.start(name);
  for (const group of groups) await agent.call('createGroup', { path: `${agent.root}/${group}` });
  return agent;
}

/** A process in each group, as groups without one are removed when the agent ends. @returns their pids */
async function fill(running: RunningAgent, ...groups: string[]): Promise<number[]> {
  const pids: number[] = [];
  for (const group of groups) {
    const path = `${running.root}/${group}`;
    const pid = running.process(path, 'exec sleep 1000');
    // By then its shell has put it into every hierarchy.
    await vi.waitFor(
      async () =>
        expect((await running.call('processes', { group: path })).processes).toContainEqual(
          expect.objectContaining({ pid, comm: 'sleep' }),
        ),
      LIMIT_MS,
    );
    pids.push(pid);
  }
  return pids;
}

/** A new agent reads everything, without a notice. */
async function restart(running: RunningAgent): Promise<void> {
  await running.end();
  await running.begin();
  await running.until(() => running.mirror.head);
}

/** The agent's first hierarchy, and another one or the same. */
function hierarchies({ layout }: RunningAgent) {
  const [first] = layout.hierarchies;
  if (!first) throw new Error('no hierarchy');
  return { first, other: layout.hierarchies.at(-1) ?? first };
}

function paths({ mirror, root }: RunningAgent): string[] {
  return [...mirror.groups.values()]
    .map(({ entry }) => entry.path)
    .filter((path) => path.startsWith(root))
    .sort();
}

/** Whether a sentence of what the machine lacks is like that. */
const missing = async (running: RunningAgent, what: RegExp) => (await running.call('host', {})).missing.some((one) => what.test(one));
const becomesMissing = (running: RunningAgent, what: RegExp, is = true) =>
  vi.waitFor(async () => expect(await missing(running, what)).toBe(is), LIMIT_MS);
const reported = ({ events, root }: RunningAgent, kind: string) =>
  events.filter((event) => event.kind === kind && event.group?.startsWith(root)).map(({ group }) => group);

test('a file system over a group’s directory hides it in that hierarchy, and neither ends nor makes a group', async () => {
  const running = await startWith('covered', 'n', 'n/below');
  const { root, layout } = running;
  const { first } = hierarchies(running);
  const group = `${root}/n`;
  const before = (await running.until(() => running.mirror.byPath(`${group}/below`)))?.entry.controllers;
  const created = reported(running, 'create').length;
  mountOver(layout.dir(first, group), '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs');
  mkdirSync(`${layout.dir(first, group)}/phantom`);
  await becomesMissing(running, /mounted over directories of groups, at .*\/n \(tmpfs\)/);
  const now = await running.until(() => {
    const { controllers } = running.mirror.byPath(group)?.entry ?? {};
    return String(controllers) !== String(before) && { controllers };
  });
  if (layout.hierarchies.length > 1) {
    expect(before).toEqual(expect.arrayContaining([...(now.controllers ?? [])]));
    expect(paths(running)).toEqual([root, group, `${group}/below`]);
  } else expect(paths(running)).toEqual([root]);
  expect(await running.refused('createGroup', { path: `${group}/new` })).toMatchObject({ code: 'unsupported' });
  unmountAll();
  await running.until(() => String(running.mirror.byPath(`${group}/below`)?.entry.controllers) === String(before));
  expect(await missing(running, /mounted over/)).toBe(false);
  expect(paths(running)).toEqual([root, group, `${group}/below`]);
  expect(reported(running, 'create')).toHaveLength(created);
  expect(reported(running, 'remove')).toEqual([]);
  await running.call('createGroup', { path: `${group}/new` });
});

test('a hierarchy mounted over a group of another one or of itself adds no groups and no processes', async () => {
  const running = await startWith('inside', 'n');
  const { root, layout } = running;
  const { first, other } = hierarchies(running);
  const pids = await fill(running, 'n');
  mountOver(layout.dir(first, `${root}/n`), '--bind', layout.dir(other, '/'));
  await becomesMissing(running, /mounted over directories of groups/);
  await restart(running);
  const covered = layout.hierarchies.length > 1 ? 0 : 1;
  expect(paths(running)).toEqual([root, ...(covered === 0 ? [`${root}/n`] : [])]);
  if (covered === 0) expect((await running.call('processes', { group: `${root}/n` })).processes.map(({ pid }) => pid)).toEqual(pids);
  expect(reported(running, 'remove')).toEqual([]);
});

test('a hierarchy bound inside itself shows each group once', async () => {
  const running = await startWith('itself', 'a', 'b');
  await fill(running, 'a', 'b');
  const { root, layout } = running;
  const { first } = hierarchies(running);
  mountOver(layout.dir(first, `${root}/a`), '--bind', layout.dir(first, root));
  await becomesMissing(running, /mounted over directories of groups/);
  await restart(running);
  expect(paths(running).filter((path) => path.split('/').length > 3)).toEqual([]);
  expect(paths(running)).toContain(`${root}/b`);
});

test('a group bound to its own place, as in LXC, is shown as it is', async () => {
  const running = await startWith('same', 'a', 'a/b');
  await fill(running, 'a/b');
  const { root, layout } = running;
  const { first } = hierarchies(running);
  const before = await running.until(() => running.mirror.byPath(`${root}/a/b`)?.entry.controllers);
  mountOver(layout.dir(first, `${root}/a`), '--bind', layout.dir(first, `${root}/a`));
  await restart(running);
  expect(paths(running)).toEqual([root, `${root}/a`, `${root}/a/b`]);
  expect(running.mirror.byPath(`${root}/a/b`)?.entry.controllers).toEqual(before);
  expect(await missing(running, /mounted over/)).toBe(false);
});

test.each([
  ['a file system', () => ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs']],
  ['one of its own groups', (running: RunningAgent) => ['--bind', running.layout.dir(hierarchies(running).first, running.root)]],
  ['another hierarchy', (running: RunningAgent) => ['--bind', running.layout.dir(hierarchies(running).other, running.root)]],
] as const)('%s over a whole hierarchy is reported, and the groups stay', async (_, parameters) => {
  const running = await startWith('over', 'a');
  const { root, layout } = running;
  const { first } = hierarchies(running);
  mountOver(layout.dir(first, '/'), ...parameters(running));
  await becomesMissing(running, /is not mounted at .* any more/);
  const { seq } = await running.until(() => running.mirror.head);
  await running.until(() => (running.mirror.head?.seq ?? 0) > seq + 2);
  expect(paths(running)).toEqual([root, `${root}/a`]);
  expect(await running.refused('createGroup', { path: `${root}/b` })).toMatchObject({ code: 'unsupported' });
  unmountAll();
  await becomesMissing(running, /is not mounted at .* any more/, false);
  await running.call('createGroup', { path: `${root}/b` });
  expect(reported(running, 'remove')).toEqual([]);
});

test('a hierarchy that is mounted after the start is reported', async () => {
  const hidden = readHierarchies().at(-1);
  if (!hidden || readHierarchies().length < 2) return;
  mountOver(hidden.mountPoint, '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs');
  const running = await startWith('later');
  expect(await missing(running, /after cgdeck started/)).toBe(false);
  unmountAll();
  expect(await missing(running, /was mounted at .* after cgdeck started/)).toBe(true);
});

test('of a read-only mount and a later one that can be written to, the second is used; what is under a mount is not', () => {
  const before = readHierarchies();
  const [first] = before;
  if (!first) throw new Error('no hierarchy');
  const dir = mountFolder('ro', 'rw');
  mounted.push(dir);
  mountOver(join(dir, 'ro'), '--bind', first.mountPoint);
  mount('-o', 'remount,bind,ro', join(dir, 'ro'));
  mountOver(join(dir, 'rw'), '--bind', first.mountPoint);
  // Only the two are left to reach it.
  mountOver(first.mountPoint, '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs');
  const now = readHierarchies();
  expect(now.map(({ mountPoint }) => mountPoint).sort()).toEqual(
    before.map(({ mountPoint }) => (mountPoint === first.mountPoint ? join(dir, 'rw') : mountPoint)).sort(),
  );
  mountOver(join(dir, 'rw'), '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs');
  expect(readHierarchies().map(({ mountPoint }) => mountPoint)).toContain(join(dir, 'ro'));
  unmountAll();
  rmdirSync(dir);
  expect(readHierarchies()).toEqual(before);
});
