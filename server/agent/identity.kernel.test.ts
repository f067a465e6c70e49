// Acts that name what they mean: the group that was seen, the process, the value. What took its place meanwhile is not touched.
import { mkdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { CallInput, CallName } from '../contract/calls.ts';
import type { DeviceRule } from '../contract/devices.ts';
import type { TerminalMessage } from '../contract/terminal.ts';
import { openTerminalLink } from '../link/terminal-web-end.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('identity');

const inodeOf = async (path: string) => (await agent.call('group', { path })).inode;

/** Removes the group and makes it again as another program does, and does not wait until cgdeck has noticed. */
function replace(path: string): void {
  for (const dir of agent.dirs(path).reverse()) rmdirSync(dir);
  for (const dir of agent.dirs(path)) mkdirSync(dir);
}

type Act = { readonly [N in CallName]: [name: N, params: (path: string, inode: number) => CallInput<N>] }[CallName];

const ACTS: readonly Act[] = [
  ['removeGroup', (path, inode) => ({ path, inode, kill: true })],
  ['writeFile', (path, inode) => ({ path, inode, file: 'pids.max', value: 7 })],
  ['freeze', (group, inode) => ({ group, inode })],
  ['thaw', (group, inode) => ({ group, inode })],
  ['kill', (group, inode) => ({ group, inode })],
  ['setDevices', (group, inode) => ({ group, inode, rules: [] })],
];

test.each(ACTS)('%s of a group that was made again a moment ago is refused', async (name, params) => {
  const path = await agent.make(`again-${name.toLowerCase()}`);
  const seen = await inodeOf(path);
  replace(path);
  const { ino } = statSync(agent.dirs(path)[0] ?? '');
  expect(await agent.refused(name, params(path, seen) as never)).toMatchObject({
    code: 'replaced',
    status: 412,
    file: path,
    detail: expect.stringContaining(`${path} was removed and made again`),
  });
  expect(statSync(agent.dirs(path)[0] ?? '').ino).toBe(ino);
  expect(agent.kernel.isFrozen(path)).toBe(false);
  // The refusal may come before the notices of the kernel.
  await vi.waitFor(async () => expect(await inodeOf(path)).not.toBe(seen), { timeout: 60_000 });
  await agent.call('removeGroup', { path, inode: await inodeOf(path) });
});

test('a process is not moved into a group that was made again, and is moved into the one that is meant', async () => {
  const path = await agent.make('target');
  const { path: from, pid } = await agent.inhabited('source');
  const seen = await inodeOf(path);
  replace(path);
  expect(await agent.refused('attach', { pid, group: path, inode: seen })).toMatchObject({ code: 'replaced' });
  expect(agent.kernel.members(from).every((pids) => pids.includes(pid))).toBe(true);
  const other = await agent.make('other-target');
  const [process] = (await agent.call('processes', { group: from })).processes;
  const { startTicks = 0 } = process ?? {};
  const meant = { pid, group: other, inode: await inodeOf(other) };
  expect(await agent.refused('attach', { ...meant, startTicks: startTicks - 1 })).toMatchObject({ code: 'replaced' });
  expect(await agent.call('attach', { ...meant, startTicks })).toMatchObject({ group: other, from });
});

test('a signal for a process that started at another time is refused', async () => {
  const { path, pid } = await agent.inhabited('signalled');
  const [process] = (await agent.call('processes', { group: path })).processes;
  const { startTicks = 0 } = process ?? {};
  expect(startTicks).toBe(Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21]));
  expect(await agent.refused('kill', { pid, startTicks: startTicks + 1, signal: 'SIGKILL' })).toMatchObject({ code: 'replaced' });
  expect(agent.kernel.members(path).flat()).toContain(pid);
  expect(await agent.call('kill', { pid, startTicks, signal: 'SIGKILL' })).toMatchObject({ killed: [pid] });
});

test('a launch that has its predecessor’s name is neither stopped nor joined, nor does it get rates or lose its layer', async () => {
  const request = { name: 'twice', argv: ['sleep', '1000'] };
  const { group } = await agent.call('launch', request);
  const seen = await inodeOf(group);
  await agent.call('removeGroup', { path: group, inode: seen, kill: true });
  const second = await agent.call('launch', request);
  const meant = { group, inode: seen };
  for (const refused of [
    await agent.refused('stop', { ...meant, graceMs: 0 }),
    await agent.refused('join', { ...meant, argv: ['true'] }),
    await agent.refused('setRates', { ...meant, rates: { egressBitsPerSec: 1_000_000 } }),
    await agent.refused('keepLayer', { ...meant, name: 'twice' }),
  ])
    expect(refused).toMatchObject({ code: 'replaced', status: 412 });
  expect(agent.kernel.members(group).flat()).toContain(second.pid);
  // By its SIGTERM or, a moment later, killed.
  await agent.call('stop', { group, inode: await inodeOf(group), graceMs: 0 });
  expect(agent.kernel.members(group).flat()).toEqual([]);
});

test('the terminal of a launch that has its predecessor’s name is not opened, to type or to watch', async () => {
  const request = { name: 'typed-in', argv: ['sleep', '1000'], tty: true };
  const { group } = await agent.call('launch', request);
  const seen = await inodeOf(group);
  const opened = (inode: number | undefined, mayType: boolean, again: boolean) =>
    new Promise<TerminalMessage>((resolve) => {
      const link = openTerminalLink(
        { socketPath: join(agent.settings.runDir, 'agent.sock'), linkKey: 'test' },
        { group, inode, id: 'main', mayType, again, by: 'test' },
        {
          onOpen: () => undefined,
          onOutput: () => undefined,
          onMessage: (message) => {
            resolve(message);
            link.close();
          },
          onClosed: () => undefined,
        },
      );
    });
  expect(await opened(seen, true, false)).toMatchObject({ type: 'begin' });
  await agent.call('removeGroup', { path: group, inode: seen, kill: true });
  await agent.call('launch', request);
  for (const [mayType, again] of [
    [true, false],
    [true, true],
    [false, false],
  ] as const)
    expect(await opened(seen, mayType, again)).toMatchObject({ type: 'problem', problem: { code: 'replaced', file: group } });
  expect(await opened(await inodeOf(group), true, false)).toMatchObject({ type: 'begin' });
  expect(await opened(undefined, false, false)).toMatchObject({ type: 'begin' });
});

test('a stop that waits for its turn behind a removal and a new launch is refused', async () => {
  const request = { name: 'queued', argv: ['sleep', '1000'] };
  const { group } = await agent.call('launch', request);
  const inode = await inodeOf(group);
  const removed = agent.call('removeGroup', { path: group, kill: true });
  const launched = agent.call('launch', request);
  const stopped = agent.refused('stop', { group, inode, graceMs: 0 });
  await removed;
  const { pid } = await launched;
  expect((await stopped).code).toBe('replaced');
  expect(agent.kernel.members(group).flat()).toContain(pid);
});

test('a value is written over the one that is to be replaced, and over no other', async () => {
  const path = await agent.make('value', { 'pids.max': 200 });
  await agent.call('writeFile', { path, file: 'pids.max', value: 300, replaces: '200\n' });
  expect(await agent.refused('writeFile', { path, file: 'pids.max', value: 100, replaces: '200' })).toMatchObject({
    code: 'changed',
    status: 412,
    asked: '200',
    now: '300',
  });
  expect(agent.kernel.read(path, 'pids.max')).toBe('300');
  const writes = await Promise.allSettled(
    [1, 2, 3, 4].map((value) => agent.call('writeFile', { path, file: 'pids.max', value, replaces: '300' })),
  );
  expect(writes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('what happens out of memory is set over what was seen, and over nothing else, whatever else is in the file', async () => {
  const path = await agent.make('switched');
  const [file, reads] =
    agent.layout.ofController('memory') === undefined ? ['memory.oom.group', '1'] : ['memory.oom_control', 'oom_kill_disable 1'];
  const before = agent.kernel.read(path, file);
  await agent.call('writeFile', { path, file, value: 1, replaces: '0' });
  const changed = { code: 'changed', status: 412, asked: '0', now: '1' };
  expect(await agent.refused('writeFile', { path, file, value: 0, replaces: '0' })).toMatchObject(changed);
  expect(await agent.refused('writeFile', { path, file, value: 0, replaces: before })).toMatchObject(changed);
  expect(agent.kernel.read(path, file)).toContain(reads);
  // Another has set the same.
  await agent.call('writeFile', { path, file, value: 1, replaces: '0' });
  await agent.call('writeFile', { path, file, value: 0, replaces: '1' });
  expect(agent.kernel.read(path, file)).toBe(before);
});

test('device rules replace those that were seen, and no others', async () => {
  const group = await agent.make('ruled');
  const one: DeviceRule = { type: 'c', major: 1, minor: 3, access: 'rw' };
  const other: DeviceRule = { type: 'c', major: 1, minor: 5, access: 'r' };
  await agent.call('setDevices', { group, rules: [one, other], replaces: null });
  expect(await agent.refused('setDevices', { group, rules: [], replaces: null })).toMatchObject({
    code: 'changed',
    status: 412,
    asked: 'a *:* rwm',
    now: 'c 1:3 rw, c 1:5 r',
  });
  const sets = await Promise.allSettled(
    [[one], [other], []].map((rules) => agent.call('setDevices', { group, rules, replaces: [other, one] })),
  );
  expect(sets.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const { rules } = await agent.call('devices', { group });
  expect(await agent.call('setDevices', { group, rules: null, replaces: rules })).toMatchObject({ rules: null });
});

describe('an act with a key', () => {
  const failure = (error: unknown) => (error as { problem: { code: string } }).problem.code;

  test('is done once, answers the same, also to an agent that was started again, and is one event', async () => {
    const request = { name: 'keyed', argv: ['sleep', '1000'] };
    const twice = await Promise.all([agent.act('launch-keyed', 'launch', request), agent.act('launch-keyed', 'launch', request)]);
    expect(twice[0]).toEqual(twice[1]);
    const { group, pid } = twice[0];
    const frozen = await agent.act('freeze-keyed', 'freeze', { group });
    await agent.end();
    await agent.begin();
    expect(await agent.act('launch-keyed', 'launch', request)).toEqual(twice[0]);
    await agent.call('thaw', { group });
    expect(await agent.act('freeze-keyed', 'freeze', { group })).toEqual(frozen);
    expect(agent.kernel.isFrozen(group)).toBe(false);
    expect(agent.kernel.members(group).flat()).toContain(pid);
    expect(agent.all('launch', group)).toHaveLength(1);
    expect(await agent.call('outcome', { key: 'freeze-keyed' })).toEqual({ state: 'done', answer: frozen });
  });

  test('is refused with other content, and where it was asked about before it came', async () => {
    const path = await agent.make('content');
    await agent.act('content-key', 'freeze', { group: path });
    expect(await agent.act('content-key', 'thaw', { group: path }).catch(failure)).toBe('other_call');
    expect(await agent.call('outcome', { key: 'never-came' })).toEqual({ state: 'none' });
    expect(await agent.act('never-came', 'thaw', { group: path }).catch(failure)).toBe('conflict');
    expect(agent.kernel.isFrozen(path)).toBe(true);
  });
});
